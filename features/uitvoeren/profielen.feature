# language: nl
@profielen
Functionaliteit: Profielen
  Voldoet elke resource aan het KT2-profiel van zijn type in de release van het domein, met alles waarop dat rust (nl-core,
  zib en FHIR R4)? Dat wordt beoordeeld wat de resource zelf ook als profiel noemt.

  Achtergrond:
    Gegeven de momentopname van het domein in Koppeltaal 2.0

  @PRO-01 @blocking @stap-U6 @KT2-PROF-003 @KT2-PROF-008 @KT2-PATIENT-001 @KT2-PATIENT-002 @KT2-PATIENT-003 @KT2-PATIENT-004 @KT2-PATIENT-005 @KT2-PATIENT-007
  Scenario: Elke Patient voldoet aan zijn profiel
    Als elke Patient naast zijn profiel wordt gelegd
    Dan voldoet elke Patient aan KT2Patient

  @PRO-02 @blocking @stap-U6 @KT2-PROF-003 @KT2-PROF-008 @KT2-PRACT-001 @KT2-PRACT-002 @KT2-PRACT-004
  Scenario: Elke Practitioner voldoet aan zijn profiel
    Als elke Practitioner naast zijn profiel wordt gelegd
    Dan voldoet elke Practitioner aan KT2Practitioner

  @PRO-03 @blocking @stap-U6 @KT2-PROF-003 @KT2-PROF-008
  Scenario: Elke RelatedPerson voldoet aan zijn profiel
    Als elke RelatedPerson naast zijn profiel wordt gelegd
    Dan voldoet elke RelatedPerson aan KT2RelatedPerson

  @PRO-04 @blocking @stap-U6 @KT2-PROF-003 @KT2-PROF-008 @KT2-ORG-001 @KT2-ORG-002
  Scenario: Elke Organization voldoet aan zijn profiel
    Als elke Organization naast zijn profiel wordt gelegd
    Dan voldoet elke Organization aan KT2Organization

  @PRO-05 @blocking @stap-U6 @KT2-PROF-003 @KT2-PROF-008
  Scenario: Elke CareTeam voldoet aan zijn profiel
    Als elke CareTeam naast zijn profiel wordt gelegd
    Dan voldoet elke CareTeam aan KT2CareTeam

  @PRO-06 @blocking @stap-U6 @KT2-PROF-003 @KT2-PROF-008 @KT2-TASK-001 @KT2-TASK-004 @KT2-TASK-005
  Scenario: Elke Task voldoet aan zijn profiel
    Als elke Task naast zijn profiel wordt gelegd
    Dan voldoet elke Task aan KT2Task

  @PRO-07 @blocking @stap-U6 @KT2-PROF-003 @KT2-PROF-008 @KT2-ACTDEF-001 @KT2-ACTDEF-003 @KT2-ACTDEF-007
  Scenario: Elke ActivityDefinition voldoet aan zijn profiel
    Als elke ActivityDefinition naast zijn profiel wordt gelegd
    Dan voldoet elke ActivityDefinition aan KT2ActivityDefinition

  @PRO-08 @blocking @stap-U6 @KT2-PROF-003 @KT2-PROF-008 @KT2-ENDPOINT-001 @KT2-ENDPOINT-002 @KT2-ENDPOINT-004
  Scenario: Elke Endpoint voldoet aan zijn profiel
    Als elke Endpoint naast zijn profiel wordt gelegd
    Dan voldoet elke Endpoint aan KT2Endpoint

  @PRO-09 @blocking @stap-U6 @KT2-PROF-003 @KT2-PROF-008 @KT2-DEVICE-001 @KT2-DEVICE-004
  Scenario: Elke Device voldoet aan zijn profiel
    Als elke Device naast zijn profiel wordt gelegd
    Dan voldoet elke Device aan KT2Device

  @PRO-10 @blocking @stap-U6 @levering-audit @KT2-PROF-003 @KT2-PROF-008 @KT2-PROF-001
  Scenario: Elke AuditEvent voldoet aan zijn profiel
    Als elke AuditEvent naast zijn profiel wordt gelegd
    Dan voldoet elke AuditEvent aan KT2AuditEvent en noemt hij dat

  @PRO-11 @blocking @stap-U6 @levering-subscriptions @KT2-PROF-003 @KT2-PROF-008 @KT2-PROF-001
  Scenario: Elke Subscription voldoet aan zijn profiel
    Als elke Subscription naast zijn profiel wordt gelegd
    Dan voldoet elke Subscription aan KT2Subscription en noemt hij dat

  @PRO-12 @major @stap-U6 @KT2-PROF-001
  Scenario: Elke resource noemt zijn profiel
    Als elke resource naast zijn profiel wordt gelegd
    Dan noemt elke resource het profiel van zijn type

  @PRO-13 @advice @stap-U6 @KT2-PROF-008
  Scenario: Codes komen uit de geadviseerde waardelijsten
    Als elke resource naast zijn profiel wordt gelegd
    Dan komt elke code uit de geadviseerde waardelijst

  @PRO-14 @advice @stap-U6 @KT2-PROF-008
  Scenario: Elke code is te controleren
    Als elke resource naast zijn profiel wordt gelegd
    Dan is elke code te controleren

  @PRO-15 @blocking @stap-U6 @KT2-PROF-008
  Scenario: Elke code en elk nummer heeft de vorm van zijn systeem
    Als elke resource naast zijn profiel wordt gelegd
    Dan heeft elke code en elk nummer de vorm van zijn systeem

  @PRO-16 @advice @stap-U6
  Scenario: Een tweede mening komt op hetzelfde uit
    Gegeven de tweede mening over een keuze uit de resources
    Als elke resource van de keuze naast die mening wordt gelegd
    Dan oordeelt die over elke resource zoals ktcheck
