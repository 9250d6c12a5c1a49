"""Sentences about what somebody accepted."""

from __future__ import annotations

from pytest_bdd import given, then, when

from fixtures.run import Check
from ktcheck.findings import Status
from ktcheck.preparation import Prepared
from ktcheck.scenarios import NotShownError


@given("de vrijstellingen van het domein")
def waivers_of_the_domain(prepared: Prepared) -> None:
    if not prepared.waivers:
        raise NotShownError(Status.NOT_RUN, "het domein heeft geen vrijstellingen", excused=True)


@when("ze naast de bevindingen worden gelegd")
def waivers_are_laid_beside_the_findings(prepared: Prepared) -> None:
    """What each covers was counted after all rules had looked; the scenario now asks for its part of the outcome."""


@then("noemt elke vrijstelling wat zij dekt, en dekt zij niet meer dan waarvoor is getekend")
def every_waiver_is_narrow(check: Check) -> None:
    check("waivers.narrow")


@then("is van geen vrijstelling de laatste dag voorbij")
def no_waiver_expired(check: Check) -> None:
    check("waivers.current")


@then("dekt elke vrijstelling die geldt een bevinding")
def every_waiver_covers_something(check: Check) -> None:
    check("waivers.used")
