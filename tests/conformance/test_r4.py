"""The structure of R4 itself, compiled from HL7's package, accepts every example that HL7 publishes."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from ktcheck.conformance.base import BASE, Base
from ktcheck.conformance.package import Definitions
from ktcheck.conformance.terminology import Terminology
from ktcheck.conformance.validator import FhirPath
from ktcheck.snapshot.store import RESOURCE_TYPES
from tests.conformance.official import R4, examples, package

Json = dict[str, Any]


@pytest.fixture(scope="module")
def validators() -> dict[str, jsonschema_rs.Draft202012Validator]:
    definitions = Definitions()
    definitions.add(package(R4))
    terminology = Terminology(definitions)
    base = Base(definitions, terminology)
    for name in RESOURCE_TYPES:
        base.need(name)
    documents = [base.schema(), terminology.schema()]
    registry = jsonschema_rs.Registry([(document["$id"], document) for document in documents])
    return {
        name: jsonschema_rs.Draft202012Validator(
            {"$ref": f"{BASE}#/$defs/{name}"}, registry=registry, keywords={"fhirpath": FhirPath}
        )
        for name in RESOURCE_TYPES
    }


@pytest.mark.slow
def test_every_official_example_of_the_types_that_koppeltaal_uses_is_accepted(
    validators: dict[str, jsonschema_rs.Draft202012Validator], tmp_path: Path
) -> None:
    judged: Counter[str] = Counter()
    refused = {}
    with tarfile.open(examples(tmp_path)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(".json") else None
            resource = json.load(content) if content else None
            kind = resource.get("resourceType") if isinstance(resource, dict) else None
            if isinstance(kind, str) and kind in validators:
                judged[kind] += 1
                errors = [f"{error.instance_path}: {error.message}" for error in validators[kind].iter_errors(resource)]
                if errors:
                    refused[member.name] = errors
    assert refused == {}
    assert set(judged) == set(RESOURCE_TYPES)
    assert judged.total() >= 90


MINIMAL: Json = {"resourceType": "Patient", "name": [{"given": ["Merel", "Tess"]}]}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"nickname": "x"}, id="an element that R4 does not have"),
        pytest.param({"active": "true"}, id="a text for a boolean"),
        pytest.param({"birthDate": "12-03-1990"}, id="a date in another form"),
        pytest.param({"birthDate": None}, id="null for a value"),
        pytest.param({"name": []}, id="an empty list"),
        pytest.param({"name": [{}]}, id="an empty object"),
        pytest.param({"name": [{"family": ""}]}, id="an empty text"),
        pytest.param({"name": {"family": "x"}}, id="one value for a list"),
        pytest.param({"name": [{"given": ["Merel", None]}]}, id="null in a list without extensions"),
        pytest.param({"gender": "vrouw"}, id="a code outside a required binding"),
        pytest.param({"managingOrganization": {"reference": "Patient/1"}}, id="a reference to another type"),
        pytest.param({"deceasedBoolean": True, "deceasedDateTime": "2020"}, id="two of a choice"),
        pytest.param({"extension": [{"valueString": "x"}]}, id="an extension without url"),
        pytest.param({"extension": [{"url": "u:x"}]}, id="an extension without value (ext-1)"),
        pytest.param({"telecom": [{"value": "06"}]}, id="a telecom without system (cpt-2)"),
        pytest.param({"contact": [{"gender": "male"}]}, id="a contact without details (pat-1)"),
        pytest.param(
            {"identifier": [{"period": {"start": "2021-01-02", "end": "2021-01-01"}}]},
            id="a period that ends first (per-1)",
        ),
        pytest.param(
            {"contained": [{"resourceType": "Patient", "contained": [{"resourceType": "Patient"}]}]}, id="dom-2"
        ),
    ],
)
def test_what_r4_does_not_allow_is_found(
    validators: dict[str, jsonschema_rs.Draft202012Validator], change: Json
) -> None:
    assert validators["Patient"].is_valid(MINIMAL)
    assert not validators["Patient"].is_valid(MINIMAL | change)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"_birthDate": {"extension": [{"url": "u:x", "valueString": "x"}]}}, id="only an extension"),
        pytest.param(
            {"name": [{"given": ["A", None], "_given": [None, {"extension": [{"url": "u:x", "valueCode": "x"}]}]}]},
            id="null where the other list has an extension",
        ),
        pytest.param({"birthDate": "1990"}, id="a partial date"),
        pytest.param({"managingOrganization": {"display": "x"}}, id="a reference without literal"),
    ],
)
def test_what_r4_allows_is_accepted(validators: dict[str, jsonschema_rs.Draft202012Validator], change: Json) -> None:
    assert validators["Patient"].is_valid(MINIMAL | change)
