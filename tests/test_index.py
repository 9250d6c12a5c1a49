"""The join of inventory and snapshot: which facts come out of which files."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from ktcheck.agreements import Agreements
from ktcheck.domain import Domain
from ktcheck.errors import InputError
from ktcheck.facts import (
    ApplicationDevice,
    Expected,
    IdentifierGroup,
    Message,
    MigrationIdentifier,
    Source,
    SourceDomain,
    SourceMatch,
    Target,
    TypeCount,
)
from ktcheck.index import Index
from ktcheck.snapshot.store import Snapshot
from ktcheck.source.inventory import Inventory
from ktcheck.source.record import Counts, Reject, SourceRecord
from tests.building import BSN, EPD, INSTANTIATES, KT1, LINK, MIGRATION, MODULE, PORTAL, answers, number
from tests.practice import write_snapshot

BASE = "https://acc21.example/api/v1/zorgvoorbeeld/fhir/r4"
PATIENT, OTHER, PRACTITIONER, TASK, DEFINITION, TEAM = (number(which) for which in range(1, 7))
DOCTOR = f"{KT1}/Practitioner/1"
Json = dict[str, Any]


def domain(version: str = "0.16.3", **target: Any) -> Domain:
    target = {"fhir_base_url": BASE, "profile_version": version, **target}
    return Domain.model_validate({"domain": {"name": "z"}, "target": target, "application": [EPD, PORTAL, MODULE]})


def inventory(
    path: Path, records: Sequence[SourceRecord], *, rejects: Sequence[Reject] = (), **counts: Any
) -> Inventory:
    """An inventory file with these records."""
    numbers: dict[str, int] = {}
    for record in records:
        numbers[record.type] = numbers.get(record.type, 0) + 1
    lines = [{"kind": "summary", "format": 1, **asdict(Counts(resources=numbers, **counts))}]
    lines += [{"kind": "reject", **asdict(reject)} for reject in rejects]
    lines += [{"kind": "record", **asdict(record)} for record in records]
    path.write_bytes(b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines))
    return Inventory.open(path)


def record(
    kind: str, key: str, *, references: dict[str, tuple[str, ...]] | None = None, **content: Any
) -> SourceRecord:
    return SourceRecord(type=kind, key=key, link=key, references=references or {}, content=content)


def resource(kind: str, identity: str, *identifiers: Json, **content: Any) -> Json:
    return {"resourceType": kind, "id": identity, "identifier": list(identifiers), **content}


def temp(kind: str, value: str) -> Json:
    return {"use": "temp", "system": f"{MIGRATION}{kind}", "value": value}


Build = Callable[..., Index]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Makes an index of records and resources; None leaves a side out."""
    made: list[Index] = []

    def index(
        records: Sequence[SourceRecord] | None = (),
        resources: Sequence[Json] | None = (),
        *,
        manifest: dict[str, Json] | None = None,
        of: Domain | None = None,
        agreements: Agreements | None = None,
        **counts: Any,
    ) -> Index:
        """``manifest`` says per type what differs in it; without a base address when it is empty."""
        folder = tmp_path / str(len(made)) if made else tmp_path
        folder.mkdir(exist_ok=True)
        source = None if records is None else inventory(folder / "inventory.ndjson", records, **counts)
        snapshot = None
        if resources is not None:
            write_snapshot(resources, folder / "snapshot")
            snapshot = Snapshot.open(folder / "snapshot")
        if snapshot and snapshot.manifest and manifest:
            types = tuple(replace(count, **manifest.get(count.type, {})) for count in snapshot.manifest.types)
            snapshot.manifest = replace(snapshot.manifest, types=types)
        made.append(Index(folder / "index.sqlite", of or domain(), source, snapshot, agreements))
        made[-1].build()
        return made[-1]

    yield index
    for one in made:
        one.close()


# ---- the source side -----------------------------------------------------------------------------------------------


def test_a_message_is_a_fact_whether_it_could_be_read_or_not(build: Build) -> None:
    reject = Reject(file="a.xml", place="line 1", reason_nl="n", reason_en="e")
    index = build([], messages=2, searches=1, duplicates=4, rejected=1, rejects=[reject])
    assert list(index.messages()) == [Message(reject=None)] * 3 + [Message(reject=reject)]


@pytest.mark.parametrize(
    ("domains", "facts"),
    [
        ({}, []),
        ({"a": 3}, [("a", 3, True)]),
        ({"b": 9, "a": 3}, [("a", 3, False), ("b", 9, True)]),
        ({"a": 3, "b": 3}, [("a", 3, False), ("b", 3, True)]),
    ],
)
def test_the_main_domain_is_the_one_with_most_messages(
    build: Build, domains: dict[str, int], facts: list[tuple[str, int, bool]]
) -> None:
    found = list(build([], domains=domains).source_domains())
    assert found == [SourceDomain(name=name, messages=messages, main=main) for name, messages, main in facts]


def test_a_record_becomes_a_source_with_its_owner_and_its_identifiers_as_kt2_spells_them(build: Build) -> None:
    given = replace(
        record(
            "Patient", LINK, references={"managingOrganization": ("o",)}, identifier=[{"system": "bsn", "value": "1"}]
        ),
        notes=("order-guessed",),
        basis="companion",
    )
    (found,) = build([given]).matches()
    assert found.source == Source(
        type="Patient",
        key=LINK,
        link=LINK,
        application="epd",
        basis="companion",
        identifiers=((BSN, "1"),),
        references={"managingOrganization": ("o",)},
        notes=("order-guessed",),
        content={"identifier": [{"system": "bsn", "value": "1"}]},
    )


def _match(index: Index) -> SourceMatch:
    (found,) = index.matches()
    return found


PERSON = record("Patient", LINK)


@pytest.mark.parametrize(
    ("identifiers", "found"),
    [
        pytest.param([temp("Patient", LINK)], True, id="its migration identifier"),
        pytest.param([temp("Patient", f"{LINK}/_history/3")], True, id="with its version still on it"),
        pytest.param([temp("Other", LINK)], True, id="of another kind: identification.system tells"),
        pytest.param([{"system": f"{MIGRATION}Patient", "value": LINK}], True, id="not temp: identification.use tells"),
        pytest.param([{"use": "temp", "system": "urn:x", "value": LINK}], False, id="under another system"),
        pytest.param([temp("Patient", LINK.upper())], False, id="in another case"),
        pytest.param([temp("Patient", f"{LINK}0")], False, id="that starts with it"),
        pytest.param([{"system": f"{MIGRATION}Patient", "value": 1}], False, id="a value that is no text"),
        pytest.param([{"value": LINK}], False, id="no system"),
        pytest.param([], False, id="none"),
    ],
)
def test_a_record_is_found_by_its_migration_identifier(build: Build, identifiers: list[Json], found: bool) -> None:
    match = _match(build([PERSON], [resource("Patient", PATIENT, *identifiers)]))
    assert match.holders == ((f"Patient/{PATIENT}",) if found else ())
    assert match.expected


def test_all_holders_are_told_once_and_in_order(build: Build) -> None:
    twice = [temp("Patient", LINK), temp("Other", f"{LINK}/_history/1")]
    resources = [resource("Practitioner", PRACTITIONER, twice[0])]
    resources += [resource("Patient", OTHER, *twice), resource("Patient", PATIENT, *twice)]
    match = _match(build([PERSON], resources))
    assert match.holders == (f"Patient/{PATIENT}", f"Patient/{OTHER}", f"Practitioner/{PRACTITIONER}")


def test_records_that_share_a_key_are_counted(build: Build) -> None:
    records = [record("CarePlanActivity", "1"), record("CarePlanActivity", "1"), record("CarePlanActivity", "2")]
    assert [match.alike for match in build(records).matches()] == [2, 2, 1]


@pytest.mark.parametrize(
    ("kind", "version", "moves"),
    [
        ("Patient", "0.16.3", True),
        ("RelatedPerson", "0.16.3", True),
        ("RelatedPerson", "0.8", False),
        ("CarePlan", "0.16.3", False),
        ("CareTeam", "0.16.3", False),
        ("Other(Onbekend)", "0.16.3", False),
    ],
)
def test_what_has_to_move_depends_on_kind_and_release(build: Build, kind: str, version: str, moves: bool) -> None:
    match = _match(build([record(kind, "k")], of=domain(version)))
    assert match.expected is moves
    assert (match.row is None) == kind.startswith("Other")


@pytest.mark.parametrize(
    ("manifest", "visible"),
    [
        ({}, True),
        ({"Task": {"rights": "narrowed"}}, True),
        ({"Patient": {"rights": "unknown"}}, True),
        ({"Patient": {"rights": "narrowed"}}, False),
        ({"Patient": {"rights": "none"}}, False),
        ({"Patient": {"supported": False}}, False),
    ],
)
def test_a_record_is_visible_when_the_suite_may_read_all_of_its_type(
    build: Build, manifest: dict[str, Json], visible: bool
) -> None:
    index = build([PERSON], manifest=manifest)
    assert _match(index).visible is visible
    context = index.context()
    assert ("Patient" not in context.hidden_types | context.unsupported_types) is visible


# ---- the target side -----------------------------------------------------------------------------------------------


def _target(index: Index, name: str) -> Target:
    return next(target for target in index.targets() if target.name == name)


def test_a_target_knows_the_records_behind_its_migration_identifiers(build: Build) -> None:
    person = resource(
        "Patient",
        PATIENT,
        {"system": BSN, "value": "1"},
        temp("Patient", f"{LINK}/_history/3"),
        {"system": f"{MIGRATION}CarePlan", "value": "plan"},
        temp("Patient", "unknown"),
    )
    target = _target(build([PERSON, record("CarePlan", "plan")], [person]), f"Patient/{PATIENT}")
    assert target.resource == person
    assert [(found.value, found.key, found.use, len(found.sources), len(found.rows)) for found in target.migrated] == [
        (f"{LINK}/_history/3", LINK, "temp", 1, 1),
        ("plan", "plan", None, 0, 0),
        ("unknown", "unknown", "temp", 0, 0),
    ]
    assert [found.key for found in target.sources] == [LINK]


def test_a_migration_identifier_of_a_shared_key_stands_for_all_its_records(build: Build) -> None:
    records = [record("CarePlanActivity", "1"), record("CarePlanActivity", "1")]
    target = _target(build(records, [resource("Task", TASK, temp("CarePlanActivity", "1"))]), f"Task/{TASK}")
    (found,) = target.migrated
    assert isinstance(found, MigrationIdentifier)
    assert [source.type for source in found.sources] == ["CarePlanActivity"] * 2


@pytest.mark.parametrize(
    ("raw", "manifest", "expected"),
    [
        pytest.param(f"Patient/{PATIENT}", {}, ("literal", f"Patient/{PATIENT}", True), id="there"),
        pytest.param(f"{BASE}/Patient/{PATIENT}", {}, ("literal", f"Patient/{PATIENT}", True), id="absolute"),
        pytest.param(f"Patient/{OTHER}", {}, ("literal", f"Patient/{OTHER}", False), id="not there"),
        pytest.param(f"Practitioner/{PATIENT}", {}, ("literal", f"Practitioner/{PATIENT}", False), id="other type"),
        pytest.param("Location/1", {}, ("literal", "Location/1", None), id="a type that Koppeltaal does not have"),
        pytest.param(
            f"Patient/{OTHER}",
            {"Patient": {"rights": "narrowed"}},
            ("literal", f"Patient/{OTHER}", None),
            id="perhaps there",
        ),
        pytest.param("https://elsewhere.example/Patient/1", {}, ("elsewhere", None, None), id="elsewhere"),
    ],
)
def test_a_reference_is_looked_up(
    build: Build, raw: str, manifest: dict[str, Json], expected: tuple[str, str | None, bool | None]
) -> None:
    task: Json = {"resourceType": "Task", "id": TASK, "for": {"reference": raw}}
    index = build(None, [resource("Patient", PATIENT), task], manifest=manifest)
    (found,) = _target(index, f"Task/{TASK}").references
    assert (found.form, found.target, found.exists) == expected
    assert (found.path, found.raw) == ("for", raw)
    assert found.row is not None


def test_without_an_address_in_the_domain_file_the_snapshot_says_where_it_was_taken(
    build: Build, tmp_path: Path
) -> None:
    task: Json = {"resourceType": "Task", "id": TASK, "for": {"reference": f"{BASE}/Patient/1"}}
    offline = domain(fhir_base_url=None, snapshot=tmp_path)
    (found,) = _target(build(None, [task], of=offline), f"Task/{TASK}").references
    assert found.form == "literal"


ACTIVITY = record(
    "CarePlanActivity",
    "act-1",
    references={
        "patient": (LINK,),
        "performer": (DOCTOR,),
        "participant": (LINK, "nobody"),
        "definition": ("def-text",),
    },
)
KT1_DEFINITION = record("ActivityDefinition", f"{KT1}/Other/1", identifier=[{"value": "def-text"}])
PEOPLE = [
    resource("Patient", PATIENT, temp("Patient", LINK)),
    resource("Practitioner", PRACTITIONER, temp("Practitioner", DOCTOR)),
    resource("ActivityDefinition", DEFINITION, temp("ActivityDefinition", KT1_DEFINITION.key)),
]
MIGRATED_TASK = resource(
    "Task",
    TASK,
    temp("CarePlanActivity", "act-1"),
    extension=[
        {
            "url": "http://vzvz.nl/fhir/StructureDefinition/instantiates",
            "valueReference": {"reference": "ActivityDefinition/x"},
        }
    ],
    owner={"reference": f"Practitioner/{PRACTITIONER}"},
)


def _expected(target: Target) -> dict[str, Expected]:
    return {expected.row.path: expected for expected in target.expected}


def test_what_kt1_meant_is_followed_through_the_migration_identifiers(build: Build) -> None:
    records = [PERSON, record("Practitioner", DOCTOR), ACTIVITY, KT1_DEFINITION]
    expected = _expected(_target(build(records, [*PEOPLE, MIGRATED_TASK]), f"Task/{TASK}"))
    assert {path: one.targets for path, one in expected.items()} == {
        "for": (f"Patient/{PATIENT}",),
        "owner": (f"Practitioner/{PRACTITIONER}",),
        INSTANTIATES: (f"ActivityDefinition/{DEFINITION}",),
    }
    assert expected["owner"].also == (f"Patient/{PATIENT}",)
    assert [ref.raw for ref in expected["owner"].actual] == [f"Practitioner/{PRACTITIONER}"]
    assert expected["for"].actual == ()
    assert [ref.target for ref in expected[INSTANTIATES].actual] == ["ActivityDefinition/x"]


def test_a_task_without_performer_is_the_patients_own(build: Build) -> None:
    own = replace(ACTIVITY, references={"patient": (LINK,), "performer": ()})
    expected = _expected(_target(build([PERSON, own], [*PEOPLE, MIGRATED_TASK]), f"Task/{TASK}"))
    assert expected["owner"].targets == (f"Patient/{PATIENT}",)


def test_a_definition_that_nobody_has_can_be_anything_but_another_definition(build: Build) -> None:
    expected = _expected(_target(build([PERSON, ACTIVITY], [*PEOPLE, MIGRATED_TASK]), f"Task/{TASK}"))
    assert (expected[INSTANTIATES].targets, expected[INSTANTIATES].strangers) == ((), ())


def test_only_a_definition_is_referred_to_by_its_identifier(build: Build) -> None:
    namesake = record("Practitioner", DOCTOR, identifier=[{"value": "def-text"}])
    expected = _expected(_target(build([PERSON, namesake, ACTIVITY], [*PEOPLE, MIGRATED_TASK]), f"Task/{TASK}"))
    assert expected[INSTANTIATES].targets == ()


@pytest.mark.parametrize(
    ("links", "compared"),
    [
        (("org-1",), {"subject", "managingOrganization"}),
        (("org-1", "org-2"), {"subject"}),
        ((), {"subject"}),
    ],
)
def test_where_kt2_has_room_for_one_several_are_not_compared(
    build: Build, links: tuple[str, ...], compared: set[str]
) -> None:
    kt1 = record("CareTeam", "team", references={"subject": (LINK,), "managingOrganization": links})
    index = build([kt1], [resource("CareTeam", TEAM, temp("CareTeam", "team"))])
    assert set(_expected(_target(index, f"CareTeam/{TEAM}"))) == compared


def test_a_resource_that_kt1_did_not_have_has_nothing_to_follow(build: Build) -> None:
    assert _target(build([], [MIGRATED_TASK]), f"Task/{TASK}").expected == ()


def test_an_identifier_is_a_fact_with_all_its_holders(build: Build) -> None:
    number_1, number_2 = {"system": BSN, "value": "1"}, {"system": BSN, "value": "2"}
    resources = [
        resource("Patient", OTHER, number_1, number_1),
        resource("Patient", PATIENT, number_1, number_2, temp("Patient", LINK)),
        resource("Practitioner", PRACTITIONER, number_1, {"system": BSN}, {"value": "3"}, {"system": BSN, "value": 4}),
    ]

    def group(kind: str, value: str, *holders: str) -> IdentifierGroup:
        names = tuple(f"{kind}/{holder}" for holder in holders)
        return IdentifierGroup(type=kind, system=BSN, value=value, holders=names)

    assert list(build(None, resources).identifier_groups()) == [
        group("Patient", "1", PATIENT, OTHER),
        group("Patient", "2", PATIENT),
        group("Practitioner", "1", PRACTITIONER),
    ]


def test_every_application_is_beside_its_device(build: Build) -> None:
    device = resource("Device", "epd", {"value": "epd"})
    assert list(build(None, [device]).application_devices()) == [
        ApplicationDevice(application=EPD, device=device),
        ApplicationDevice(application=PORTAL, device=None),
        ApplicationDevice(application=MODULE, device=None),
    ]


def _count(index: Index, kind: str) -> TypeCount:
    return next(count for count in index.type_counts() if count.type == kind)


@pytest.mark.parametrize(
    ("manifest", "total", "changed"),
    [
        pytest.param({}, 1, False, id="as before and after"),
        pytest.param({"total_before": 5, "total_after": 5}, 5, False, id="another number"),
        pytest.param({"total_before": 0, "total_after": 1, "changed": True}, 1, True, id="one was added"),
        pytest.param({"total_before": 1, "total_after": 0, "changed": True}, 1, True, id="one was removed"),
        pytest.param({"total_before": 7, "total_after": 8, "changed": True}, 7, True, id="neither: the number before"),
        pytest.param({"total_before": 1, "total_after": 8}, 1, True, id="two totals that differ are a change"),
        pytest.param({"total_before": None, "total_after": None}, None, False, id="the server does not say"),
        pytest.param({"changed": None}, 1, None, id="a change could not be seen"),
        pytest.param(
            {"total_before": 1, "total_after": 12, "self_logging": True, "changed": None},
            1,
            False,
            id="grows by our own reading",
        ),
        pytest.param(
            {"total_before": 9, "total_after": 12, "self_logging": True, "changed": None},
            9,
            False,
            id="grows by our own reading, and some of what was there before is missing",
        ),
    ],
)
def test_a_type_is_counted_beside_what_the_server_said(
    build: Build, manifest: Json, total: int | None, changed: bool | None
) -> None:
    count = _count(build(None, [resource("Patient", PATIENT)], manifest={"Patient": manifest}), "Patient")
    expected = TypeCount(type="Patient", distinct=1, total=total, changed=changed, rights="all", supported=True)
    assert count == expected


def test_a_type_of_which_there_is_nothing_is_counted_too(build: Build) -> None:
    assert _count(build(None, []), "Patient").distinct == 0


def test_a_resource_that_came_twice_counts_once(build: Build) -> None:
    person = resource("Patient", PATIENT, {"system": BSN, "value": "1"})
    count = _count(build(None, [person, person]), "Patient")
    assert (count.distinct, count.total) == (1, 2)


def test_without_a_manifest_nothing_is_known_of_the_server(tmp_path: Path) -> None:
    write_snapshot([resource("Patient", PATIENT)], tmp_path / "snapshot")
    (tmp_path / "snapshot" / "snapshot.json").unlink()
    (tmp_path / "snapshot" / "Task.ndjson").unlink()
    index = Index(tmp_path / "index.sqlite", domain(), None, Snapshot.open(tmp_path / "snapshot"))
    index.build()
    counts = {count.type: count for count in index.type_counts()}
    assert "Task" not in counts
    assert counts["Patient"] == TypeCount(
        type="Patient", distinct=1, total=None, changed=None, rights="unknown", supported=True
    )
    assert counts["Practitioner"].distinct == 0
    assert index.context().hidden_types == frozenset()
    index.close()


# ---- what was agreed -------------------------------------------------------------------------------------------------


PLAN = f"{KT1}/CarePlan/1"
BY_ID = f"{PLAN}#a-1"
COLLEAGUE = f"{KT1}/Practitioner/2"
HIS_COLLEAGUE = number(7)


def activity(key: str = "act-1", own: str = "a-1", **references: tuple[str, ...]) -> SourceRecord:
    """An activity of PLAN with its own local id."""
    found = record("CarePlanActivity", key, references={"patient": (LINK,), **references}, id=own)
    return replace(found, link=PLAN)


def part(name: str = "les-1", of: str = "act-1") -> SourceRecord:
    """A sub-activity of an activity of PLAN."""
    found = record("CarePlanSubActivity", f"{of}#{name}", references={"activity": (of,)}, activityId="a-1")
    return replace(found, link=PLAN)


def _matches(index: Index) -> dict[str, SourceMatch]:
    return {match.source.key: match for match in index.matches()}


@pytest.mark.parametrize("held", ["act-1", BY_ID])
@pytest.mark.parametrize("agreements", [None, answers(activity_identifier="id"), answers(activity_identifier="text")])
def test_an_activity_is_found_by_both_its_keys(build: Build, held: str, agreements: Agreements | None) -> None:
    tasks = [
        resource("Task", TASK, temp("CarePlanActivity", held)),
        resource("Task", OTHER, temp("CarePlanSubActivity", f"{held}#les-1")),
    ]
    index = build([activity(), part()], tasks, agreements=agreements)
    own = BY_ID if agreements and agreements.option("activity-identifier") == "id" else "act-1"
    found = _matches(index)
    assert {key: match.holders for key, match in found.items()} == {
        own: (f"Task/{TASK}",),
        f"{own}#les-1": (f"Task/{OTHER}",),
    }
    assert found[f"{own}#les-1"].source.references["activity"] == (own,)
    (identifier,) = _target(index, f"Task/{TASK}").migrated
    assert (identifier.key, [source.key for source in identifier.sources]) == (held, [own])
    assert _expected(_target(index, f"Task/{OTHER}"))["partOf"].targets == (f"Task/{TASK}",)


def test_a_key_comes_before_the_other_key_of_another_activity(build: Build) -> None:
    index = build([activity(), activity(BY_ID, "a-2")], [resource("Task", TASK, temp("CarePlanActivity", BY_ID))])
    assert {key: match.holders for key, match in _matches(index).items()} == {"act-1": (), BY_ID: (f"Task/{TASK}",)}
    assert [source.key for source in _target(index, f"Task/{TASK}").sources] == [BY_ID]


def test_sub_activities_go_with_their_activity(build: Build) -> None:
    done = activity()
    done = replace(done, content={**done.content, "effectiveStatus": {"code": "Completed"}})
    for agreements, moves in ((answers(activities_in_scope="open"), False), (Agreements(), True)):
        found = _matches(build([done, part(), record("CarePlanActivity", "act-2")], None, agreements=agreements))
        assert {key: match.expected for key, match in found.items()} == {
            "act-1": moves,
            "act-1#les-1": moves,
            "act-2": True,
        }
        assert found["act-1"].agreement == "activities-in-scope"


@pytest.mark.parametrize(("definition", "moves"), [((), False), (("def-text",), True)])
def test_an_archived_definition_moves_when_an_activity_needs_it(
    build: Build, definition: tuple[str, ...], moves: bool
) -> None:
    archived = replace(KT1_DEFINITION, content={**KT1_DEFINITION.content, "#IsArchived": [True]})
    found = _matches(
        build([activity(definition=definition), archived], None, agreements=answers(archived_definitions="referred"))
    )
    assert (found[archived.key].expected, found[archived.key].agreement) == (moves, "archived-definitions")


def test_a_definition_that_was_left_behind_is_not_missed(build: Build) -> None:
    unlaunchable = replace(KT1_DEFINITION, content={**KT1_DEFINITION.content, "#LaunchType": ["None"]})
    for option, behind in (("leave-out", True), ("migrate", False)):
        index = build(
            [activity(definition=("def-text",)), unlaunchable],
            [resource("Task", TASK, temp("CarePlanActivity", "act-1"))],
            agreements=answers(unlaunchable_definitions=option),
        )
        assert _matches(index)[unlaunchable.key].expected is not behind
        assert _expected(_target(index, f"Task/{TASK}"))[INSTANTIATES].left_behind is behind


def test_a_plan_gets_a_main_task_when_an_activity_of_it_moves(build: Build) -> None:
    plans = [record("CarePlan", PLAN), record("CarePlan", f"{KT1}/CarePlan/2")]
    found = _matches(build([activity(), *plans], None, agreements=answers(main_task="task")))
    assert [found[plan.key].expected for plan in plans] == [True, False]
    assert {found[plan.key].agreement for plan in plans} == {"main-task"}


@pytest.mark.parametrize(
    ("option", "expected", "becomes"),
    [
        (None, False, "CareTeam"),
        ("owner-supplies", True, "CareTeam"),
        ("organization", True, "Organization"),
        ("leave-out", False, "CareTeam"),
    ],
)
def test_a_team_without_a_patient(build: Build, option: str | None, expected: bool, becomes: str) -> None:
    agreements = answers(teams_without_subject=option) if option else None
    team = resource("CareTeam", TEAM, temp("CareTeam", "t"))
    index = build([record("CareTeam", "t")], [team], agreements=agreements)
    match = _match(index)
    assert (match.expected, match.row and match.row.kt2, match.agreement) == (
        expected,
        becomes,
        "teams-without-subject",
    )
    assert match.source.application == ("epd" if option == "organization" else "portaal")
    (identifier,) = _target(index, f"CareTeam/{TEAM}").migrated
    assert identifier.staying == (("CareTeam",) if option == "leave-out" else ())
    assert identifier.agreement == ("teams-without-subject" if option == "leave-out" else None)


TOGETHER = activity(performer=(DOCTOR, COLLEAGUE))
BOTH = [f"Practitioner/{PRACTITIONER}", f"Practitioner/{HIS_COLLEAGUE}"]
WITH_BOTH = resource(
    "CareTeam",
    TEAM,
    subject={"reference": f"Patient/{PATIENT}"},
    participant=[{"member": {"reference": name}} for name in BOTH],
)


def _together(build: Build, option: str | None, *owners: str, teams: Sequence[Json] = (WITH_BOTH,)) -> Index:
    """An activity of two performers, with a Task for each of these owners."""
    tasks = [
        resource("Task", number(20 + which), temp("CarePlanActivity", "act-1"), owner={"reference": owner})
        for which, owner in enumerate(owners)
    ]
    people = [*PEOPLE, resource("Practitioner", HIS_COLLEAGUE, temp("Practitioner", COLLEAGUE))]
    records = [PERSON, record("Practitioner", DOCTOR), record("Practitioner", COLLEAGUE), TOGETHER]
    agreements = answers(several_performers=option) if option else None
    return build(records, [*people, *teams, *tasks], agreements=agreements)


@pytest.mark.parametrize(
    ("option", "targets", "also"),
    [
        ("care-team", [f"CareTeam/{TEAM}"], set()),
        ("first", BOTH[:1], set()),
        ("task-each", BOTH, set()),
        (None, [f"CareTeam/{TEAM}"], {*BOTH}),
    ],
)
def test_who_owns_the_task_of_several_performers(
    build: Build, option: str | None, targets: list[str], also: set[str]
) -> None:
    owner = _expected(_target(_together(build, option, BOTH[0]), f"Task/{number(20)}"))["owner"]
    assert (list(owner.targets), set(owner.also)) == (targets, also)
    assert (owner.agreement, owner.strangers) == ("several-performers", ())


@pytest.mark.parametrize(
    "team",
    [
        pytest.param({**WITH_BOTH, "participant": WITH_BOTH["participant"][:1]}, id="one of them is no member"),
        pytest.param({**WITH_BOTH, "subject": {"reference": f"Patient/{OTHER}"}}, id="of another patient"),
        pytest.param({**WITH_BOTH, "participant": "nobody"}, id="no list of members"),
    ],
)
def test_a_care_team_that_does_not_hold_all_performers_is_not_theirs(build: Build, team: Json) -> None:
    agreed = _together(build, "care-team", f"CareTeam/{TEAM}", teams=[team])
    owner = _expected(_target(agreed, f"Task/{number(20)}"))["owner"]
    assert (owner.targets, owner.strangers) == ((), (f"CareTeam/{TEAM}",))


@pytest.mark.parametrize(
    ("option", "owners", "copies", "unserved"),
    [
        ("task-each", BOTH, 2, 0),
        ("task-each", [BOTH[0], BOTH[0]], 2, 1),
        ("task-each", BOTH[:1], 2, 1),
        ("task-each", [], 2, 0),
        ("first", BOTH, 1, 0),
        (None, BOTH, 1, 0),
    ],
)
def test_a_task_for_each_performer(
    build: Build, option: str | None, owners: list[str], copies: int, unserved: int
) -> None:
    match = _matches(_together(build, option, *owners))["act-1"]
    assert (len(match.holders), match.copies, match.unserved) == (len(owners), copies, unserved)


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        pytest.param([{"identifier": [temp("CarePlanSubActivity", "act-1#les-1")]}], ["les-1"], id="one by name"),
        pytest.param([{}, {}], ["les-1", "les-2"], id="as many without a name"),
        pytest.param([{}], [], id="fewer without a name"),
        pytest.param([{"resourceType": "Patient"}, {}], [], id="fewer tasks"),
        pytest.param([], [], id="none"),
    ],
)
def test_contained_tasks_stand_for_sub_activities(build: Build, inside: list[Json], found: list[str]) -> None:
    parts = [{"resourceType": "Task", **item} for item in inside]
    task = resource("Task", TASK, temp("CarePlanActivity", "act-1"), contained=parts)
    elsewhere = resource("Task", OTHER, contained=[{"resourceType": "Task"}, {"resourceType": "Task"}])
    records = [activity(), part(), part("les-2")]
    for agreements, counts in ((None, True), (answers(sub_activities="own-task"), False)):
        matches = _matches(build(records, [task, elsewhere], agreements=agreements))
        contained = {key.removeprefix("act-1#"): match for key, match in matches.items() if match.inside}
        assert sorted(contained) == found
        assert {match.holders for match in contained.values()} <= {(f"Task/{TASK}",) if counts else ()}


# ---- either side may be absent ---------------------------------------------------------------------------------------


def test_without_a_source_there_are_no_facts_about_it(build: Build) -> None:
    index = build(None, PEOPLE)
    assert [*index.messages(), *index.source_domains(), *index.matches()] == []
    assert all(target.sources == () for target in index.targets())


def test_without_a_target_there_are_no_facts_about_it(build: Build) -> None:
    index = build([PERSON], None)
    assert [*index.targets(), *index.identifier_groups(), *index.application_devices(), *index.type_counts()] == []
    assert _match(index).holders == ()


def test_the_context_is_that_of_the_domain_file(build: Build) -> None:
    context = build([], of=domain("0.8")).context()
    assert context.profile_version == "0.8"
    assert [app.name for app in context.owners("Task")] == ["portaal"]
    assert context.owners("AuditEvent") == ()


# ---- files -----------------------------------------------------------------------------------------------------------


def test_the_file_is_for_its_owner_only(build: Build, tmp_path: Path) -> None:
    build([PERSON])
    assert stat.S_IMODE((tmp_path / "index.sqlite").stat().st_mode) == 0o600


def test_building_tells_how_far_it_is(tmp_path: Path) -> None:
    records = [record("Patient", str(which)) for which in range(2_001)]
    index = Index(tmp_path / "index.sqlite", domain(), inventory(tmp_path / "inventory.ndjson", records), None)
    told: list[tuple[str, int]] = []
    index.build(lambda what, done: told.append((what, done)))
    assert told == [("broninventaris", 2_000), ("broninventaris", 2_001)]
    index.close()


def test_a_broken_line_is_told_by_its_number(tmp_path: Path) -> None:
    write_snapshot([resource("Patient", PATIENT)], tmp_path / "snapshot")
    (tmp_path / "snapshot" / "Patient.ndjson").write_bytes(b'{"resourceType": "Patient"')
    index = Index(tmp_path / "index.sqlite", domain(), None, Snapshot.open(tmp_path / "snapshot"))
    with pytest.raises(InputError, match=r"Patient\.ndjson: line 1 is not valid JSON"):
        index.build()
    index.close()


@pytest.mark.parametrize(
    ("meta", "told"),
    [
        ({"lastUpdated": "2026-09-12T06:00:00Z", "versionId": "1"}, ("2026-09-12T06:00:00Z", "1")),
        ({"lastUpdated": 20260912, "versionId": 1}, (None, None)),
        ("none", (None, None)),
        (None, (None, None)),
    ],
)
def test_a_reference_tells_how_old_what_it_leads_to_is(
    build: Build, meta: Any, told: tuple[str | None, str | None]
) -> None:
    patient = resource("Patient", PATIENT, meta=meta)
    task = resource("Task", TASK, **{"for": {"reference": f"Patient/{PATIENT}"}})
    lost = resource("Task", number(9), **{"for": {"reference": f"Patient/{OTHER}"}})
    found = {
        target.id: target.references[0] for target in build([], [patient, task, lost]).targets() if target.references
    }
    assert (found[TASK].updated, found[TASK].version) == told
    assert (found[number(9)].exists, found[number(9)].updated, found[number(9)].version) == (False, None, None)
