"""What rules look at: facts that are complete in themselves, so that a rule needs no look-ups and no I/O.

The index (``ktcheck.index``) joins source inventory and snapshot and hands these out one by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ktcheck.agreements import Agreements
from ktcheck.domain import Application
from ktcheck.idp.facts import ProvidedFact
from ktcheck.launch.facts import LaunchFact
from ktcheck.source.record import Reject
from ktcheck.tables import Migration, ReferenceRow

_POSITION = re.compile(r"\[\d+\]")

Form = Literal["literal", "logical", "contained", "elsewhere", "malformed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A KT1 record: what has to be found back in KT2.

    ``identifiers`` are (system, value) with the system as KT2 spells it; those without a system are left out.
    ``application`` is the name of the application in the domain file that is its source, or None when that
    cannot be decided. ``link`` and ``content`` are those of ``ktcheck.source.record.SourceRecord``; ``key`` is the
    one that the cluster agreed on. ``rests_on`` is the question that decides whether this record moves, if one does;
    ``stays``: by its answer it does not.
    """

    type: str
    key: str
    link: str
    application: str | None
    basis: str
    identifiers: tuple[tuple[str, str], ...]
    references: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]
    content: Mapping[str, Any]
    rests_on: str | None = None
    stays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """A KT1 record that a reference leads to: ``type`` is the KT2 type it becomes, None when it stays behind.

    ``kind`` is its KT1 kind, ``application`` as in ``Source``.
    """

    kind: str
    key: str
    type: str | None
    application: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReference:
    """A reference of a KT1 record and the records it leads to.

    ``name`` as in ``SourceRecord.references``; ``value`` is the link, the activity's key or the definition's text.
    """

    name: str
    value: str
    found: tuple[Referred, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkGroup:
    """Links of KT1 resources that differ at most in scheme, port, case or a slash at the end; ``type`` of the first."""

    type: str
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """How many records of a KT1 kind an application announced to hold, and how many of its own were sent.

    ``undecided`` is how many more of that kind were sent by nobody knows whom.
    """

    application: str
    kind: str
    number: int
    found: int
    undecided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationGroup:
    """KT1 records of one application and KT2 type that are published.

    Without ``circle`` those that do not wait for themselves. Else one record (``key``) that does, in a circle of so
    many records; ``through`` are their KT2 types, from its own on, the first few of them.
    """

    application: str | None
    type: str
    records: int
    key: str | None = None
    circle: int = 0
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A KT1 message that was read (``reject`` is None) or could not be read."""

    reject: Reject | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDomain:
    """A KT1 domain tag and how many messages carry it; ``main`` is the one with the most."""

    name: str
    messages: int
    main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMatch:
    """A KT1 record beside the KT2 resources that carry its migration identifier.

    ``row`` is None for a kind that the mapping does not know. ``expected`` says that it has to be in KT2,
    ``alike`` how many records share its key. ``holders`` are ``<Type>/<id>``; when there are fewer of them than
    records that share the key, the last of those records have none. Not ``visible``: the suite may not
    read all of that type, so a record without holders is not missing but unknown.

    ``copies`` is how many resources were agreed for one record, of which ``unserved`` are not for who they were
    meant. ``inside``: the Tasks with a contained Task that stands for this sub-activity. ``agreement`` is the
    question by whose answer the record moves or stays, None when no question is about that. ``refers`` are its
    references, followed.
    """

    source: Source
    row: Migration | None
    expected: bool
    alike: int
    holders: tuple[str, ...]
    visible: bool = True
    copies: int = 1
    unserved: int = 0
    inside: tuple[str, ...] = ()
    agreement: str | None = None
    refers: tuple[SourceReference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationIdentifier:
    """A migration identifier as a KT2 resource has it; ``key`` is its value without a KT1 version.

    ``sources`` are the KT1 records with that key (in either reading of MIG-KT-002) that may move, ``rows`` what the
    mapping and the agreements say of their kinds, ``staying`` the kinds of those that do not move and ``agreement`` the
    question by whose answer they do not.
    """

    system: str
    value: str
    use: str | None
    key: str
    sources: tuple[Source, ...]
    rows: tuple[Migration, ...]
    staying: tuple[str, ...] = ()
    agreement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A reference in a KT2 resource.

    ``path`` is the element (``participant.member``), ``place`` the same with list positions. ``exists`` is None
    when nobody can know (the suite may not read that type, or the reference is not literal). ``updated`` and
    ``version`` are ``meta.lastUpdated`` and ``meta.versionId`` of the resource that it leads to.
    """

    path: str
    place: str
    raw: str | None
    form: Form
    type: str | None
    target: str | None
    exists: bool | None
    row: ReferenceRow | None
    updated: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What KT1 says a reference of this resource has to point to.

    ``targets`` are the resources with the migration identifiers of the KT1 links, ``also`` those of another
    reading of the mapping. ``actual`` are the references that the resource has at that element. Without
    ``targets`` what KT1 meant is not in KT2; ``strangers`` are then those of ``actual`` that stand for something else.
    ``agreement`` is the question that this rests on. ``left_behind``: by an answer none of what KT1 meant moves.
    """

    row: ReferenceRow
    targets: tuple[str, ...]
    also: tuple[str, ...]
    actual: tuple[Reference, ...]
    strangers: tuple[str, ...] = ()
    agreement: str | None = None
    left_behind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A KT2 resource with everything that was found out about it. ``name`` is ``<Type>/<id>``."""

    type: str
    id: str
    resource: Mapping[str, Any]
    migrated: tuple[MigrationIdentifier, ...]
    references: tuple[Reference, ...]
    expected: tuple[Expected, ...]

    @property
    def name(self) -> str:
        """``<Type>/<id>``."""
        return f"{self.type}/{self.id}"

    @property
    def sources(self) -> tuple[Source, ...]:
        """The KT1 records that this resource stands for."""
        return tuple(source for migrated in self.migrated for source in migrated.sources)

    @property
    def identifiers(self) -> tuple[Mapping[str, Any], ...]:
        """The elements of ``identifier`` that are objects."""
        found = self.resource.get("identifier")
        return tuple(item for item in found if isinstance(item, dict)) if isinstance(found, list) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierGroup:
    """A business identifier and the resources of one type in use that have it.

    Related persons are grouped by patient too: who is close to two patients is two of them, with the same number.
    """

    type: str
    system: str
    value: str
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDevice:
    """An application of the domain file and its Device (None: not there)."""

    application: Application
    device: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCount:
    """What the snapshot says about one resource type; None where nothing is known.

    ``rights``: all, narrowed, none or unknown: what the suite's token may read of the type; ``origins``: of a narrowed
    type, the applications (``Device/<id>``) whose resources those are.
    """

    type: str
    distinct: int
    total: int | None
    changed: bool | None
    rights: str
    supported: bool
    origins: tuple[str, ...] = ()


Result = Literal["equal", "different", "other-answer", "not-comparable", "added"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one element of the mapping (``row`` of ``mapping.yaml``) in one resource.

    ``path`` is the FHIR path with list positions (``name[0].family``). ``other-answer``: it is what another answer to
    ``agreement`` gives, and nobody agreed on one. ``added``: KT1 had no such value. ``reason_nl`` and ``reason_en`` say
    why it is not comparable.
    """

    row: str
    result: Result
    path: str
    source: str
    expected: Any = None
    actual: Any = None
    agreement: str | None = None
    reason_nl: str | None = None
    reason_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A migrated resource beside what the mapping makes of its KT1 records, element by element."""

    target: Target
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeUse:
    """A code or number in a resource that no value set of the release lists.

    ``system`` is its row in ``code-systems.yaml``, None when that is not known. ``element`` is where, without list
    positions, ``path`` the same with them; ``formed``: it has the form of its system; ``required``: one that the
    profiles or R4 require to be of a value set.
    """

    system: str | None
    element: str
    path: str
    code: Any
    formed: bool
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """A resource with the codes in it that can only be told by their form; there may be none."""

    target: Target
    uses: tuple[CodeUse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """A resource that another service judged too: whether it is valid by ktcheck (``ours``) and by it (``theirs``).

    ``service`` is the host that was asked, None for the domain's own. Of the one that finds something wrong: ``code``
    is the kind of violation (ours) or the issue type (theirs) and ``path`` where, as far as known; ``what_nl`` and
    ``what_en`` say it in words when it is ours, ``said`` are the service's own words, which may be personal.
    """

    type: str
    resource: str
    service: str | None
    ours: bool
    theirs: bool
    code: str | None = None
    path: str | None = None
    what_nl: str | None = None
    what_en: str | None = None
    said: tuple[str, ...] = ()

    @property
    def element(self) -> str | None:
        """``path`` without list positions."""
        return _POSITION.sub("", self.path) if self.path else None


MisfitKind = Literal["required", "no-code", "lost", "cannot-store", "changed", "warning", "nested", "open", "collision"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """Something of a KT1 record that does not go into KT2 just as it is.

    ``rule`` is the rule of ``mappable.*`` that it is for; ``row`` that of ``mapping.yaml``; ``path`` the (first) place
    in the record's content with list positions, None when no KT1 element holds it. ``agreement`` is the question that
    decides; ``settled``: nobody has to decide any more.
    """

    rule: str
    row: str
    kind: MisfitKind
    path: str | None = None
    value: Any = None
    agreement: str | None = None
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A KT1 record whose elements matter to KT2, with what of it does not fit there.

    ``whole`` are those of the misfits that say that all of the record goes nowhere. ``landed``: the record is in KT2,
    or it gets no resource of its own and there is a KT2 domain in which to see what became of its elements.
    """

    match: SourceMatch
    misfits: tuple[Misfit, ...]
    landed: bool
    whole: tuple[Misfit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A KT1 record that has an identifier, by what tells who it is about.

    ``names`` are family names, or the name of what is no person, ready to compare; ``born`` is an ISO 8601 date.
    """

    key: str
    application: str | None
    names: frozenset[str]
    born: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceIdentifier:
    """A business identifier in KT1 and the records of one kind that have it and have to move.

    Related persons are grouped by patient, as in ``IdentifierGroup``, and definitions by application. ``landed``: all
    of them are in KT2. Of an identifier with one holder only its key is there.
    """

    type: str
    system: str
    value: str
    holders: tuple[Holder, ...]
    landed: bool

    @property
    def clashes(self) -> bool:
        """Whether the holders cannot all be the same person or thing: another birth date, or no name in common."""
        born = {holder.born for holder in self.holders if holder.born}
        names = [holder.names for holder in self.holders if holder.names]
        return len(born) > 1 or (bool(names) and not frozenset.intersection(*names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What an application cannot do without (``name`` of ``needs.yaml``), for a patient with an activity for it.

    ``patient`` is the key of his KT1 record, ``source`` the application that is its source.
    """

    application: str
    name: str
    patient: str
    source: str | None
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why something (``what``: aspect and name) is not as in the approved first domain, and who says so."""

    what: str
    why: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """One thing of the shape of this domain beside that of the template, the approved ``domain``; None: not there."""

    aspect: str
    name: str
    domain: str
    template: str | None
    actual: str | None
    same: bool
    explanation: Explanation | None = None

    @property
    def what(self) -> str:
        """How an explanation names it."""
        return f"{self.aspect} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateUsed:
    """The template of a domain that is not the first of its cluster: which domain it is, and why it is none."""

    domain: str | None
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An explanation, and whether there is such a difference."""

    explanation: Explanation
    used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A question that the mapping leaves open; the answer that counts is in ``Context.agreements``.

    ``migrated_by`` is the day (ISO 8601) on which the KT2 domain was read, None when it was not or nobody knows.
    """

    key: str
    migrated_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """What somebody signed for in ``waivers.toml``: findings of ``rule`` in a scope are accepted until a day.

    ``type`` is a KT1 kind or KT2 type, ``application`` a name of the domain file, ``path`` a FHIR path without list
    positions. At most ``most`` findings; ``step`` of the draaiboek is the aftercare that follows. Days are ISO 8601.
    """

    id: str
    rule: str
    type: str | None = None
    application: str | None = None
    path: str | None = None
    most: int
    who: str
    role: str
    why: str
    on: str
    until: str
    step: str

    @property
    def blanket(self) -> bool:
        """Whether it names only a rule, or anything by a wildcard."""
        named = [self.type, self.application, self.path]
        return not any(named) or any("*" in (text or "") for text in [self.rule, *named])


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """A waiver beside the findings of this run that it is about; ``day`` is that of the run (ISO 8601)."""

    waiver: Waiver
    covers: int
    day: str

    @property
    def expired(self) -> bool:
        """Whether its last day has passed."""
        return self.waiver.until < self.day

    @property
    def over(self) -> bool:
        """Whether there is more to cover than was signed for."""
        return self.covers > self.waiver.most


ConfirmedState = Literal["valid", "other_version", "expired", "unknown_step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What somebody confirmed in ``bevestigingen.toml``: a step of the draaiboek was taken, on what grounds.

    ``version`` are the parts of the version under test that it rests on, ``until`` the last day on which it counts.
    Days are ISO 8601.
    """

    step: str
    who: str
    role: str
    grounds: str
    on: str
    until: str | None = None
    version: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A step and the confirmation of it that counts; ``state`` None: nobody confirmed it.

    ``before_verdict``: the verdict rests on the step, so it comes first. Of a confirmation of a step that people
    do not confirm there are no titles.
    """

    step: str
    title_nl: str = ""
    title_en: str = ""
    before_verdict: bool = False
    confirmation: Confirmation | None = None
    state: ConfirmedState | None = None


Fact = (
    Message
    | SourceDomain
    | LinkGroup
    | Announced
    | SourceMatch
    | Fit
    | SourceIdentifier
    | Need
    | PublicationGroup
    | Target
    | IdentifierGroup
    | ApplicationDevice
    | TypeCount
    | Comparison
    | Codes
    | Opinion
    | Agreed
    | Likeness
    | TemplateUsed
    | Explained
    | ProvidedFact
    | LaunchFact
    | Waived
    | Confirmed
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What rules may know besides a fact: the domain's applications, agreements and the release of its profiles.

    ``migrated``: there is a KT2 domain to judge, so this is about its approval and not only about preparing it.
    ``hidden_types``: the suite may not read all of them; ``unsupported_types``: the service does not have them.
    ``own``: the application whose self-check this is; ``own_types``: the hidden types of which it may read its own
    resources, so that what is missing there is missing.
    """

    applications: tuple[Application, ...]
    profile_version: str
    agreements: Agreements = field(default_factory=Agreements)
    migrated: bool = True
    hidden_types: frozenset[str] = frozenset()
    unsupported_types: frozenset[str] = frozenset()
    own: Application | None = None
    own_types: frozenset[str] = frozenset()

    def owners(self, resource_type: str) -> tuple[Application, ...]:
        """The applications that are the agreed source of a KT2 resource type."""
        return tuple(app for app in self.applications if resource_type in app.owns)

    @property
    def own_name(self) -> str | None:
        """The name of the application whose self-check this is."""
        return self.own.name if self.own else None

    def is_own(self, application: str | None, resource_type: str | None) -> bool:
        """Whether this is the self-check of an application that may read all of its own resources of a type."""
        return bool(self.own and self.own.name == application and resource_type in self.own_types)
