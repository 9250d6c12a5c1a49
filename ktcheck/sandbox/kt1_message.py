"""KT1 messages: one fact, in the forms in which applications and the server wrote it down (kt1-source.md 2-4).

*Sent*: as the sender's connector made it, with the version that each resource had before. *Received*: as the
server handed it out, with the versions that it issued, a number in the queue and a processing status.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import orjson

from ktcheck.sandbox.facts import Application
from ktcheck.sandbox.kt1_xml import atom
from ktcheck.sandbox.vocabulary import KT1_SERVER, NS

Json = dict[str, Any]

_ISSUING = timedelta(seconds=1)
_ANCHORED = ("identifier", "name", "telecom", "address", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A resource in a message, with its version before the message and the one that it has after it."""

    link: str
    content: Json
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: the first entry is the focal resource. ``time`` (UTC) is when it was sent."""

    id: str
    domain: str
    event: str
    sender: Application
    time: datetime
    entries: tuple[Entry, ...]
    patient: str | None = None
    validate_only: bool = False


def version(time: datetime) -> str:
    """The version that the server issued for what was sent at a time: opaque, but sorts as text."""
    issued = time + _ISSUING
    micro = issued.microsecond
    return f"{issued:%Y-%m-%dT%H:%M:%S}:{micro // 1000:03d}.{micro % 1000:03d}{'' if micro % 2 else '7'}"


def sent(message: Message) -> tuple[str, bytes]:
    """The message as its sender wrote it: (suffix of the file, content), in the dialect of its connector."""
    entries = [_sent_entry(entry) for entry in message.entries]
    focal = message.entries[0]
    header = _header(message, _versioned(focal.link, focal.before))
    if message.sender.dialect == "java":
        return "xml", atom(_bundle(message, {"content": header}, entries))
    if message.sender.dialect == "js":
        header["identifier"] = f"urn:uuid:{header['identifier']}"
        bundle = _bundle(message, {"id": header["identifier"], "content": header}, entries)
        return "json", orjson.dumps(_with_single_links(bundle))
    own = f"{message.sender.base}/MessageHeader/{message.id[:13]}"
    bundle = _bundle(message, {"id": own, "content": header}, entries)
    return "json", orjson.dumps(_with_anchors(bundle))


def received(message: Message, receiver: Application, number: int, status: str = "Success") -> tuple[str, bytes]:
    """The message as the server handed it to ``receiver``, number ``number`` in its queue."""
    entries = [
        {"id": entry.link, **_self(_versioned(entry.link, entry.after)), "content": entry.content}
        for entry in message.entries
    ]
    focal = message.entries[0]
    header = _header(message, _versioned(focal.link, focal.after))
    if message.sender.dialect == "js":
        header["identifier"] = f"urn:uuid:{header['identifier']}"
    changed = message.time + timedelta(hours=1)
    processing = [
        {"url": f"{NS}MessageHeader#ProcessingStatusStatus", "valueCode": status},
        {
            "url": f"{NS}MessageHeader#ProcessingStatusStatusLastChanged",
            "valueInstant": f"{changed:%Y-%m-%dT%H:%M:%S}+00:00",
        },
    ]
    header.setdefault("extension", []).append({"url": f"{NS}MessageHeader#ProcessingStatus", "extension": processing})
    header = {name: header[name] for name in ("resourceType", "extension", *header) if name in header}
    own = f"{KT1_SERVER}/MessageHeader/{number}"
    first = {
        "title": f"MessageHeader with IID={number}",
        "id": own,
        **_self(f"{own}/_history/{version(message.time)}"),
        "content": header,
    }
    bundle = _bundle(message, first, entries)
    if receiver.dialect == "java":
        return "xml", atom(bundle)
    return "json", orjson.dumps(bundle)


def acknowledgement(message: Message) -> tuple[str, bytes]:
    """The server's answer to a sent message: the new version of every resource in it."""
    urn = "urn:uuid:" if message.sender.dialect == "js" else ""
    header = {
        "resourceType": "MessageHeader",
        "identifier": f"{message.id[:-2]}ac",
        "timestamp": f"{message.time + _ISSUING:%Y-%m-%dT%H:%M:%S}Z",
        "event": _event(message.event),
        "response": {"identifier": urn + message.id, "code": "ok"},
        "source": {"software": "Koppeltaal", "version": "v1.3.5", "endpoint": f"{KT1_SERVER}/Mailbox"},
        "data": [{"reference": _versioned(entry.link, entry.after)} for entry in message.entries if entry.after],
    }
    bundle = _bundle(message, {"id": f"urn:uuid:{header['identifier']}", "content": header}, [])
    if message.sender.dialect == "java":
        return "xml", atom(bundle)
    return "json", orjson.dumps(bundle)


def search_result(bundle_id: str, domain: str, entries: Iterable[Entry], *, as_xml: bool) -> tuple[str, bytes]:
    """The answer of the server to a search: no header, every entry with its version."""
    found = [
        {"id": entry.link, **_self(_versioned(entry.link, entry.after)), "content": entry.content} for entry in entries
    ]
    href = f"{KT1_SERVER}/Other/_search?code=ActivityDefinition&includearchived=yes"
    bundle: Json = {
        "resourceType": "Bundle",
        "id": f"urn:uuid:{bundle_id}",
        "totalResults": str(len(found)),
        "link": [{"rel": "self", "href": href}],
        "category": categories(domain),
        "entry": found,
    }
    return ("xml", atom(bundle)) if as_xml else ("json", orjson.dumps(bundle))


def categories(domain: str, *, validate_only: bool = False) -> list[Json]:
    """The tags of a bundle: its domain, that it is a message, perhaps that it only is to be checked."""
    tags = [
        {"term": f"{NS}Domain#{domain}", "label": domain, "scheme": "http://hl7.org/fhir/tag/security"},
        {"term": "http://hl7.org/fhir/tag/message", "scheme": "http://hl7.org/fhir/tag"},
    ]
    if validate_only:
        tags.append({"term": f"{NS}ValidateOnly", "scheme": "http://hl7.org/fhir/tag"})
    return tags


def _bundle(message: Message, header: Json, entries: list[Json]) -> Json:
    return {
        "resourceType": "Bundle",
        "id": f"urn:uuid:{message.id[:-2]}b0",
        "category": categories(message.domain, validate_only=message.validate_only),
        "entry": [header, *entries],
    }


def _header(message: Message, focal: str) -> Json:
    content: Json = {"resourceType": "MessageHeader"}
    if message.patient:
        link = {"reference": message.patient}
        content["extension"] = [{"url": f"{NS}MessageHeader#Patient", "valueResource": link}]
    sender = message.sender
    named = {"name": sender.name} if sender.dialect == "python" else {}
    software = f"Voorbeeld adapter; {sender.name}" if named else sender.name
    content |= {
        "identifier": message.id,
        "timestamp": f"{message.time:%Y-%m-%dT%H:%M:%S}.{message.time.microsecond // 1000:03d}+00:00",
        "event": _event(message.event),
        "source": {**named, "software": software, "endpoint": sender.base or "not used"},
        "data": [{"reference": focal}],
    }
    return content


def _event(code: str) -> Json:
    return {"system": f"{NS}MessageEvents", "code": code, "display": code}


def _sent_entry(entry: Entry) -> Json:
    return {"id": entry.link, **_self(_versioned(entry.link, entry.before)), "content": entry.content}


def _self(href: str) -> Json:
    return {"link": [{"rel": "self", "href": href}]}


def _versioned(link: str, number: str | None) -> str:
    return f"{link}/_history/{number}" if number else link


def _with_anchors(bundle: Json) -> Json:
    """As the Python connector writes: every resource and every datatype has a local id, new in each message."""
    numbers = count(1)
    for entry in bundle["entry"]:
        content: Json = {"resourceType": "", "id": f"ref{next(numbers):03d}", **entry["content"]}
        for name in _ANCHORED:
            value = content.get(name)
            if isinstance(value, list):
                content[name] = [{"id": f"ref{next(numbers):03d}", **item} for item in value]
            elif isinstance(value, dict):
                content[name] = {"id": f"ref{next(numbers):03d}", **value}
        entry["content"] = content
    return bundle


def _with_single_links(bundle: Json) -> Json:
    """As the JavaScript connector writes: the link is an object, not a list."""
    for entry in bundle["entry"]:
        if "link" in entry:
            entry["link"] = entry["link"][0]
    return bundle
