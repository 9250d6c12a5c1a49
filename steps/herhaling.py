"""Sentences about the likeness with the approved first domain of the cluster."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from fixtures.run import Check
from ktcheck.findings import Status
from ktcheck.preparation import Prepared
from ktcheck.scenarios import NotShownError


@given("een domein dat het eerste van zijn cluster herhaalt")
def a_domain_that_repeats(prepared: Prepared) -> None:
    if prepared.domain.domain.sequence == 1:
        raise NotShownError(Status.NOT_RUN, "dit is het eerste domein van het cluster: het sjabloon", excused=True)
    if prepared.snapshot is None:
        raise NotShownError(Status.BLOCKED, "het domeinbestand heeft geen [target]")


@given("het sjabloon van het cluster")
def the_template(prepared: Prepared) -> None:
    about = prepared.domain.domain
    if prepared.template is None or prepared.template.wrong(about.cluster, about.name):
        raise NotShownError(Status.NOT_RUN, "er is geen sjabloon om naast te leggen (HER-01)", excused=True)


@given(parsers.re("(?P<what>launches|vrijstellingen), hier of in het sjabloon"))
def launches_or_waivers(prepared: Prepared, what: str) -> None:
    aspect = {"launches": "launch", "vrijstellingen": "waivers"}[what]
    shapes = (prepared.shape, prepared.template.report["shape"] if prepared.template else None)
    if not any(shape and shape[aspect] for shape in shapes):
        raise NotShownError(Status.NOT_RUN, f"er zijn geen {what}, hier noch in het sjabloon", excused=True)


@given("verklaringen van verschillen")
def explanations(prepared: Prepared) -> None:
    if prepared.template is None or not prepared.template.explained:
        raise NotShownError(Status.NOT_RUN, "er is geen verschil verklaard", excused=True)


@when("het domein naast het sjabloon wordt gelegd")
def laid_beside(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("is dat de goedgekeurde run van het eerste domein van dit cluster")
def template_are_alike(check: Check) -> None:
    check("repetition.template")


@then("zijn de versies dezelfde of is het verschil verklaard")
def versions_are_alike(check: Check) -> None:
    check("repetition.versions")


@then("zijn de afspraken dezelfde of is het verschil verklaard")
def agreements_are_alike(check: Check) -> None:
    check("repetition.agreements")


@then("zijn de applicaties, hun rol en hun bronschap dezelfde of is het verschil verklaard")
def applications_are_alike(check: Check) -> None:
    check("repetition.applications")


@then("zijn de leesrechten dezelfde of is het verschil verklaard")
def permissions_are_alike(check: Check) -> None:
    check("repetition.permissions")


@then("loggen gebruikers in op dezelfde manier of is het verschil verklaard")
def idp_are_alike(check: Check) -> None:
    check("repetition.idp")


@then("zijn de identificatiesystemen dezelfde of is het verschil verklaard")
def identifiers_are_alike(check: Check) -> None:
    check("repetition.identifiers")


@then("verhouden de aantallen zich hetzelfde of is het verschil verklaard")
def counts_are_alike(check: Check) -> None:
    check("repetition.counts")


@then("verloopt de launch hetzelfde of is het verschil verklaard")
def launch_are_alike(check: Check) -> None:
    check("repetition.launch")


@then("is er niets vrijgesteld dat daar niet was vrijgesteld, of is het verklaard")
def waivers_are_alike(check: Check) -> None:
    check("repetition.waivers")


@then("hoort elke verklaring bij een verschil")
def explanations_are_alike(check: Check) -> None:
    check("repetition.explanations")
