# language: nl
@autorisatie @levering-launch @levering-idp
Functionaliteit: Wat geweigerd moet worden
  Een launch of een verzoek dat in precies één ding verschilt van een goed, hoort te worden geweigerd (TOP-KT-005, 007,
  020, 021 en 023). Vlak ervoor en vlak erna wordt hetzelfde zonder de fout geprobeerd: alleen als dat werkt, is te zien
  dat de weigering om die fout was.

  Achtergrond:
    Gegeven een domein waarin kan worden gelanceerd
    En de eigen applicatie van de suite

  @WEI-01 @blocking @stap-U9 @KT2-INTRO-007 @KT2-LAUNCH-008
  Scenario: Geweigerd: een HTI-token dat is verlopen
    Als de suite dit probeert, tussen twee goede: een HTI-token dat is verlopen
    Dan weigert de voorziening dit: een HTI-token dat is verlopen

  @WEI-02 @major @stap-U9 @KT2-INTRO-007
  Scenario: Geweigerd: een HTI-token dat nog niet geldt
    Als de suite dit probeert, tussen twee goede: een HTI-token dat nog niet geldt
    Dan weigert de voorziening dit: een HTI-token dat nog niet geldt

  @WEI-03 @major @stap-U9 @KT2-LAUNCH-008
  Scenario: Geweigerd: een HTI-token van later dan nu
    Als de suite dit probeert, tussen twee goede: een HTI-token van later dan nu
    Dan weigert de voorziening dit: een HTI-token van later dan nu

  @WEI-04 @major @stap-U9 @KT2-LAUNCH-008
  Scenario: Geweigerd: een HTI-token dat een uur geldig is
    Als de suite dit probeert, tussen twee goede: een HTI-token dat een uur geldig is
    Dan weigert de voorziening dit: een HTI-token dat een uur geldig is

  @WEI-05 @blocking @stap-U9 @KT2-INTRO-007 @KT2-LAUNCH-003
  Scenario: Geweigerd: een HTI-token voor een andere module
    Als de suite dit probeert, tussen twee goede: een HTI-token voor een andere module
    Dan weigert de voorziening dit: een HTI-token voor een andere module

  @WEI-06 @blocking @stap-U9 @KT2-INTRO-007 @KT2-LAUNCH-003
  Scenario: Geweigerd: een HTI-token van een onbekend portaal
    Als de suite dit probeert, tussen twee goede: een HTI-token van een onbekend portaal
    Dan weigert de voorziening dit: een HTI-token van een onbekend portaal

  @WEI-07 @blocking @stap-U9 @KT2-INTRO-007 @KT2-LAUNCH-009
  Scenario: Geweigerd: een HTI-token met een onjuiste handtekening
    Als de suite dit probeert, tussen twee goede: een HTI-token met een onjuiste handtekening
    Dan weigert de voorziening dit: een HTI-token met een onjuiste handtekening

  @WEI-08 @blocking @stap-U9 @KT2-AUTH-012 @KT2-LAUNCH-009
  Scenario: Geweigerd: een HTI-token zonder handtekening
    Als de suite dit probeert, tussen twee goede: een HTI-token zonder handtekening
    Dan weigert de voorziening dit: een HTI-token zonder handtekening

  @WEI-09 @blocking @stap-U9 @KT2-AUTH-012 @KT2-LAUNCH-009
  Scenario: Geweigerd: een HTI-token dat met de publieke sleutel als geheim is ondertekend
    Als de suite dit probeert, tussen twee goede: een HTI-token dat met de publieke sleutel als geheim is ondertekend
    Dan weigert de voorziening dit: een HTI-token dat met de publieke sleutel als geheim is ondertekend

  @WEI-10 @major @stap-U9 @KT2-AUTH-018 @KT2-INTRO-007
  Scenario: Geweigerd: een HTI-token met een onbekende sleutelnaam
    Als de suite dit probeert, tussen twee goede: een HTI-token met een onbekende sleutelnaam
    Dan weigert de voorziening dit: een HTI-token met een onbekende sleutelnaam

  @WEI-11 @blocking @stap-U9 @KT2-AUTH-011 @KT2-LAUNCH-008
  Scenario: Geweigerd: een HTI-token dat al is gebruikt
    Als de suite dit probeert, tussen twee goede: een HTI-token dat al is gebruikt
    Dan weigert de voorziening dit: een HTI-token dat al is gebruikt

  @WEI-12 @major @stap-U9 @KT2-LAUNCH-004 @KT2-LAUNCH-025
  Scenario: Geweigerd: de taak van een andere patiënt
    Als de suite dit probeert, tussen twee goede: de taak van een andere patiënt
    Dan weigert de voorziening dit: de taak van een andere patiënt

  @WEI-13 @major @stap-U9 @KT2-RELP-006
  Scenario: Geweigerd: een naaste bij de taak van een patiënt van wie hij geen naaste is
    Als de suite dit probeert, tussen twee goede: een naaste bij de taak van een patiënt van wie hij geen naaste is
    Dan weigert de voorziening dit: een naaste bij de taak van een patiënt van wie hij geen naaste is

  @WEI-14 @blocking @stap-U9 @KT2-IDP-004
  Scenario: Geweigerd: een gebruiker die niet actief is
    Als de suite dit probeert, tussen twee goede: een gebruiker die niet actief is
    Dan weigert de voorziening dit: een gebruiker die niet actief is

  @WEI-15 @major @stap-U9 @KT2-LAUNCH-005
  Scenario: Geweigerd: een andere definitie dan die van de taak
    Als de suite dit probeert, tussen twee goede: een andere definitie dan die van de taak
    Dan weigert de voorziening dit: een andere definitie dan die van de taak

  @WEI-16 @blocking @stap-U9 @KT2-IDP-004 @KT2-LAUNCH-017
  Scenario: Geweigerd: iemand anders die inlogt dan wie start
    Als de suite dit probeert, tussen twee goede: iemand anders die inlogt dan wie start
    Dan weigert de voorziening dit: iemand anders die inlogt dan wie start

  @WEI-17 @blocking @stap-U9 @KT2-LAUNCH-015
  Scenario: Geweigerd: een redirect_uri die niet bekend is
    Als de suite dit probeert, tussen twee goede: een redirect_uri die niet bekend is
    Dan weigert de voorziening dit: een redirect_uri die niet bekend is

  @WEI-18 @major @stap-U9 @KT2-AUTH-004 @LNH-008
  Scenario: Geweigerd: een andere scope
    Als de suite dit probeert, tussen twee goede: een andere scope
    Dan weigert de voorziening dit: een andere scope

  @WEI-19 @major @stap-U9 @KT2-LAUNCH-013
  Scenario: Geweigerd: een ander response_type
    Als de suite dit probeert, tussen twee goede: een ander response_type
    Dan weigert de voorziening dit: een ander response_type

  @WEI-20 @major @stap-U9 @KT2-LAUNCH-013
  Scenario: Geweigerd: een verzoek zonder state
    Als de suite dit probeert, tussen twee goede: een verzoek zonder state
    Dan weigert de voorziening dit: een verzoek zonder state

  @WEI-21 @blocking @stap-U9 @KT2-LAUNCH-016
  Scenario: Geweigerd: een code_challenge zonder hash
    Als de suite dit probeert, tussen twee goede: een code_challenge zonder hash
    Dan weigert de voorziening dit: een code_challenge zonder hash

  @WEI-22 @major @stap-U9 @KT2-LAUNCH-013
  Scenario: Geweigerd: een verzoek zonder code_challenge
    Als de suite dit probeert, tussen twee goede: een verzoek zonder code_challenge
    Dan weigert de voorziening dit: een verzoek zonder code_challenge

  @WEI-23 @blocking @stap-U9 @KT2-LAUNCH-014
  Scenario: Geweigerd: een verzoek voor een andere FHIR-service
    Als de suite dit probeert, tussen twee goede: een verzoek voor een andere FHIR-service
    Dan weigert de voorziening dit: een verzoek voor een andere FHIR-service

  @WEI-24 @blocking @stap-U9 @KT2-LAUNCH-013
  Scenario: Geweigerd: een verzoek zonder HTI-token
    Als de suite dit probeert, tussen twee goede: een verzoek zonder HTI-token
    Dan weigert de voorziening dit: een verzoek zonder HTI-token

  @WEI-25 @blocking @stap-U9 @KT2-LAUNCH-019
  Scenario: Geweigerd: een code die al is ingewisseld
    Als de suite dit probeert, tussen twee goede: een code die al is ingewisseld
    Dan weigert de voorziening dit: een code die al is ingewisseld

  @WEI-26 @blocking @stap-U9 @KT2-LAUNCH-019
  Scenario: Geweigerd: een code van een andere applicatie
    Als de suite dit probeert, tussen twee goede: een code van een andere applicatie
    Dan weigert de voorziening dit: een code van een andere applicatie

  @WEI-27 @blocking @stap-U9 @KT2-LAUNCH-016
  Scenario: Geweigerd: een code_verifier die niet past
    Als de suite dit probeert, tussen twee goede: een code_verifier die niet past
    Dan weigert de voorziening dit: een code_verifier die niet past

  @WEI-28 @blocking @stap-U9 @KT2-LAUNCH-016 @KT2-LAUNCH-019
  Scenario: Geweigerd: een tokenverzoek zonder code_verifier
    Als de suite dit probeert, tussen twee goede: een tokenverzoek zonder code_verifier
    Dan weigert de voorziening dit: een tokenverzoek zonder code_verifier

  @WEI-29 @blocking @stap-U9 @KT2-LAUNCH-019
  Scenario: Geweigerd: een tokenverzoek met een andere redirect_uri
    Als de suite dit probeert, tussen twee goede: een tokenverzoek met een andere redirect_uri
    Dan weigert de voorziening dit: een tokenverzoek met een andere redirect_uri

  @WEI-30 @blocking @stap-U9 @KT2-AUTH-010
  Scenario: Geweigerd: een client assertion voor een ander adres
    Als de suite dit probeert, tussen twee goede: een client assertion voor een ander adres
    Dan weigert de voorziening dit: een client assertion voor een ander adres

  @WEI-31 @blocking @stap-U9 @KT2-AUTH-011
  Scenario: Geweigerd: een client assertion die al is gebruikt
    Als de suite dit probeert, tussen twee goede: een client assertion die al is gebruikt
    Dan weigert de voorziening dit: een client assertion die al is gebruikt

  @WEI-32 @blocking @stap-U9 @KT2-AUTH-010
  Scenario: Geweigerd: een client assertion die is verlopen
    Als de suite dit probeert, tussen twee goede: een client assertion die is verlopen
    Dan weigert de voorziening dit: een client assertion die is verlopen

  @WEI-33 @major @stap-U9 @KT2-AUTH-010
  Scenario: Geweigerd: een client assertion die een uur geldig is
    Als de suite dit probeert, tussen twee goede: een client assertion die een uur geldig is
    Dan weigert de voorziening dit: een client assertion die een uur geldig is

  @WEI-34 @blocking @stap-U9 @KT2-AUTH-012
  Scenario: Geweigerd: een client assertion zonder handtekening
    Als de suite dit probeert, tussen twee goede: een client assertion zonder handtekening
    Dan weigert de voorziening dit: een client assertion zonder handtekening

  @WEI-35 @blocking @stap-U9 @KT2-AUTH-010 @KT2-AUTH-015
  Scenario: Geweigerd: een client assertion met een onjuiste handtekening
    Als de suite dit probeert, tussen twee goede: een client assertion met een onjuiste handtekening
    Dan weigert de voorziening dit: een client assertion met een onjuiste handtekening

  @WEI-36 @major @stap-U9 @KT2-AUTH-018
  Scenario: Geweigerd: een client assertion met een onbekende sleutelnaam
    Als de suite dit probeert, tussen twee goede: een client assertion met een onbekende sleutelnaam
    Dan weigert de voorziening dit: een client assertion met een onbekende sleutelnaam

  @WEI-37 @blocking @stap-U9 @KT2-INTRO-001 @KT2-INTRO-003
  Scenario: Geweigerd: introspectie door een onbekende
    Als de suite dit probeert, tussen twee goede: introspectie door een onbekende
    Dan weigert de voorziening dit: introspectie door een onbekende

  @WEI-38 @blocking @stap-U9 @KT2-INTRO-004 @KT2-INTRO-007 @KT2-MT-004
  Scenario: Geweigerd: bij introspectie een token van een ander domein
    Als de suite dit probeert, tussen twee goede: bij introspectie een token van een ander domein
    Dan weigert de voorziening dit: bij introspectie een token van een ander domein

  @WEI-39 @blocking @stap-U9 @KT2-AUTH-025 @KT2-MT-004
  Scenario: Geweigerd: bij de FHIR-service een token van een ander domein
    Als de suite dit probeert, tussen twee goede: bij de FHIR-service een token van een ander domein
    Dan weigert de voorziening dit: bij de FHIR-service een token van een ander domein

  @WEI-40 @blocking @stap-U9 @KT2-AUTH-025 @KT2-LAUNCH-022
  Scenario: Geweigerd: bij de FHIR-service het token NOOP
    Als de suite dit probeert, tussen twee goede: bij de FHIR-service het token NOOP
    Dan weigert de voorziening dit: bij de FHIR-service het token NOOP
