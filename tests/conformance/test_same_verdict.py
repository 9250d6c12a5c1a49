"""The fast path and the JSON Schema library of Python judge alike, whatever is done to a resource."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from ktcheck.conformance.beyond import RULES
from ktcheck.conformance.validator import FhirPath, Profiles
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.suite import PROFILES

Json = dict[str, Any]

KT2 = "http://koppeltaal.nl/fhir/StructureDefinition/KT2"
FOLDER = PROFILES / "kt2-0.16.3"


def invariants(_validator: Any, value: list[Json], instance: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:
    """Our keyword, for the library."""
    try:
        FhirPath({}, value, []).validate(instance)
    except ValueError as error:
        yield jsonschema.ValidationError(str(error))


@cache
def profiles() -> Profiles:
    return Profiles(FOLDER)


@cache
def library(identity: str) -> Validator:
    # Where a document names its dialect, the library takes that of the standard, without our keyword.
    documents = [orjson.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.schema.json"))]
    registry: Registry[Any] = Registry().with_resources(
        (item["$id"], DRAFT202012.create_resource({name: part for name, part in item.items() if name != "$schema"}))
        for item in documents
    )
    kind: Any = extend(jsonschema.Draft202012Validator, {"fhirpath": invariants})  # type: ignore[no-untyped-call]
    made: Validator = kind({"$ref": identity}, registry=registry)
    return made


@cache
def resources() -> tuple[Json, ...]:
    """Of every type the two largest of a practice domain."""
    made = sorted(PracticeDomain(2, 8).resources(), key=lambda item: len(orjson.dumps(item)), reverse=True)
    kinds = {item["resourceType"] for item in made}
    return tuple(
        item for kind in sorted(kinds) for item in [other for other in made if other["resourceType"] == kind][:2]
    )


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every member of every object and list in a value."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


OTHERS = [
    *("", " ", "x", "2020", "2020-02-30", "Location/x", "#x", "official", "urgent", "http://example.org/x"),
    *(None, 0, 1.5, True, False, [], ["x"], [None], [{"use": "usual"}]),
    *({}, {"x": "y"}, {"text": "x"}, {"reference": "Location/x"}, {"coding": [{"code": "x"}]}),
]


@st.composite
def mutated(draw: st.DrawFn) -> Json:
    """A resource of the practice domain with one to three of its members removed, replaced, wrapped or renamed."""
    resource = copy.deepcopy(draw(st.sampled_from(resources())))
    for _ in range(draw(st.integers(1, 3))):
        inside, key = draw(st.sampled_from([(a, b) for a, b in places(resource) if b != "resourceType"]))
        how = draw(st.sampled_from(["remove", "alike", "alike", "replace", "wrap", "rename"]))
        old = inside[key] if how in {"alike", "replace"} else inside.pop(key)
        if how in {"alike", "replace"}:
            others = [other for other in OTHERS if how == "replace" or type(other) is type(old)]
            inside[key] = copy.deepcopy(draw(st.sampled_from(others)))
        elif how == "wrap" and isinstance(inside, dict):
            inside[key] = old[0] if isinstance(old, list) and old else [old]
        elif how == "rename" and isinstance(inside, dict):
            inside[draw(st.sampled_from([f"_{key}", "extension", "id", "valueString", "type"]))] = old
    return resource


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_both_paths_give_the_same_verdict(resource: Json) -> None:
    profile = KT2 + resource["resourceType"]
    beyond = any(place for find in RULES.values() for place in find(resource))
    slow = library(profile).is_valid(resource) and not beyond
    assert profiles().is_valid(resource, profile) == slow
    assert slow == (not any(not item.warning for item in profiles().violations(resource, profile)))


@pytest.mark.parametrize("resource", resources(), ids=lambda item: str(item["resourceType"]))
def test_both_paths_accept_the_practice_domain(resource: Json) -> None:
    profile = KT2 + resource["resourceType"]
    assert profiles().is_valid(resource, profile)
    assert library(profile).is_valid(resource)
