# language: nl
@mapbaarheid
Functionaliteit: Toepassingseisen
  Applicaties geven in het domeinbestand op wat zij van een patiënt niet kunnen missen (requires), bijvoorbeeld een
  e-mailadres. Elke patiënt met een taak voor zo'n applicatie moet dat hebben, anders is die taak na de overgang niet uit te voeren.

  Achtergrond:
    Gegeven de broninventaris van Koppeltaal 1.x
    En applicaties die opgeven wat zij niet kunnen missen

  @EIS-01 @major @stap-V3 @MIG-KT-001-07
  Scenario: Elke patiënt heeft wat de applicaties van zijn taken niet kunnen missen
    Als bij elke patiënt de applicaties van zijn activiteiten worden opgezocht
    Dan heeft elke patiënt wat die applicaties niet kunnen missen
