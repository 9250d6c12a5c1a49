"""Small KT1 messages to test with; all people, hosts and numbers are invented."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from ktcheck.source.inventory import Inventory, build
from ktcheck.source.links import NS
from ktcheck.source.messages import RawMessage
from ktcheck.source.record import SourceRecord

EXAMPLES = Path(__file__).parent / "examples"
HOST = "https://epd.zorgvoorbeeld.example/kt"
QUEUE = "https://koppeltaal.example/FHIR/Koppeltaal/MessageHeader"
V1 = "2021-03-01T10:00:00:000.1111"
V2 = "2021-03-02T10:00:00:000.2222"
V3 = "2021-03-03T10:00:00:000.3333"
_NUMBERS = itertools.count(1)

Json = dict[str, Any]


def link(kind: str, name: object) -> str:
    return f"{HOST}/{kind}/{name}"


def extension(name: str, value: Any, kind: str = "String") -> Json:
    """``CarePlan#StartDate`` with a value, or with nested extensions when the value is a list."""
    if isinstance(value, list):
        return {"url": NS + name, "extension": value}
    return {"url": NS + name, f"value{kind}": value}


def reference(target: str) -> Json:
    return {"reference": target}


def coding(code: str) -> Json:
    return {"system": "http://x.example", "code": code}


def other(kind: str, *extensions: Json) -> Json:
    return {"resourceType": "Other", "extension": list(extensions), "code": {"coding": [coding(kind)]}}


def patient(name: str = "Vos", **members: Any) -> Json:
    return {"resourceType": "Patient", "name": [{"family": [name]}], **members}


def activity(key: str | None, status: str | None = "Available", *extensions: Json, **members: Any) -> Json:
    found = list(extensions)
    if key is not None:
        found.append(extension("CarePlan#ActivityIdentifier", key))
    if status is not None:
        found.append(extension("CarePlan#ActivityStatus", coding(status), "Coding"))
    found.append(extension("CarePlan#StartDate", "2021-03-01", "DateTime"))
    return {"extension": found, "prohibited": False, **members}


def plan(*activities: Json, **members: Any) -> Json:
    return {"resourceType": "CarePlan", "status": "active", "activity": list(activities), **members}


def status(key: str, code: str, *extensions: Json) -> Json:
    return other(
        "CarePlanActivityStatus",
        extension("CarePlanActivityStatus#Activity", key),
        extension("CarePlanActivityStatus#ActivityStatus", coding(code), "Coding"),
        *extensions,
    )


def entry(target: str, content: Json, version: str | None = None) -> Json:
    href = f"{target}/_history/{version}" if version else target
    return {"id": target, "link": [{"rel": "self", "href": href}], "content": content}


def header(data: Sequence[str], at: str, identifier: str, **members: Any) -> Json:
    return {
        "resourceType": "MessageHeader",
        "identifier": identifier,
        "timestamp": at,
        "data": [reference(item) for item in data],
        "source": {"name": "Portaal", "software": "Adapter", "endpoint": "None"},
        **members,
    }


def bundle(*entries: Json, domain: str | None = "Zorgvoorbeeld", **members: Any) -> Json:
    tags = [{"term": f"{NS}Domain#{domain}", "scheme": "http://hl7.org/fhir/tag/security"}] if domain else []
    tags.append({"term": "http://hl7.org/fhir/tag/message", "scheme": "http://hl7.org/fhir/tag"})
    return {"resourceType": "Bundle", "category": tags, "entry": list(entries), **members}


def raw(content: Any, name: str | None = None) -> RawMessage:
    return RawMessage(name or f"{next(_NUMBERS):04}.json", orjson.dumps(content))


def message(
    *entries: Json,
    focal: str | Sequence[str] | None = None,
    at: str = "2021-03-01T12:00:00Z",
    identifier: str | None = None,
    received: bool = False,
    name: str | None = None,
    domain: str | None = "Zorgvoorbeeld",
    **members: Any,
) -> RawMessage:
    """A message; without ``focal`` its first entry is focal. ``members`` go into the header."""
    number = next(_NUMBERS)
    targets = [entries[0]["id"]] if focal is None else [focal] if isinstance(focal, str) else list(focal)
    head = header(targets, at, identifier or f"m-{number}", **members)
    top = entry(f"{QUEUE}/{number}", head, V1) if received else {"content": head}
    return raw(bundle(top, *entries, domain=domain), name or f"{number:04}.json")


def acknowledgement(identifier: str, *versioned: str, code: str = "ok") -> RawMessage:
    head = header(versioned, "2021-03-09T00:00:00Z", f"ack-{identifier}")
    head["response"] = {"identifier": identifier, "code": code}
    return raw(bundle({"content": head}))


def inventory(folder: Path, *messages: RawMessage, kt1_domain: str | None = None) -> Inventory:
    return build(messages, folder / "inventory.ndjson", kt1_domain=kt1_domain)


def records(folder: Path, *messages: RawMessage) -> dict[tuple[str, str], SourceRecord]:
    """The records by type and key."""
    return {(record.type, record.key): record for record in inventory(folder, *messages).records()}


def one(folder: Path, kind: str, *messages: RawMessage) -> SourceRecord:
    """The only record of a type."""
    found = [record for (name, _), record in records(folder, *messages).items() if name == kind]
    assert len(found) == 1
    return found[0]


def example(name: str) -> RawMessage:
    return RawMessage(name, (EXAMPLES / name).read_bytes())
