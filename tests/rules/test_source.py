"""Area *bron*, rule by rule: what the rule says of which fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ktcheck.facts import (
    Announced,
    Context,
    LinkGroup,
    Message,
    Referred,
    SourceDomain,
    SourceMatch,
    SourceReference,
)
from ktcheck.findings import Severity
from ktcheck.rules import Examination, Problem
from ktcheck.source.record import Reject
from tests.building import CONTEXT, LINK, answers, match, say, source

CLEAN = Examination(scope="Patient", application="epd")
REJECT = Reject(file="map/a.xml", place="line 3", reason_nl="het bericht is afgekapt", reason_en="it is truncated")


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        pytest.param(Message(reject=None), Examination(scope="bericht"), id="read in full"),
        pytest.param(
            Message(reject=REJECT),
            Examination(
                scope="bericht",
                problems=(
                    Problem(
                        source="map/a.xml: line 3",
                        words={"reason_nl": "het bericht is afgekapt", "reason_en": "it is truncated"},
                    ),
                ),
            ),
            id="cannot be read",
        ),
    ],
)
def test_readable(message: Message, outcome: Examination) -> None:
    assert say("source.readable", message) == outcome


@pytest.mark.parametrize(
    ("domain", "outcome"),
    [
        pytest.param(SourceDomain(name="a", messages=9, main=True), Examination(scope="bericht"), id="the main one"),
        pytest.param(
            SourceDomain(name="b", messages=2, main=False),
            Examination(scope="bericht", problems=(Problem(actual="b", words={"count": 2}),)),
            id="another one",
        ),
    ],
)
def test_one_domain(domain: SourceDomain, outcome: Examination) -> None:
    assert say("source.one-domain", domain) == outcome


def _undecided(dutch: str, english: str) -> Problem:
    return Problem(source=LINK, words={"type": "Patient", "note_nl": dutch, "note_en": english})


GUESSED = _undecided("alleen de volgorde van de bestanden besliste", "only the order of the files decided")
AMBIGUOUS = _undecided(
    "dezelfde versie komt met verschillende inhoud voor", "the same version occurs with different content"
)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(source(basis="reference", notes=["order-guessed"])), None, id="has no content"),
        pytest.param(match(), CLEAN, id="certain"),
        pytest.param(match(source(notes=["status-inferred"])), CLEAN, id="a note about something else"),
        pytest.param(match(source(basis="companion")), CLEAN, id="content from a companion"),
        pytest.param(
            match(source(notes=["order-guessed"])),
            Examination(scope="Patient", application="epd", problems=(GUESSED,)),
            id="order guessed",
        ),
        pytest.param(
            match(source(notes=["same-version-different-content", "order-guessed"])),
            Examination(scope="Patient", application="epd", problems=(GUESSED, AMBIGUOUS)),
            id="two reasons",
        ),
    ],
)
def test_newest(fact: SourceMatch, outcome: Examination | None) -> None:
    assert say("source.newest", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(), CLEAN, id="one record"),
        pytest.param(match(source(app=None)), Examination(scope="Patient"), id="one record, source undecided"),
        pytest.param(
            match(alike=2),
            Examination(
                scope="Patient",
                application="epd",
                problems=(Problem(source=LINK, words={"type": "Patient", "count": 2}),),
            ),
            id="two records",
        ),
    ],
)
def test_unique_key(fact: SourceMatch, outcome: Examination) -> None:
    assert say("source.unique-key", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(), Examination(scope="soort", application="epd"), id="moves"),
        pytest.param(match(source("CarePlan")), Examination(scope="soort", application="epd"), id="does not move"),
        pytest.param(
            match(source("Other(unknown)", content={"code": "Onbekend"}), expected=False),
            Examination(
                scope="soort",
                application="epd",
                problems=(Problem(source=LINK, path="code", actual="Onbekend", words={"type": "Other"}),),
            ),
            id="the mapping does not know it",
        ),
    ],
)
def test_known_kind(fact: SourceMatch, outcome: Examination) -> None:
    assert say("source.known-kind", fact) == outcome


# ---- the versions that nobody confirmed ---------------------------------------------------------------------------


def test_what_was_sent_last_without_an_answer_weighs_less() -> None:
    found = say("source.newest", match(source(notes=["base-version", "refused"])))
    assert found is not None
    refused, sent = found.problems
    assert (refused.severity, sent.severity) == (None, Severity.ADVICE)
    assert "geweigerd" in str(refused.words["note_nl"])
    assert "zonder ontvangstbevestiging" in str(sent.words["note_nl"])


# ---- links ----------------------------------------------------------------------------------------------------------


def _noted(dutch: str, english: str, kind: str = "Patient", key: str = LINK, **more: Any) -> Problem:
    return Problem(source=key, words={"type": kind, "note_nl": dutch, "note_en": english}, **more)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(), CLEAN, id="well-formed"),
        pytest.param(match(source("CarePlanActivity", key="no link at all")), None, id="an activity has no link"),
        pytest.param(match(source("CarePlanSubActivity", key="no link at all")), None, id="nor has its part"),
        pytest.param(match(source(basis="reference")), CLEAN, id="only referred to"),
        pytest.param(
            match(source(key=f"{LINK}?x")),
            Examination(
                scope="Patient",
                application="epd",
                problems=(_noted("er staat een zoekvraag (?) in", "there is a query (?) in it", key=f"{LINK}?x"),),
            ),
            id="with a query",
        ),
        pytest.param(
            match(source("CareTeam")),
            Examination(
                scope="CareTeam",
                application="epd",
                problems=(
                    _noted(
                        "hij noemt een andere soort dan de resource is",
                        "it names another kind than the resource is",
                        "CareTeam",
                    ),
                ),
            ),
            id="of another kind",
        ),
    ],
)
def test_link(fact: SourceMatch, outcome: Examination | None) -> None:
    assert say("source.link", fact) == outcome


def test_a_kind_of_the_senders_own_is_not_told() -> None:
    found = say("source.link", match(source("Other(jan.jansen)", f"{LINK}?naam")))
    assert found is not None
    assert [problem.words["type"] for problem in found.problems] == ["Other"]


@pytest.mark.parametrize(
    ("group", "outcome"),
    [
        pytest.param(LinkGroup(type="Patient", links=(LINK,)), Examination(scope="Patient"), id="one spelling"),
        pytest.param(
            LinkGroup(type="Patient", links=(LINK, f"{LINK}/")),
            Examination(
                scope="Patient",
                problems=(Problem(source=LINK, actual=[LINK, f"{LINK}/"], words={"type": "Patient", "count": 2}),),
            ),
            id="two spellings",
        ),
    ],
)
def test_alike(group: LinkGroup, outcome: Examination) -> None:
    assert say("source.alike", group) == outcome


# ---- references -----------------------------------------------------------------------------------------------------


def refers(name: str, *kinds: str) -> SourceReference:
    """A reference to one record of each kind, or to nothing."""
    found = tuple(Referred(kind=kind, key="k", type=None, application=None) for kind in kinds)
    return SourceReference(name=name, value="k", found=found)


def _with(kind: str, *references: SourceReference, notes: Sequence[str] = ()) -> SourceMatch:
    return replace(match(source(kind, notes=notes)), refers=references)


def _lost(name: str, kind: str, **more: Any) -> Problem:
    dutch = f"{name} leidt naar niets dat in de broninventaris staat"
    return _noted(dutch, f"{name} leads to nothing that is in the source inventory", kind, path=name, **more)


@pytest.mark.parametrize(
    ("fact", "examined", "problems"),
    [
        pytest.param(_with("Patient", refers("managingOrganization", "Organization")), 1, (), id="right"),
        pytest.param(
            _with("CarePlanActivity", refers("patient", "Patient"), refers("performer", "Practitioner")),
            2,
            (),
            id="two",
        ),
        pytest.param(
            _with("CarePlanActivity", refers("definition")), 1, (_lost("definition", "CarePlanActivity"),), id="nothing"
        ),
        pytest.param(
            _with("CarePlanActivityStatus", refers("activity")),
            1,
            (_lost("activity", "CarePlanActivityStatus", severity=Severity.ADVICE),),
            id="a status of an activity that is gone",
        ),
        pytest.param(
            _with("CarePlanActivity", refers("patient", "Practitioner")),
            1,
            (
                _noted(
                    "patient leidt naar een resource van soort Practitioner",
                    "patient leads to a resource of kind Practitioner",
                    "CarePlanActivity",
                    path="patient",
                ),
            ),
            id="another kind",
        ),
        pytest.param(
            _with("CarePlan", refers("patient", "Other(jan.jansen)")),
            1,
            (
                _noted(
                    "patient leidt naar een resource van onbekende soort",
                    "patient leads to a resource of unknown kind",
                    "CarePlan",
                    path="patient",
                ),
            ),
            id="a kind that KT1 does not know",
        ),
        pytest.param(
            _with("CarePlanActivity", refers("definition", "ActivityDefinition", "Device")), 1, (), id="one will do"
        ),
        pytest.param(
            _with("Patient", notes=["relative-reference"]),
            1,
            (_noted("een verwijzing is geen volledige link", "a reference is not a full link"),),
            id="a relative reference",
        ),
    ],
)
def test_resolves(fact: SourceMatch, examined: int, problems: tuple[Problem, ...]) -> None:
    outcome = Examination(scope=fact.source.type, application="epd", examined=examined, problems=problems)
    assert say("source.resolves", fact) == outcome


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(_with("Patient"), id="refers to nothing"),
        pytest.param(_with("UserMessage", refers("context")), id="may lead anywhere"),
        pytest.param(match(source("Device", basis="reference"), expected=False), id="only referred to, does not move"),
    ],
)
def test_nothing_to_resolve(fact: SourceMatch) -> None:
    assert say("source.resolves", fact) is None


PREPARING = replace(CONTEXT, migrated=False)


def test_what_is_only_referred_to_is_told_until_something_was_agreed_or_it_migrated() -> None:
    fact = match(source(basis="reference"))
    told = _noted(
        "hiernaar wordt alleen verwezen; geen bericht bevat deze resource",
        "this is only referred to; no message holds this resource",
        agreement="referred-only",
        severity=Severity.ADVICE,
    )
    assert say("source.resolves", fact, PREPARING) == replace(CLEAN, problems=(told,))
    agreed = replace(PREPARING, agreements=answers(**{"referred-only": "owner-makes"}))
    assert say("source.resolves", fact, agreed) == CLEAN
    assert say("source.resolves", fact) == CLEAN


# ---- owners ---------------------------------------------------------------------------------------------------------

NOBODY = (
    "geen applicatie van het domeinbestand is de bron van dit type",
    "no application of the domain file is the source of this type",
)
SEVERAL = (
    "meer dan één applicatie is de bron van dit type, en geen ervan heet zoals de afzender",
    "more than one application is the source of this type, and none is called as the sender is",
)
SENDERS = (
    "meer dan één applicatie heeft deze resource als hoofdresource verzonden",
    "more than one application sent this resource as the focal one",
)


@pytest.mark.parametrize(
    ("fact", "notes"),
    [
        pytest.param(match(), (), id="one"),
        pytest.param(match(source(app=None)), (SEVERAL,), id="the owner did not send it"),
        pytest.param(match(source("ActivityDefinition", app=None)), (SEVERAL,), id="two own the type"),
        pytest.param(match(source(notes=["several-senders"])), (SENDERS,), id="two sent it"),
        pytest.param(match(source(app=None, notes=["several-senders"])), (SEVERAL, SENDERS), id="both"),
        pytest.param(match(source("UserMessage", app=None)), (), id="nobody needs to move it"),
        pytest.param(
            match(source("UserMessage", app=None, notes=["several-senders"])), (SENDERS,), id="but two sent it"
        ),
    ],
)
def test_owner(fact: SourceMatch, notes: Sequence[tuple[str, str]]) -> None:
    problems = tuple(_noted(dutch, english, fact.source.type) for dutch, english in notes)
    outcome = Examination(scope=fact.source.type, application=fact.source.application, problems=problems)
    assert say("source.owner", fact) == outcome


def test_a_type_without_owner() -> None:
    context = replace(CONTEXT, applications=CONTEXT.applications[:1])
    found = say("source.owner", match(source("CareTeam", app=None)), context)
    assert found is not None
    assert found.problems == (_noted(*NOBODY, "CareTeam"),)


@pytest.mark.parametrize(
    ("fact", "context"),
    [
        pytest.param(match(), replace(CONTEXT, applications=()), id="no applications in the domain file"),
        pytest.param(match(source("Other(Onbekend)")), CONTEXT, id="the mapping does not know it"),
        pytest.param(match(source("UserMessage", basis="companion")), CONTEXT, id="does not move and was never sent"),
        pytest.param(
            match(source("RelatedPerson", basis="companion")), replace(CONTEXT, profile_version="0.8"), id="0.8"
        ),
        pytest.param(match(replace(source(basis="companion"), stays=True)), CONTEXT, id="stays by an answer"),
    ],
)
def test_nobody_has_to_own_it(fact: SourceMatch, context: Context) -> None:
    assert say("source.owner", fact, context) is None


@pytest.mark.parametrize(("found", "wrong"), [(9, True), (10, False), (11, True)])
def test_announced(found: int, wrong: bool) -> None:
    fact = Announced(application="epd", kind="Patient", number=10, found=found, undecided=3)
    words = {"application": "epd", "kind": "Patient", "number": 10, "found": found, "undecided": 3}
    problem = Problem(expected=10, actual=found, words=words)
    assert say("source.announced", fact) == replace(CLEAN, problems=(problem,) if wrong else ())
