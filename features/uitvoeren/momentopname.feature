# language: nl
@volledigheid
Functionaliteit: Momentopname
  Is de momentopname van het gemigreerde domein alles wat er is, van één moment? Anders zeggen de andere
  controles niets over de rest.

  Achtergrond:
    Gegeven de momentopname van het domein in Koppeltaal 2.0

  @SNAP-01 @major @stap-U1 @MIG-KT-001-02
  Scenario: De suite mag alles lezen
    Als de leesrechten van de suite per resourcetype worden bekeken
    Dan mag de suite van elk type alle resources lezen

  @SNAP-02 @major @stap-U1 @BIA-12
  Scenario: Er is evenveel opgehaald als de server zegt te hebben
    Als de opgehaalde aantallen naast die van de server worden gelegd
    Dan is van elk type opgehaald wat de server zegt te hebben

  @SNAP-03 @major @stap-U1 @MIG-KT-001-02
  Scenario: Het domein veranderde niet tijdens het ophalen
    Als de stand van voor en na het ophalen wordt vergeleken
    Dan is geen type tijdens het ophalen veranderd
