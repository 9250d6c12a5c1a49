"""Sentences about identity providers and the accounts at them."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from fixtures.run import Check
from ktcheck.findings import Status
from ktcheck.preparation import Prepared
from ktcheck.scenarios import NotShownError


@given("de identityproviders van het domeinbestand")
def identity_providers(prepared: Prepared) -> None:
    if not prepared.domain.idp:
        reason = "het domeinbestand noemt geen [[idp]]; is de IdP nog niet geleverd, zeg dan idp = false"
        raise NotShownError(Status.BLOCKED, reason)


@given(parsers.parse("een identityprovider voor elke {gebruiker}"))
def identity_provider_of(prepared: Prepared, gebruiker: str) -> None:
    if not any(provider.user_type == gebruiker for provider in prepared.domain.idp):
        # Whether that is wrong is said once, by idp.configured.
        raise NotShownError(Status.NOT_RUN, f"het domeinbestand noemt geen [[idp]] voor {gebruiker}", excused=True)


@when("het discovery-document van elke identityprovider wordt opgehaald")
@when("de sleutelset van elke identityprovider wordt opgehaald")
@when("de personen van het domein naast de identityproviders worden gelegd")
@when("de keuzes van identityprovider worden bekeken")
@when("het aantal gelezen accounts naast dat van de directory wordt gelegd")
@when("de accounts van elke directory worden bekeken")
@when("elk account naast de personen van het domein wordt gelegd")
@when("van elke actieve gemigreerde RelatedPerson de patiënt wordt opgezocht")
@when(parsers.parse("de identifiers van elke actieve gemigreerde {gebruiker} worden bekeken"))
@when(parsers.re(r"elke (actieve gemigreerde )?\w+ in de directory wordt opgezocht"))
def accounts_are_examined(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("is er van elke identityprovider een discovery-document")
def there_is_a_discovery_document(check: Check) -> None:
    check("issuer.discovery")


@then("noemt elk discovery-document de issuer van het domeinbestand")
def the_issuer_is_the_agreed_one(check: Check) -> None:
    check("issuer.name")


@then("is elk adres van de identityproviders https")
def every_address_is_https(check: Check) -> None:
    check("issuer.https")


@then("ondertekent elke identityprovider id_tokens asymmetrisch")
def tokens_are_signed_asymmetrically(check: Check) -> None:
    check("issuer.algorithms")


@then("kent elke identityprovider de code flow")
def the_code_flow_is_known(check: Check) -> None:
    check("issuer.code-flow")


@then("heeft elke sleutelset een publieke sleutel en geen privésleutel")
def keys_can_be_used(check: Check) -> None:
    check("issuer.keys")


@then("is de afgesproken claim een van de aangekondigde")
def the_claim_is_announced(check: Check) -> None:
    check("issuer.claim")


@then("heeft elk gebruikerstype een identityprovider")
def every_user_type_has_a_provider(check: Check) -> None:
    check("idp.configured")


@then("is er per gebruikerstype een standaard en staat elke keuze er één keer")
def choices_are_unambiguous(check: Check) -> None:
    check("idp.choice")


@then("is van elke directory gelezen wat zij zegt te hebben")
def directories_were_read_whole(check: Check) -> None:
    check("idp.counted")


@then("heeft elk account dat aan staat de claim")
def enabled_accounts_have_the_claim(check: Check) -> None:
    check("idp.claim")


@then(parsers.parse("heeft elke {gebruiker} één identifier waarop wordt gekoppeld"))
def there_is_one_identifier(check: Check, gebruiker: str) -> None:
    check("idp.identifier", scope=gebruiker)


@then(parsers.parse("heeft elke {gebruiker} een account"))
def everybody_has_an_account(check: Check, gebruiker: str) -> None:
    check("idp.account", scope=gebruiker)


@then(parsers.parse("heeft geen {gebruiker} meer dan één account"))
def nobody_has_two_accounts(check: Check, gebruiker: str) -> None:
    check("idp.one-account", scope=gebruiker)


@then(parsers.parse("staat het account van elke {gebruiker} aan"))
def accounts_are_enabled(check: Check, gebruiker: str) -> None:
    check("idp.enabled", scope=gebruiker)


@then(parsers.parse("is elke {gebruiker} met een account dat aan staat actief en gemigreerd"))
def nobody_else_can_log_in(check: Check, gebruiker: str) -> None:
    check("idp.barred", scope=gebruiker)


@then("is geen account van twee personen van een gebruikerstype")
def no_account_is_shared(check: Check) -> None:
    check("idp.shared")


@then("is elk account dat aan staat van iemand in het domein")
def no_account_is_of_a_stranger(check: Check) -> None:
    check("idp.stranger")


@then("is de patiënt van elke RelatedPerson aanwezig, actief en gemigreerd")
def relations_hold(check: Check) -> None:
    check("idp.relation")
