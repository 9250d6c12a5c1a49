# language: nl
@idp @levering-idp @levering-launch
Functionaliteit: Inloggen voor een launch
  Kan een testaccount echt inloggen, door de autorisatieservice heen, bij de identityprovider die voor dat gebruikerstype
  is afgesproken (TOP-KT-023)? Wie een account heeft staat in IDP-12 en verder.

  Achtergrond:
    Gegeven een domein waarin kan worden gelanceerd

  @INL-01 @blocking @stap-U7 @IAM-003 @KT2-LAUNCH-017
  Abstract Scenario: Een <gebruiker> kan inloggen
    Gegeven een testaccount van een <gebruiker>
    Als een <gebruiker> voor een launch inlogt
    Dan stuurt de identityprovider elke <gebruiker> ingelogd terug

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @INL-02 @blocking @stap-U7 @IAM-005 @KT2-IDP-008
  Abstract Scenario: Een <gebruiker> logt in bij de afgesproken identityprovider
    Gegeven een testaccount van een <gebruiker>
    Als een <gebruiker> voor een launch inlogt
    Dan is de identityprovider van elke <gebruiker> die van het domeinbestand

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |
