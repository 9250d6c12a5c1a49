"""Sentences about the order of publication."""

from __future__ import annotations

from pytest_bdd import then, when

from fixtures.run import Check
from ktcheck.preparation import Prepared


@when("van elk record dat over moet wordt nagegaan waarop het wacht")
@when("de tijdstippen van elke resource naast die van haar verwijzingen worden gelegd")
def the_order_is_examined(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("wacht geen record op zichzelf")
def nothing_waits_for_itself(check: Check) -> None:
    check("publication.possible")


@then("is elke resource gepubliceerd na waar zij naar verwijst")
def published_after_what_it_refers_to(check: Check) -> None:
    check("publication.respected")
