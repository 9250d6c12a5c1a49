"""Sentences about what the cluster agreed on."""

from __future__ import annotations

from pytest_bdd import given, then, when

from fixtures.run import Check
from ktcheck.preparation import Prepared


@given("de vragen die de mapping openlaat en de antwoorden van het cluster")
@when("de antwoorden naast de vragen worden gelegd")
@when("de antwoorden naast elkaar worden gelegd")
@when("de antwoorden naast de profielversie van het domein worden gelegd")
def the_answers_are_examined(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("is op elke vraag een antwoord afgesproken")
def every_question_was_answered(check: Check) -> None:
    check("agreements.answered")


@then("spreekt geen antwoord een ander tegen")
def no_answer_contradicts_another(check: Check) -> None:
    check("agreements.consistent")


@then("is elk antwoord uit te voeren")
def every_answer_can_be_done(check: Check) -> None:
    check("agreements.possible")
