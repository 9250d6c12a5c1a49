# language: nl
@logging @levering-audit @levering-launch @levering-idp
Functionaliteit: Logging van een launch
  Is van een launch die werkte achteraf te zien wie inlogde en welke taak werd gestart (TOP-KT-011 en TOP-KT-023)?

  Achtergrond:
    Gegeven een domein waarin kan worden gelanceerd
    En de log van het domein

  @LOG-01 @major @stap-U8 @KT2-IDP-005
  Abstract Scenario: Het inloggen van een <gebruiker> staat in de log
    Gegeven een testaccount van een <gebruiker>
    Als een <gebruiker> een taak heeft gelanceerd
    Dan staat het inloggen van elke <gebruiker> in de log

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @LOG-02 @major @stap-U8 @KT2-AUDIT-013
  Abstract Scenario: De taak die een <gebruiker> startte staat in de log
    Gegeven een module in het domeinbestand
    En een testaccount van een <gebruiker>
    Als een <gebruiker> een taak heeft gelanceerd
    Dan staat de taak die een <gebruiker> startte in de log

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @LOG-03 @major @stap-U8 @KT2-AUDIT-015
  Scenario: Wat van een launch is gelogd heeft haar trace-id
    Als de log van elke launch wordt bekeken
    Dan heeft alles wat van een launch is gelogd haar trace-id
