"""Small builders of facts: what a test does not name is in order."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ktcheck import references as reading
from ktcheck import tables
from ktcheck.agreements import Agreements, Answer
from ktcheck.domain import Application
from ktcheck.facts import (
    Context,
    Expected,
    Fact,
    MigrationIdentifier,
    Reference,
    Source,
    SourceMatch,
    Target,
)
from ktcheck.rules import Examination, registered
from ktcheck.source.record import Basis

KT1 = "https://kt1.example/zorgvoorbeeld"
LINK = f"{KT1}/Patient/1"
BSN = "http://fhir.nl/fhir/NamingSystem/bsn"
MIGRATION = "http://koppeltaal.nl/migration/identifier/"
ORIGIN = tables.references().origin
INSTANTIATES = tables.references().instantiates
ENDPOINT = tables.references().endpoint


def number(which: int) -> str:
    """A logical id as the server issues them: another one for each number."""
    return str(uuid.UUID(int=which, version=4))


ID = number(1)


def application(name: str, *owns: str) -> Application:
    """An application; its Device and client_id have its name."""
    return Application.model_validate(
        {"name": name, "client_id": name, "device": f"Device/{name}", "role": "source", "owns": list(owns)}
    )


EPD = application("epd", "Patient", "RelatedPerson", "Organization")
PORTAL = application("portaal", "Practitioner", "CareTeam", "Task")
MODULE = application("module", "ActivityDefinition", "Endpoint")
OTHER_MODULE = application("andere", "ActivityDefinition", "Endpoint")
CONTEXT = Context(applications=(EPD, PORTAL, MODULE, OTHER_MODULE), profile_version="0.16.3")


def answers(**options: str) -> Agreements:
    """What a cluster agreed: ``key_of_question="option"``, with a value after a blank where the option asks for one."""
    given = {key.replace("_", "-"): text.partition(" ") for key, text in options.items()}
    return Agreements({key: Answer(option=option, value=value or None) for key, (option, _, value) in given.items()})


def agreed(**options: str) -> Context:
    """What rules may know when a cluster agreed on these answers."""
    return replace(CONTEXT, agreements=answers(**options))


def source(
    kind: str = "Patient",
    key: str = LINK,
    *,
    app: str | None = "epd",
    basis: Basis = "focal",
    identifiers: Sequence[tuple[str, str]] = (),
    references: Mapping[str, tuple[str, ...]] | None = None,
    notes: Sequence[str] = (),
    content: Mapping[str, Any] | None = None,
) -> Source:
    """A KT1 record."""
    return Source(
        type=kind,
        key=key,
        link=key,
        application=app,
        basis=basis,
        identifiers=tuple(identifiers),
        references=references or {},
        notes=tuple(notes),
        content=content or {},
    )


def match(
    record: Source | None = None,
    *,
    holders: Sequence[str] = (f"Patient/{ID}",),
    alike: int = 1,
    expected: bool = True,
    visible: bool = True,
) -> SourceMatch:
    """A KT1 record beside the resources that carry its migration identifier."""
    record = record or source()
    return SourceMatch(
        source=record,
        row=tables.migration().rows.get(record.type),
        expected=expected,
        alike=alike,
        holders=tuple(holders),
        visible=visible,
    )


def migrated(
    *records: Source, system: str | None = None, value: str | None = None, use: str | None = "temp"
) -> MigrationIdentifier:
    """A migration identifier of these records; without any, of something that KT1 did not have."""
    rows = tuple(tables.migration().rows[record.type] for record in records)
    key = records[0].key if records else LINK
    return MigrationIdentifier(
        system=f"{MIGRATION}{rows[0].identifier if rows else 'Patient'}" if system is None else system,
        value=key if value is None else value,
        use=use,
        key=key,
        sources=records,
        rows=rows,
    )


def reference(resource_type: str, path: str, raw: str | None, *, exists: bool | None = True) -> Reference:
    """A reference at an element of a resource type; None: it has an identifier only."""
    form, to_type, to_id = reading.read({} if raw is None else {"reference": raw}, None)
    return Reference(
        path=path,
        place=path,
        raw=raw,
        form=form,
        type=to_type,
        target=f"{to_type}/{to_id}" if to_type else None,
        exists=exists if form == "literal" else None,
        row=tables.references().row(resource_type, path),
    )


def expected(
    resource_type: str, path: str, targets: Sequence[str], actual: Sequence[Reference], also: Sequence[str] = ()
) -> Expected:
    """What KT1 says that an element has to point to, beside what it points to."""
    row = tables.references().rows[resource_type, path]
    return Expected(row=row, targets=tuple(targets), also=tuple(also), actual=tuple(actual), agreement=row.agreement)


def target(
    resource_type: str = "Patient",
    *found: MigrationIdentifier,
    identity: str = ID,
    references: Sequence[Reference] = (),
    meant: Sequence[Expected] = (),
    **content: Any,
) -> Target:
    """A KT2 resource with this content."""
    return Target(
        type=resource_type,
        id=identity,
        resource={"resourceType": resource_type, "id": identity, **content},
        migrated=found,
        references=tuple(references),
        expected=tuple(meant),
    )


def say(rule: str, fact: Fact, context: Context = CONTEXT) -> Examination | None:
    """What a rule says of a fact; its messages can be filled in, in both languages, and hold no KT1 link."""
    found = registered()[rule]
    assert isinstance(fact, found.fact), f"{rule} looks at {found.fact.__name__}"
    examination = found.check(fact, context)
    for problem in examination.problems if examination else ():
        for language in ("nl", "en"):
            message = tables.rules()[rule].message(language, problem.words)
            assert KT1 not in message
    return examination
