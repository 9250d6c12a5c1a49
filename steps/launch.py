"""Sentences about launching tasks."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from fixtures.launching import Launching
from fixtures.run import Check


@given("een domein waarin kan worden gelanceerd")
def a_domain_to_launch_in(launching: Launching) -> None:
    launching.possible()


@given(parsers.parse("een testaccount van een {gebruiker}"))
def a_test_account(launching: Launching, gebruiker: str) -> None:
    launching.account(gebruiker)


@given("een module in het domeinbestand")
def a_module(launching: Launching) -> None:
    launching.module()


@given("een portaal in het domeinbestand")
def a_portal(launching: Launching) -> None:
    launching.portal()


@given("de eigen applicatie van de suite")
def the_suite_itself(launching: Launching) -> None:
    launching.both()


@when("de SMART-configuratie van het domein wordt opgehaald")
@when("de sleutelset van de autorisatieservice wordt opgehaald")
@when(parsers.re(r"een \w+ een taak lanceert"))
@when("een module wordt gelanceerd")
@when("een module meer dan één keer wordt gelanceerd")
@when("iemand voor een launch heeft ingelogd")
@when("de code wordt ingewisseld")
@when("de tokens van een launch worden geïntrospecteerd")
def launches_are_examined() -> None:
    """All launches were tried before the first scenario; it now asks for its part of the outcome."""


@then("zegt de SMART-configuratie alles wat TOP-KT-016 eist")
def the_smart_configuration_is_complete(check: Check) -> None:
    check("launch.smart-configuration")


@then("heeft de autorisatieservice een publieke sleutel en toont zij geen privésleutel")
def keys_can_be_used(check: Check) -> None:
    check("launch.keys")


@then(parsers.parse("komt elke launch door een {gebruiker} tot het einde"))
def launches_work(check: Check, gebruiker: str) -> None:
    check("launch.works", scope=gebruiker)


@then(parsers.parse("zijn taak, {gebruiker} en account van elke launch de gemigreerde"))
def what_is_launched_was_migrated(check: Check, gebruiker: str) -> None:
    check("launch.migrated", scope=gebruiker)


@then("klopt elke claim van het HTI-token van het portaal")
def the_token_of_the_portal_is_right(check: Check) -> None:
    check("launch.portal-token")


@then("stuurt het portaal een formulier met launch en iss")
def the_form_of_the_portal_is_right(check: Check) -> None:
    check("launch.portal-form")


@then("klopt elke parameter van het authorize-verzoek van de module")
def the_authorize_request_is_right(check: Check) -> None:
    check("launch.authorize-request")


@then("zijn state, nonce en code_challenge bij elke launch nieuw")
def secrets_are_new(check: Check) -> None:
    check("launch.fresh")


@then("komt de browser terug op de redirect_uri met een code en dezelfde state")
def the_browser_comes_back(check: Check) -> None:
    check("launch.callback")


@then("heeft het tokenantwoord wat TOP-KT-007 eist en niets meer")
def the_token_response_is_right(check: Check) -> None:
    check("launch.token-response")


@then("is het access_token NOOP en geeft het geen toegang")
def the_access_token_opens_nothing(check: Check) -> None:
    check("launch.access-token")


@then(parsers.parse("is de context van elke launch door een {gebruiker} die van het HTI-token"))
def the_context_is_that_of_the_launch(check: Check, gebruiker: str) -> None:
    check("launch.context", scope=gebruiker)


@then(parsers.parse("klopt het id_token van elke {gebruiker}"))
def the_id_token_is_right(check: Check, gebruiker: str) -> None:
    check("launch.id-token", scope=gebruiker)


@then("zegt introspectie van elk goed token dat het goed is en wat erin staat")
def introspection_knows_good_tokens(check: Check) -> None:
    check("launch.introspection")


@then(parsers.parse("eindigt de launch door een {gebruiker} na inloggen op een pagina"))
def the_launch_ends_at_a_page(check: Check, gebruiker: str) -> None:
    check("launch.page", scope=gebruiker)


@then("staat er onderweg geen token of wachtwoord in een adres")
def no_secret_is_in_an_address(check: Check) -> None:
    check("launch.no-secret-in-address")
