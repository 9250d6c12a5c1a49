"""Sentences about completeness."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from fixtures.run import Check
from ktcheck.preparation import Prepared


@when(parsers.parse("elke {bron} wordt opgezocht op zijn migratie-identificatie"))
@when(parsers.parse("van elke {bron} wordt nagegaan waar hij vandaan komt"))
def records_are_looked_up(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then(parsers.parse("is elke {bron} aanwezig"))
def every_record_is_present(check: Check, bron: str) -> None:
    check("completeness.present", "completeness.referred", scope=bron)


@then("is elke subactiviteit een eigen Task, of wat anders is afgesproken")
def every_sub_activity_is_what_was_agreed(check: Check) -> None:
    check("completeness.sub-activity", scope="CarePlanSubActivity")


@then(parsers.parse("is elke {bron} er maar één keer"))
def every_record_is_there_once(check: Check, bron: str) -> None:
    check("completeness.once", scope=bron)


@then("staat geen resource voor records die elk een eigen resource horen te hebben")
def nothing_was_merged_that_should_be_apart(check: Check) -> None:
    check("completeness.own")


@then(parsers.parse("is geen {resource_type} onverwacht"))
def no_resource_is_unexpected(check: Check, resource_type: str) -> None:
    check("completeness.unexpected", "completeness.stays", "completeness.unaccounted", scope=resource_type)
