"""Sentences about logging in for a launch."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from fixtures.run import Check


@when(parsers.re(r"een \w+ voor een launch inlogt"))
def logins_are_examined() -> None:
    """Test accounts logged in before the first scenario; it now asks for its part of the outcome."""


@then(parsers.parse("stuurt de identityprovider elke {gebruiker} ingelogd terug"))
def test_accounts_log_in(check: Check, gebruiker: str) -> None:
    check("login.works", scope=gebruiker)


@then(parsers.parse("is de identityprovider van elke {gebruiker} die van het domeinbestand"))
def the_provider_is_the_agreed_one(check: Check, gebruiker: str) -> None:
    check("login.provider", scope=gebruiker)
