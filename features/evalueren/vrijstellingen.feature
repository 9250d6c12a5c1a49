# language: nl
@volledigheid
Functionaliteit: Vrijstellingen
  Wat afwijkt en toch wordt geaccepteerd, is met naam, reden en einddatum vrijgesteld, voor wat is gezien en niet meer.
  De bevinding blijft staan; een vrijstelling die niet op orde is stelt niets vrij.

  Achtergrond:
    Gegeven de vrijstellingen van het domein
    Als ze naast de bevindingen worden gelegd

  @VRS-01 @blocking @stap-E1 @DRB-01
  Scenario: Elke vrijstelling is begrensd
    Dan noemt elke vrijstelling wat zij dekt, en dekt zij niet meer dan waarvoor is getekend

  @VRS-02 @major @stap-E1 @DRB-01
  Scenario: Elke vrijstelling geldt nog
    Dan is van geen vrijstelling de laatste dag voorbij

  @VRS-03 @major @stap-E1 @DRB-01
  Scenario: Elke vrijstelling is nodig
    Dan dekt elke vrijstelling die geldt een bevinding
