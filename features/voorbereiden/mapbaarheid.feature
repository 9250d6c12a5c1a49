# language: nl
@mapbaarheid
Functionaliteit: Mapbaarheid
  Past wat Koppeltaal 1.x bevat in Koppeltaal 2.0? Wat niet past, of anders wordt, is vooraf bekend: per record en per element,
  met het gevolg en wie erover beslist. Wat al is overgezet wordt hier niet meer beoordeeld; dat gebeurt op wat er in 2.0 staat.

  Achtergrond:
    Gegeven de broninventaris van Koppeltaal 1.x

  @MAP-01 @major @stap-V2 @MIG-KT-001-06
  Scenario: Elk record heeft wat Koppeltaal 2.0 eist
    Als elk KT1-record naast de mapping wordt gelegd
    Dan heeft elk record wat Koppeltaal 2.0 eist

  @MAP-02 @major @stap-V2 @MIG-KT-001-06
  Scenario: Elke code heeft een tegenhanger
    Als elk KT1-record naast de mapping wordt gelegd
    Dan heeft elke code een tegenhanger in Koppeltaal 2.0

  @MAP-03 @major @stap-V2 @MIG-KT-001-06
  Scenario: Niets gaat verloren zonder besluit
    Als elk KT1-record naast de mapping wordt gelegd
    Dan gaat niets verloren zonder dat daarover is besloten

  @MAP-04 @advice @stap-V2 @MIG-KT-001-06
  Scenario: Niets krijgt een andere plaats of betekenis zonder besluit
    Als elk KT1-record naast de mapping wordt gelegd
    Dan krijgt niets een andere plaats of betekenis zonder dat daarover is besloten

  @MAP-05 @major @stap-V2 @MIG-KT-001-06
  Scenario: Van onderdelen staat vast wat zij worden
    Als elk KT1-record naast de mapping wordt gelegd
    Dan staat van elk onderdeel vast wat het wordt

  @MAP-06 @major @stap-V2 @MIG-KT-001-06
  Scenario: Een identificatie is van één persoon of ding
    Als de zakelijke identificaties van alle KT1-records worden vergeleken
    Dan is elke zakelijke identificatie van één persoon of ding
