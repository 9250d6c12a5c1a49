"""The source inventory by itself: where references lead, links that are alike, numbers as announced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ktcheck.agreements import Agreements
from ktcheck.domain import Domain
from ktcheck.facts import Announced, LinkGroup, Referred, SourceMatch, SourceReference
from ktcheck.index import Index
from ktcheck.source.record import Basis, SourceRecord
from tests.building import EPD, KT1, LINK, MODULE, OTHER_MODULE, PORTAL, answers
from tests.test_index import inventory

ORGANIZATION = f"{KT1}/Organization/1"
DEFINITION = f"{KT1}/Other/ActivityDefinition:1"
PLAN = f"{KT1}/CarePlan/1"


def record(
    kind: str,
    key: str,
    *,
    link: str | None = None,
    basis: Basis = "focal",
    app: str | None = None,
    content: dict[str, Any] | None = None,
    **references: tuple[str, ...],
) -> SourceRecord:
    return SourceRecord(
        type=kind,
        key=key,
        link=link or key,
        basis=basis,
        application=app,
        references=references,
        content=content or {},
    )


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Any]:
    """Makes an index of records of a domain that only has a source."""
    made: list[Index] = []

    def index(*records: SourceRecord, agreements: Agreements | None = None, **announced: dict[str, int]) -> Index:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        applications = [
            app.model_copy(update={"announced": announced.get(app.name, {})})
            for app in (EPD, PORTAL, MODULE, OTHER_MODULE)
        ]
        domain = Domain.model_validate({"domain": {"name": "z"}, "application": applications})
        of = inventory(folder / "inventory.ndjson", records)
        made.append(Index(folder / "index.sqlite", domain, of, None, agreements))
        made[-1].build()
        return made[-1]

    yield index
    for one in made:
        one.close()


def refers(index: Index, key: str) -> tuple[SourceReference, ...]:
    (found,) = (match for match in index.matches() if match.source.key == key)
    assert isinstance(found, SourceMatch)
    return found.refers


def test_a_reference_leads_to_a_record_and_what_it_becomes(build: Any) -> None:
    index = build(
        record("Patient", LINK, managingOrganization=(ORGANIZATION,), careProvider=(ORGANIZATION, f"{KT1}/x/1")),
        record("Organization", ORGANIZATION, basis="reference"),
    )
    found = (Referred(kind="Organization", key=ORGANIZATION, type="Organization", application="epd"),)
    assert refers(index, LINK) == (
        SourceReference(name="managingOrganization", value=ORGANIZATION, found=found),
        SourceReference(name="careProvider", value=ORGANIZATION, found=found),
        SourceReference(name="careProvider", value=f"{KT1}/x/1", found=()),
    )


def test_what_stays_behind_becomes_nothing(build: Any) -> None:
    index = build(
        record("CarePlanActivity", "a", link=PLAN, carePlan=(PLAN,), careTeam=(f"{KT1}/CareTeam/1",)),
        record("CarePlan", PLAN),
        record("CareTeam", f"{KT1}/CareTeam/1"),
    )
    assert [(one.name, one.found[0].type) for one in refers(index, "a")] == [("carePlan", None), ("careTeam", None)]


def test_by_an_answer_it_may_be_something(build: Any) -> None:
    index = build(
        record("CarePlanActivity", "a", link=PLAN, carePlan=(PLAN,), careTeam=(f"{KT1}/CareTeam/1",)),
        record("CarePlan", PLAN),
        record("CareTeam", f"{KT1}/CareTeam/1"),
        agreements=answers(main_task="task", teams_without_subject="organization"),
    )
    assert [one.found[0].type for one in refers(index, "a")] == ["Task", "Organization"]


def test_a_definition_is_found_by_its_text(build: Any) -> None:
    index = build(
        record("CarePlanActivity", "a", link=PLAN, definition=("SLAAP", "ANDERS")),
        record("ActivityDefinition", DEFINITION, content={"#ActivityDefinitionIdentifier": ["SLAAP"]}),
    )
    known, unknown = refers(index, "a")
    assert [found.key for found in known.found] == [DEFINITION]
    assert unknown.found == ()


@pytest.mark.parametrize("answer", ["text", "id"])
def test_an_activity_is_found_in_either_reading_of_its_identity(build: Any, answer: str) -> None:
    index = build(
        record("CarePlanActivity", "sleutel", link=PLAN, content={"id": "a-1"}),
        record("CarePlanActivityStatus", f"{KT1}/CarePlanActivityStatus/1", activity=("sleutel",)),
        agreements=answers(activity_identifier=answer),
    )
    (reference,) = refers(index, f"{KT1}/CarePlanActivityStatus/1")
    assert [found.key for found in reference.found] == ["sleutel" if answer == "text" else f"{PLAN}#a-1"]


def test_a_key_that_two_records_share_leads_to_both(build: Any) -> None:
    index = build(
        record("CarePlanSubActivity", "a#1", link=PLAN, activity=("a",)),
        record("CarePlanActivity", "a", link=PLAN),
        record("CarePlanActivity", "a", link=f"{PLAN}0"),
    )
    (reference,) = refers(index, "a#1")
    assert [found.key for found in reference.found] == ["a", "a"]


def test_links_are_grouped_by_what_they_are_apart_from_spelling(build: Any) -> None:
    other = LINK.replace("https", "http").upper() + "/"
    index = build(
        record("Patient", LINK),
        record("Patient", other, basis="reference"),
        record("Patient", f"{LINK}1"),
        record("CarePlanActivity", LINK.upper(), link=LINK.upper()),
    )
    assert list(index.link_groups()) == [
        LinkGroup(type="Patient", links=(other, LINK)),
        LinkGroup(type="Patient", links=(f"{LINK}1",)),
    ]


def test_announced_numbers_stand_beside_what_was_sent(build: Any) -> None:
    index = build(
        record("Patient", LINK),
        record("Patient", f"{LINK}1", basis="companion"),
        record("Patient", f"{LINK}2", basis="reference"),
        record("ActivityDefinition", DEFINITION, app="module"),
        record("ActivityDefinition", f"{DEFINITION}1", app="iemand"),
        record("UserMessage", f"{KT1}/UserMessage/1", app="portaal 2.1"),
        epd={"Patient": 3},
        module={"ActivityDefinition": 2},
        portaal={"UserMessage": 1, "CarePlan": 0},
    )
    assert list(index.announced()) == [
        Announced(application="epd", kind="Patient", number=3, found=2, undecided=0),
        Announced(application="portaal", kind="UserMessage", number=1, found=1, undecided=0),
        Announced(application="portaal", kind="CarePlan", number=0, found=0, undecided=0),
        Announced(application="module", kind="ActivityDefinition", number=2, found=1, undecided=1),
    ]


def test_without_a_source_there_is_nothing_to_say(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.sqlite", Domain.model_validate({"domain": {"name": "z"}}), None, None)
    index.build()
    assert (list(index.link_groups()), list(index.announced())) == ([], [])
    index.close()
