"""Sentences about what fits in KT2."""

from __future__ import annotations

from pytest_bdd import then, when

from fixtures.run import Check
from ktcheck.preparation import Prepared


@when("elk KT1-record naast de mapping wordt gelegd")
@when("de zakelijke identificaties van alle KT1-records worden vergeleken")
def records_are_laid_beside_the_mapping(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("heeft elk record wat Koppeltaal 2.0 eist")
def every_record_has_what_is_required(check: Check) -> None:
    check("mappable.required")


@then("heeft elke code een tegenhanger in Koppeltaal 2.0")
def every_code_has_a_counterpart(check: Check) -> None:
    check("mappable.code")


@then("gaat niets verloren zonder dat daarover is besloten")
def nothing_is_lost_without_a_decision(check: Check) -> None:
    check("mappable.lost")


@then("krijgt niets een andere plaats of betekenis zonder dat daarover is besloten")
def nothing_changes_without_a_decision(check: Check) -> None:
    check("mappable.changed")


@then("staat van elk onderdeel vast wat het wordt")
def parts_were_decided_about(check: Check) -> None:
    check("mappable.nested")


@then("is elke zakelijke identificatie van één persoon of ding")
def identifiers_do_not_collide(check: Check) -> None:
    check("mappable.collision")
