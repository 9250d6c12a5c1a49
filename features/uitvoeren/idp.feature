# language: nl
@idp @levering-idp
Functionaliteit: Gebruikers bij de identityprovider
  In Koppeltaal 1.x was inloggen bij een launch niet nodig, in 2.0 wel (TOP-KT-023). Kan elke actieve gemigreerde
  persoon met precies één account inloggen, en niemand anders? En zeggen de identityproviders wat is afgesproken?

  Achtergrond:
    Gegeven de momentopname van het domein in Koppeltaal 2.0
    En de identityproviders van het domeinbestand

  @IDP-01 @blocking @stap-U7 @IAM-002
  Scenario: Elke identityprovider heeft een discovery-document
    Als het discovery-document van elke identityprovider wordt opgehaald
    Dan is er van elke identityprovider een discovery-document

  @IDP-02 @blocking @stap-U7 @IAM-006
  Scenario: Het discovery-document is van de afgesproken issuer
    Als het discovery-document van elke identityprovider wordt opgehaald
    Dan noemt elk discovery-document de issuer van het domeinbestand

  @IDP-03 @blocking @stap-U7 @IAM-002
  Scenario: Alle adressen van de identityproviders zijn https
    Als het discovery-document van elke identityprovider wordt opgehaald
    Dan is elk adres van de identityproviders https

  @IDP-04 @blocking @stap-U7 @IAM-003
  Scenario: Een id_token wordt asymmetrisch ondertekend
    Als het discovery-document van elke identityprovider wordt opgehaald
    Dan ondertekent elke identityprovider id_tokens asymmetrisch

  @IDP-05 @blocking @stap-U7 @IAM-003
  Scenario: De identityproviders kennen de code flow
    Als het discovery-document van elke identityprovider wordt opgehaald
    Dan kent elke identityprovider de code flow

  @IDP-06 @blocking @stap-U7 @IAM-006
  Scenario: De sleutels van de identityproviders zijn te gebruiken
    Als de sleutelset van elke identityprovider wordt opgehaald
    Dan heeft elke sleutelset een publieke sleutel en geen privésleutel

  @IDP-07 @advice @stap-U7 @IAM-006
  Scenario: De afgesproken claim wordt aangekondigd
    Als het discovery-document van elke identityprovider wordt opgehaald
    Dan is de afgesproken claim een van de aangekondigde

  @IDP-08 @major @stap-U7 @IAM-001 @IAM-005
  Scenario: Elk gebruikerstype heeft een identityprovider
    Als de personen van het domein naast de identityproviders worden gelegd
    Dan heeft elk gebruikerstype een identityprovider

  @IDP-09 @major @stap-U7 @IAM-005 @IAM-007 @KT2-IDP-006
  Scenario: De keuze van identityprovider is eenduidig
    Als de keuzes van identityprovider worden bekeken
    Dan is er per gebruikerstype een standaard en staat elke keuze er één keer

  @IDP-10 @major @stap-U7 @KT2-IDP-003
  Scenario: De directories zijn in hun geheel gelezen
    Als het aantal gelezen accounts naast dat van de directory wordt gelegd
    Dan is van elke directory gelezen wat zij zegt te hebben

  @IDP-11 @advice @stap-U7 @IAM-006
  Scenario: Elk account dat aan staat heeft de claim
    Als de accounts van elke directory worden bekeken
    Dan heeft elk account dat aan staat de claim

  @IDP-12 @blocking @stap-U7 @KT2-IDP-001
  Abstract Scenario: Elke <gebruiker> heeft één identifier waarop wordt gekoppeld
    Gegeven een identityprovider voor elke <gebruiker>
    Als de identifiers van elke actieve gemigreerde <gebruiker> worden bekeken
    Dan heeft elke <gebruiker> één identifier waarop wordt gekoppeld

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @IDP-13 @blocking @stap-U7 @KT2-IDP-001 @KT2-IDP-003
  Abstract Scenario: Elke <gebruiker> heeft een account
    Gegeven een identityprovider voor elke <gebruiker>
    Als elke actieve gemigreerde <gebruiker> in de directory wordt opgezocht
    Dan heeft elke <gebruiker> een account

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @IDP-14 @blocking @stap-U7 @KT2-IDP-001
  Abstract Scenario: Geen <gebruiker> heeft twee accounts
    Gegeven een identityprovider voor elke <gebruiker>
    Als elke actieve gemigreerde <gebruiker> in de directory wordt opgezocht
    Dan heeft geen <gebruiker> meer dan één account

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @IDP-15 @blocking @stap-U7 @KT2-IDP-003
  Abstract Scenario: Het account van elke <gebruiker> staat aan
    Gegeven een identityprovider voor elke <gebruiker>
    Als elke actieve gemigreerde <gebruiker> in de directory wordt opgezocht
    Dan staat het account van elke <gebruiker> aan

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @IDP-16 @major @stap-U7 @KT2-IDP-003
  Abstract Scenario: Een <gebruiker> die niet actief of niet gemigreerd is kan niet inloggen
    Gegeven een identityprovider voor elke <gebruiker>
    Als elke <gebruiker> in de directory wordt opgezocht
    Dan is elke <gebruiker> met een account dat aan staat actief en gemigreerd

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @IDP-17 @blocking @stap-U7 @KT2-IDP-001
  Scenario: Geen account is van twee mensen
    Als elk account naast de personen van het domein wordt gelegd
    Dan is geen account van twee personen van een gebruikerstype

  @IDP-18 @major @stap-U7 @KT2-IDP-003
  Scenario: Geen account is van iemand die niet in het domein is
    Als elk account naast de personen van het domein wordt gelegd
    Dan is elk account dat aan staat van iemand in het domein

  @IDP-19 @blocking @stap-U7 @KT2-RELP-001
  Scenario: Elke naaste hoort bij een patiënt die er is
    Als van elke actieve gemigreerde RelatedPerson de patiënt wordt opgezocht
    Dan is de patiënt van elke RelatedPerson aanwezig, actief en gemigreerd
