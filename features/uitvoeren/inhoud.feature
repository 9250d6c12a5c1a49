# language: nl
@inhoud
Functionaliteit: Inhoud
  Heeft elk gemigreerd element de waarde die de mapping en de afspraken van het cluster zeggen? Wat niet te vergelijken is,
  is een uitkomst op zichzelf: het telt mee en gaat nooit stilzwijgend door.

  Achtergrond:
    Gegeven de broninventaris van Koppeltaal 1.x
    En de momentopname van het domein in Koppeltaal 2.0

  @INH-01 @blocking @stap-U5 @MIG-KT-001-04
  Abstract Scenario: De naam van elke <bron> is die uit KT1
    Als de inhoud van elke <bron> naast KT1 wordt gelegd
    Dan heeft elke <bron> de naam uit KT1

    Voorbeelden:
      | bron          |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @INH-02 @blocking @stap-U5 @MIG-KT-001-04
  Abstract Scenario: De contactgegevens van elke <bron> zijn die uit KT1
    Als de inhoud van elke <bron> naast KT1 wordt gelegd
    Dan heeft elke <bron> de contactgegevens uit KT1

    Voorbeelden:
      | bron          |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @INH-03 @major @stap-U5 @MIG-KT-001-04
  Abstract Scenario: Het adres van elke <bron> is dat uit KT1
    Als de inhoud van elke <bron> naast KT1 wordt gelegd
    Dan heeft elke <bron> het adres uit KT1

    Voorbeelden:
      | bron          |
      | Patient       |
      | RelatedPerson |

  @INH-04 @major @stap-U5 @MIG-KT-001-04
  Abstract Scenario: Het geslacht van elke <bron> is dat uit KT1
    Als de inhoud van elke <bron> naast KT1 wordt gelegd
    Dan heeft elke <bron> het geslacht uit KT1

    Voorbeelden:
      | bron          |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @INH-05 @blocking @stap-U5 @MIG-KT-001-04
  Abstract Scenario: De geboortedatum van elke <bron> is die uit KT1
    Als de inhoud van elke <bron> naast KT1 wordt gelegd
    Dan heeft elke <bron> de geboortedatum uit KT1

    Voorbeelden:
      | bron         |
      | Patient      |
      | Practitioner |

  @INH-06 @major @stap-U5 @MIG-KT-001-04
  Scenario: Wat in KT1 in gebruik is, is dat ook in Koppeltaal 2.0
    Als de inhoud van het domein naast KT1 wordt gelegd
    Dan is alles in gebruik wat dat in KT1 is

  @INH-07 @major @stap-U5 @MIG-KT-001-04
  Scenario: De relatie van elke RelatedPerson is die uit KT1 of de afgesproken
    Als de inhoud van elke RelatedPerson naast KT1 wordt gelegd
    Dan heeft elke RelatedPerson de relatie uit KT1

  @INH-08 @major @stap-U5 @MIG-KT-001-04
  Scenario: Naam en soort van elke Organization zijn die uit KT1
    Als de inhoud van elke Organization naast KT1 wordt gelegd
    Dan heeft elke Organization de naam en de soort uit KT1

  @INH-09 @major @stap-U5 @MIG-KT-001-04
  Scenario: Zakelijke identificaties houden hun waarde en gebruik
    Als de inhoud van het domein naast KT1 wordt gelegd
    Dan houdt elke zakelijke identificatie haar waarde en gebruik

  @INH-10 @major @stap-U5 @MIG-KT-001-04
  Scenario: De teksten van elke ActivityDefinition zijn die uit KT1
    Als de inhoud van elke ActivityDefinition naast KT1 wordt gelegd
    Dan heeft elke ActivityDefinition de teksten uit KT1

  @INH-11 @major @stap-U5 @MIG-KT-001-04 @MIG-RES-002
  Scenario: De status van elke ActivityDefinition volgt uit KT1
    Als de inhoud van elke ActivityDefinition naast KT1 wordt gelegd
    Dan volgt de status van elke ActivityDefinition uit KT1

  @INH-12 @blocking @stap-U5 @MIG-KT-001-04
  Abstract Scenario: De Task van elke <bron> heeft de nieuwste status
    Als de inhoud van elke <bron> naast KT1 wordt gelegd
    Dan heeft de Task van elke <bron> de nieuwste status uit KT1

    Voorbeelden:
      | bron                |
      | CarePlanActivity    |
      | CarePlanSubActivity |

  @INH-13 @major @stap-U5 @MIG-KT-001-04
  Scenario: De Task van elke CarePlanActivity heeft de periode uit KT1
    Als de inhoud van elke CarePlanActivity naast KT1 wordt gelegd
    Dan heeft de Task van elke CarePlanActivity de periode uit KT1

  @INH-14 @major @stap-U5 @MIG-KT-001-04
  Abstract Scenario: De Task van elke <bron> heeft de vaste waarden
    Als de inhoud van elke <bron> naast KT1 wordt gelegd
    Dan heeft de Task van elke <bron> de vaste waarden

    Voorbeelden:
      | bron                |
      | CarePlanActivity    |
      | CarePlanSubActivity |

  @INH-15 @major @stap-U5 @MIG-KT-001-04
  Scenario: Naam, status en periode van elke CareTeam zijn die uit KT1
    Als de inhoud van elke CareTeam naast KT1 wordt gelegd
    Dan heeft elke CareTeam de naam, de status en de periode uit KT1

  @INH-16 @advice @stap-U5 @MIG-KT-001-04
  Scenario: Waar niets is afgesproken, is het uitgangspunt gevolgd
    Als de inhoud van het domein naast KT1 wordt gelegd
    Dan volgt de inhoud overal het uitgangspunt

  @INH-17 @advice @stap-U5 @MIG-KT-001-04
  Scenario: Elke waarde is te vergelijken
    Als de inhoud van het domein naast KT1 wordt gelegd
    Dan is elke waarde te vergelijken

  @INH-18 @advice @stap-U5 @MIG-KT-001-04
  Scenario: Er zijn geen waarden bijgekomen
    Als de inhoud van het domein naast KT1 wordt gelegd
    Dan heeft Koppeltaal 2.0 geen waarden die KT1 niet had
