# language: nl
@bron
Functionaliteit: Broninventaris
  Weten we precies wat Koppeltaal 1.x bevat? Alles wat hierna wordt gecontroleerd rust op de broninventaris:
  per KT1-resource de nieuwste versie, gemaakt van de berichten die de applicaties exporteerden.

  Achtergrond:
    Gegeven de broninventaris van Koppeltaal 1.x

  @BRON-01 @blocking @stap-V1 @MIG-KT-001-02
  Scenario: Elk bericht is leesbaar
    Als elk KT1-bericht wordt gelezen
    Dan is elk bericht volledig gelezen

  @BRON-02 @major @stap-V1 @MIG-KT-001-02
  Scenario: Alle berichten zijn van één domein
    Als de domeintags van de berichten worden vergeleken
    Dan zijn alle berichten van één domein

  @BRON-03 @major @stap-V1 @MIG-KT-001-01
  Scenario: Van elke soort resource is bekend of hij over moet
    Als elke KT1-resource naast de mapping wordt gelegd
    Dan zegt de mapping van elke soort of hij over moet

  @BRON-04 @major @stap-V1 @MIG-KT-002-02
  Scenario: Van elke resource staat de nieuwste versie vast
    Als de versies van elke KT1-resource worden geordend
    Dan staat van elke resource vast wat de nieuwste versie is

  @BRON-05 @major @stap-V1 @MIG-IDR-002
  Scenario: Elke identificatie staat voor één ding
    Als de identificaties van alle KT1-records worden vergeleken
    Dan staat elke identificatie voor één record

  @BRON-06 @major @stap-V1 @MIG-KT-002-01
  Scenario: Elke link is welgevormd
    Als de links van alle KT1-resources worden bekeken
    Dan is elke link welgevormd

  @BRON-07 @major @stap-V1 @MIG-KT-002-03
  Scenario: Elke resource heeft één schrijfwijze van haar link
    Als de links van alle KT1-resources worden vergeleken
    Dan verschillen geen twee links alleen in schrijfwijze

  @BRON-08 @major @stap-V1 @MIG-KT-002-03
  Scenario: Elke verwijzing leidt ergens toe
    Als elke verwijzing van KT1 in de broninventaris wordt opgezocht
    Dan leidt elke verwijzing naar een resource van de broninventaris

  @BRON-09 @major @stap-V1 @MIG-KT-001-03
  Scenario: Elke resource heeft één bronapplicatie
    Gegeven de applicaties van het domeinbestand
    Als de afzenders van elke KT1-resource naast het domeinbestand worden gelegd
    Dan heeft elke resource één bronapplicatie

  @BRON-10 @major @stap-V1 @MIG-KT-001-02
  Scenario: Elke applicatie leverde zoveel als zij aankondigde
    Gegeven de aantallen die de applicaties hebben aangekondigd
    Als de aantallen per applicatie naast de aangekondigde worden gelegd
    Dan leverde elke applicatie zoveel als zij aankondigde
