# language: nl
@identificatie
Functionaliteit: Identificatie
  Is elke resource terug te vinden op zijn KT1-link (MIG-KT-002), en is het nog dezelfde persoon of hetzelfde ding?

  Achtergrond:
    Gegeven de broninventaris van Koppeltaal 1.x
    En de momentopname van het domein in Koppeltaal 2.0

  @IDE-01 @blocking @stap-U3 @MIG-IDR-001 @MIG-IDR-002
  Scenario: De migratie-identificatie heeft het systeem van haar soort
    Als de migratie-identificaties naast de broninventaris worden gelegd
    Dan heeft elke migratie-identificatie het systeem van haar KT1-soort

  @IDE-02 @blocking @stap-U3 @MIG-IDR-001 @MIG-IDR-002
  Scenario: De migratie-identificatie is tijdelijk
    Als de migratie-identificaties worden bekeken
    Dan heeft elke migratie-identificatie use "temp"

  @IDE-03 @blocking @stap-U3 @MIG-IDR-001 @MIG-KT-002-01
  Scenario: De migratie-identificatie heeft geen versie
    Als de migratie-identificaties worden bekeken
    Dan is elke waarde de KT1-link zonder versie

  @IDE-04 @blocking @stap-U3 @MIG-IDR-001
  Scenario: De naam van de soort in het systeem volgt de afspraak
    Als de migratie-identificaties worden bekeken
    Dan gebruikt elke migratie-identificatie de afgesproken naam van haar soort

  @IDE-05 @blocking @stap-U3 @IDR-6 @MIG-KT-002-04
  Scenario: Zakelijke identificaties zijn behouden
    Als de zakelijke identificaties naast de broninventaris worden gelegd
    Dan heeft elke resource zijn zakelijke identificaties uit KT1

  @IDE-06 @blocking @stap-U3 @IDR-8
  Scenario: Een zakelijke identificatie hoort bij één resource
    Als de zakelijke identificaties van het domein worden vergeleken
    Dan hoort elke identificatie bij één resource van een type

  @IDE-07 @blocking @stap-U3 @IDR-1 @KT2-IDR-009
  Scenario: Logische id's zijn door de server uitgegeven
    Als de logische id's van het domein worden bekeken
    Dan is elke logische id een UUIDv4

  @IDE-08 @blocking @stap-U3 @KT2-IDR-010
  Scenario: Waar het profiel een identifier eist, is er een
    Als de identifiers van het domein worden bekeken
    Dan heeft elke resource die dat moet een identifier

  @IDE-09 @major @stap-U3 @KT2-IDR-016
  Scenario: Landelijke nummers staan onder het landelijke systeem
    Als de identifiers van het domein worden bekeken
    Dan staat elk landelijk nummer onder het nl-core-systeem

  @IDE-10 @blocking @stap-U3 @KT2-DEVICE-002
  Scenario: Een Device is herkenbaar aan zijn client_id
    Als de Devices van het domein worden bekeken
    Dan is de identifier van elk Device zijn client_id

  @IDE-11 @blocking @stap-U3 @KT2-DEVICE-002 @MIG-RES-004
  Scenario: Elke applicatie van het domein heeft haar Device
    Als de applicaties van het domeinbestand worden opgezocht
    Dan heeft elke applicatie haar Device

  @IDE-12 @blocking @stap-U3 @IDR-6
  Scenario: Twee mensen zijn niet samengevoegd
    Als de zakelijke identificaties van het domein worden vergeleken
    Dan heeft ieder mens hooguit één BSN

  @IDE-13 @blocking @stap-U3 @MIG-IDR-002
  Scenario: De migratie-identificatie van een activiteit volgt de afspraak
    Als de migratie-identificaties naast de broninventaris worden gelegd
    Dan heeft elke activiteit de afgesproken migratie-identificatie
