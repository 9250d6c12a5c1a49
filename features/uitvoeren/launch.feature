# language: nl
@launch @levering-launch @levering-idp
Functionaliteit: Een taak lanceren
  Is een gemigreerde taak te openen door wie haar mag openen, langs de stappen en met de waarden van TOP-KT-007? De suite
  speelt het portaal voor een module, de module voor een portaal, en voor haar eigen applicatie allebei.

  Achtergrond:
    Gegeven een domein waarin kan worden gelanceerd

  @LAU-01 @blocking @stap-U8 @KT2-AUTH-026 @KT2-AUTH-027 @KT2-AUTH-028 @KT2-AUTH-031
  Scenario: De SMART-configuratie zegt alles wat de standaard eist
    Als de SMART-configuratie van het domein wordt opgehaald
    Dan zegt de SMART-configuratie alles wat TOP-KT-016 eist

  @LAU-02 @blocking @stap-U8 @KT2-AUTH-012 @KT2-AUTH-017
  Scenario: De sleutels van de autorisatieservice zijn te gebruiken
    Als de sleutelset van de autorisatieservice wordt opgehaald
    Dan heeft de autorisatieservice een publieke sleutel en toont zij geen privésleutel

  @LAU-03 @blocking @stap-U8 @KT2-ENDPOINT-003 @KT2-LAUNCH-025
  Abstract Scenario: Een launch door een <gebruiker> komt tot het einde
    Gegeven een testaccount van een <gebruiker>
    Als een <gebruiker> een taak lanceert
    Dan komt elke launch door een <gebruiker> tot het einde

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @LAU-04 @blocking @stap-U8 @KT2-IDP-001 @MIG-KT-002-03
  Abstract Scenario: Wat een <gebruiker> lanceert is gemigreerd
    Gegeven een testaccount van een <gebruiker>
    Als een <gebruiker> een taak lanceert
    Dan zijn taak, <gebruiker> en account van elke launch de gemigreerde

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @LAU-05 @blocking @stap-U8 @KT2-AUTH-012 @KT2-AUTH-018 @KT2-LAUNCH-003 @KT2-LAUNCH-004 @KT2-LAUNCH-005 @KT2-LAUNCH-006 @KT2-LAUNCH-008 @KT2-LAUNCH-009 @KT2-LAUNCH-010
  Scenario: Het HTI-token van het portaal klopt
    Gegeven een portaal in het domeinbestand
    Als een portaal een taak lanceert
    Dan klopt elke claim van het HTI-token van het portaal

  @LAU-06 @blocking @stap-U8 @KT2-LAUNCH-001 @KT2-LAUNCH-028
  Scenario: Het portaal lanceert met een formulier
    Gegeven een portaal in het domeinbestand
    Als een portaal een taak lanceert
    Dan stuurt het portaal een formulier met launch en iss

  @LAU-07 @blocking @stap-U8 @KT2-LAUNCH-013 @LNH-008
  Scenario: Het authorize-verzoek van de module klopt
    Gegeven een module in het domeinbestand
    Als een module wordt gelanceerd
    Dan klopt elke parameter van het authorize-verzoek van de module

  @LAU-08 @major @stap-U8 @KT2-LAUNCH-013
  Scenario: De module maakt voor elke launch nieuwe geheimen
    Gegeven een module in het domeinbestand
    Als een module meer dan één keer wordt gelanceerd
    Dan zijn state, nonce en code_challenge bij elke launch nieuw

  @LAU-09 @blocking @stap-U8 @KT2-LAUNCH-015 @KT2-LAUNCH-018
  Scenario: Na het inloggen komt de browser terug met code en state
    Gegeven de eigen applicatie van de suite
    Als iemand voor een launch heeft ingelogd
    Dan komt de browser terug op de redirect_uri met een code en dezelfde state

  @LAU-10 @blocking @stap-U8 @KT2-AUTH-020 @KT2-LAUNCH-021
  Scenario: Het tokenantwoord heeft wat erin hoort en niets meer
    Gegeven de eigen applicatie van de suite
    Als de code wordt ingewisseld
    Dan heeft het tokenantwoord wat TOP-KT-007 eist en niets meer

  @LAU-11 @blocking @stap-U8 @KT2-LAUNCH-022
  Scenario: Het access_token van een launch opent niets
    Gegeven de eigen applicatie van de suite
    Als de code wordt ingewisseld
    Dan is het access_token NOOP en geeft het geen toegang

  @LAU-12 @blocking @stap-U8 @KT2-LAUNCH-021
  Abstract Scenario: De context van een launch door een <gebruiker> is die van het HTI-token
    Gegeven de eigen applicatie van de suite
    En een testaccount van een <gebruiker>
    Als de code wordt ingewisseld
    Dan is de context van elke launch door een <gebruiker> die van het HTI-token

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @LAU-13 @blocking @stap-U8 @KT2-AUTH-012 @KT2-LAUNCH-023
  Abstract Scenario: Het id_token van een <gebruiker> is echt en gaat over wie inlogde
    Gegeven de eigen applicatie van de suite
    En een testaccount van een <gebruiker>
    Als de code wordt ingewisseld
    Dan klopt het id_token van elke <gebruiker>

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @LAU-14 @blocking @stap-U8 @KT2-INTRO-001 @KT2-INTRO-005 @KT2-INTRO-006
  Scenario: Introspectie herkent een goed token
    Gegeven de eigen applicatie van de suite
    Als de tokens van een launch worden geïntrospecteerd
    Dan zegt introspectie van elk goed token dat het goed is en wat erin staat

  @LAU-15 @blocking @stap-U8 @KT2-LAUNCH-012
  Abstract Scenario: De launch door een <gebruiker> eindigt bij de taak, na inloggen
    Gegeven een module in het domeinbestand
    En een testaccount van een <gebruiker>
    Als een module wordt gelanceerd
    Dan eindigt de launch door een <gebruiker> na inloggen op een pagina

    Voorbeelden:
      | gebruiker     |
      | Patient       |
      | Practitioner  |
      | RelatedPerson |

  @LAU-16 @blocking @stap-U8 @KT2-AUTH-022 @KT2-LAUNCH-028
  Scenario: Er staat geen token of wachtwoord in een adres
    Gegeven een module in het domeinbestand
    Als een module wordt gelanceerd
    Dan staat er onderweg geen token of wachtwoord in een adres
