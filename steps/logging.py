"""Sentences about what is logged of a launch."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from fixtures.launching import Launching
from fixtures.run import Check


@given("de log van het domein")
def the_log(launching: Launching) -> None:
    launching.log()


@when(parsers.re(r"een \w+ een taak heeft gelanceerd"))
@when("de log van elke launch wordt bekeken")
def the_log_is_examined() -> None:
    """The log of every launch was read before the first scenario; it now asks for its part of the outcome."""


@then(parsers.parse("staat het inloggen van elke {gebruiker} in de log"))
def logins_are_logged(check: Check, gebruiker: str) -> None:
    check("logging.login", scope=gebruiker)


@then(parsers.parse("staat de taak die een {gebruiker} startte in de log"))
def tasks_are_logged(check: Check, gebruiker: str) -> None:
    check("logging.launched", scope=gebruiker)


@then("heeft alles wat van een launch is gelogd haar trace-id")
def all_of_it_is_traced(check: Check) -> None:
    check("logging.trace")
