"""Whether patients have what the applications of their activities cannot do without, asked of the index.

An activity is for the application that its definition is of. Source: the domain file (``requires``) and
``profiles/needs.yaml``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from ktcheck import tables
from ktcheck.domain import Application
from ktcheck.facts import Need
from ktcheck.mapping.transforms import local_date
from ktcheck.source.careplan import values
from ktcheck.tables import Needed

_AROUND = """
CREATE TEMP TABLE around (kind TEXT, patient TEXT, PRIMARY KEY (kind, patient)) WITHOUT ROWID
"""
_GATHER = """
INSERT OR IGNORE INTO around
SELECT source.type, item.value FROM source, json_each(CAST(refs AS TEXT), ?) AS item
WHERE source.type = ? AND NOT stays
"""
_PATIENTS = """
SELECT DISTINCT json_extract(CAST(activity.refs AS TEXT), '$.patient[0]') AS patient
FROM source AS activity
JOIN definition ON definition.text = json_extract(CAST(activity.refs AS TEXT), '$.definition[0]')
JOIN source AS found ON found.key = definition.link AND found.type = 'ActivityDefinition'
WHERE activity.type = 'CarePlanActivity' AND NOT activity.stays AND found.application = ? AND patient IS NOT NULL
"""
_PATIENT = "SELECT application, content, identifiers FROM source WHERE key = ? AND type = 'Patient' LIMIT 1"


def needs(database: sqlite3.Connection, applications: Iterable[Application]) -> Iterator[Need]:
    """Every requirement of an application, for every patient with an activity that moves and is for it."""
    asking = [app for app in applications if app.requires]
    if not asking:
        return
    database.execute(_AROUND)
    for row in tables.needs().values():
        if row.record:
            database.execute(_GATHER, (f"$.{row.by}", row.record))
    for app in asking:
        for (patient,) in database.execute(_PATIENTS, (app.name,)):
            yield from _of(database, app, patient)


def _of(database: sqlite3.Connection, app: Application, patient: str) -> Iterator[Need]:
    """The requirements of one application for one patient; whom KT1 only refers to has nothing."""
    source, data, identifiers = database.execute(_PATIENT, (patient,)).fetchone() or (None, b"{}", b"[]")
    content = orjson.loads(data)
    systems = {system for system, _ in orjson.loads(identifiers)}
    for name in app.requires:
        row = tables.needs()[name]
        if row.record:
            query = "SELECT 1 FROM around WHERE kind = ? AND patient = ?"
            met = database.execute(query, (row.record, patient)).fetchone() is not None
        else:
            met = row.identifier in systems if row.identifier else has(row, content)
        yield Need(application=app.name, name=name, patient=patient, source=source, met=met)


def has(row: Needed, content: dict[str, Any]) -> bool:
    """Whether the content of a KT1 patient holds an element as the table wants it."""
    assert row.element is not None  # the table says where, in one of three ways
    found = values(content, row.element)
    if not row.holds:
        return any(local_date(item) for item in found) if row.date else bool(found)
    return any(
        isinstance(item, dict) and all(_holds(item, name, wanted) for name, wanted in row.holds.items())
        for item in found
    )


def _holds(item: dict[str, Any], name: str, wanted: str | None) -> bool:
    value = item.get(name)
    return str(value).casefold() == wanted if wanted else bool(value)
