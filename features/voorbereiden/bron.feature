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
