"""Sentences about contents."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from fixtures.run import Check
from ktcheck.preparation import Prepared


@when("de inhoud van het domein naast KT1 wordt gelegd")
@when(parsers.parse("de inhoud van elke {bron} naast KT1 wordt gelegd"))
def contents_are_compared(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then(parsers.parse("heeft elke {bron} de naam uit KT1"))
def names_are_kept(check: Check, bron: str) -> None:
    check("content.name", scope=bron)


@then(parsers.parse("heeft elke {bron} de contactgegevens uit KT1"))
def contact_details_are_kept(check: Check, bron: str) -> None:
    check("content.telecom", scope=bron)


@then(parsers.parse("heeft elke {bron} het adres uit KT1"))
def addresses_are_kept(check: Check, bron: str) -> None:
    check("content.address", scope=bron)


@then(parsers.parse("heeft elke {bron} het geslacht uit KT1"))
def genders_are_kept(check: Check, bron: str) -> None:
    check("content.gender", scope=bron)


@then(parsers.parse("heeft elke {bron} de geboortedatum uit KT1"))
def birth_dates_are_kept(check: Check, bron: str) -> None:
    check("content.birth-date", scope=bron)


@then("is alles in gebruik wat dat in KT1 is")
def what_is_in_use_still_is(check: Check) -> None:
    check("content.active")


@then("heeft elke RelatedPerson de relatie uit KT1")
def relationships_are_kept(check: Check) -> None:
    check("content.relationship", scope="RelatedPerson")


@then("heeft elke Organization de naam en de soort uit KT1")
def organizations_are_kept(check: Check) -> None:
    check("content.organization", scope="Organization")


@then("houdt elke zakelijke identificatie haar waarde en gebruik")
def identifiers_are_kept(check: Check) -> None:
    check("content.identifier")


@then("heeft elke ActivityDefinition de teksten uit KT1")
def definitions_are_kept(check: Check) -> None:
    check("content.definition", scope="ActivityDefinition")


@then("volgt de status van elke ActivityDefinition uit KT1")
def definitions_have_their_status(check: Check) -> None:
    check("content.definition-status", scope="ActivityDefinition")


@then(parsers.parse("heeft de Task van elke {bron} de nieuwste status uit KT1"))
def tasks_have_their_status(check: Check, bron: str) -> None:
    check("content.task-status", scope=bron)


@then("heeft de Task van elke CarePlanActivity de periode uit KT1")
def tasks_have_their_period(check: Check) -> None:
    check("content.task-period", scope="CarePlanActivity")


@then(parsers.parse("heeft de Task van elke {bron} de vaste waarden"))
def tasks_have_the_fixed_values(check: Check, bron: str) -> None:
    check("content.task", scope=bron)


@then("heeft elke CareTeam de naam, de status en de periode uit KT1")
def teams_are_kept(check: Check) -> None:
    check("content.team", scope="CareTeam")


@then("volgt de inhoud overal het uitgangspunt")
def assumptions_are_followed(check: Check) -> None:
    check("content.assumption")


@then("is elke waarde te vergelijken")
def everything_can_be_compared(check: Check) -> None:
    check("content.comparable")


@then("heeft Koppeltaal 2.0 geen waarden die KT1 niet had")
def nothing_was_added(check: Check) -> None:
    check("content.added")
