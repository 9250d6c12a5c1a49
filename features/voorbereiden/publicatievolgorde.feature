# language: nl
@mapbaarheid
Functionaliteit: Publicatievolgorde
  Een resource kan pas worden gepubliceerd nadat bestaat waarnaar zij verwijst. Is er een volgorde van applicaties en
  typen die werkt? Het rapport toont haar, en wie op wie wacht.

  Achtergrond:
    Gegeven de broninventaris van Koppeltaal 1.x

  @PUB-01 @blocking @stap-V4 @MIG-KT-001-08
  Scenario: Niets wacht op zichzelf
    Als van elk record dat over moet wordt nagegaan waarop het wacht
    Dan wacht geen record op zichzelf
