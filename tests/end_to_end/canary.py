"""Marks every personal value of a practice domain, on both sides alike, and looks for the marks where they may not be.

What is marked: the names, birth dates, addresses and telecom of people, the names of organisations and teams, free
text, identifier values (business numbers, KT1 links, keys of activities), names of message files, and one logical
id that a client chose. Not marked, because they are no data of people: the Device of an application (its identifier
is the client_id), Endpoints and Subscriptions, and the KT1 message headers; nor the particles of family names, titles,
and the period in which a name or address was used. Names are marked word by word: each side divides them its own way.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import orjson
from lxml import etree
from pypdf import PdfReader

from ktcheck.sandbox.materialised import Materialised

Json = dict[str, Any]
Keys = tuple[str, ...]

# Letters and digits only: no encoding of text (URL, JSON, HTML) changes them, so base64 is all there is to add.
MARK = "KANARIE"
BIRTH = "1801-02-03"

_START = 8
_TELLING = 12

_LINK = re.compile(
    r"(https?://\S+?/(Patient|Practitioner|RelatedPerson|Organization|CareTeam|CarePlan|CarePlanActivityStatus"
    r"|UserMessage|MoodDiary|Other)/)([^/#\s]+)(/_history/[^#\s]+)?(#\S*)?"
)
_KEY = re.compile(r"([0-9a-f]{32})(#\S*)?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CODES = {"use", "url", "system", "country", "type", "code", "valueCode", "id", "resourceType"}
_IMPERSONAL = {"Device", "Endpoint", "Subscription", "AuditEvent"}
_NAME_PARTS = {"family", "_family", "given", "prefix", "suffix"}
_NAME_WORDS = {"van", "de", "der", "den", "ter", "dhr.", "mevr.", "drs."}
_FREE_TEXT = {"description", "details", "div", "notes", "title"}


class Canary:
    """Gives every personal value a mark of its own: the same value always gets the same mark."""

    def __init__(self) -> None:
        self._marks: dict[str, str] = {}

    def domain(self, domain: Materialised) -> None:
        """Mark all resources, accounts and messages of a domain."""
        self._marks |= {name: self._mark(name) for name in domain.domain.world.definitions}
        for resource in domain.all():
            if resource["resourceType"] not in _IMPERSONAL:
                self._tree(resource, ())
        for account in domain.accounts:
            account.claims = {name: self._mark(value) for name, value in account.claims.items()}
        self._logical_ids(domain)
        domain.messages = {self._name(name): self._message(name, data) for name, data in domain.messages.items()}

    def _mark(self, value: str) -> str:
        return self._marks.setdefault(value, f"{MARK}{len(self._marks)}")

    def _text(self, path: Keys, text: str) -> str:
        """What a text becomes at a place; ``path`` are the names of the elements around it, its own last."""
        key = path[-1]
        if link := _LINK.fullmatch(text):
            kind, own, version, fragment = link[2], link[3], link[4] or "", link[5] or ""
            prefix = f"{own.split(':')[0]}:" if ":" in own else ""
            return f"https://kt1.example/{MARK}/{kind}/{prefix}{self._mark(link[1] + own)}{version}{fragment}"
        if known := _KEY.fullmatch(text):
            return self._mark(known[1]) + (known[2] or "")
        if key == "birthDate":
            return BIRTH + text[len(BIRTH) :]
        if key in _CODES or {"source", "period"} & set(path):
            return text
        if _is_name(path):
            return " ".join(word if word in _NAME_WORDS else self._mark(word) for word in text.split())
        about_people = {"name", "address"} & set(path) or key in _FREE_TEXT
        number = key == "value" and {"telecom", "identifier", "valueIdentifier"} & set(path)
        if about_people or number or (key == "valueString" and text in self._marks):
            return self._mark(text)
        return text

    def _tree(self, value: Any, path: Keys) -> Any:
        """Mark the texts of a JSON value, in place."""
        if isinstance(value, str):
            return self._text(path, value) if path else value
        if isinstance(value, dict):
            for name, item in value.items():
                value[name] = self._tree(item, (*path, name))
        elif isinstance(value, list):
            value[:] = [self._tree(item, path) for item in value]
        return value

    def _logical_ids(self, domain: Materialised) -> None:
        """An id that a client chose gets a mark too, and every reference to it follows."""
        for kind, of_type in domain.resources.items():
            for old in [own for own in of_type if not _UUID.fullmatch(own)]:
                new = self._mark(old)
                of_type[new] = {**of_type.pop(old), "id": new}
                for resource in domain.all():
                    _follow(resource, f"{kind}/{old}", f"{kind}/{new}")

    def _name(self, name: str) -> str:
        path = PurePosixPath(name)
        return str(path.with_name(f"{MARK}-{path.name}"))

    def _message(self, name: str, data: bytes) -> bytes:
        return self._xml(data) if name.endswith(".xml") else orjson.dumps(self._tree(orjson.loads(data), ()))

    def _xml(self, data: bytes) -> bytes:
        root = etree.fromstring(data)
        for element in root.iter("*"):
            around = [*element.iterancestors()][::-1]
            path = tuple(etree.QName(item).localname for item in (*around, element))
            if element.text and element.text.strip():
                element.text = self._text((*path, "id"), str(element.text))
            for name in ("value", "href"):
                if name in element.attrib:
                    element.set(name, self._text(path, str(element.attrib[name])))
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _is_name(path: Keys) -> bool:
    """Whether this is a part of the name of a person, or the whole of it as a text."""
    return bool(_NAME_PARTS & set(path)) or path[-2:] == ("name", "text")


def _follow(value: Any, old: str, new: str) -> None:
    if isinstance(value, dict):
        text = value.get("reference")
        if isinstance(text, str) and (text == old or text.startswith(f"{old}/")):
            value["reference"] = text.replace(old, new)
        for item in value.values():
            _follow(item, old, new)
    elif isinstance(value, list):
        for item in value:
            _follow(item, old, new)


def unmarked(resource: Json) -> list[str]:
    """The places of a KT2 resource that hold something personal without a mark."""
    return [path for path, text in _personal(resource, ()) if MARK not in text and BIRTH not in text]


def _personal(value: Any, path: Keys) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _personal(item, (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from _personal(item, path)
    elif isinstance(value, str) and path[-1] not in _CODES and _is_personal(path, value):
        yield ".".join(path), value


def _is_personal(path: Keys, text: str) -> bool:
    if "period" in path or (_is_name(path) and _NAME_WORDS.issuperset(text.split())):
        return False
    return path[0] in {"name", "address", "telecom", "birthDate"} or path[-2:] == ("identifier", "value")


def encoded(secret: str) -> set[bytes]:
    """A text as it is, URL-encoded, and in base64: alone, and at each of the three places it can have in a longer text.

    Of a JWT its parts as well, but the first, which only says how it was signed.
    """
    parts = secret.split(".")[1:] if secret.count(".") == 2 else []
    forms: set[bytes] = set()
    for text in (secret, *(part for part in parts if len(part) >= _TELLING)):
        forms |= {text.encode(), quote(text, safe="").encode()}
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            for offset, mixed in ((0, 0), (1, 2), (2, 3)):
                longer = encode(bytes(offset) + text.encode())
                forms.add(longer[mixed : (offset + len(text)) * 8 // 6])
    return forms


def leaks(outputs: Mapping[str, bytes], secrets: Iterable[str] = ()) -> list[str]:
    """The names of the outputs that hold a mark or one of the secrets, in their name or in their content."""
    marks = encoded(MARK) | encoded(BIRTH)
    lower = {form.lower() for form in (MARK.encode(), BIRTH.encode())}
    # There are thousands of secrets, so they are looked up by how they start.
    starts: dict[bytes, set[bytes]] = {}
    for form in (form for secret in secrets for form in encoded(secret)):
        starts.setdefault(form[:_START], set()).add(form)
    assert all(len(start) == _START for start in starts), "a secret that is so short can be in anything"

    def holds(data: bytes) -> bool:
        if any(form in data for form in marks) or any(form in data.lower() for form in lower):
            return True
        places = range(len(data) - _START + 1) if starts else ()
        return any(
            data.startswith(form, place) for place in places for form in starts.get(data[place : place + _START], ())
        )

    return sorted(name for name, data in outputs.items() if holds(data) or holds(name.encode()))


def public_files(folder: Path) -> dict[str, bytes]:
    """Every file of a run but the one that may hold what is personal; and what a reader of the PDF reads."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    del found["findings.ndjson"]
    return {**found, "text of report.pdf": pdf_text(found["report.pdf"])}


def pdf_text(data: bytes) -> bytes:
    """All that a PDF says, its metadata included, without white space: a line may break anywhere in a word."""
    reader = PdfReader(io.BytesIO(data))
    texts = [page.extract_text() for page in reader.pages] + [str(value) for value in (reader.metadata or {}).values()]
    assert len("".join(texts)) > 1000, "without text a test that finds no mark would prove nothing"
    return "".join("".join(texts).split()).encode()
