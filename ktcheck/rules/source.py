"""Area *bron*: is the source inventory fit to compare with? (kt1-source.md sections 4, 8, 11 and 13.)"""

from __future__ import annotations

from collections.abc import Iterator

from ktcheck import tables
from ktcheck.facts import Announced, Context, LinkGroup, Message, SourceDomain, SourceMatch, SourceReference
from ktcheck.findings import Severity
from ktcheck.rules.base import Examination, Problem, rule
from ktcheck.scope import ACTIVITY, SUB_ACTIVITY
from ktcheck.source.links import flaws, kind_of

_UNDECIDED = {
    "order-guessed": (
        "alleen de volgorde van de bestanden besliste",
        "only the order of the files decided",
    ),
    "same-version-different-content": (
        "dezelfde versie komt met verschillende inhoud voor",
        "the same version occurs with different content",
    ),
    "refused": (
        "de server heeft het bericht met de nieuwste inhoud geweigerd",
        "the server refused the message with the newest content",
    ),
    "base-version": (
        "het nieuwste bericht is bewaard zoals verzonden, zonder ontvangstbevestiging",
        "the newest message was saved as sent, without its acknowledgement",
    ),
}
# Sent last is the newest; only whether the server took it is not known (kt1-source.md 4.4).
_LIGHT = frozenset({"base-version"})

_FLAWS = {
    "not-absolute": ("hij is geen volledig http(s)-adres", "it is no full http(s) address"),
    "blank": ("er staat een spatie of onzichtbaar teken in", "there is a blank or invisible character in it"),
    "query": ("er staat een zoekvraag (?) in", "there is a query (?) in it"),
    "fragment": ("er staat een fragment (#) in", "there is a fragment (#) in it"),
    "no-id": ("hij eindigt niet op soort en id", "it does not end in kind and id"),
    "other-kind": ("hij noemt een andere soort dan de resource is", "it names another kind than the resource is"),
}
_NOTHING = (
    "leidt naar niets dat in de broninventaris staat",
    "leads to nothing that is in the source inventory",
)
_RELATIVE = ("een verwijzing is geen volledige link", "a reference is not a full link")
_ONLY_REFERRED = (
    "hiernaar wordt alleen verwezen; geen bericht bevat deze resource",
    "this is only referred to; no message holds this resource",
)
_NOBODY = (
    "geen applicatie van het domeinbestand is de bron van dit type",
    "no application of the domain file is the source of this type",
)
_SEVERAL = (
    "meer dan één applicatie is de bron van dit type, en geen ervan heet zoals de afzender",
    "more than one application is the source of this type, and none is called as the sender is",
)
_SENDERS = (
    "meer dan één applicatie heeft deze resource als hoofdresource verzonden",
    "more than one application sent this resource as the focal one",
)
Text = tuple[str, str]


@rule("source.readable", Message)
def readable(message: Message, _: Context) -> Examination:
    """Every message can be read in full (kt1-source.md 8: read leniently, report strictly)."""
    reject = message.reject
    if reject is None:
        return Examination(scope="bericht")
    problem = Problem(
        source=f"{reject.file}: {reject.place}",
        words={"reason_nl": reject.reason_nl, "reason_en": reject.reason_en},
    )
    return Examination(scope="bericht", problems=(problem,))


@rule("source.one-domain", SourceDomain)
def one_domain(domain: SourceDomain, _: Context) -> Examination:
    """All messages carry the tag of one KT1 domain (kt1-source.md 2.4)."""
    if domain.main:
        return Examination(scope="bericht")
    problem = Problem(actual=domain.name, words={"count": domain.messages})
    return Examination(scope="bericht", problems=(problem,))


@rule("source.newest", SourceMatch)
def newest(match: SourceMatch, _: Context) -> Examination | None:
    """It is certain which version of a record is the newest (MIG-KT-002; kt1-source.md 4.3)."""
    source = match.source
    if source.basis == "reference":
        return None
    found = [
        Problem(
            source=source.key,
            words={"type": source.type, "note_nl": nl, "note_en": en},
            severity=Severity.ADVICE if note in _LIGHT else None,
        )
        for note, (nl, en) in _UNDECIDED.items()
        if note in source.notes
    ]
    return Examination(scope=source.type, application=source.application, problems=tuple(found))


@rule("source.unique-key", SourceMatch)
def unique_key(match: SourceMatch, _: Context) -> Examination:
    """A key stands for one record (MIG-KT-002; kt1-source.md 4.6: nothing in KT1 guaranteed it)."""
    source = match.source
    found: tuple[Problem, ...] = ()
    if match.alike > 1:
        found = (Problem(source=source.key, words={"type": source.type, "count": match.alike}),)
    return Examination(scope=source.type, application=source.application, problems=found)


@rule("source.known-kind", SourceMatch)
def known_kind(match: SourceMatch, _: Context) -> Examination:
    """The mapping says for every kind of record whether it moves (MIG-KT-001; kt1-source.md 8, rule 2)."""
    source = match.source
    found: tuple[Problem, ...] = ()
    if match.row is None:
        found = (Problem(source=source.key, path="code", actual=source.content.get("code"), words={"type": "Other"}),)
    return Examination(scope="soort", application=source.application, problems=found)


@rule("source.link", SourceMatch)
def link(match: SourceMatch, _: Context) -> Examination | None:
    """The link of a resource is ``<base>/<Kind>/<id>`` (kt1-source.md 4.1): MIG-KT-002 makes the identifier of it."""
    source = match.source
    if source.type in {ACTIVITY, SUB_ACTIVITY}:
        return None
    # Of a kind that the mapping does not know, nobody can say what its link should be.
    kind = source.type if match.row else kind_of(source.link)
    found = [_noted(match, _FLAWS[flaw]) for flaw in flaws(source.link, kind)]
    return Examination(scope=source.type, application=source.application, problems=tuple(found))


@rule("source.alike", LinkGroup)
def alike(group: LinkGroup, _: Context) -> Examination:
    """No two links differ only in how they are written (kt1-source.md 4.1: http and https both occur)."""
    found: tuple[Problem, ...] = ()
    if len(group.links) > 1:
        words = {"type": group.type, "count": len(group.links)}
        found = (Problem(source=group.links[0], actual=list(group.links), words=words),)
    return Examination(scope=group.type, problems=found)


@rule("source.resolves", SourceMatch)
def resolves(match: SourceMatch, context: Context) -> Examination | None:
    """Every reference leads to a record of a kind that it may lead to (kt1-source.md 5, 8 rule 7 and 11, OQ-20).

    What KT1 only refers to is normal there; after the migration completeness judges whether its owner made it.
    """
    source = match.source
    if source.basis == "reference":
        return _only_referred(match, context)
    allowed = tables.source_references().get(source.type, {})
    examined = [reference for reference in match.refers if reference.name in allowed]
    found = [problem for reference in examined for problem in _astray(match, reference, allowed[reference.name])]
    relative = "relative-reference" in source.notes
    if relative:
        found.append(_noted(match, _RELATIVE))
    if not examined and not relative:
        return None
    return Examination(
        scope=source.type,
        application=source.application,
        problems=tuple(found),
        examined=len(examined) + relative,
    )


def _only_referred(match: SourceMatch, context: Context) -> Examination | None:
    if not match.expected:
        return None
    settled = context.migrated or context.agreements.agreed("referred-only")
    problem = _noted(match, _ONLY_REFERRED, agreement="referred-only", severity=Severity.ADVICE)
    return Examination(
        scope=match.source.type, application=match.source.application, problems=() if settled else (problem,)
    )


def _astray(match: SourceMatch, reference: SourceReference, allowed: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with where a reference leads to."""
    name = reference.name
    if not reference.found:
        # A status of an activity that left its plan says nothing that moves.
        light = Severity.ADVICE if match.source.type == "CarePlanActivityStatus" else None
        yield _noted(match, (f"{name} {_NOTHING[0]}", f"{name} {_NOTHING[1]}"), path=name, severity=light)
    elif not any(found.kind in allowed for found in reference.found):
        kind = reference.found[0].kind
        known = kind in tables.migration().rows
        dutch, english = (f"soort {kind}", f"kind {kind}") if known else ("onbekende soort", "unknown kind")
        where = (f"{name} leidt naar een resource van {dutch}", f"{name} leads to a resource of {english}")
        yield _noted(match, where, path=name)


@rule("source.owner", SourceMatch)
def owner(match: SourceMatch, context: Context) -> Examination | None:
    """One application is the source of a record (MIG-KT-001, kt1-source.md 1 and 11 step 6)."""
    source, row = match.source, match.row
    if not context.applications or row is None:
        return None
    moves = row.kt2 is not None and row.moves(context.profile_version) and not source.stays
    if not moves and source.basis != "focal":
        return None
    found = []
    if moves and source.application is None:
        found.append(_noted(match, _SEVERAL if context.owners(row.kt2 or "") else _NOBODY))
    if "several-senders" in source.notes:
        found.append(_noted(match, _SENDERS))
    return Examination(scope=source.type, application=source.application, problems=tuple(found))


@rule("source.announced", Announced)
def announced(number: Announced, _: Context) -> Examination:
    """Each application sent as many records as it announced (kt1-source.md 11: exports forget records)."""
    found: tuple[Problem, ...] = ()
    if number.found != number.number:
        words = {
            "application": number.application,
            "kind": number.kind,
            "number": number.number,
            "found": number.found,
            "undecided": number.undecided,
        }
        found = (Problem(expected=number.number, actual=number.found, words=words),)
    return Examination(scope=number.kind, application=number.application, problems=found)


def _noted(
    match: SourceMatch,
    note: Text,
    *,
    path: str | None = None,
    agreement: str | None = None,
    severity: Severity | None = None,
) -> Problem:
    # The code of another kind is the sender's and can be anything.
    kind = match.source.type if match.source.type in tables.migration().rows else "Other"
    words = {"type": kind, "note_nl": note[0], "note_en": note[1]}
    return Problem(source=match.source.key, path=path, words=words, agreement=agreement, severity=severity)
