"""What a file is, and what the messages in it say: headers, entries, links, versions, acknowledgements.

Source: kt1-source.md sections 2, 3, 4 and 8.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

from ktcheck.source.bundle import read_bundle
from ktcheck.source.careplan import code, first_text, links, values
from ktcheck.source.links import kt1_name, split_link, time_stamp
from ktcheck.source.messages import RawMessage, Unreadable
from ktcheck.source.neutral import kind_of_resource, links_in, neutral
from ktcheck.source.record import Reject

FileKind = Literal[
    "messages",
    "acknowledgements",
    "outcomes",
    "searches",
    "header_only",
    "empty",
    "validate_only",
    "other_domain",
    "rejected",
]
NO_DOMAIN = "(none)"
_FROM_QUEUE = re.compile(r"/MessageHeader/[^/]+/_history/")
_SEARCHABLE = frozenset({"ActivityDefinition", "Device", "StorageItem"})
_FAILED = frozenset({"Failed", "MaximumRetriesExceeded"})
_FOCAL_KINDS = {
    "CreateOrUpdatePatient": "Patient",
    "CreateOrUpdatePractitioner": "Practitioner",
    "CreateOrUpdateRelatedPerson": "RelatedPerson",
    "CreateOrUpdateActivityDefinition": "ActivityDefinition",
    "CreateOrUpdateCarePlan": "CarePlan",
    "UpdateCarePlanActivityStatus": "CarePlanActivityStatus",
    "CreateOrUpdateCarePlanActivityResult": "CarePlanActivityResult",
    "CreateOrUpdateUserMessage": "UserMessage",
}


@dataclass(slots=True, kw_only=True)
class Entry:
    """One resource of a message: its link without version, the version on it, and its neutral form."""

    number: int
    kind: str
    content: dict[str, Any]
    link: str = ""
    version: str | None = None
    focal: bool = False
    notes: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Message:
    """A message, or the result of a search (``search``).

    ``moment`` is the header's timestamp as a stamp (``links.time_stamp``), ``received`` whether the versions on
    the entries belong to their content, ``referred`` the links that are only referred to.
    """

    identifier: str
    moment: str = ""
    received: bool = True
    search: bool = False
    application: str | None = None
    patient: str | None = None
    entries: list[Entry] = field(default_factory=list)
    referred: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Acknowledgement:
    """The server's answer to a message: the versions that it issued, by link."""

    request: str
    accepted: bool
    versions: dict[str, str]


@dataclass(slots=True, kw_only=True)
class FileContent:
    """What one file is and holds; ``domain`` is its domain tag, ``NO_DOMAIN`` for a message without one."""

    kind: FileKind
    domain: str | None = None
    messages: list[Message] = field(default_factory=list)
    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def interpret(raw: RawMessage, kt1_domain: str | None = None) -> FileContent:
    """Read one file; what cannot be read is in ``rejects``, this never raises for the content of a file.

    ``kt1_domain``: messages without that domain tag are ``other_domain`` (kt1-source.md 2.4).
    """
    try:
        bundle = read_bundle(raw)
        if bundle.get("resourceType") == "OperationOutcome":
            return FileContent(kind="outcomes")
        return _Reader(raw, bundle).read(kt1_domain)
    except Unreadable as problem:
        return FileContent(kind="rejected", rejects=[_reject(raw, problem)])


def _reject(raw: RawMessage, problem: Unreadable) -> Reject:
    return Reject(file=raw.name, place=problem.place, reason_nl=problem.reason_nl, reason_en=problem.reason_en)


class _Reader:
    """Reads the bundle of one file."""

    def __init__(self, raw: RawMessage, bundle: dict[str, Any]) -> None:
        self.raw = raw
        self.bundle = bundle
        self.rejects: list[Reject] = []
        self.digest = hashlib.sha256(raw.data).hexdigest()

    def read(self, kt1_domain: str | None) -> FileContent:
        items = self._items()
        names = [name for name in (kt1_name(tag) for tag in _terms(self.bundle)) if name]
        if "ValidateOnly" in names:
            return FileContent(kind="validate_only")
        if not items:
            return FileContent(kind="empty")
        readable = [(number, item) for number, item in enumerate(items, 1) if self._is_readable(number, item)]
        resources = [(number, item["content"], item) for number, item in readable]
        if not resources:
            return FileContent(kind="rejected", rejects=self.rejects)
        headers = sum(content["resourceType"] == "MessageHeader" for _, content, _ in resources)
        bodies = [content for _, content, _ in resources if content["resourceType"] != "MessageHeader"]
        if bodies and all(content["resourceType"] == "OperationOutcome" for content in bodies):
            return FileContent(kind="outcomes", rejects=self.rejects)
        domain = _domain(self.bundle, names) or (NO_DOMAIN if headers else None)
        if kt1_domain is not None and domain is not None and domain.casefold() != kt1_domain.strip().casefold():
            return FileContent(kind="other_domain", domain=domain)
        if not headers:
            return self._search(resources, domain)
        found = self._messages(resources)
        found.domain = domain
        if not bodies and not self.rejects:
            found.kind = "header_only" if found.messages else "acknowledgements"
        return found

    def _items(self) -> list[Any]:
        if self.bundle.get("resourceType") != "Bundle":
            raise Unreadable(
                "byte 0", "dit is geen KT1-bericht (geen feed of Bundle)", "this is no KT1 message (no feed or Bundle)"
            )
        items = self.bundle.get("entry", [] if "totalResults" in self.bundle else None)
        if not isinstance(items, list):
            raise Unreadable(
                "byte 0",
                "de Bundle heeft geen entry en is dus geen bericht",
                "the Bundle has no entry, so it is no message",
            )
        return items

    def _is_readable(self, number: int, item: Any) -> bool:
        content = item.get("content") if isinstance(item, dict) else None
        name = content.get("resourceType") if isinstance(content, dict) else None
        if isinstance(name, str) and name.strip():
            return True
        self._refuse(number, "de entry bevat niet precies één resource", "the entry does not hold exactly one resource")
        return False

    def _refuse(self, number: int, reason_nl: str, reason_en: str) -> None:
        self.rejects.append(_reject(self.raw, Unreadable(f"entry {number}", reason_nl, reason_en)))

    def _search(self, resources: list[tuple[int, Any, Any]], domain: str | None) -> FileContent:
        identifier = self.bundle.get("id")
        message = Message(
            identifier=f"search:{identifier if isinstance(identifier, str) else self.digest}", search=True
        )
        for number, content, item in resources:
            entry = self._entry(number, content, item, {})
            if not entry.link:
                self._refuse_linkless(number)
                continue
            entry.focal = entry.kind == "ActivityDefinition"
            message.entries.append(entry)
        if "totalResults" not in self.bundle and not {entry.kind for entry in message.entries} <= _SEARCHABLE:
            raise Unreadable("entry 1", "de Bundle heeft geen MessageHeader", "the Bundle has no MessageHeader")
        _refer(message, [])
        return FileContent(kind="searches", domain=domain, messages=[message], rejects=self.rejects)

    def _messages(self, resources: list[tuple[int, Any, Any]]) -> FileContent:
        """Each header begins a message; what stands before the first header belongs to it."""
        found = FileContent(kind="messages", rejects=self.rejects)
        starts = [
            place for place, (_, content, _) in enumerate(resources) if content["resourceType"] == "MessageHeader"
        ]
        bounds = [0, *starts[1:], len(resources)]
        for first, start, end in zip(bounds, starts, bounds[1:], strict=False):
            header = resources[start]
            bodies = resources[first:start] + resources[start + 1 : end]
            alone = not bodies and not self.rejects
            if alone and isinstance(header[1].get("response"), dict):
                found.acknowledgements.append(_acknowledgement(header[1]))
            else:
                found.messages.append(self._message(header, bodies))
        return found

    def _message(self, header: tuple[int, Any, Any], bodies: list[tuple[int, Any, Any]]) -> Message:
        number, raw, item = header
        clear = neutral(raw, set())
        data = [split for split in (split_link(part.get("reference")) for part in _objects(raw.get("data"))) if split]
        processing = next(iter(values(clear, "#ProcessingStatus")), None)
        status = first_text(processing, "#ProcessingStatusStatus")
        queue = any(_FROM_QUEUE.search(text) for text in _link_texts(item))
        source = clear.get("source")
        patient = next(iter(links(values(clear, "#Patient"))), None)
        identifier = raw.get("identifier")
        message = Message(
            identifier=_plain(identifier)
            if isinstance(identifier, str) and identifier.strip()
            else f"{self.digest}:{number}",
            moment=time_stamp(raw.get("timestamp")),
            received="#ProcessingStatus" in clear or queue,
            application=first_text(source, "name") or first_text(source, "software"),
            patient=patient,
        )
        versions = dict(data)
        entries = [self._entry(place, content, entry, versions) for place, content, entry in bodies]
        expected = _FOCAL_KINDS.get(code(raw, "event") or "")
        _set_focal(entries, versions, expected)
        for entry in entries:
            if status in _FAILED:
                entry.notes.add("receiver-failed")
            if entry.link:
                message.entries.append(entry)
            else:
                self._refuse_linkless(entry.number)
        _refer(message, [*versions, *([patient] if patient else [])])
        return message

    def _refuse_linkless(self, number: int) -> None:
        self._refuse(
            number, "de resource heeft geen link, dus geen identiteit", "the resource has no link, so no identity"
        )

    def _entry(self, number: int, raw: dict[str, Any], item: dict[str, Any], versions: dict[str, str | None]) -> Entry:
        """A resource with its link and version: self link, then entry id, then the header's data (rule 1)."""
        notes: set[str] = set()
        entry = Entry(number=number, kind=kind_of_resource(raw, notes), content=neutral(raw, notes), notes=notes)
        splits = [split for split in map(split_link, _link_texts(item)) if split]
        if splits:
            entry.link = splits[0][0]
            same = [version for link, version in splits if link == entry.link]
            entry.version = next((version for version in same if version), versions.get(entry.link))
            if len(same) > 1 and same[0] is None and same[-1] is not None:
                notes.add("swapped-link")
        return entry


def _set_focal(entries: list[Entry], versions: dict[str, str | None], expected: str | None) -> None:
    """Mark the focal resources; give one without a link of its own the link in the header (rule 1)."""
    free = [link for link in versions if link not in {entry.link for entry in entries}]
    for entry in entries:
        if not entry.link and entry.kind == expected and free:
            entry.link = free.pop(0)
            entry.version = versions[entry.link]
        entry.focal = entry.link in versions
        if entry.focal and len(versions) > 1:
            entry.notes.add("several-focal")
    alike = [entry for entry in entries if entry.kind == expected]
    if not versions and len(alike) == 1:
        alike[0].focal = True
        alike[0].notes.add("focal-guessed")


def _refer(message: Message, named: list[str]) -> None:
    """Note which links are only referred to."""
    own = {entry.link for entry in message.entries}
    referred = {link for entry in message.entries for link in links_in(entry.content)}
    message.referred = (referred | set(named)) - own


def _acknowledgement(header: dict[str, Any]) -> Acknowledgement:
    response = header["response"]
    splits = (split_link(part.get("reference")) for part in _objects(header.get("data")))
    request = response.get("identifier")
    return Acknowledgement(
        request=_plain(request) if isinstance(request, str) else "",
        accepted=response.get("code") == "ok",
        versions={split[0]: split[1] for split in splits if split and split[1]},
    )


def _plain(identifier: str) -> str:
    """A message identifier without the ``urn:uuid:`` that some senders put before it."""
    return identifier.strip().lower().removeprefix("urn:uuid:")


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _link_texts(item: dict[str, Any]) -> list[str]:
    """The texts that can hold an entry's link, in the order in which they count."""
    texts = [link.get("href") for link in _objects(item.get("link")) if link.get("rel", "self") == "self"]
    return [text for text in (*texts, item.get("id")) if isinstance(text, str)]


def _terms(bundle: dict[str, Any]) -> list[str]:
    return [tag["term"] for tag in _objects(bundle.get("category")) if isinstance(tag.get("term"), str)]


def _domain(bundle: dict[str, Any], names: list[str]) -> str | None:
    """The name in the domain tag: behind ``Domain#``, or else its label."""
    for name in names:
        before, _, domain = name.partition("#")
        if before == "Domain" and domain.strip():
            return unquote(domain).strip()
    for tag in _objects(bundle.get("category")):
        label = tag.get("label")
        if tag.get("scheme") == "http://hl7.org/fhir/tag/security" and isinstance(label, str) and label.strip():
            return label.strip()
    return None
