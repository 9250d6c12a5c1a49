"""How the two sides are laid beside each other: truth tables."""

from __future__ import annotations

from typing import Any

import pytest

from ktcheck import matching, tables
from ktcheck.domain import Domain
from ktcheck.source.record import SourceRecord
from tests.building import BSN, EPD, MODULE, OTHER_MODULE, PORTAL, application

DOMAIN = Domain.model_validate({"domain": {"name": "z"}, "application": [EPD, PORTAL, MODULE, OTHER_MODULE]})


def record(kind: str = "Patient", application: str | None = None, /, **content: Any) -> SourceRecord:
    return SourceRecord(type=kind, key="k", link="k", application=application, content=content)


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        ({}, []),
        ({"identifier": None}, []),
        ({"identifier": {"value": "1"}}, []),
        ({"identifier": []}, []),
        ({"identifier": [{"value": "1"}, "2", None, {"value": "3"}]}, [{"value": "1"}, {"value": "3"}]),
    ],
)
def test_identifiers(resource: dict[str, Any], found: list[dict[str, str]]) -> None:
    assert list(matching.identifiers(resource)) == found


@pytest.mark.parametrize(
    ("system", "meant"),
    [
        ("http://koppeltaal.nl/migration/identifier/Patient", True),
        ("http://koppeltaal.nl/migration/identifier/", True),
        ("https://koppeltaal.nl/migration/identifier/Patient", True),
        ("http://www.koppeltaal.nl/migration/Identifier/Patient", True),
        ("koppeltaal.nl/migration/Patient", True),
        ("http://koppeltaal.nl/identifier/Patient", False),
        ("http://vzvz.nl/fhir/NamingSystem/koppeltaal-client-id", False),
        (BSN, False),
        ("", False),
    ],
)
def test_a_migration_system_is_recognised_also_when_it_is_misspelt(system: str, meant: bool) -> None:
    assert matching.is_migration_system(system) is meant


@pytest.mark.parametrize(
    ("record", "found"),
    [
        pytest.param(record(), [], id="none"),
        pytest.param(record(identifier=[{"system": BSN, "value": "1"}]), [(BSN, "1")], id="as KT2 spells it"),
        pytest.param(record(identifier=[{"system": "bsn", "value": "1"}]), [(BSN, "1")], id="as KT1 spells it"),
        pytest.param(record(identifier=[{"system": "urn:epd", "value": "1"}]), [("urn:epd", "1")], id="of its own"),
        pytest.param(record(identifier=[{"value": "1"}, {"system": "urn:epd"}]), [], id="half of one"),
        pytest.param(
            record("CareTeam", **{"#CareTeamIdentifier": [{"system": "urn:t", "value": "1"}, "text"]}),
            [("urn:t", "1")],
            id="a care team's extension",
        ),
        pytest.param(
            record("ActivityDefinition", identifier=[{"system": "urn:d", "value": "1"}]),
            [],
            id="a definition's: its key may be shared by applications",
        ),
        pytest.param(record("CarePlan", identifier=[{"system": "urn:p", "value": "1"}]), [], id="a care plan's"),
    ],
)
def test_business_identifiers(record: SourceRecord, found: list[tuple[str, str]]) -> None:
    assert matching.business_identifiers(record) == found


@pytest.mark.parametrize(
    ("record", "texts"),
    [
        (record("ActivityDefinition"), set()),
        (record("ActivityDefinition", **{"#ActivityDefinitionIdentifier": ["a", {"b": 1}]}), {"a"}),
        (record("ActivityDefinition", identifier=[{"value": "b"}, {"value": 1}]), {"b"}),
        (
            record("ActivityDefinition", identifier=[{"value": "b"}], **{"#ActivityDefinitionIdentifier": ["a"]}),
            {"a", "b"},
        ),
    ],
)
def test_the_texts_by_which_a_definition_is_referred_to(record: SourceRecord, texts: set[str]) -> None:
    assert matching.definition_texts(record) == texts


@pytest.mark.parametrize(
    ("record", "owner"),
    [
        pytest.param(record("Patient"), "epd", id="one owner of the type"),
        pytest.param(record("Patient", "Module"), "epd", id="one owner of the type, sent by another"),
        pytest.param(record("CarePlanActivity"), "portaal", id="the type it becomes"),
        pytest.param(record("ActivityDefinition"), None, id="two owners, sender unknown"),
        pytest.param(record("ActivityDefinition", "Module"), "module", id="two owners, sender known"),
        pytest.param(record("ActivityDefinition", "MODULE versie 2"), "module", id="sender with more to its name"),
        pytest.param(record("ActivityDefinition", "and"), "andere", id="sender with less to its name"),
        pytest.param(record("ActivityDefinition", "epd"), None, id="two owners, sender is neither"),
        pytest.param(record("ActivityDefinition", "e"), None, id="two owners, sender could be both"),
        pytest.param(record("CarePlan"), None, id="does not move, sender unknown"),
        pytest.param(record("CarePlan", "Portaal"), "portaal", id="does not move, sender known"),
        pytest.param(record("Other(Onbekend)", "EPD"), "epd", id="unknown kind, sender known"),
    ],
)
def test_owner(record: SourceRecord, owner: str | None) -> None:
    assert matching.owner(record, tables.migration().rows.get(record.type), DOMAIN) == owner


def test_a_type_that_nobody_owns_has_no_owner() -> None:
    domain = Domain.model_validate({"domain": {"name": "z"}, "application": [application("epd")]})
    assert matching.owner(record("Patient", "epd"), tables.migration().rows["Patient"], domain) is None
