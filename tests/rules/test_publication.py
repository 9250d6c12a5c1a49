"""Order of publication, rule by rule: what the rule says of which fact."""

from __future__ import annotations

import pytest

from ktcheck.facts import PublicationGroup, Reference, Target
from ktcheck.rules import Examination, Problem
from tests.building import ID, LINK, migrated, number, reference, say, source, target

GROUP = PublicationGroup(application="epd", type="Organization", records=3)


def _circle(length: int, *through: str) -> PublicationGroup:
    return PublicationGroup(application="epd", type="Organization", records=1, key=LINK, circle=length, through=through)


@pytest.mark.parametrize(
    ("group", "way"),
    [
        pytest.param(_circle(1, "Organization"), "Organization → Organization", id="itself"),
        pytest.param(
            _circle(2, "Organization", "CareTeam"), "Organization → CareTeam → Organization", id="through another"
        ),
        pytest.param(
            _circle(9, *["Organization"] * 2), "Organization → Organization → … → Organization", id="through many"
        ),
    ],
)
def test_not_possible(group: PublicationGroup, way: str) -> None:
    problem = Problem(source=LINK, words={"type": "Organization", "count": group.circle, "circle": way})
    outcome = Examination(scope="Organization", application="epd", problems=(problem,))
    assert say("publication.possible", group) == outcome


def test_possible() -> None:
    assert say("publication.possible", GROUP) == Examination(scope="Organization", application="epd", examined=3)


BEFORE, THEN, LATER = "2026-09-12T07:59:59.999+02:00", "2026-09-12T06:00:00Z", "2026-09-12T06:00:00.001Z"
ELEMENT = "managingOrganization"


def _to(updated: str | None, version: str | None = "1", *, exists: bool | None = True) -> Reference:
    found = reference("Patient", ELEMENT, f"Organization/{number(2)}", exists=exists)
    return Reference(
        path=found.path,
        place=found.place,
        raw=found.raw,
        form=found.form,
        type=found.type,
        target=found.target,
        exists=exists,
        row=found.row,
        updated=updated,
        version=version,
    )


def _patient(*references: Reference, updated: object = THEN) -> Target:
    return target("Patient", migrated(source()), references=references, meta={"lastUpdated": updated})


@pytest.mark.parametrize(
    ("reference_to", "examined", "wrong"),
    [
        pytest.param(_to(BEFORE), 1, False, id="after it"),
        pytest.param(_to(THEN), 1, False, id="at the same moment"),
        pytest.param(_to(LATER), 1, True, id="before it"),
        pytest.param(_to(BEFORE, "7"), 1, False, id="after it was changed"),
        pytest.param(_to(LATER, "2"), 0, False, id="it was changed since"),
        pytest.param(_to(LATER, None), 0, False, id="nobody knows whether it was changed"),
        pytest.param(_to(None), 0, False, id="nobody knows when"),
        pytest.param(_to("2026-09-12T06:00:00"), 0, False, id="a time without a zone"),
        pytest.param(_to("soon"), 0, False, id="no time at all"),
        pytest.param(_to(None, exists=False), 0, False, id="not there"),
        pytest.param(_to(None, exists=None), 0, False, id="not to be read"),
    ],
)
def test_respected(reference_to: Reference, examined: int, wrong: bool) -> None:
    problem = Problem(
        resource=f"Patient/{ID}",
        path=ELEMENT,
        expected=LATER,
        actual="2026-09-12 06:00:00+00:00",
        words={"type": "Patient", "element": ELEMENT, "other": "Organization"},
    )
    outcome = Examination(scope="Patient", application="epd", examined=examined, problems=(problem,) if wrong else ())
    assert say("publication.respected", _patient(reference_to)) == outcome


def test_each_reference_counts() -> None:
    found = say("publication.respected", _patient(_to(BEFORE), _to(LATER), _to(LATER, "2")))
    assert found is not None
    assert (found.examined, len(found.problems)) == (2, 1)


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(_patient(_to(LATER), updated=None), id="nobody knows when it was written"),
        pytest.param(_patient(_to(LATER), updated=20260912), id="no text"),
        pytest.param(target("Patient", meta={"lastUpdated": THEN}, references=[_to(LATER)]), id="was not migrated"),
        pytest.param(target("Patient", migrated(source()), references=[_to(LATER)], meta="none"), id="no meta"),
    ],
)
def test_nothing_to_say(fact: Target) -> None:
    assert say("publication.respected", fact) is None
