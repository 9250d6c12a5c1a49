"""From the newest contents to the records of the inventory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ktcheck.source import references as refer
from ktcheck.source.careplan import (
    Part,
    activities,
    code,
    concept_codes,
    first_text,
    participants,
    plain,
    sub_activities,
    values,
)
from ktcheck.source.links import instant, kind_of
from ktcheck.source.record import SourceRecord
from ktcheck.source.statuses import Statuses, effective
from ktcheck.source.store import Newest, Store

_ROLE_CODES = "http://hl7.org/fhir/v3/RoleCode"
_DEFINITION_SYSTEM = "ActivityDefinition#ActivityDefinitionIdentifier"
_GENDERS = frozenset({"M", "F", "UN", "UNK", "male", "female", "other", "unknown"})
# What is uncertain about a care plan's content is uncertain about its activities.
_UNCERTAIN = frozenset(
    {"order-guessed", "same-version-different-content", "base-version", "refused", "receiver-failed"}
)
_TABLES = """
CREATE TABLE part (key TEXT, times INT, PRIMARY KEY (key)) WITHOUT ROWID;
CREATE TABLE team (link TEXT, member TEXT, patient TEXT);
CREATE TABLE definition (identifier TEXT, part TEXT);
"""


class Assembler:
    """Makes the records of a store in which everything was decided."""

    def __init__(self, store: Store) -> None:
        self._store = store
        for statement in _TABLES.strip().split(";\n"):
            store.database.execute(statement)
        self._statuses = Statuses(store)
        self._index_definitions()
        self._index_plans()
        store.database.execute("CREATE INDEX by_team ON team (link)")
        store.database.execute("CREATE INDEX by_definition ON definition (identifier)")

    def records(self) -> Iterator[SourceRecord]:
        """All records, in no particular order."""
        for found in self._store.newest():
            yield self._resource(found)
            if found.kind == "CarePlan":
                yield from self._activities(found)
        for link in self._store.only_referred():
            kind = kind_of(link)
            notes = ("unknown-kind",) if kind.startswith("Other(") else ()
            yield replace(self._seen(link), type=kind, basis="reference", notes=notes)

    def _index_definitions(self) -> None:
        for found in self._store.newest("ActivityDefinition"):
            names = [first_text(item, "#SubActivityIdentifier") for item in values(found.content, "#SubActivity")]
            if identifier := definition_identifier(found.content):
                self._store.database.executemany(
                    "INSERT INTO definition VALUES (?, ?)",
                    [(identifier, name) for name in ("", *names) if name is not None],
                )

    def _index_plans(self) -> None:
        database = self._store.database
        for found in self._store.newest("CarePlan"):
            people = participants(found.content)
            for activity in activities(found.link, found.content):
                people += participants(activity.content)
                keys = [activity.key, *(part.key for part in sub_activities(activity.key, activity.content))]
                database.executemany(
                    "INSERT INTO part VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
                    [(key,) for key in keys],
                )
            patient = next(iter(refer.plan_patient(found.content, found.patient)), None)
            database.executemany(
                "INSERT INTO team VALUES (?, ?, ?)",
                [(team, person.member, patient) for person in people for team in person.teams],
            )

    def _seen(self, link: str) -> SourceRecord:
        """A record of which only is known where and when it was seen."""
        sightings = self._store.sightings(link)
        return SourceRecord(
            type="",
            key=link,
            link=link,
            seen=sightings.seen,
            first_seen=instant(sightings.first),
            last_seen=instant(sightings.last),
        )

    def _resource(self, found: Newest) -> SourceRecord:
        application, notes = found.application, set(found.notes) | _checks(found.kind, found.content)
        own = refer.references(found.kind, found.content)
        if found.kind == "CareTeam":
            own = self._team_references(found.link, own)
        elif found.kind == "ActivityDefinition":
            names = (first_text(item, "display") for item in values(found.content, "#Application"))
            application = next((name for name in names if name), None)
        elif found.kind == "CarePlan":
            own = refer.without_empty({**own, "patient": refer.plan_patient(found.content, found.patient)})
        elif found.kind == "CarePlanActivityStatus" and not self._times(*own.get("activity", ("",))):
            notes.add("status-activity-unknown")
        return replace(
            self._seen(found.link),
            type=found.kind,
            version=found.version,
            application=application,
            basis=found.basis,
            references=own,
            content=found.content,
            notes=tuple(sorted(notes)),
        )

    def _team_references(self, link: str, own: refer.References) -> refer.References:
        """Members and patient of a care team follow from the plans whose participants name it (5.8)."""
        rows = self._store.database.execute("SELECT member, patient FROM team WHERE link = ?", (link,)).fetchall()
        people = {member for member, _ in rows if member and self._is_carer(member)}
        patients = {patient for _, patient in rows if patient}
        subject = own.get("subject") or (tuple(patients) if len(patients) == 1 else ())
        return refer.without_empty({**own, "subject": subject, "member": tuple(sorted(people))})

    def _is_carer(self, link: str) -> bool:
        return (self._store.kind(link) or kind_of(link)) in {"Practitioner", "RelatedPerson"}

    def _times(self, key: str) -> int:
        row = self._store.database.execute("SELECT times FROM part WHERE key = ?", (key.strip(),)).fetchone()
        return row[0] if row else 0

    def _activities(self, plan: Newest) -> Iterator[SourceRecord]:
        """The records of a plan's activities and sub-activities; seen where the plan was seen."""
        base = replace(self._seen(plan.link), version=plan.version, application=plan.application, basis=plan.basis)
        patient = refer.plan_patient(plan.content, plan.patient)
        for activity in activities(plan.link, plan.content):
            own = refer.activity_references(plan.link, plan.content, activity.content, patient)
            missing = set() if values(activity.content, "#StartDate") else {"no-start-date"}
            status, notes = effective(
                code(activity.content, "#ActivityStatus"), plan.fresh, self._statuses.reported(activity.key)
            )
            yield replace(
                base,
                type="CarePlanActivity",
                key=activity.key,
                references=own,
                content={**activity.content, "effectiveStatus": status},
                notes=self._part_notes(plan, activity, notes | missing),
            )
            yield from self._sub_activities(plan, base, activity, own)

    def _sub_activities(
        self, plan: Newest, base: SourceRecord, activity: Part, of_parent: refer.References
    ) -> Iterator[SourceRecord]:
        definition = next(iter(of_parent.get("definition", ())), "")
        own = first_text(activity.content, "id")
        parent = {"activityId": own} if own else {}
        for part in sub_activities(activity.key, activity.content):
            name = first_text(part.content, "#SubActivityIdentifier") or ""
            reported = self._statuses.reported(activity.key, name) if name else None
            status, notes = effective(code(part.content, "#SubActivityStatus"), plan.fresh, reported)
            yield replace(
                base,
                type="CarePlanSubActivity",
                key=part.key,
                references=refer.sub_activity_references(activity, of_parent),
                content={**part.content, **parent, "effectiveStatus": status},
                notes=self._part_notes(plan, part, notes | self._spelling(definition, name)),
            )

    def _part_notes(self, plan: Newest, part: Part, notes: set[str]) -> tuple[str, ...]:
        found = notes | (plan.notes & _UNCERTAIN)
        if part.note:
            found.add(part.note)
        if self._times(part.key) > 1:
            found.add("duplicate-key")
        return tuple(sorted(found))

    def _spelling(self, definition: str, name: str) -> set[str]:
        """Whether a known definition has this sub-activity, to the letter or nearly."""
        rows = self._store.database.execute(
            "SELECT part FROM definition WHERE identifier = ?", (definition,)
        ).fetchall()
        names = {row[0] for row in rows}
        if not names or not name or name in names:
            return set()
        return {"sub-activity-spelling"} if plain(name) in map(plain, names) else {"sub-activity-unknown"}


def definition_identifier(content: dict[str, Any]) -> str | None:
    """The identifier text of a definition, in its extension or in the deprecated element (5.6)."""
    deprecated = [
        item.get("value")
        for item in values(content, "identifier")
        if isinstance(item, dict) and str(item.get("system", "")).endswith(_DEFINITION_SYSTEM)
    ]
    found = first_text(content, "#ActivityDefinitionIdentifier") or next(iter(deprecated), None)
    return found if isinstance(found, str) else None


def _checks(kind: str, content: dict[str, Any]) -> set[str]:
    """Notes about values that many senders got wrong (kt1-source.md section 12)."""
    notes = set()
    if kind in {"Patient", "Practitioner", "RelatedPerson"} and "gender" in content:
        if concept_codes(content, "gender").isdisjoint(_GENDERS):
            notes.add("gender-unknown")
        if len(values(content["gender"], "coding")) > 1:
            notes.add("gender-several-codings")
    if kind == "RelatedPerson" and "relationship" in content:
        codings = values(content["relationship"], "coding")
        if not any(isinstance(item, dict) and item.get("system") == _ROLE_CODES for item in codings):
            notes.add("relationship-other-list")
    return notes
