"""Damage that once went unnoticed and correct migrations that once were refused, found by trying to mislead ktcheck.

Every case is a small change to the practice domain, which is itself migrated without a fault.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest

from fixtures.run import Check
from ktcheck.assessment import Assessment
from ktcheck.counting import Counting
from ktcheck.domain import Domain
from ktcheck.errors import InputError, RunError, in_one_sentence
from ktcheck.facts import Fact
from ktcheck.findings import Severity, Status
from ktcheck.mappability import Mappability
from ktcheck.preparation import Prepared
from ktcheck.sandbox.defects import DEFECTS
from ktcheck.sandbox.defects.defect import copy, first, follow, merge, migration_identifier, of_kind, remove, task
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.kt2_content import identifier, migration, reference
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import BSN, INSTANTIATES, RESOURCE_ORIGIN
from ktcheck.scenarios import NotShownError, RunningScenario, understand
from ktcheck.source.inventory import Inventory
from ktcheck.tables import rules
from tests import building
from tests.building import CONTEXT, match, migrated, source, target
from tests.practice import all_findings, assess_offline, write_domain
from tests.source import kt1

Json = dict[str, Any]
Change = Callable[[Materialised], None]
Files = Callable[[Path], None]

EPD = "https://epd.zorgvoorbeeld.example/fhir/Koppeltaal"
PORTAL = "https://portaal.zorgvoorbeeld.example/kt"
NEW_KEY = "nieuwe-activiteit"


def judge(folder: Path, change: Change, files: Files = lambda _: None) -> dict[str, int]:
    """The number of findings of every rule over a changed practice domain."""
    domain = PracticeDomain(1, 8).materialise()
    change(domain)
    path = write_domain(domain.domain, folder, messages=domain.messages.items(), resources=list(domain.all()))
    files(folder)
    # What is changed in KT1 was not announced; that is not what these tests are about.
    path.write_text(re.sub(r"\nannounced = .*", "", path.read_text(encoding="utf-8")), encoding="utf-8")
    prepared = assess_offline(path, folder)
    found = {rule: len(findings) for rule, findings in all_findings(prepared).items()}
    prepared.assessment.close()
    return found


def apart_from_contents(found: dict[str, int]) -> dict[str, int]:
    """The findings but those about contents: what these tests add to KT2 is a copy of something else."""
    return {rule: number for rule, number in found.items() if not rule.startswith("content.")}


def blocks(found: dict[str, int]) -> bool:
    return any(rules()[rule].severity is Severity.BLOCKING for rule in found)


# ---- what puts a change in -------------------------------------------------------------------------------------------


def send(
    domain: Materialised, link: str, content: Json, version: str = kt1.V1, at: str = "2021-03-01T12:00:00Z"
) -> None:
    """A KT1 message of the application whose link it is, as somebody received it."""
    sender = {"name": "Voorbeeld EPD" if link.startswith(EPD) else "Voorbeeldportaal", "endpoint": "None"}
    message = kt1.message(
        kt1.entry(link, content, version), domain="zorgvoorbeeld", received=True, at=at, source=sender
    )
    domain.messages[f"erbij/{message.name}"] = message.data


def add(domain: Materialised, resource: Json, name: str, **members: Any) -> Json:
    """One more resource like another."""
    new = deepcopy(copy(domain, resource, name)) | members
    domain.put(new)
    return new


def add_patient(domain: Materialised, link: str, **kt1_numbers: str) -> Json:
    """One more patient on both sides; what KT1 says of his numbers is by system."""
    numbers = [{"system": system, "value": value} for system, value in kt1_numbers.items()]
    send(domain, link, kt1.patient(identifier=numbers))
    return add(domain, first(domain, "Patient"), link, identifier=[migration("Patient", link)])


def definition(domain: Materialised, text: str) -> Json:
    return first(domain, "ActivityDefinition", lambda item: any(own["value"] == text for own in item["identifier"]))


def add_activity(domain: Materialised, patient: str, performer: str | None = None, **members: Any) -> Json:
    """One more activity of a KT1 patient (a link), and its Task."""
    simple = {"simple": {"category": "other", "performer": [{"reference": performer}]}} if performer else {}
    item = kt1.activity(NEW_KEY, "Available", kt1.extension("CarePlan#ActivityDefinition", "RUSTWIJZER"), **simple)
    send(domain, f"{PORTAL}/CarePlan/nieuw", kt1.plan(item, patient={"reference": patient}))
    new = add(domain, first(domain, "Task", of_kind("CarePlanActivity")), "nieuw", **members)
    new["identifier"] = [migration("CarePlanActivity", NEW_KEY)]
    extension = next(item for item in new["extension"] if item["url"] == INSTANTIATES)
    extension["valueReference"] = reference("ActivityDefinition", definition(domain, "RUSTWIJZER")["id"])
    for name in ("partOf", "requester"):
        new.pop(name, None)
    return new


def link_of(resource: Json) -> str:
    text: str = migration_identifier(resource)["value"]
    return text


# ---- damage ----------------------------------------------------------------------------------------------------------


def _all_activities_in_one(domain: Materialised) -> None:
    by_patient: dict[str, list[Json]] = {}
    parents = {part["reference"] for item in domain.resources["Task"].values() for part in item.get("partOf", [])}
    for item in domain.resources["Task"].values():
        if f"Task/{item['id']}" not in parents and "partOf" not in item:
            by_patient.setdefault(item["for"]["reference"], []).append(item)
    one, *others = max(by_patient.values(), key=len)
    for other in others:
        merge(domain, one, other)


def _teams_merged(domain: Materialised) -> None:
    merge(domain, first(domain, "CareTeam"), first(domain, "CareTeam", skip=1))


def _key_twice_and_one_lost(domain: Materialised) -> None:
    DEFECTS["activity-key-twice"].apply(domain)
    tasks = list(domain.resources["Task"].values())
    twice = next(key for key, number in Counter(map(link_of, tasks)).items() if number == 2)
    remove(domain, next(item for item in tasks if link_of(item) == twice))


def _task_of_unknown_patient_to_another(domain: Materialised) -> None:
    other = first(domain, "Patient", skip=3)
    whose = reference("Patient", other["id"])
    add_activity(domain, f"{EPD}/Patient/nooit-verzonden", None, **{"for": whose, "owner": whose})


def _task_of_unknown_performer_to_another(domain: Materialised) -> None:
    patient, other = first(domain, "Patient"), first(domain, "Practitioner", skip=1)
    whose = reference("Patient", patient["id"])
    owner = reference("Practitioner", other["id"])
    add_activity(domain, link_of(patient), f"{PORTAL}/Practitioner/nooit-verzonden", **{"for": whose, "owner": owner})


def _withdrawn(domain: Materialised) -> None:
    task(domain, lambda item: not item.subs)["status"] = "entered-in-error"


def _requester_no_reference(domain: Materialised) -> None:
    first(domain, "Task", of_kind("CarePlanActivity"))["requester"] = {"reference": 5}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (_all_activities_in_one, "completeness.own"),
        (_teams_merged, "references.meant"),
        (_key_twice_and_one_lost, "completeness.present"),
        (_task_of_unknown_patient_to_another, "references.meant"),
        (_task_of_unknown_performer_to_another, "references.meant"),
        (_requester_no_reference, "references.literal"),
        (_withdrawn, "completeness.present"),
    ],
)
def test_damage_is_seen(change: Change, rule: str, tmp_path: Path) -> None:
    found = judge(tmp_path, change)
    assert rule in found
    assert blocks(found)


def test_a_definition_that_neither_side_has_cannot_be_replaced_by_another(tmp_path: Path) -> None:
    def change(domain: Materialised) -> None:
        gone, other = definition(domain, "SLAAPDAGBOEK"), definition(domain, "RUSTWIJZER")
        remove(domain, gone)
        for resource in domain.all():
            follow(resource, f"ActivityDefinition/{gone['id']}", f"ActivityDefinition/{other['id']}")

    def without(folder: Path) -> None:
        edit_records(folder, "ActivityDefinition", lambda record: "SLAAPDAGBOEK" not in orjson.dumps(record).decode())

    found = judge(tmp_path, change, without)
    assert set(found) == {"references.meant", "source.resolves"}


def test_requesters_that_did_not_move_are_told(tmp_path: Path) -> None:
    def change(domain: Materialised) -> None:
        for item in domain.resources["Task"].values():
            item.pop("requester", None)

    assert set(judge(tmp_path, change)) == {"references.assumption"}


# ---- correct migrations ----------------------------------------------------------------------------------------------


def _related_to_two_patients(domain: Materialised) -> None:
    one = first(domain, "RelatedPerson")
    whose = [domain.resources["Patient"][one["patient"]["reference"].split("/")[1]]]
    whose.append(first(domain, "Patient", lambda item: item is not whose[0]))
    links = [link_of(one), f"{EPD}/RelatedPerson/van-een-ander"]
    for link, patient in zip(links, whose, strict=True):
        content = {"patient": {"reference": link_of(patient)}, "identifier": [{"system": BSN, "value": "999912355"}]}
        send(domain, link, {"resourceType": "RelatedPerson", **content}, "2029-01-01T10:00:00:000.1111")
    number = identifier("official", BSN, "999912355")
    one["identifier"] = [migration("RelatedPerson", links[0]), number]
    own = [migration("RelatedPerson", links[1]), number]
    add(domain, one, "naaste", identifier=own, patient=reference("Patient", whose[1]["id"]))


def _number_of_somebody_who_left(domain: Materialised) -> None:
    one = first(domain, "Patient", lambda item: any(own["system"] == BSN for own in item["identifier"]))
    number = next(own for own in one["identifier"] if own["system"] == BSN)
    other = add_patient(domain, f"{PORTAL}/Patient/900", **{BSN: number["value"]})
    other["identifier"].append(dict(number))
    other["active"] = False


def _spelt(system: str, value: str, kt2: str | None) -> Change:
    def change(domain: Materialised) -> None:
        new = add_patient(domain, f"{EPD}/Patient/901", **{system: value})
        if kt2:
            new["identifier"].append(identifier("official", kt2, value.strip()))

    return change


def _clean_up(domain: Materialised) -> None:
    """A Task as the provision makes it to clean up a patient (TOP-KT-028)."""
    world = domain.domain.world
    origin = {"url": RESOURCE_ORIGIN, "valueReference": reference("Device", world.provision)}
    domain.put(
        {
            "resourceType": "Task",
            "id": world.uuid("clean-up"),
            "meta": {"security": [{"code": "kt2-delete-flow"}]},
            "extension": [origin],
            "status": "requested",
            "intent": "order",
            "for": reference("Patient", first(domain, "Patient")["id"]),
            "owner": reference("Device", world.epd.client_id),
            "requester": reference("Device", world.provision),
        }
    )


def _team_whose_patient_was_added(domain: Materialised) -> None:
    link = f"{PORTAL}/CareTeam/zonder-patient"
    send(domain, link, kt1.other("CareTeam", kt1.extension("CareTeam#Name", "Groep")))
    add(domain, first(domain, "CareTeam"), "team", identifier=[migration("CareTeam", link)])


def _owned_by_the_team(domain: Materialised) -> None:
    teams = {team["subject"]["reference"]: team for team in domain.resources["CareTeam"].values()}
    whose = task(domain, lambda item: item.performer is not None and not item.subs)
    while whose["for"]["reference"] not in teams:
        whose = first(domain, "Task", lambda item: of_kind("CarePlanActivity")(item) and _in(item, teams))
    whose["owner"] = reference("CareTeam", teams[whose["for"]["reference"]]["id"])


def _in(item: Json, teams: dict[str, Json]) -> bool:
    return item["for"]["reference"] in teams and item["owner"]["reference"].startswith("Practitioner/")


def _duplicate_withdrawn(domain: Materialised) -> None:
    add(domain, task(domain, lambda item: not item.subs), "dubbel", status="entered-in-error")


@pytest.mark.parametrize(
    "change",
    [
        _duplicate_withdrawn,
        _related_to_two_patients,
        _number_of_somebody_who_left,
        _spelt("http://fhir.nl/fhir/NamingSystems/big", "99991234501", "http://fhir.nl/fhir/NamingSystem/big"),
        _spelt("urn:oid:2.16.840.1.113883.2.4.6.3", "999912355", BSN),
        _spelt(BSN, " 999912355 ", BSN),
        _spelt(BSN, "000000000", None),
        _spelt("https://epd.example/nummer", "unknown", None),
        _clean_up,
        _team_whose_patient_was_added,
    ],
    ids=[
        "duplicate-withdrawn",
        "related-to-two-patients",
        "number-of-somebody-who-left",
        "plural-system",
        "oid",
        "blanks",
        "dummy-number",
        "dummy-word",
        "clean-up",
        "team-whose-patient-was-added",
    ],
)
def test_a_correct_migration_is_not_refused(change: Change, tmp_path: Path) -> None:
    assert apart_from_contents(judge(tmp_path, change)) == {}


def test_a_task_of_the_patients_team_is_an_open_question(tmp_path: Path) -> None:
    assert judge(tmp_path, _owned_by_the_team) == {"references.assumption": 1}


def test_a_task_that_a_module_made_later_leaves_a_reservation(tmp_path: Path) -> None:
    def change(domain: Materialised) -> None:
        module = domain.domain.world.application("Rustwijzer")
        new = add(domain, task(domain, lambda item: not item.subs), "later")
        new["identifier"] = [identifier("official", "https://rustwijzer.example/taken", "1")]
        extension = next(item for item in new["extension"] if item["url"] == RESOURCE_ORIGIN)
        extension["valueReference"] = reference("Device", module.client_id)

    assert judge(tmp_path, change) == {"completeness.unaccounted": 1}


@pytest.mark.parametrize("told", [False, True], ids=["untold", "in other case"])
def test_a_definition_whose_identifier_kt1_tells_otherwise_may_be_the_one(told: bool, tmp_path: Path) -> None:
    def change(folder: Path) -> None:
        def retell(record: Json) -> bool:
            content = record["content"]
            known = content.pop("#ActivityDefinitionIdentifier")[0]
            content.pop("identifier", None)
            if told:
                content["#ActivityDefinitionIdentifier"] = [f"{known.lower()} "]
            return True

        edit_records(folder, "ActivityDefinition", retell)

    # The references are right; that KT1 does not say so to the letter is told, as is another spelling.
    assert set(judge(tmp_path, lambda _: None, change)) - {"content.definition"} == {"source.resolves"}


def test_release_08_asks_nothing_of_related_persons(tmp_path: Path) -> None:
    def change(domain: Materialised) -> None:
        """Their activities go to their patients, for want of anybody else."""
        one = first(domain, "RelatedPerson")
        patient = domain.resources["Patient"][one["patient"]["reference"].split("/")[1]]
        whose = reference("Patient", patient["id"])
        add_activity(domain, link_of(patient), link_of(one), **{"for": whose, "owner": whose})
        for team in domain.resources["CareTeam"].values():
            team["participant"] = [item for item in team["participant"] if "Related" not in item["member"]["reference"]]
        for item in domain.resources["Task"].values():
            if item["owner"]["reference"].startswith("RelatedPerson/"):
                item["owner"] = item["for"]
        domain.resources["RelatedPerson"] = {}
        for definition in domain.resources["ActivityDefinition"].values():
            definition.pop("participant", None)  # which the profile of 0.8 prohibits

    def release(folder: Path) -> None:
        path = folder / "domain.toml"
        text = path.read_text(encoding="utf-8").replace('profile_version = "0.16.3"', 'profile_version = "0.8"')
        # What was confirmed, was confirmed for the other release.
        path.write_text(text.replace('[confirmations]\nfile = "bevestigingen.toml"\n', ""), encoding="utf-8")
        agreed = folder / "afspraken.toml"
        text = agreed.read_text(encoding="utf-8")
        agreed.write_text(re.sub(r'(\[related-persons\]\nanswer = )"yes"', r'\1"no"', text), encoding="utf-8")

    found = apart_from_contents(judge(tmp_path, change, release))
    assert found.pop("conformance.unchecked") > 0, "0.8 does not list the roles in a care team: that is told as advice"
    assert found == {}


# ---- files that lie --------------------------------------------------------------------------------------------------


def edit_records(folder: Path, kind: str, keep: Callable[[Json], bool]) -> None:
    """Change or leave out records of an inventory, and make its summary fit."""
    path = folder / "inventory.ndjson"
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    kept = [line for line in lines if line["kind"] != "record" or line["type"] != kind or keep(line)]
    kept[0]["resources"][kind] -= len(lines) - len(kept)
    path.write_bytes(b"\n".join(map(orjson.dumps, kept)) + b"\n")


def edit_manifest(folder: Path, kind: str, **members: Any) -> None:
    """Change what the manifest says of a type; without members it says nothing of it."""
    path = folder / "snapshot" / "snapshot.json"
    manifest = orjson.loads(path.read_bytes())
    manifest["types"] = [
        item | members for item in manifest["types"] if members or item["type"] != kind if item["type"] == kind
    ] + [item for item in manifest["types"] if item["type"] != kind]
    path.write_bytes(orjson.dumps(manifest))


@pytest.mark.parametrize(
    ("kind", "members", "rule"),
    [
        ("Patient", {}, "snapshot.counted"),
        ("Patient", {"total_before": 8, "total_after": 99}, "snapshot.unchanged"),
        ("AuditEvent", {"total_before": 99, "total_after": 99}, "snapshot.counted"),
    ],
)
def test_a_manifest_that_does_not_add_up_is_told(kind: str, members: Json, rule: str, tmp_path: Path) -> None:
    found = judge(tmp_path, lambda _: None, lambda folder: edit_manifest(folder, kind, **members))
    assert rule in found


@pytest.mark.parametrize(
    "members",
    [
        {"references": {"patient": "x"}},
        {"references": {"patient": [5]}},
        {"type": []},
        {"key": None},
        {"content": []},
        {"notes": 5},
        {"basis": "x"},
        {"application": 5},
    ],
    ids=str,
)
def test_a_record_of_another_shape_is_one_sentence(members: Json, tmp_path: Path) -> None:
    def retell(record: Json) -> bool:
        record.update(members)
        return True

    with pytest.raises(InputError, match=r"line \d+ has a member of the wrong type"):
        judge(tmp_path, lambda _: None, lambda folder: edit_records(folder, "Patient", retell))


@pytest.mark.parametrize("members", [{"messages": "veel"}, {"messages": -1}, {"domains": {"z": "veel"}}], ids=str)
def test_a_summary_without_numbers_is_one_sentence(members: Json, tmp_path: Path) -> None:
    path = _summary(tmp_path, members)
    with pytest.raises(InputError, match="line 1 has a count that is no number"):
        Inventory.open(path)


def test_rejects_cannot_be_left_out(tmp_path: Path) -> None:
    path = _summary(tmp_path, {"rejected": 7})
    with pytest.raises(InputError, match="0 rejects where its summary says 7"):
        Inventory.open(path)


def _summary(folder: Path, members: Json) -> Path:
    path = write_domain(PracticeDomain(1, 1), folder).with_name("inventory.ndjson")
    first_line, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(orjson.dumps(orjson.loads(first_line) | members) + b"\n" + rest)
    return path


# ---- honest scenarios ------------------------------------------------------------------------------------------------


@pytest.fixture
def assessment(tmp_path: Path) -> Iterator[Assessment]:
    found = Assessment(tmp_path / "findings.sqlite")
    yield found
    found.close()


def ask(assessment: Assessment, rule: str, *facts: Fact, scope: str | None = None) -> NotShownError:
    """Why a scenario that asks for a rule has nothing to show."""
    counting = Counting(CONTEXT.profile_version)
    assessment.run(facts, CONTEXT, counting)
    prepared = Prepared(
        domain=Domain.model_validate({"domain": {"name": "z"}}),
        inventory=None,
        snapshot=None,
        context=CONTEXT,
        assessment=assessment,
        counting=counting,
        mappability=Mappability(),
    )
    tags = understand(["REF-08", "referenties", "blocking", "stap-U4"])
    scenario = RunningScenario(id="REF-08", name="n", feature="f", phase="uitvoeren", tags=tags)
    with pytest.raises(NotShownError) as caught:
        Check(prepared, scenario)(rule, scope=scope)
    return caught.value


def test_an_origin_that_nobody_agreed_on_is_not_evidenced(assessment: Assessment) -> None:
    agreed = target("Task", references=[building.reference("Task", building.ORIGIN, "Device/portaal")])
    found = ask(assessment, "references.origin", agreed, target("Device", migrated(source("Patient"))))
    assert (found.status, found.excused) == (Status.NOT_EVIDENCED, False)
    assert "bron van Device (owns)" in str(found)


def test_a_domain_without_any_log_is_not_excused(assessment: Assessment) -> None:
    found = ask(assessment, "references.resolves", match(), scope="AuditEvent")
    assert (found.status, found.excused) == (Status.NOT_EVIDENCED, False)


def test_a_fault_of_ours_is_one_sentence_without_what_it_was_about() -> None:
    def fail() -> None:
        raise ValueError("Jansen")

    with pytest.raises(RunError, match=r"ValueError at test_red_team.py:\d+") as caught, in_one_sentence():
        fail()
    assert "Jansen" not in str(caught.value)


def test_a_resource_that_nests_without_end_ends_a_run_with_a_sentence(tmp_path: Path) -> None:
    path = write_domain(PracticeDomain(1, 1), tmp_path / "domain")
    (path.parent / "snapshot" / "snapshot.json").unlink()
    with (path.parent / "snapshot" / "Patient.ndjson").open("ab") as file:
        file.write(b'{"resourceType":"Patient","id":"x","a":' + b'{"a":' * 900 + b"1" + b"}" * 901 + b"\n")
    command = [sys.executable, "-m", "ktcheck", "run", str(path), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("ktcheck: a fault in ktcheck itself (RecursionError at")
    assert "Traceback" not in done.stderr + done.stdout
    assert "INTERNALERROR" not in done.stderr + done.stdout
    assert not (tmp_path / "out").exists()
