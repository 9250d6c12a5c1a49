from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import orjson
import pytest
from lxml import etree

from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.materialised import Materialised

Json = dict[str, Any]
ATOM = "{http://www.w3.org/2005/Atom}"
FHIR = "{http://hl7.org/fhir}"
EVENTS = {
    "CreateOrUpdatePatient", "CreateOrUpdatePractitioner", "CreateOrUpdateRelatedPerson", "CreateOrUpdateCarePlan",
    "UpdateCarePlanActivityStatus", "CreateOrUpdateUserMessage", "CreateOrUpdateActivityDefinition",
}  # fmt: skip


@pytest.fixture(scope="module")
def ten() -> Materialised:
    return PracticeDomain(11, 10).materialise()


def parsed(messages: dict[str, bytes]) -> dict[str, Any]:
    """JSON bundles and XML trees by file name; a file that is neither fails."""
    return {
        name: orjson.loads(data) if name.endswith(".json") else etree.fromstring(data)
        for name, data in messages.items()
    }


def json_headers(messages: dict[str, bytes]) -> list[Json]:
    bundles = [item for item in parsed(messages).values() if isinstance(item, dict)]
    first = [item["entry"][0]["content"] for item in bundles if item["entry"]]
    return [item for item in first if item["resourceType"] == "MessageHeader"]


def xml_headers(messages: dict[str, bytes]) -> list[etree._Element]:
    feeds = [item for item in parsed(messages).values() if not isinstance(item, dict)]
    return [header for feed in feeds for header in feed.iter(f"{FHIR}MessageHeader")]


def test_every_event_is_there_in_json_or_xml(ten: Materialised) -> None:
    events = {item["event"]["code"] for item in json_headers(ten.messages)}
    for header in xml_headers(ten.messages):
        code = header.find(f"{FHIR}event/{FHIR}code")
        assert code is not None
        events.add(code.get("value"))
    assert events == EVENTS


def test_dialects(ten: Materialised) -> None:
    bundles = [item for item in parsed(ten.messages).values() if isinstance(item, dict) and item["entry"]]
    shapes = Counter(type(item["entry"][-1].get("link")).__name__ for item in bundles)
    assert shapes["dict"] > 0
    assert shapes["list"] > 0
    anchors = [item["entry"][0]["content"].get("id", "") for item in bundles]
    assert any(anchor == "ref001" for anchor in anchors)
    titles = [item["entry"][0].get("title", "") for item in bundles]
    assert any(title.startswith("MessageHeader with IID=") for title in titles)
    assert any(name.endswith(".xml") for name in ten.messages)


def test_acknowledgements_answer_a_message_that_was_kept(ten: Materialised) -> None:
    identifiers = {item["identifier"] for item in json_headers(ten.messages)}
    answered = {item["response"]["identifier"] for item in json_headers(ten.messages) if "response" in item}
    for header in xml_headers(ten.messages):
        own, response = header.find(f"{FHIR}identifier"), header.find(f"{FHIR}response/{FHIR}identifier")
        assert own is not None
        identifiers.add(own.get("value", ""))
        if response is not None:
            answered.add(response.get("value", ""))
    assert answered
    assert answered <= identifiers


def test_names_are_nested_and_in_no_order_of_time(ten: Materialised) -> None:
    folders = defaultdict(list)
    for name in ten.messages:
        folders[name.rpartition("/")[0]].append(name)
    assert max(len(name.split("/")) for name in ten.messages) == 4
    assert len(folders) > 5
    assert any("(1)" in name for name in ten.messages)


def test_what_is_no_source_data_is_there_too(ten: Materialised) -> None:
    files = parsed(ten.messages)
    empty = [item for item in files.values() if isinstance(item, dict) and not item["entry"]]
    outcomes = [item for item in files.values() if not isinstance(item, dict) and item.tag.endswith("OperationOutcome")]
    checked_only = [name for name, data in ten.messages.items() if b"ValidateOnly" in data]
    assert (len(empty), len(outcomes), len(checked_only)) == (1, 1, 1)
    assert len([name for name in ten.messages if name.startswith("beheer/activiteiten")]) == 2


def test_equal_version_means_equal_content(ten: Materialised) -> None:
    """What the server handed out can always be ordered: per link and version there is one content."""
    contents: dict[str, set[bytes]] = defaultdict(set)
    for name, bundle in parsed(ten.messages).items():
        if not isinstance(bundle, dict) or "/ontvangen/" not in name:
            continue
        for entry in bundle["entry"][1:]:
            content = orjson.dumps(entry["content"], option=orjson.OPT_SORT_KEYS)
            contents[entry["link"][0]["href"]].add(content)
    assert contents
    assert all(len(found) == 1 for found in contents.values())


def test_one_domain_only_and_no_real_address(ten: Materialised) -> None:
    for data in ten.messages.values():
        assert b"Domain#zorgvoorbeeld" in data or b"OperationOutcome" in data


def test_an_older_plan_had_an_activity_that_left(ten: Materialised) -> None:
    removed = [
        activity.key
        for dossier in ten.domain.dossiers
        for plan in dossier.plans
        for activity in plan.activities
        if activity.removed
    ]
    for key in removed:
        assert sum(key.encode() in data for data in ten.messages.values()) == 1


def test_a_message_says_the_same_in_both_forms(ten: Materialised) -> None:
    """The message of pattern 3 was kept as sent (JSON) and as received (XML): the same birth date in both."""
    dossier = ten.domain.world.dossier(3)
    birth = f"{dossier.person.birth}T00:00:00".encode()
    found = [name for name, data in ten.messages.items() if birth in data and b"CreateOrUpdatePatient" in data]
    assert {name.rsplit(".", 1)[1] for name in found} == {"json", "xml"}
