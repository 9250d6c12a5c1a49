"""Codes and numbers whose value set nobody can list here: told by their system, checked by their form.

What cannot be listed is in ``not-compiled.json`` of a release; the systems and forms are in
``profiles/code-systems.yaml``. What a value set of the release lists is known, and not told here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from ktcheck import tables
from ktcheck.conformance.check_digits import CHECKS
from ktcheck.facts import CodeUse
from ktcheck.snapshot.store import RESOURCE_TYPES
from ktcheck.suite import PROFILES

_BEGIN = "codes of "
_CHOICE = "[x]"
_POSITION = re.compile(r"\[\d+\]")
_STEP = re.compile(r"[^.\[]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSystem:
    """A row of ``code-systems.yaml``: ``kind`` is the section it is in (codes, numbers or prefixes)."""

    name: str
    kind: str
    name_nl: str
    name_en: str
    form: re.Pattern[str]
    check: str | None

    def formed(self, code: object) -> bool:
        """Whether a code has the form of this system."""
        if not isinstance(code, str) or not self.form.fullmatch(code):
            return False
        return self.check is None or CHECKS[self.check](code)


@cache
def code_systems() -> Mapping[str, CodeSystem]:
    """The rows by name."""
    table = tables.read("code-systems.yaml")
    return {
        name: CodeSystem(
            name=name,
            kind=kind,
            name_nl=row["name_nl"],
            name_en=row["name_en"],
            form=re.compile(row["form"]),
            check=row.get("check"),
        )
        for kind in ("codes", "numbers", "prefixes")
        for name, row in table[kind].items()
    }


@cache
def _by_address() -> Mapping[str, CodeSystem]:
    table = tables.read("code-systems.yaml")
    rows = {**table["codes"], **table["numbers"]}
    return {address: code_systems()[name] for name, row in rows.items() for address in row["systems"]}


@cache
def _of_elements() -> Mapping[str, CodeSystem]:
    """The systems of elements that hold a code and no system."""
    return {element: code_systems()[name] for element, name in tables.read("code-systems.yaml")["elements"].items()}


@cache
def _prefixes() -> tuple[tuple[str, CodeSystem], ...]:
    rows = tables.read("code-systems.yaml")["prefixes"]
    return tuple((row["prefix"], code_systems()[name]) for name, row in rows.items())


@cache
def _elements(version: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The elements of which nobody can list the codes: resource type or datatype, and the steps from there."""
    left = orjson.loads((PROFILES / f"kt2-{version}" / "not-compiled.json").read_bytes())["not_compiled"]
    found = {item["element"] for item in left if item["what"].startswith(_BEGIN)}
    parts = (element.split(".") for element in sorted(found))
    return tuple((kind, tuple(step.partition(":")[0] for step in steps)) for kind, *steps in parts)


@cache
def _listed(version: str) -> frozenset[tuple[str, str]]:
    """Every (system, code) that a value set of the release lists."""
    document = orjson.loads((PROFILES / f"kt2-{version}" / "terminology.schema.json").read_bytes())
    members = (inside["properties"] for _, inside in _objects(document) if "system" in inside.get("properties", ()))
    return frozenset((item["system"]["const"], code) for item in members for code in item["code"]["enum"])


@cache
def _known(version: str) -> frozenset[str]:
    """Every element name of R4; any other may be made up by a sender, and is not told."""
    document = orjson.loads((PROFILES / f"kt2-{version}" / "fhir-r4.schema.json").read_bytes())
    return frozenset(name for inside in document["$defs"].values() for name in inside.get("properties", ()))


def uses(version: str, resource: Mapping[str, Any]) -> tuple[CodeUse, ...]:
    """What in a resource is a code or number of a system that is too large to list, and what is no code of its system.

    Elements of datatypes are told by their names, which no other datatype of Koppeltaal 2.0 has.
    """
    found: dict[str, CodeUse] = {}
    for place, inside in _objects(resource):
        for use in (*_unlisted(version, place, inside), *_systematic(version, place, inside, resource)):
            found.setdefault(use.path, use)
    known = _known(version)
    return tuple(use for use in found.values() if all(step in known for step in _STEP.findall(_plain(use.path))))


def _plain(path: str) -> str:
    return _POSITION.sub("", path)


def _unlisted(version: str, place: str, inside: Mapping[str, Any]) -> Iterator[CodeUse]:
    """Codes of value sets that cannot be listed."""
    own = inside.get("resourceType")
    for kind, steps in _elements(version):
        named = own == kind if kind in RESOURCE_TYPES else own is None
        if not named or not (steps[0] in inside or f"_{steps[0]}" in inside):
            continue
        element = f"{kind}.{'.'.join(steps)}"
        for path, value in _held(place, inside, steps):
            yield from _read(element, path, value)


def _read(element: str, path: str, value: Any) -> Iterator[CodeUse]:
    """The codes in a value: itself, that of a Coding, or those of a CodeableConcept."""
    if not isinstance(value, dict):
        yield _use(_of_elements().get(element), element, path, value, required=True)
        return
    codings = value.get("coding")
    inner = [(f"{path}.coding[{number}]", item) for number, item in enumerate(codings or ())]
    for where, coding in inner if isinstance(codings, list) else [(path, value)]:
        known = coding if isinstance(coding, dict) else {}
        yield _use(_by_address().get(str(known.get("system"))), element, where, known.get("code"), required=True)


def _systematic(version: str, place: str, inside: Mapping[str, Any], resource: Mapping[str, Any]) -> Iterator[CodeUse]:
    """Codes and numbers with a system that is known to be large, and systems that are not written well."""
    address = inside.get("system")
    if not isinstance(address, str):
        return
    element = f"{resource.get('resourceType')}.{_plain(place)}".rstrip(".")
    system = _by_address().get(address)
    value = inside.get("value" if system and system.kind == "numbers" else "code")
    if system and value is not None and (address, value) not in _listed(version):
        use = _use(system, element, place, value)
        if system.kind == "codes" or not use.formed:
            yield use
    for prefix, form in _prefixes():
        if address.startswith(prefix) and not form.formed(address.removeprefix(prefix)):
            yield _use(form, f"{element}.system", f"{place}.system", address.removeprefix(prefix))


def _use(system: CodeSystem | None, element: str, path: str, code: Any, *, required: bool = False) -> CodeUse:
    return CodeUse(
        system=system.name if system else None,
        element=element,
        path=path,
        code=code,
        formed=system is None or system.formed(code),
        required=required,
    )


def _held(place: str, value: Any, steps: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """What is at the end of some steps, with its place; the extensions of a primitive are beside it."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _held(f"{place}[{number}]", item, steps)
    elif not steps:
        yield place, value
    elif isinstance(value, dict):
        name, *rest = steps
        if name.endswith(_CHOICE):
            names = [key for key in value if key.startswith(name.removesuffix(_CHOICE))]
        else:
            names = [f"_{name}" if rest[:1] == ["extension"] and f"_{name}" in value else name]
        for key in names:
            if key in value:
                yield from _held(f"{place}.{key}".lstrip("."), value[key], tuple(rest))


def _objects(value: Any, place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object in a value with its place, itself included; the outer before the inner."""
    if isinstance(value, dict):
        yield place, value
        for name, item in value.items():
            if isinstance(item, dict | list):
                yield from _objects(item, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _objects(item, f"{place}[{number}]")
