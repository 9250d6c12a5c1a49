"""Which KT1 records share a business identifier, asked of the index (``ktcheck.index``).

Only records of kinds that move and that no answer leaves behind: what stays behind cannot collide in KT2.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from ktcheck.facts import Holder, SourceIdentifier
from ktcheck.source.careplan import first_text, values

DEFINITION = "ActivityDefinition"
DEFINITION_IDENTIFIER = "#ActivityDefinitionIdentifier"
_FAMILY = {"Patient", "Practitioner", "RelatedPerson"}

# Related persons are told apart by patient: who is close to two patients is two of them, with one number. Definitions
# are told apart by application: their identifier is a text of that application.
_GATHER = """
CREATE TEMP TABLE numbered AS
SELECT source.type AS type, json_extract(item.value, '$[0]') AS system, json_extract(item.value, '$[1]') AS value,
    iif(source.type = 'RelatedPerson', json_extract(CAST(source.refs AS TEXT), '$.patient[0]'), '') AS about,
    source.rowid AS record
FROM source, json_each(CAST(source.identifiers AS TEXT)) AS item
WHERE NOT source.stays AND source.type IN (SELECT value FROM json_each(:kinds))
UNION
SELECT source.type, :definition, definition.text, ifnull(source.application, ''), source.rowid
FROM definition JOIN source ON source.key = definition.link AND source.type = 'ActivityDefinition'
WHERE NOT source.stays AND source.type IN (SELECT value FROM json_each(:kinds))
"""
_GROUPS = """
SELECT type, system, value, about, COUNT(*), MIN(record) FROM numbered
GROUP BY type, system, value, about ORDER BY type, system, value, about
"""
_HOLDERS = """
SELECT source.key, source.application, source.content, EXISTS (SELECT 1 FROM migrated WHERE link = source.key)
FROM numbered JOIN source ON source.rowid = numbered.record
WHERE numbered.type = ? AND system = ? AND value = ? AND about IS ? ORDER BY source.rowid
"""


def shared(database: sqlite3.Connection, kinds: Iterable[str]) -> Iterator[SourceIdentifier]:
    """Every business identifier of records of these kinds, with who has it."""
    parameters = {"kinds": orjson.dumps(sorted(kinds)).decode(), "definition": DEFINITION_IDENTIFIER}
    database.execute(_GATHER, parameters)
    database.execute("CREATE INDEX temp.numbered_value ON numbered (type, system, value, about)")
    cursor = database.cursor()
    for kind, system, value, about, number, record in cursor.execute(_GROUPS):
        if number == 1:
            row = database.execute("SELECT key, application FROM source WHERE rowid = ?", (record,)).fetchone()
            holders = (Holder(key=row[0], application=row[1], names=frozenset()),)
            yield SourceIdentifier(type=kind, system=system, value=value, holders=holders, landed=False)
            continue
        rows = database.execute(_HOLDERS, (kind, system, value, about)).fetchall()
        yield SourceIdentifier(
            type=kind,
            system=system,
            value=value,
            holders=tuple(_holder(kind, row) for row in rows),
            landed=all(row[3] for row in rows),
        )


def _holder(kind: str, row: tuple[Any, ...]) -> Holder:
    key, application, data, _ = row
    content = orjson.loads(data)
    born = first_text(content, "birthDate")
    return Holder(
        key=key,
        application=application,
        names=frozenset(_names(kind, key, content)),
        born=born[:10] if born else None,
    )


def _names(kind: str, key: str, content: dict[str, Any]) -> Iterator[str]:
    """The names of a record, ready to compare: of a family name the last word, for some senders keep prefixes in it."""
    if kind == DEFINITION:
        yield key
    elif kind in _FAMILY:
        families = (" ".join(map(str, values(name, "family"))).split() for name in values(content, "name"))
        yield from (words[-1].casefold() for words in families if words)
    else:
        found = [*values(content, "name"), *values(content, "#Name")]
        yield from (" ".join(name.split()).casefold() for name in found if isinstance(name, str))
