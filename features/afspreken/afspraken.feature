# language: nl
@mapbaarheid
Functionaliteit: Afspraken
  Wat de mapping openlaat, of waarin memo en profiel botsen, spreekt het cluster af voordat het eerste domein overgaat.
  De andere controles oordelen naar die afspraken; zonder afspraak geldt het voorstel van de mapping.

  Achtergrond:
    Gegeven de vragen die de mapping openlaat en de antwoorden van het cluster

  @AFS-01 @major @stap-A1 @MIG-KT-001-05
  Scenario: Alles is afgesproken
    Als de antwoorden naast de vragen worden gelegd
    Dan is op elke vraag een antwoord afgesproken

  @AFS-02 @blocking @stap-A1 @MIG-KT-001-05
  Scenario: De afspraken spreken elkaar niet tegen
    Als de antwoorden naast elkaar worden gelegd
    Dan spreekt geen antwoord een ander tegen

  @AFS-03 @blocking @stap-A1 @MIG-KT-001-05
  Scenario: De afspraken zijn uit te voeren
    Als de antwoorden naast de profielversie van het domein worden gelegd
    Dan is elk antwoord uit te voeren
