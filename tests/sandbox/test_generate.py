from __future__ import annotations

import re
import tomllib
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from ktcheck import domain as domain_file
from ktcheck.errors import InputError
from ktcheck.sandbox.facts import Products
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import INSTANTIATES, MIGRATION, RESOURCE_ORIGIN, TASK_STATUS

Json = dict[str, Any]
TYPES = {
    "Patient", "Practitioner", "RelatedPerson", "Organization", "CareTeam", "ActivityDefinition", "Endpoint",
    "Device", "Task", "Subscription", "AuditEvent",
}  # fmt: skip


@pytest.fixture(scope="module")
def twelve() -> Materialised:
    return PracticeDomain(3, 12).materialise()


def references(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if "reference" in value:
            yield value
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_the_same_seed_gives_the_same_domain() -> None:
    one, two = PracticeDomain(5, 6), PracticeDomain(5, 6)
    assert list(one.messages()) == list(two.messages())
    assert list(one.resources()) == list(two.resources())


def test_a_stream_can_be_read_again() -> None:
    domain = PracticeDomain(5, 6)
    assert list(domain.messages()) == list(domain.messages())
    assert list(domain.resources()) == list(domain.resources())


def test_another_seed_or_name_gives_other_ids() -> None:
    ids = [{item["id"] for item in domain.resources()} for domain in (
        PracticeDomain(1, 5), PracticeDomain(2, 5), PracticeDomain(1, 5, "andervoorbeeld")
    )]  # fmt: skip
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
def test_every_size_hangs_together(size: int) -> None:
    domain = PracticeDomain(1, size).materialise()
    known = {f"{item['resourceType']}/{item['id']}" for item in domain.all()}
    assert len(domain.resources["Patient"]) == size
    for resource in domain.all():
        for item in references(resource):
            assert item["reference"].split("/_history/")[0] in known
            assert item["type"] == item["reference"].split("/")[0]
    if size >= 5:
        assert {kind for kind, of_type in domain.resources.items() if of_type} == TYPES


def test_every_resource_is_valid_r4(twelve: Materialised) -> None:
    for resource in twelve.all():
        model = get_fhir_model_class(resource["resourceType"])
        assert model.model_validate(resource).get_resource_type() == resource["resourceType"]


def test_logical_ids_are_uuids_of_version_4(twelve: Materialised) -> None:
    for resource in twelve.all():
        assert resource["id"][14] == "4"
        assert resource["id"][19] in "89ab"
    ids = [resource["id"] for resource in twelve.all()]
    assert len(ids) == len(set(ids))


def test_meta_and_origin(twelve: Materialised) -> None:
    owners = {kind: {app.device for app in twelve.domain.applications if kind in app.owns} for kind in TYPES}
    for resource in twelve.all():
        kind = resource["resourceType"]
        assert resource["meta"]["profile"] == [f"http://koppeltaal.nl/fhir/StructureDefinition/KT2{kind}"]
        assert resource["meta"]["versionId"] == "1"
        origins = [item for item in resource["extension"] if item["url"] == RESOURCE_ORIGIN]
        assert len(origins) == 1
        if owners[kind]:
            assert origins[0]["valueReference"]["reference"] in owners[kind]


def test_modules_publish_their_own(twelve: Materialised) -> None:
    endpoints = twelve.resources["Endpoint"]
    for definition in twelve.resources["ActivityDefinition"].values():
        origin, endpoint = (item["valueReference"]["reference"] for item in definition["extension"])
        assert endpoints[endpoint.split("/")[1]]["extension"][0]["valueReference"]["reference"] == origin
    statuses = Counter(item["status"] for item in twelve.resources["ActivityDefinition"].values())
    assert statuses == {"active": 4, "retired": 2}


def test_devices_carry_their_client_id(twelve: Materialised) -> None:
    for own, device in twelve.resources["Device"].items():
        assert [item["value"] for item in device["identifier"]] == [own]
    assert {app.client_id for app in twelve.domain.applications} < set(twelve.resources["Device"])


def test_migration_identifiers(twelve: Materialised) -> None:
    without = {"Device", "Endpoint", "Subscription", "AuditEvent"}
    values = []
    for resource in twelve.all():
        own = [item for item in resource.get("identifier", []) if item.get("system", "").startswith(MIGRATION)]
        if resource["resourceType"] in without:
            assert not own
            continue
        assert own
        kind = "CarePlan" if resource["resourceType"] == "Task" else resource["resourceType"]
        for item in own:
            assert item["use"] == "temp"
            assert item["system"].startswith(MIGRATION + kind)
            assert "/_history/" not in item["value"]
            values.append((item["system"], item["value"]))
    assert len(values) == len(set(values))


def test_one_practitioner_was_known_under_two_links(twelve: Materialised) -> None:
    merged = [
        item
        for item in twelve.resources["Practitioner"].values()
        if sum(one["system"].startswith(MIGRATION) for one in item["identifier"]) == 2
    ]
    assert len(merged) == 1
    assert all(item["telecom"][0]["system"] == "email" for item in twelve.resources["Practitioner"].values())


def test_every_current_activity_has_its_task_and_a_removed_one_has_none(twelve: Materialised) -> None:
    system = f"{MIGRATION}CarePlanActivity"
    tasks = [item["identifier"] for item in twelve.resources["Task"].values()]
    found = sorted(one["value"] for one in (item[0] for item in tasks) if one["system"] == system)
    expected = sorted(activity.key for dossier in twelve.domain.dossiers for _, activity in dossier.activities)
    removed = {
        activity.key
        for dossier in twelve.domain.dossiers
        for plan in dossier.plans
        for activity in plan.activities
        if activity.removed
    }
    assert found == expected
    assert removed
    assert not removed & set(found)
    assert all(len(item) == 1 for item in tasks)


def test_tasks_mean_what_the_plan_said(twelve: Materialised) -> None:
    make, tasks = twelve.domain.migration, twelve.resources["Task"]
    performers = set()
    for dossier in twelve.domain.dossiers:
        for plan, activity in dossier.activities:
            task = tasks[make.task_id(activity)]
            patient = make.reference(dossier.link)
            assert task["for"] == patient
            several = len(activity.performers) > 1
            if several:
                (team,) = (item for item in twelve.resources["CareTeam"].values() if item["subject"] == patient)
                members = [item["member"] for item in team["participant"]]
                assert task["owner"] == _to(team)
                assert all(make.reference(link) in members for link in activity.performers)
            else:
                assert task["owner"] == (make.reference(activity.performer) if activity.performer else patient)
            assert task["requester"] == make.reference(plan.participants[0].member)
            definition = next(item for item in task["extension"] if item["url"] == INSTANTIATES)
            assert definition["valueReference"] == make.reference(activity.definition.link)
            performers.add("several" if several else (activity.performer or "").split("/")[-2:][0])
            subs = [item for item in tasks.values() if item.get("partOf", [{}])[0] == _to(task)]
            assert len(subs) == len(activity.subs)
    assert performers == {"Patient", "Practitioner", "RelatedPerson", "several", ""}


def test_from_five_patients_every_status_occurs_in_kt1_and_its_counterpart_in_kt2() -> None:
    domain = PracticeDomain(3, 5)
    current = {activity.current for dossier in domain.dossiers for _, activity in dossier.activities}
    assert current == set(TASK_STATUS)
    tasks = domain.materialise().resources["Task"].values()
    assert {task["status"] for task in tasks} == set(TASK_STATUS.values())


def test_what_is_referred_to_was_published_before() -> None:
    domain = PracticeDomain(2, 60).materialise()
    published = {f"{item['resourceType']}/{item['id']}": item["meta"]["lastUpdated"] for item in domain.all()}
    for resource in domain.all():
        own = f"{resource['resourceType']}/{resource['id']}"
        # The provision registered its own Device.
        for name in {item["reference"].split("/_history/")[0] for item in references(resource)} - {own}:
            assert published[name] < published[own]


# Elements that the profiles of 0.16.3 do not allow at all (0..0), of those that KT1 or R4 would fill.
PROHIBITED = {
    "Patient": "deceasedBoolean deceasedDateTime maritalStatus multipleBirthBoolean multipleBirthInteger photo contact "
    "communication generalPractitioner link",
    "Practitioner": "address photo qualification communication",
    "RelatedPerson": "photo",
    "Organization": "alias telecom address contact endpoint",
    "CareTeam": "category encounter reasonCode reasonReference telecom note",
    "ActivityDefinition": "experimental date publisher contact jurisdiction purpose usage kind profile intent priority",
    "Task": "instantiatesUri basedOn groupIdentifier statusReason businessStatus focus encounter performerType "
    "location reasonCode reasonReference insurance note relevantHistory restriction input output",
    "Device": "url specialization",
}


def test_nothing_is_there_that_the_profiles_prohibit(twelve: Materialised) -> None:
    for resource in twelve.all():
        assert not set(PROHIBITED.get(resource["resourceType"], "").split()) & resource.keys()
    names = [name for item in twelve.resources["Patient"].values() for name in item["name"]]
    assert not any({"family", "prefix", "suffix"} & name.keys() for name in names if name["use"] == "usual")
    assert any(name["use"] == "usual" for name in names)


@pytest.mark.parametrize("size", [1, 5, 12])
def test_applications_announce_what_they_sent(size: int) -> None:
    domain = PracticeDomain(3, size)
    announced: Counter[str] = Counter()
    for app in domain.applications:
        announced.update(domain.announced(app))
    assert announced["Patient"] == size
    assert announced["CarePlanActivity"] == sum(len(dossier.activities) for dossier in domain.dossiers)
    # Every link of its own that is the focal or a companion resource of a message, and no other.
    links = {
        kind: {
            link.decode()
            for _, data in domain.messages()
            if b"ValidateOnly" not in data
            for link in re.findall(
                rb'<id>(http[^<]*/%b/[^</"]+)<|"id":"(http[^"]*/%b/[^"/]+)"' % ((kind.encode(),) * 2), data
            )
            for link in link
            if link
        }
        for kind in ("Patient", "Practitioner", "RelatedPerson", "Organization", "CarePlan", "CareTeam", "UserMessage")
    }
    assert {kind: len(found) for kind, found in links.items()} == {kind: announced[kind] for kind in links}


def _to(resource: Json) -> Json:
    kind = resource["resourceType"]
    return {"reference": f"{kind}/{resource['id']}", "type": kind}


def test_the_domain_file_is_accepted(tmp_path: Path) -> None:
    domain = PracticeDomain(1, 5)
    (tmp_path / "berichten").mkdir()
    (tmp_path / "sleutel.pem").write_text("not read here")
    text = domain.domain_toml(
        messages=tmp_path / "berichten",
        fhir_base_url="http://127.0.0.1:8000/api/v1/zorgvoorbeeld/fhir/r4",
        private_key_file=tmp_path / "sleutel.pem",
        key_id="k1",
    )
    (tmp_path / "domein.toml").write_text(text)
    loaded = domain_file.load(tmp_path / "domein.toml")
    assert loaded.domain.name == "zorgvoorbeeld"
    assert [app.client_id for app in loaded.application] == [app.client_id for app in domain.applications]
    assert loaded.client is not None
    assert loaded.client.client_id == domain.applications[-1].client_id
    assert [app.name for app in loaded.owners("Task")] == ["Voorbeeldportaal"]
    assert [app.name for app in loaded.owners("Endpoint")] == ["Rustwijzer (RUSTAPP)", "Klachtenlijst (KLACHTAPP)"]


@pytest.mark.parametrize(("size", "name"), [(0, "zorgvoorbeeld"), (-1, "x"), (5, "Zorg Voorbeeld"), (5, "")])
def test_an_impossible_domain_is_refused_in_one_sentence(size: int, name: str) -> None:
    with pytest.raises(InputError, match=r"practice domain"):
        PracticeDomain(1, size, name)


def test_products_have_their_own_names_in_both_worlds() -> None:
    made = PracticeDomain(3, 5, products=Products(epd="Zonnepad EPD", portal="Zonnepad Portaal"))
    assert {"Zonnepad EPD", "Zonnepad Portaal"} <= {app.name for app in made.applications}
    assert not [name for name, data in made.messages() if b"Voorbeeld EPD" in data or b"Voorbeeldportaal" in data]


def test_what_is_not_delivered_yet_is_in_the_domain_file() -> None:
    text = PracticeDomain(3, 5).domain_toml(snapshot=Path("momentopname"), lacking=("idp", "launch"))
    assert tomllib.loads(text)["target"]["delivered"] == {"idp": False, "launch": False}


def test_streaming_needs_little_memory() -> None:
    domain = PracticeDomain(1, 400)
    sum(1 for _ in domain.resources())
    tracemalloc.start()
    count = sum(len(data) > 0 for _, data in domain.messages())
    count += sum(1 for _ in domain.resources())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 4_000
    assert peak < 8_000_000
