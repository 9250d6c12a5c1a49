"""Sentences about references."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from fixtures.run import Check
from ktcheck.preparation import Prepared


@when("elke verwijzing in het domein wordt gevolgd")
@when("elke verwijzing in het domein naast het profiel wordt gelegd")
@when("elke verwijzing in het domein wordt bekeken")
@when("de verwijzingen van KT1 via de migratie-identificaties worden gevolgd")
@when("de taken van het domein worden bekeken")
@when("de definities van het domein worden bekeken")
@when("de herkomst van elke resource naast het domeinbestand wordt gelegd")
def references_are_followed(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("bestaat elke resource waarnaar wordt verwezen")
def references_resolve(check: Check) -> None:
    check("references.resolves", but=("AuditEvent", "Subscription"))


@then(parsers.parse("bestaat elke resource waarnaar een {resource_type} verwijst"))
def references_of_a_type_resolve(check: Check, resource_type: str) -> None:
    check("references.resolves", scope=resource_type)


@then("wijst elke verwijzing naar een toegestaan type")
def references_have_an_allowed_type(check: Check) -> None:
    check("references.type")


@then("is elke verwijzing letterlijk en binnen het domein")
def references_are_literal(check: Check) -> None:
    check("references.literal")


@then("is elke afgesproken verwijzing behouden")
def agreed_references_are_kept(check: Check) -> None:
    check("references.kept")


@then("wijst elke verwijzing naar de resource die KT1 bedoelde")
def references_point_to_what_was_meant(check: Check) -> None:
    check("references.meant")


@then("volgt elke verwijzing die de mapping openlaat de afspraak of het uitgangspunt")
def open_references_follow_the_agreement(check: Check) -> None:
    check("references.assumption")


@then("verwijst elke taak met de extensie instantiates naar haar definitie")
def tasks_refer_to_their_definition(check: Check) -> None:
    check("references.instantiates")


@then("verwijst elke definitie naar een Endpoint")
def definitions_refer_to_an_endpoint(check: Check) -> None:
    check("references.endpoint")


@then("is de herkomst van elke resource de afgesproken bronapplicatie")
def the_origin_is_the_agreed_application(check: Check) -> None:
    check("references.origin")
