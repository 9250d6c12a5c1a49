"""The answers of a cluster decide: what was agreed is right, and only that; what nobody agreed on is advice at most.

Every case is the practice domain, which was migrated by the proposals, changed into what another answer gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ktcheck import domain as domains
from ktcheck import tables
from ktcheck.agreements import Agreements
from ktcheck.assessment import assess
from ktcheck.findings import Finding, Severity
from ktcheck.index import Index
from ktcheck.sandbox.defects.defect import copy, follow, migration_identifier, of_kind, remove
from ktcheck.sandbox.facts import Activity, Dossier, Plan
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.kt2_content import migration, reference
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import INSTANTIATES, MIGRATION
from ktcheck.snapshot.store import Snapshot
from ktcheck.source.inventory import Inventory
from tests.building import answers
from tests.practice import write_domain

Json = dict[str, Any]
Change = Callable[[Materialised], None]
Counts = dict[str, Json]
AREAS = ("completeness.", "identification.", "references.")
ENDED = {"Completed", "Cancelled", "Expired", "SkippedByUser"}


def as_it_is(_: Materialised) -> None:
    """The practice domain follows the proposals."""


def judge(folder: Path, agreements: Agreements, *changes: Change) -> tuple[dict[str, list[Finding]], Counts]:
    """The findings of the rules of AREAS over a changed practice domain, and its counts by KT1 kind."""
    domain = PracticeDomain(1, 8).materialise()
    for change in changes:
        change(domain)
    path = write_domain(domain.domain, folder, messages=domain.messages.items(), resources=list(domain.all()))
    inventory, snapshot = Inventory.open(folder / "inventory.ndjson"), Snapshot.open(folder / "snapshot")
    index = Index(folder / "index.sqlite", domains.load(path), inventory, snapshot, agreements)
    index.build()
    assessment, counting, *_ = assess(index, folder / "findings.sqlite")
    found = {
        rule: [one for scope in assessment.scopes(rule) for one in assessment.findings(rule, scope)]
        for rule in tables.rules()
        if rule.startswith(AREAS)
    }
    index.close()
    assessment.close()
    return {rule: list(of) for rule, of in found.items() if of}, {row["source_type"]: row for row in counting.rows()}


# ---- changes ---------------------------------------------------------------------------------------------------------


def _of_activities(domain: Materialised) -> Iterator[tuple[Dossier, Plan, Activity, Json]]:
    """Every activity that was migrated, and still has its Task."""
    for dossier in domain.domain.dossiers:
        for plan, activity in dossier.activities:
            if task := domain.resources["Task"].get(domain.domain.migration.task_id(activity)):
                yield dossier, plan, activity, task


def _parts(domain: Materialised, task: Json) -> list[Json]:
    """The Tasks that are part of a Task."""
    about = f"Task/{task['id']}"
    return [
        item
        for item in domain.resources["Task"].values()
        if any(part["reference"] == about for part in item.get("partOf", []))
    ]


def activities_by_their_id(domain: Materialised) -> None:
    for _, plan, activity, task in _of_activities(domain):
        migration_identifier(task)["value"] = f"{plan.link}#{activity.id}"


def named_other(domain: Materialised) -> None:
    for kind in ("CareTeam", "ActivityDefinition"):
        for resource in domain.resources[kind].values():
            migration_identifier(resource)["system"] = f"{MIGRATION}Other"


def main_tasks(domain: Materialised) -> None:
    for dossier, plan, _, task in list(_of_activities(domain)):
        main = copy(domain, task, plan.link)
        if main["id"] not in domain.resources["Task"]:
            main["identifier"] = [migration("CarePlan", plan.link)]
            main["for"] = domain.domain.migration.reference(dossier.link)
            main["extension"] = [item for item in main["extension"] if item["url"] != INSTANTIATES]
            domain.put(main)
        task["partOf"] = [reference("Task", main["id"])]


def without_part_of(domain: Materialised) -> None:
    next(task for *_, task in _of_activities(domain)).pop("partOf")


def one_main_task_less(domain: Materialised) -> None:
    main = next(item for item in domain.resources["Task"].values() if of_kind("CarePlan")(item))
    remove(domain, main)
    for item in domain.resources["Task"].values():
        item["partOf"] = [part for part in item.get("partOf", []) if part["reference"] != f"Task/{main['id']}"]


def contained(*, named: bool = True) -> Change:
    def apply(domain: Materialised) -> None:
        for *_, task in _of_activities(domain):
            for number, part in enumerate(_parts(domain, task)):
                remove(domain, part)
                inside = {**part, "id": f"deel-{number}"}
                del inside["partOf"], inside["meta"]
                if not named:
                    del inside["identifier"]
                task.setdefault("contained", []).append(inside)

    return apply


def one_contained_less(domain: Materialised) -> None:
    next(task for *_, task in _of_activities(domain) if task.get("contained"))["contained"].pop()


def no_sub_activities(domain: Materialised) -> None:
    for *_, task in list(_of_activities(domain)):
        for part in _parts(domain, task):
            remove(domain, part)


def without(leave_out: Callable[[Activity], bool]) -> Change:
    """Without the Tasks of some activities, and their parts."""

    def apply(domain: Materialised) -> None:
        for *_, activity, task in list(_of_activities(domain)):
            if leave_out(activity):
                for part in _parts(domain, task):
                    remove(domain, part)
                remove(domain, task)

    return apply


def ended(activity: Activity) -> bool:
    return activity.current in ENDED


def ended_before(day: str) -> Callable[[Activity], bool]:
    def leave_out(activity: Activity) -> bool:
        return ended(activity) and (activity.finished or activity.cancelled or activity.end or day)[:10] < day

    return leave_out


def no_archived_definition(domain: Materialised) -> None:
    for facts in domain.domain.world.definitions.values():
        if facts.archived:
            del domain.resources["ActivityDefinition"][domain.domain.world.target(facts.link)[1]]


def _no_references(domain: Materialised, kind: str) -> None:
    """Take away the members of care teams of a type; a Task that was theirs to do is its patient's."""
    for task in domain.resources["Task"].values():
        if task["owner"]["reference"].startswith(f"{kind}/"):
            task["owner"] = task["for"]
    for team in domain.resources.get("CareTeam", {}).values():
        team["participant"] = [
            item for item in team["participant"] if not item["member"]["reference"].startswith(f"{kind}/")
        ]


def no_related_persons(domain: Materialised) -> None:
    for item in list(domain.resources["RelatedPerson"].values()):
        remove(domain, item)
    _no_references(domain, "RelatedPerson")


def owned_by_the_first(domain: Materialised) -> None:
    """The Task of an activity of several performers is the first one's."""
    for _, _, activity, task in _of_activities(domain):
        if len(activity.performers) > 1:
            task["owner"] = domain.domain.migration.reference(activity.performers[0])


def a_task_for_each(domain: Materialised) -> None:
    """Each of several performers has a Task of his own."""
    for _, _, activity, task in list(_of_activities(domain)):
        for number, performer in enumerate(activity.performers if len(activity.performers) > 1 else ()):
            own = copy(domain, task, f"{activity.key}/{number}") if number else task
            own["owner"] = domain.domain.migration.reference(performer)
            domain.put(own)


def all_for_the_first(domain: Materialised) -> None:
    a_task_for_each(domain)
    owned_by_the_first(domain)
    for _, _, activity, task in _of_activities(domain):
        for item in domain.resources["Task"].values():
            if migration_identifier(item) == migration_identifier(task) and len(activity.performers) > 1:
                item["owner"] = task["owner"]


def no_care_teams(domain: Materialised) -> None:
    for item in list(domain.resources["CareTeam"].values()):
        remove(domain, item)


def no_members(domain: Materialised) -> None:
    for team in domain.resources["CareTeam"].values():
        del team["participant"]


def no_organization_of_teams(domain: Materialised) -> None:
    for team in domain.resources["CareTeam"].values():
        team.pop("managingOrganization", None)


def nothing_only_referred_to(domain: Materialised) -> None:
    (link,) = (item.link for item in domain.domain.world.organizations if item.agb is None)
    own = domain.domain.world.target(link)[1]
    del domain.resources["Organization"][own]
    for patient in domain.resources["Patient"].values():
        if patient.get("managingOrganization", {}).get("reference") == f"Organization/{own}":
            del patient["managingOrganization"]


def definitions_under_one_system(domain: Materialised) -> None:
    for item in domain.resources["ActivityDefinition"].values():
        item["identifier"][1]["system"] = "urn:definitions"


def definitions_in_the_description(domain: Materialised) -> None:
    for *_, activity, task in _of_activities(domain):
        task["extension"] = [item for item in task["extension"] if item["url"] != INSTANTIATES]
        task["description"] = activity.definition.identifier


def one_each(domain: Materialised) -> None:
    """A resource for each link of a practitioner; the numbers stay with the first."""
    for item in list(domain.resources["Practitioner"].values()):
        links = [own for own in item["identifier"] if own["system"].startswith(MIGRATION)]
        for link in links[1:]:
            other = copy(domain, item, link["value"])
            other["identifier"] = [link, *(own for own in item["identifier"] if own not in links)]
            item["identifier"].remove(link)
            domain.put(other)
            _follow_link(domain, link["value"], f"Practitioner/{item['id']}", f"Practitioner/{other['id']}")


def _follow_link(domain: Materialised, link: str, old: str, new: str) -> None:
    for *_, activity, task in _of_activities(domain):
        if activity.performers == (link,):
            for item in (task, *_parts(domain, task)):
                follow(item["owner"], old, new)


# ---- the answers -----------------------------------------------------------------------------------------------------

DAY = "2021-06-01"
OPEN = {"activities_in_scope": "open"}
SINCE = {"activities_in_scope": f"open-since {DAY}"}
FIRST = {"several_performers": "first"}
FIXED = {"definition_identifier_system": "fixed urn:definitions"}


@pytest.mark.parametrize(
    ("agreed", "changes"),
    [
        pytest.param({"activity_identifier": "text"}, [], id="activities by their text"),
        pytest.param({"activity_identifier": "id"}, [activities_by_their_id], id="activities by their id"),
        pytest.param({"other_type_name": "own-kind"}, [], id="kinds by their own name"),
        pytest.param({"other_type_name": "other"}, [named_other], id="kinds by the name Other"),
        pytest.param({"main_task": "none"}, [], id="no main task"),
        pytest.param({"main_task": "task"}, [main_tasks], id="a main task"),
        pytest.param({"main_task": "task", **OPEN}, [without(ended), main_tasks], id="a main task for open plans"),
        pytest.param({"sub_activities": "own-task"}, [], id="sub-activities of their own"),
        pytest.param({"sub_activities": "contained"}, [contained()], id="contained sub-activities"),
        pytest.param({"sub_activities": "contained"}, [contained(named=False)], id="as many contained, without a name"),
        pytest.param({"sub_activities": "not-migrated"}, [no_sub_activities], id="no sub-activities"),
        pytest.param(OPEN, [without(ended)], id="open activities"),
        pytest.param(SINCE, [without(ended_before(DAY))], id="open activities, and those that ended lately"),
        pytest.param({"archived_definitions": "referred"}, [], id="an archived definition that is used"),
        pytest.param(
            {"archived_definitions": "referred", **OPEN},
            [without(ended), no_archived_definition],
            id="an archived definition that only what stays used",
        ),
        pytest.param({"participants": "care-team"}, [], id="participants in the team"),
        pytest.param({"participants": "owner", **FIRST}, [no_members, owned_by_the_first], id="participants as owner"),
        pytest.param({"participants": "drop", **FIRST}, [no_members, owned_by_the_first], id="no participants"),
        pytest.param({"several_performers": "care-team"}, [], id="several performers as a team"),
        pytest.param(FIRST, [owned_by_the_first], id="the first of several performers"),
        pytest.param({"several_performers": "task-each"}, [a_task_for_each], id="a task for each performer"),
        pytest.param({"related_persons": "no"}, [no_related_persons], id="no related persons"),
        pytest.param({"care_teams": "no", **FIRST}, [no_care_teams, owned_by_the_first], id="no care teams"),
        pytest.param({"referred_only": "leave-out"}, [nothing_only_referred_to], id="nothing only referred to"),
        pytest.param({"team_organizations": "one"}, [], id="the organization of a team"),
        pytest.param({"team_organizations": "drop"}, [no_organization_of_teams], id="no organization of a team"),
        pytest.param({"several_links": "merge"}, [], id="people with several links merged"),
        pytest.param(FIXED, [definitions_under_one_system], id="definitions under one system"),
        pytest.param({"task_definition": "instantiates"}, [], id="definition by the extension"),
        pytest.param({"task_definition": "description"}, [definitions_in_the_description], id="definition as text"),
    ],
)
def test_what_was_agreed_is_right(agreed: dict[str, str], changes: list[Change], tmp_path: Path) -> None:
    found, counts = judge(tmp_path, answers(**agreed), *changes)
    assert {rule: of[0].message_en for rule, of in found.items()} == {}
    assert all(row["missing"] == row["duplicate"] == row["unexpected"] == 0 for row in counts.values())


BLOCKING, MAJOR, ADVICE = Severity
SUB_ACTIVITIES = {"completeness.sub-activity": MAJOR, "completeness.stays": MAJOR}
NOT_CONTAINED = {"completeness.sub-activity": MAJOR}


@pytest.mark.parametrize(
    ("agreed", "changes", "caught"),
    [
        ({"activity_identifier": "id"}, [], {"identification.activity": BLOCKING}),
        ({"activity_identifier": "text"}, [activities_by_their_id], {"identification.activity": BLOCKING}),
        ({"other_type_name": "other"}, [], {"identification.type-name": BLOCKING}),
        ({"other_type_name": "own-kind"}, [named_other], {"identification.type-name": BLOCKING}),
        ({"main_task": "task"}, [], {"completeness.present": BLOCKING}),
        ({"main_task": "task"}, [main_tasks, one_main_task_less], {"completeness.present": BLOCKING}),
        ({"main_task": "task"}, [main_tasks, without_part_of], {"references.kept": BLOCKING}),
        ({"main_task": "none"}, [main_tasks], {"completeness.stays": MAJOR}),
        ({"sub_activities": "own-task"}, [contained()], SUB_ACTIVITIES),
        ({"sub_activities": "own-task"}, [no_sub_activities], {"completeness.sub-activity": MAJOR}),
        ({"sub_activities": "contained"}, [], SUB_ACTIVITIES),
        ({"sub_activities": "contained"}, [contained(), one_contained_less], NOT_CONTAINED),
        ({"sub_activities": "contained"}, [contained(named=False), one_contained_less], NOT_CONTAINED),
        ({"sub_activities": "not-migrated"}, [], {"completeness.stays": MAJOR}),
        ({"sub_activities": "not-migrated"}, [contained()], {"completeness.stays": MAJOR}),
        (OPEN, [], {"completeness.stays": MAJOR}),
        (SINCE, [], {"completeness.stays": MAJOR}),
        (
            {"activities_in_scope": "all", "sub_activities": "own-task"},
            [without(ended)],
            {"completeness.present": BLOCKING, "completeness.sub-activity": MAJOR},
        ),
        ({"archived_definitions": "referred", **OPEN}, [without(ended)], {"completeness.stays": MAJOR}),
        (
            {"participants": "care-team", **FIRST},
            [no_members, owned_by_the_first],
            {"references.assumption": MAJOR},
        ),
        ({"several_performers": "care-team"}, [owned_by_the_first], {"references.meant": BLOCKING}),
        (FIRST, [], {"references.meant": BLOCKING}),
        ({"several_performers": "task-each"}, [owned_by_the_first], {"completeness.once": BLOCKING}),
        ({"several_performers": "task-each"}, [all_for_the_first], {"completeness.once": BLOCKING}),
        ({"participants": "drop"}, [], {"references.assumption": MAJOR}),
        ({"related_persons": "no"}, [], {"completeness.stays": MAJOR}),
        ({"care_teams": "no"}, [], {"completeness.stays": MAJOR}),
        ({"referred_only": "leave-out"}, [], {"completeness.stays": MAJOR}),
        ({"referred_only": "owner-makes"}, [nothing_only_referred_to], {"completeness.referred": MAJOR}),
        ({"team_organizations": "drop"}, [], {"references.assumption": MAJOR}),
        ({"team_organizations": "one"}, [no_organization_of_teams], {"references.kept": BLOCKING}),
        ({"several_links": "one-each"}, [], {"completeness.own": BLOCKING}),
        ({"several_links": "one-each"}, [one_each], {"identification.unique": BLOCKING}),
        (FIXED, [], {"identification.business-kept": BLOCKING}),
        ({"task_definition": "instantiates"}, [definitions_in_the_description], {"references.instantiates": BLOCKING}),
    ],
)  # fmt: skip
def test_anything_else_than_what_was_agreed_is_wrong(
    agreed: dict[str, str], changes: list[Change], caught: dict[str, Severity], tmp_path: Path
) -> None:
    found, _ = judge(tmp_path, answers(**agreed), *changes)
    assert {rule: max(one.severity for one in of) for rule, of in found.items()} == caught
    questions = {key.replace("_", "-") for key in agreed}
    assert {one.agreement for of in found.values() for one in of} <= questions
    assert all("(rust op afspraak " in one.message_nl for of in found.values() for one in of)


@pytest.mark.parametrize(
    ("changes", "caught", "question"),
    [
        ([activities_by_their_id], {"identification.activity": ADVICE}, "activity-identifier"),
        ([named_other], {"identification.type-name": ADVICE}, "other-type-name"),
        ([contained()], {"completeness.sub-activity": ADVICE}, "sub-activities"),
        ([contained(named=False)], {"completeness.sub-activity": ADVICE}, "sub-activities"),
        ([no_members], {"references.assumption": ADVICE}, "participants"),
        ([owned_by_the_first], {"references.assumption": ADVICE}, "several-performers"),
        ([definitions_in_the_description], {"references.instantiates": ADVICE}, "task-definition"),
        ([main_tasks], {"completeness.stays": MAJOR}, "main-task"),
        ([no_sub_activities], {"completeness.sub-activity": MAJOR}, "sub-activities"),
        (
            [no_related_persons],
            {"completeness.present": BLOCKING, "references.meant": BLOCKING},
            "related-persons",
        ),
    ],
)
def test_until_it_was_agreed_another_reading_is_told(
    changes: list[Change], caught: dict[str, Severity], question: str, tmp_path: Path
) -> None:
    found, _ = judge(tmp_path, Agreements(), *changes)
    assert {rule: of[0].severity for rule, of in found.items()} == caught
    # That a task has another owner than KT1 meant rests on nothing: it follows from who was left out.
    resting = [one for rule, of in found.items() if rule != "references.meant" for one in of]
    assert all("niet afgesproken)" in one.message_nl for one in resting)
    assert question in {one.agreement for of in found.values() for one in of}


def test_what_stays_is_counted_and_explained(tmp_path: Path) -> None:
    _, counts = judge(tmp_path, answers(**OPEN), without(ended))
    row = counts["CarePlanActivity"]
    assert row["source"] == row["expected"] + row["not_migrated"]
    assert row["expected"] == row["migrated"] > 0
    assert row["not_migrated"] > 0
    assert row["explanation_nl"] == "Deze records gaan niet over (rust op afspraak activities-in-scope: open)"
    assert row["explanation_en"] == "These records do not move (rests on agreement activities-in-scope: open)"
    plans = counts["CarePlan"]["explanation_nl"]
    assert plans.endswith("(MIG-KT-001). (rust op uitgangspunt main-task: none, niet afgesproken)")


def test_contained_sub_activities_count_as_migrated(tmp_path: Path) -> None:
    _, counts = judge(tmp_path, Agreements(), contained())
    row = counts["CarePlanSubActivity"]
    assert row["migrated"] == row["expected"] == row["source"] > 0
