# language: nl
@volledigheid
Functionaliteit: Bevestigingen
  Wat alleen mensen kunnen vaststellen, is door iemand bevestigd met naam, rol en gronden, voor de versie die wordt getoetst.
  Een technische run hoeft daar niet op te wachten: wat nog niet is bevestigd is een advies, tot de mijlpaal.

  Achtergrond:
    Gegeven de bevestigingen van het domein
    Als ze naast het draaiboek worden gelegd

  @BEV-01 @advice @stap-E1 @DRB-02
  Scenario: Elke stap die mensen bevestigen, is bevestigd
    Dan is elke stap bevestigd die aan het oordeel voorafgaat en die mensen bevestigen

  @BEV-02 @major @stap-E1 @DRB-02
  Scenario: Wat bevestigd is, is een stap die mensen bevestigen
    Gegeven dat iets is bevestigd
    Dan is elke bevestiging van een stap die mensen bevestigen

  @BEV-03 @major @stap-E1 @DRB-03
  Scenario: Elke bevestiging geldt nog
    Gegeven dat een stap is bevestigd die mensen bevestigen
    Dan is elke bevestiging van de versie die wordt getoetst, en is haar laatste dag niet voorbij
