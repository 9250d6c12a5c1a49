"""Sentences about what people confirmed."""

from __future__ import annotations

from pytest_bdd import given, then, when

from fixtures.run import Check
from ktcheck.findings import Status
from ktcheck.preparation import Prepared
from ktcheck.scenarios import NotShownError


@given("de bevestigingen van het domein")
def confirmations_of_the_domain(prepared: Prepared) -> None:
    if not prepared.confirmations:
        raise NotShownError(Status.NOT_RUN, "het domeinbestand noemt geen bevestigingen", excused=True)


@given("dat iets is bevestigd")
def anything_is_confirmed(prepared: Prepared) -> None:
    if not prepared.confirmations.any():
        raise _nobody()


@given("dat een stap is bevestigd die mensen bevestigen")
def a_step_is_confirmed(prepared: Prepared) -> None:
    if not prepared.confirmations.any(of_steps=True):
        raise _nobody()


@when("ze naast het draaiboek worden gelegd")
def confirmations_are_laid_beside_the_draaiboek(prepared: Prepared) -> None:
    """The rules looked at every step already; the scenario now asks for its part of the outcome."""


@then("is elke stap bevestigd die aan het oordeel voorafgaat en die mensen bevestigen")
def every_step_is_confirmed(check: Check) -> None:
    check("confirmations.given")


@then("is elke bevestiging van een stap die mensen bevestigen")
def every_confirmation_is_of_a_step(check: Check) -> None:
    check("confirmations.known")


@then("is elke bevestiging van de versie die wordt getoetst, en is haar laatste dag niet voorbij")
def every_confirmation_counts(check: Check) -> None:
    check("confirmations.valid")


def _nobody() -> NotShownError:
    return NotShownError(Status.NOT_RUN, "nog niemand bevestigde een stap", excused=True)
