"""What holds for all rules together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck import matching, references, tables
from ktcheck.facts import Fact, Message, MigrationIdentifier, Reference, Target
from ktcheck.rules import Rule, registered
from ktcheck.rules.base import rule
from ktcheck.snapshot.store import RESOURCE_TYPES
from tests.building import ID, MIGRATION, say, source

SOURCE = re.compile(r"MIG-|TOP-KT|KT2-|BIA-|IDR-|IAM-|OQ-|kt1-source|nl-core|DRB-|R4|issue ")


@pytest.mark.parametrize("found", registered().values(), ids=registered())
def test_a_rule_says_what_it_demands_and_who_says_so(found: Rule) -> None:
    text = found.check.__doc__ or ""
    assert SOURCE.search(text), f"{found.id} does not name its source"


@pytest.mark.parametrize("found", registered().values(), ids=registered())
def test_a_rule_is_where_its_name_says(found: Rule) -> None:
    area, _, name = found.id.partition(".")
    assert found.check.__module__ == f"ktcheck.rules.{area}"
    assert found.check.__name__ in {name.replace("-", "_"), f"allowed_{name}"}


@pytest.mark.parametrize("name", registered())
def test_a_rule_has_a_truth_table(name: str) -> None:
    area, _, own = name.partition(".")
    tables_of_area = Path(__file__).with_name(f"test_{area}.py").read_text(encoding="utf-8")
    made = own in tables.refusals()
    assert (f'say(f"{area}.{{name}}", ' if made else f'say("{name}", ') in tables_of_area


def test_a_second_rule_of_the_same_name_is_refused() -> None:
    def again(_: Message, __: object) -> None:
        """Never called."""

    with pytest.raises(ValueError, match="two rules"):
        rule("source.readable", Message)(again)


# ---- what comes from outside may be anything ---------------------------------------------------------------------

NAMES = st.sampled_from(
    ["identifier", "extension", "system", "value", "use", "url", "valueReference", "reference", "for", "participant"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.sampled_from(["", "Patient/1", f"{MIGRATION}Patient", "bsn"])
JSON = st.recursive(SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=4))
RESOURCES = st.dictionaries(NAMES, JSON, max_size=5)


def _references(kind: str, resource: dict[str, Any]) -> Iterator[Reference]:
    for path, place, value in references.walk(resource):
        form, to_type, to_id = references.read(value, None)
        yield Reference(
            path=path,
            place=place,
            raw=value.get("reference") if form != "logical" else None,
            form=form,
            type=to_type,
            target=f"{to_type}/{to_id}" if to_type else None,
            exists=False if to_type else None,
            row=tables.references().row(kind, path),
        )


@given(st.sampled_from(RESOURCE_TYPES), RESOURCES, st.booleans())
def test_no_rule_stumbles_over_a_resource_that_is_no_fhir(kind: str, content: dict[str, Any], known: bool) -> None:
    record = source("Patient", identifiers=[("bsn", "1")])
    identifiers = [
        MigrationIdentifier(
            system=item["system"],
            value=item["value"],
            use=None,
            key=item["value"],
            sources=(record,) if known else (),
            rows=(tables.migration().rows["Patient"],) if known else (),
        )
        for item in matching.identifiers(content)
        if isinstance(item.get("system"), str) and isinstance(item.get("value"), str)
    ]
    fact: Fact = Target(
        type=kind,
        id=ID,
        resource={"resourceType": kind, "id": ID, **content},
        migrated=tuple(identifiers),
        references=tuple(_references(kind, content)),
        expected=(),
    )
    said = {name: say(name, fact) for name, found in registered().items() if found.fact is Target}
    assert said["identification.logical-id"] is not None
    assert all(outcome is None or outcome.scope == kind for outcome in said.values())
