"""Sentences about profiles."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from fixtures.run import Check
from ktcheck.findings import Status
from ktcheck.preparation import Prepared
from ktcheck.scenarios import NotShownError


@given("de tweede mening over een keuze uit de resources")
def second_opinion(prepared: Prepared) -> None:
    """An opinion that was not asked for, or could not be had, is told; the verdict does not wait for it."""
    if prepared.opinion is None:
        raise NotShownError(Status.NOT_RUN, "geen tweede mening gevraagd (--second-opinion)", excused=True)
    if not prepared.opinion.opinions:
        reason = "de tweede mening was niet te krijgen; de redenen staan in het rapport onder Profielen"
        raise NotShownError(Status.BLOCKED, reason, excused=True)


@when(parsers.parse("elke {soort} naast zijn profiel wordt gelegd"))
@when("elke resource van de keuze naast die mening wordt gelegd")
def resources_are_judged(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("voldoet elke Patient aan KT2Patient")
def patients_meet_their_profile(check: Check) -> None:
    check("conformance.patient", scope="Patient")


@then("voldoet elke Practitioner aan KT2Practitioner")
def practitioners_meet_their_profile(check: Check) -> None:
    check("conformance.practitioner", scope="Practitioner")


@then("voldoet elke RelatedPerson aan KT2RelatedPerson")
def related_persons_meet_their_profile(check: Check) -> None:
    check("conformance.related-person", scope="RelatedPerson")


@then("voldoet elke Organization aan KT2Organization")
def organizations_meet_their_profile(check: Check) -> None:
    check("conformance.organization", scope="Organization")


@then("voldoet elke CareTeam aan KT2CareTeam")
def care_teams_meet_their_profile(check: Check) -> None:
    check("conformance.care-team", scope="CareTeam")


@then("voldoet elke Task aan KT2Task")
def tasks_meet_their_profile(check: Check) -> None:
    check("conformance.task", scope="Task")


@then("voldoet elke ActivityDefinition aan KT2ActivityDefinition")
def activity_definitions_meet_their_profile(check: Check) -> None:
    check("conformance.activity-definition", scope="ActivityDefinition")


@then("voldoet elke Endpoint aan KT2Endpoint")
def endpoints_meet_their_profile(check: Check) -> None:
    check("conformance.endpoint", scope="Endpoint")


@then("voldoet elke Device aan KT2Device")
def devices_meet_their_profile(check: Check) -> None:
    check("conformance.device", scope="Device")


@then("voldoet elke AuditEvent aan KT2AuditEvent en noemt hij dat")
def audit_events_meet_their_profile(check: Check) -> None:
    check(
        "conformance.audit-event",
        "conformance.claimed",
        "conformance.advised",
        "conformance.code-form",
        "conformance.unchecked",
        scope="AuditEvent",
    )


@then("voldoet elke Subscription aan KT2Subscription en noemt hij dat")
def subscriptions_meet_their_profile(check: Check) -> None:
    check(
        "conformance.subscription",
        "conformance.claimed",
        "conformance.advised",
        "conformance.code-form",
        "conformance.unchecked",
        scope="Subscription",
    )


@then("noemt elke resource het profiel van zijn type")
def profiles_are_claimed(check: Check) -> None:
    check("conformance.claimed", but=("AuditEvent", "Subscription"))


@then("komt elke code uit de geadviseerde waardelijst")
def advice_is_followed(check: Check) -> None:
    check("conformance.advised", but=("AuditEvent", "Subscription"))


@then("is elke code te controleren")
def codes_can_be_checked(check: Check) -> None:
    check("conformance.unchecked", but=("AuditEvent", "Subscription"))


@then("heeft elke code en elk nummer de vorm van zijn systeem")
def codes_have_their_form(check: Check) -> None:
    check("conformance.code-form", but=("AuditEvent", "Subscription"))


@then("oordeelt die over elke resource zoals ktcheck")
def opinions_agree(check: Check) -> None:
    check("opinion.agrees")
