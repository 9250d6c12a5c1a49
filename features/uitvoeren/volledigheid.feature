# language: nl
@volledigheid
Functionaliteit: Volledigheid
  Is alles wat over moest ook over, precies één keer, en is er niets anders? De eenheid is de KT1-link zonder
  versie, of de identificatie van een activiteit; alleen de nieuwste versie telt. Wat volgens de mapping niet over
  hoeft, telt het rapport apart en legt het uit.

  Achtergrond:
    Gegeven de broninventaris van Koppeltaal 1.x
    En de momentopname van het domein in Koppeltaal 2.0

  @VOL-01 @blocking @stap-U2 @MIG-KT-001-02 @MIG-RES-004
  Abstract Scenario: Elke <bron> die over moet is in Koppeltaal 2.0
    Als elke <bron> wordt opgezocht op zijn migratie-identificatie
    Dan is elke <bron> aanwezig

    Voorbeelden:
      | bron               |
      | Patient            |
      | Practitioner       |
      | RelatedPerson      |
      | Organization       |
      | CareTeam           |
      | ActivityDefinition |
      | CarePlanActivity   |
      | CarePlan           |

  @VOL-02 @major @stap-U2 @KT2-TASK-010
  Scenario: Elke subactiviteit is wat is afgesproken
    Als elke CarePlanSubActivity wordt opgezocht op zijn migratie-identificatie
    Dan is elke subactiviteit een eigen Task, of wat anders is afgesproken

  @VOL-03 @blocking @stap-U2 @MIG-KT-001-02 @MIG-KT-002-03
  Abstract Scenario: Elke <bron> is er maar één keer
    Als elke <bron> wordt opgezocht op zijn migratie-identificatie
    Dan is elke <bron> er maar één keer

    Voorbeelden:
      | bron                |
      | Patient             |
      | Practitioner        |
      | RelatedPerson       |
      | Organization        |
      | CareTeam            |
      | ActivityDefinition  |
      | CarePlanActivity    |
      | CarePlanSubActivity |
      | CarePlan            |

  @VOL-04 @blocking @stap-U2 @MIG-KT-001-01 @MIG-KT-001-02 @MIG-KT-002-02 @MIG-IDR-001
  Abstract Scenario: Er is geen <type> die KT1 niet had
    Als van elke <type> wordt nagegaan waar hij vandaan komt
    Dan is geen <type> onverwacht

    Voorbeelden:
      | type               |
      | Patient            |
      | Practitioner       |
      | RelatedPerson      |
      | Organization       |
      | CareTeam           |
      | ActivityDefinition |
      | Task               |

  @VOL-05 @blocking @stap-U2 @MIG-RES-004 @MIG-IDR-002
  Scenario: Elke activiteit heeft een eigen Task
    Als van elke resource wordt nagegaan waar hij vandaan komt
    Dan staat geen resource voor records die elk een eigen resource horen te hebben
