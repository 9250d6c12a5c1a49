"""Judges resources against the compiled profiles, fast enough for a whole domain, and says what is wrong where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import fhirpathpy
import jsonschema_rs
import orjson
from fhirpathpy.models import models

from ktcheck.conformance.base import BASE
from ktcheck.conformance.beyond import RULES
from ktcheck.conformance.terminology import TERMINOLOGY

Json = dict[str, Any]

_R4 = models["r4"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Something in a resource that a profile does not allow.

    ``path`` is the place in the resource with list positions (``name[0].given``), ``profile`` the canonical url of the
    level that says so (a KT2, nl-core, zib or R4 definition), ``constraint`` the JSON pointer in that schema, of a code
    in that of the terminology. ``keyword`` is that of JSON Schema, ``falseSchema`` where nothing is allowed and
    ``code`` for one of the terminology. ``names`` are the members that are missing or not known, or the key of an
    invariant. ``warning``: only advised.
    """

    path: str
    profile: str
    constraint: str
    keyword: str
    names: tuple[str, ...] = ()
    warning: bool = False


class FhirPath:
    """Our keyword ``fhirpath``: a list of invariants of the element, that every other validator ignores."""

    def __init__(self, _parent: Json, value: list[Json], _path: list[str | int]) -> None:
        self._invariants = [
            (item["key"], _compiled(item["expression"])) for item in value if item["severity"] == "error"
        ]

    def validate(self, instance: Any) -> None:
        """Raise ValueError with the key of the first invariant that does not hold."""
        for key, broken in self._invariants:
            if broken(instance):
                raise ValueError(key)


# fhirpathpy has no hasValue(); trace() only prints.
_FUNCTIONS = {"hasValue": {"fn": lambda values: [bool(values)], "arity": {0: []}}}
_TRACE = re.compile(r"\.trace\('[^']*'(?:,\s*[^()]+)?\)")


@lru_cache(None)
def _compiled(expression: str) -> Callable[[Any], bool]:
    """Whether an invariant is broken: false, not merely undecided (dates of different precision)."""
    compiled = fhirpathpy.compile(_TRACE.sub("", expression), _R4, {"userInvocationTable": _FUNCTIONS})

    def broken(instance: Any) -> bool:
        return bool(compiled(instance, {"resource": instance, "rootResource": instance}) == [False])

    return broken


class Profiles:
    """The compiled profiles of one release, read from a folder of ``profiles/``."""

    def __init__(self, folder: Path) -> None:
        self._documents = dict(_documents(folder))
        self.index: Json = orjson.loads((folder / "index.json").read_bytes())
        self._registry = jsonschema_rs.Registry(list(self._documents.items()))
        self._validator = lru_cache(None)(self._made)

    def has(self, profile: str) -> bool:
        """Whether a profile is in this release."""
        return profile in self._documents

    def advises(self, profile: str) -> bool:
        """Whether a profile advises anything besides what it demands."""
        return f"{profile}/warnings" in self._documents

    def demand(self, violation: Violation) -> Json:
        """The schema with the keyword that a violation does not meet; empty for a rule beside the schemas."""
        if not violation.constraint.startswith("/"):
            return {}
        node: Any = self._documents[TERMINOLOGY if violation.keyword == "code" else violation.profile]
        inside: Json = {}
        for step in violation.constraint.split("/")[1:]:
            if isinstance(node, dict) and step not in node:
                break  # a place within dependentRequired
            if isinstance(node, dict):
                inside = node
            node = node[int(step) if isinstance(node, list) else step]
        return inside

    def _made(self, identity: str) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            {"$ref": identity}, registry=self._registry, keywords={"fhirpath": FhirPath}
        )

    def is_valid(self, resource: Json, profile: str) -> bool:
        """Whether a resource meets a profile, the fast way."""
        return self._validator(profile).is_valid(resource) and not any(self._beyond(resource))

    @staticmethod
    def _beyond(resource: Json) -> Iterator[Violation]:
        for key, find in RULES.items():
            for place in find(resource):
                yield Violation(path=place, profile=BASE, constraint=key, keyword="fhirpath", names=(key,))

    def follows_advice(self, resource: Json, profile: str) -> bool:
        """Whether a resource is as a profile, which ``advises`` something, says it had better be."""
        return bool(self._validator(f"{profile}/warnings").is_valid(resource))

    def violations(self, resource: Json, profile: str) -> Iterator[Violation]:
        """Everything in a resource that the profile, or a level under it, does not allow or advises against."""
        seen = set()
        for identity, warning in ((profile, False), (f"{profile}/warnings", True)):
            if identity not in self._documents or self._validator(identity).is_valid(resource):
                continue
            for error in self._validator(identity).iter_errors(resource):
                document, _, pointer = str(error.absolute_keyword_location).partition("#")
                keyword, names = _keyword(error), _names(error)
                if document == TERMINOLOGY:
                    document, keyword = self._asking(identity, error.evaluation_path), "code"
                place = _path(error.instance_path)
                if (place, document, pointer, names) not in seen:
                    seen.add((place, document, pointer, names))
                    yield Violation(
                        path=place,
                        profile=document.removesuffix("/warnings"),
                        constraint=pointer,
                        keyword=keyword,
                        names=names,
                        warning=warning,
                    )
        yield from self._beyond(resource)

    def _asking(self, identity: str, steps: list[str | int]) -> str:
        """The level that asks for codes of a value set: the last schema on the way to it."""
        document: str = identity
        node: Any = self._documents[identity]
        for step in steps[1:]:
            node = node[step]
            if step == "$ref":
                to, _, pointer = str(node).partition("#")
                if to == TERMINOLOGY:
                    break
                document = to or document
                node = self._documents[document]
                for name in pointer.split("/")[1:]:
                    node = node[name]
        return document


def _documents(folder: Path) -> Iterator[tuple[str, Json]]:
    for path in sorted(folder.glob("*.json")):
        document = orjson.loads(path.read_bytes())
        if "$id" in document:
            yield document["$id"], document


def _keyword(error: jsonschema_rs.ValidationError) -> str:
    """The keyword that an error is about; its place may end in a number or in the name of an element."""
    if error.kind.name == "falseSchema":
        return "falseSchema"
    return next(step for step in reversed(error.schema_path) if isinstance(step, str))


def _names(error: jsonschema_rs.ValidationError) -> tuple[str, ...]:
    """The members that are missing (under one of these names) or not known, or the key of an invariant."""
    kind: Any = error.kind  # its members differ with its name
    if kind.name == "required":
        return (kind.property,)
    if kind.name == "additionalProperties":
        return tuple(kind.unexpected)
    if kind.name in {"anyOf", "oneOfNotValid"}:
        each = [branch[0].kind for branch in kind.context]
        return tuple(item.property for item in each if item.name == "required")
    return (error.message,) if _keyword(error) == "fhirpath" else ()


def _path(steps: list[str | int]) -> str:
    """A FHIR path with list positions: ``name[0].given[1]``."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")
