# language: nl
@herhaling
Functionaliteit: Herhaling
  De goedgekeurde migratie van het eerste domein is het sjabloon van het cluster. De andere domeinen herhalen haar met
  dezelfde scripts: wat anders is dan wat is goedgekeurd, is verklaard.

  @HER-01 @blocking @stap-U10 @DRB-04
  Scenario: Er is een goedgekeurd sjabloon
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    Als het domein naast het sjabloon wordt gelegd
    Dan is dat de goedgekeurde run van het eerste domein van dit cluster

  @HER-02 @major @stap-U10 @DRB-04
  Scenario: De versies zijn dezelfde
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    En het sjabloon van het cluster
    Als het domein naast het sjabloon wordt gelegd
    Dan zijn de versies dezelfde of is het verschil verklaard

  @HER-03 @major @stap-U10 @DRB-04
  Scenario: De afspraken zijn dezelfde
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    En het sjabloon van het cluster
    Als het domein naast het sjabloon wordt gelegd
    Dan zijn de afspraken dezelfde of is het verschil verklaard

  @HER-04 @major @stap-U10 @DRB-04
  Scenario: De applicaties zijn dezelfde
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    En het sjabloon van het cluster
    Als het domein naast het sjabloon wordt gelegd
    Dan zijn de applicaties, hun rol en hun bronschap dezelfde of is het verschil verklaard

  @HER-05 @major @stap-U10 @DRB-04
  Scenario: De leesrechten zijn dezelfde
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    En het sjabloon van het cluster
    Als het domein naast het sjabloon wordt gelegd
    Dan zijn de leesrechten dezelfde of is het verschil verklaard

  @HER-06 @major @stap-U10 @DRB-04
  Scenario: Gebruikers loggen in op dezelfde manier
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    En het sjabloon van het cluster
    Als het domein naast het sjabloon wordt gelegd
    Dan loggen gebruikers in op dezelfde manier of is het verschil verklaard

  @HER-07 @major @stap-U10 @DRB-04
  Scenario: De identificatiesystemen zijn dezelfde
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    En het sjabloon van het cluster
    Als het domein naast het sjabloon wordt gelegd
    Dan zijn de identificatiesystemen dezelfde of is het verschil verklaard

  @HER-08 @major @stap-U10 @DRB-04
  Scenario: De aantallen verhouden zich hetzelfde
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    En het sjabloon van het cluster
    Als het domein naast het sjabloon wordt gelegd
    Dan verhouden de aantallen zich hetzelfde of is het verschil verklaard

  @HER-09 @major @stap-U10 @DRB-04
  Scenario: De launch verloopt hetzelfde
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    En het sjabloon van het cluster
    En launches, hier of in het sjabloon
    Als het domein naast het sjabloon wordt gelegd
    Dan verloopt de launch hetzelfde of is het verschil verklaard

  @HER-10 @major @stap-U10 @DRB-04
  Scenario: Er is niet meer vrijgesteld
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    En het sjabloon van het cluster
    En vrijstellingen, hier of in het sjabloon
    Als het domein naast het sjabloon wordt gelegd
    Dan is er niets vrijgesteld dat daar niet was vrijgesteld, of is het verklaard

  @HER-11 @advice @stap-U10 @DRB-04
  Scenario: Elke verklaring is nodig
    Gegeven een domein dat het eerste van zijn cluster herhaalt
    En het sjabloon van het cluster
    En verklaringen van verschillen
    Als het domein naast het sjabloon wordt gelegd
    Dan hoort elke verklaring bij een verschil
