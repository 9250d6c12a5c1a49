"""Area *bron*: is the source inventory fit to compare with? (kt1-source.md sections 4, 8 and 13.)"""

from __future__ import annotations

from ktcheck.facts import Context, Message, SourceDomain, SourceMatch
from ktcheck.rules.base import Examination, Problem, rule

_UNDECIDED = {
    "order-guessed": (
        "alleen de volgorde van de bestanden besliste",
        "only the order of the files decided",
    ),
    "same-version-different-content": (
        "dezelfde versie komt met verschillende inhoud voor",
        "the same version occurs with different content",
    ),
}


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
        Problem(source=source.key, words={"type": source.type, "note_nl": nl, "note_en": en})
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
        found = (Problem(source=source.key, words={"type": source.type}),)
    return Examination(scope="soort", application=source.application, problems=found)
