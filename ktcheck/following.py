"""What KT1 meant: its references, followed through the migration identifiers to resources of KT2 (MIG-KT-002).

Looks things up in the tables of ``ktcheck.index``, which fills them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache

from ktcheck import scope
from ktcheck.agreements import Agreements
from ktcheck.facts import Expected, MigrationIdentifier, Reference, Source
from ktcheck.source.careplan import plain
from ktcheck.tables import ReferenceRow

_CACHE = 65_536
_PERFORMER = "performer"
_STANDS_FOR = """
SELECT DISTINCT migrated.link FROM migrated JOIN source ON source.key = migrated.link
WHERE migrated.type = ? AND migrated.id = ?
"""
_KINDS = "SELECT type, stays FROM source WHERE key = ?"
_TEXTS = "SELECT text FROM definition WHERE link = ?"


class Following:
    """Follows references of KT1 records, in the database of an index that was built.

    ``movable`` says of a KT1 kind whether this domain can hold it: release 0.8 has no related persons.
    """

    def __init__(self, database: sqlite3.Connection, movable: Callable[[str], bool], agreements: Agreements) -> None:
        self._db = database
        self._movable = movable
        self._agreements = agreements
        self._rows = cache(lambda resource_type: scope.reference_rows(resource_type, agreements))
        self._resolve = lru_cache(_CACHE)(self.holders)

    def holders(self, link: str) -> tuple[str, ...]:
        """The resources with the migration identifier of a KT1 link, as ``<Type>/<id>``."""
        rows = self._db.execute("SELECT DISTINCT type, id FROM migrated WHERE link = ? ORDER BY type, id", (link,))
        return tuple(f"{resource_type}/{identifier}" for resource_type, identifier in rows)

    def expected(
        self, resource_type: str, migrated: tuple[MigrationIdentifier, ...], found: tuple[Reference, ...]
    ) -> Iterator[Expected]:
        """What KT1 says about each reference of a resource with these migration identifiers and references."""
        everything = tuple(source for item in migrated for source in item.sources)
        for row in self._rows(resource_type):
            actual = tuple(ref for ref in found if ref.path == row.path)
            for sources in [item.sources for item in migrated] if row.each else [everything]:
                links = [link for source in sources for link in self._meant(row, source)]
                if not links or (row.single and len(links) != len(sources)):
                    continue
                if row.several and any(len(source.references.get(_PERFORMER, ())) > 1 for source in sources):
                    yield self._several(row, row.several, sources, actual)
                    continue
                targets = self._all_holders(links)
                behind = not targets and self._left_behind(links)
                yield Expected(
                    row=row,
                    targets=targets,
                    also=self._also(row, sources, actual),
                    actual=actual,
                    strangers=self._strangers(links, actual) if row.each and not targets and not behind else (),
                    agreement=row.agreement,
                    left_behind=behind,
                )

    def _several(
        self, row: ReferenceRow, question: str, sources: tuple[Source, ...], actual: tuple[Reference, ...]
    ) -> Expected:
        """Who owns the Task of an activity with several performers: what was agreed, or else any reading (OQ-12)."""
        performers = tuple(link for source in sources for link in source.references.get(_PERFORMER, ()))
        everybody = self._all_holders(performers)
        others: tuple[str, ...] = ()
        match self._agreements.option(question):
            case "first":
                targets = self._resolve(performers[0])
            case "task-each":
                targets = everybody
            case _:
                targets = self._teams_of(sources, performers)
        if not self._agreements.agreed(question):
            others = (*everybody, *self._also(row, sources, actual))
        right = {*targets, *others}
        # Of whom no resource can be seen nobody can say that the owner is somebody else.
        unseen = targets or not all(self._resolve(link) for link in (*performers, *self._patients(sources)))
        return Expected(
            row=row,
            targets=targets,
            also=others,
            actual=actual,
            strangers=() if unseen else tuple(ref.target for ref in actual if ref.target and ref.target not in right),
            agreement=question,
        )

    def _teams_of(self, sources: tuple[Source, ...], performers: tuple[str, ...]) -> tuple[str, ...]:
        """The care teams of the patient that all performers are members of; the patient is in his own team."""
        patients = self._all_holders(self._patients(sources))
        wanted = [{*self._resolve(link)} for link in performers]
        found = []
        for patient in patients:
            for (team,) in self._db.execute("SELECT id FROM team WHERE patient = ? ORDER BY id", (patient,)):
                members = {name for (name,) in self._db.execute("SELECT name FROM member WHERE team = ?", (team,))}
                if all(holders & {patient, *members} for holders in wanted):
                    found.append(f"CareTeam/{team}")
        return tuple(found)

    def _meant(self, row: ReferenceRow, source: Source) -> Iterator[str]:
        for name in row.kt1.get(source.type, ()):
            if source.references.get(name):
                yield from self._links(name, source.references[name])
                break
        for name in row.plus:
            yield from source.references.get(name, ())

    def _links(self, name: str, values: Iterable[str]) -> Iterator[str]:
        """KT1 references as links; a definition is referred to by the text of its identifier.

        The text of a definition that KT1 does not have stands for itself: no resource has that link.
        """
        for value in values:
            if name != "definition":
                yield value
                continue
            query = "SELECT link FROM definition WHERE text = ? ORDER BY link"
            known = [link for (link,) in self._db.execute(query, (value,))]
            yield from known or [value]

    def _left_behind(self, links: Iterable[str]) -> bool:
        """Whether everything that KT1 meant stays behind, by an answer."""
        found = [stays for link in links for _, stays in self._db.execute(_KINDS, (link,))]
        return bool(found) and all(found)

    def _all_holders(self, links: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(holder for link in links for holder in self._resolve(link)))

    def _also(self, row: ReferenceRow, sources: tuple[Source, ...], actual: tuple[Reference, ...]) -> tuple[str, ...]:
        """What another reading of the mapping puts at an element."""
        found = self._all_holders(
            link for source in sources for name in row.also for link in source.references.get(name, ())
        )
        if row.also_type is None:
            return found
        patients = self._all_holders(self._patients(sources))
        allowed = (ref.target for ref in actual if ref.type == row.also_type and ref.target)
        return (*found, *(name for name in allowed if self._subject(name) in {None, *patients}))

    def _patients(self, sources: tuple[Source, ...]) -> list[str]:
        return [link for source in sources for link in source.references.get("patient", ())]

    def _subject(self, team: str) -> str | None:
        """The patient of a care team, None when it names none."""
        query = "SELECT patient FROM team WHERE id = ?"
        row = self._db.execute(query, (team.rpartition("/")[2],)).fetchone()
        return row[0] if row else None

    def _strangers(self, meant: list[str], actual: tuple[Reference, ...]) -> tuple[str, ...]:
        """Those of the resources that stand for something else in KT1 than what was meant.

        A definition whose identifier KT1 does not tell, or that differs in blanks or case only, may be the one. What
        cannot be in this domain at all had to be replaced by something else.
        """
        if any(not self._movable(kind) for link in meant for kind, _ in self._db.execute(_KINDS, (link,))):
            return ()
        found = []
        texts = {plain(text) for text in meant}
        for name in (ref.target for ref in actual if ref.target):
            links = [link for (link,) in self._db.execute(_STANDS_FOR, name.split("/"))]
            if name.startswith("ActivityDefinition/"):
                own = {plain(text) for link in links for (text,) in self._db.execute(_TEXTS, (link,))}
                other = bool(own) and own.isdisjoint(texts)
            else:
                other = bool(links)
            if other:
                found.append(name)
        return tuple(found)
