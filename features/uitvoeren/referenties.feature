# language: nl
@referenties
Functionaliteit: Referenties
  Wijst elke verwijzing naar een resource die bestaat, van het juiste type, en naar de resource die KT1 bedoelde
  (gevolgd via de migratie-identificatie)?

  Achtergrond:
    Gegeven de broninventaris van Koppeltaal 1.x
    En de momentopname van het domein in Koppeltaal 2.0

  @REF-01 @blocking @stap-U4 @KT2-IDR-015 @IDR-5 @KT2-REF-ORG
  Scenario: Elke verwijzing wijst naar een resource die bestaat
    Als elke verwijzing in het domein wordt gevolgd
    Dan bestaat elke resource waarnaar wordt verwezen

  @REF-02 @blocking @stap-U4 @KT2-TASK-002 @KT2-TASK-006 @KT2-ACTDEF-002 @KT2-REF-ORG
  Scenario: Elke verwijzing wijst naar een toegestaan type
    Als elke verwijzing in het domein naast het profiel wordt gelegd
    Dan wijst elke verwijzing naar een toegestaan type

  @REF-03 @blocking @stap-U4 @KT2-IDR-011
  Scenario: Verwijzingen zijn letterlijk
    Als elke verwijzing in het domein wordt bekeken
    Dan is elke verwijzing letterlijk en binnen het domein

  @REF-04 @blocking @stap-U4 @MIG-KT-002-03 @KT2-TASK-010
  Scenario: Wat in KT1 verwees, verwijst nog
    Als de verwijzingen van KT1 via de migratie-identificaties worden gevolgd
    Dan is elke afgesproken verwijzing behouden

  @REF-05 @blocking @stap-U4 @MIG-KT-002-03 @KT2-TASK-009
  Scenario: Elke verwijzing wijst naar wat KT1 bedoelde
    Als de verwijzingen van KT1 via de migratie-identificaties worden gevolgd
    Dan wijst elke verwijzing naar de resource die KT1 bedoelde

  @REF-06 @major @stap-U4 @MIG-KT-002-03
  Scenario: Waar de mapping open is, volgt de verwijzing de afspraak
    Als de verwijzingen van KT1 via de migratie-identificaties worden gevolgd
    Dan volgt elke verwijzing die de mapping openlaat de afspraak of het uitgangspunt

  @REF-07 @blocking @stap-U4 @KT2-TASK-003
  Scenario: Een taak verwijst naar haar definitie
    Als de taken van het domein worden bekeken
    Dan verwijst elke taak met de extensie instantiates naar haar definitie

  @REF-08 @blocking @stap-U4 @KT2-PROF-010 @MIG-KT-001-03
  Scenario: resource-origin is de afgesproken bronapplicatie
    Als de herkomst van elke resource naast het domeinbestand wordt gelegd
    Dan is de herkomst van elke resource de afgesproken bronapplicatie

  @REF-09 @blocking @stap-U4 @levering-audit @KT2-IDR-015 @IDR-5 @KT2-REF-ORG
  Scenario: De logging verwijst naar bestaande applicaties
    Als elke verwijzing in het domein wordt gevolgd
    Dan bestaat elke resource waarnaar een AuditEvent verwijst

  @REF-10 @blocking @stap-U4 @levering-subscriptions @KT2-IDR-015 @IDR-5 @KT2-REF-ORG
  Scenario: Abonnementen verwijzen naar bestaande applicaties
    Als elke verwijzing in het domein wordt gevolgd
    Dan bestaat elke resource waarnaar een Subscription verwijst

  @REF-11 @blocking @stap-U4 @KT2-ACTDEF-002
  Scenario: Een definitie verwijst naar haar lanceeradres
    Als de definities van het domein worden bekeken
    Dan verwijst elke definitie naar een Endpoint
