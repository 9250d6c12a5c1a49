"""Sentences about what applications cannot do without."""

from __future__ import annotations

from pytest_bdd import given, then, when

from fixtures.run import Check
from ktcheck.findings import Status
from ktcheck.preparation import Prepared
from ktcheck.scenarios import NotShownError


@given("applicaties die opgeven wat zij niet kunnen missen")
def applications_that_require_something(prepared: Prepared) -> None:
    if not any(app.requires for app in prepared.domain.application):
        reason = "geen applicatie geeft in het domeinbestand op wat zij niet kan missen (requires)"
        raise NotShownError(Status.NOT_RUN, reason, excused=True)


@when("bij elke patiënt de applicaties van zijn activiteiten worden opgezocht")
def patients_are_laid_beside_their_applications(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("heeft elke patiënt wat die applicaties niet kunnen missen")
def patients_have_what_is_required(check: Check) -> None:
    check("needs.met")
