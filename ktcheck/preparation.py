"""From a domain file to an assessment: read the source, get the snapshot, join them, let the rules look."""

from __future__ import annotations

import platform
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import ktcheck
from ktcheck import agreement_file, confirmations, matching, repetition, tables, version, waivers
from ktcheck.agreements import Agreements
from ktcheck.assessment import Assessment, assess
from ktcheck.confirmations import Confirmations
from ktcheck.counting import Counting
from ktcheck.domain import Application, Domain
from ktcheck.events import Bus, Progress
from ktcheck.facts import Context, Explanation, Fact, Likeness
from ktcheck.idp import observe as providers
from ktcheck.index import Index
from ktcheck.launch import observe as launching
from ktcheck.launch.launches import Pictures
from ktcheck.launch.people import People
from ktcheck.mappability import Mappability
from ktcheck.opinion.ask import Asked, Patience, ask
from ktcheck.repetition import Sections, Template
from ktcheck.report import build
from ktcheck.shape import Shape
from ktcheck.snapshot.download import take
from ktcheck.snapshot.store import Snapshot
from ktcheck.source import inventory as inventories
from ktcheck.source.inventory import Inventory
from ktcheck.source.messages import messages_in
from ktcheck.unchecked import Unchecked
from ktcheck.waivers import Waivers

Evidence = Callable[[dict[str, Any]], None]
Secret = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything a run's scenarios ask questions of. ``inventory`` or ``snapshot`` is None when not configured."""

    domain: Domain
    inventory: Inventory | None
    snapshot: Snapshot | None
    context: Context
    assessment: Assessment
    counting: Counting
    mappability: Mappability
    unchecked: Unchecked = field(default_factory=Unchecked)
    opinion: Asked | None = None
    publication: dict[str, Any] | None = None
    waivers: Waivers = field(default_factory=Waivers)
    confirmations: Confirmations = field(default_factory=Confirmations)
    shape: Sections | None = None
    template: Template | None = None
    launches: tuple[dict[str, Any], ...] = ()
    chain: dict[str, Any] | None = None

    def facts(self) -> dict[str, Any]:
        """The head of ``report.json``: what was tested, with what, and where."""
        about, target, own = self.domain.domain, self.domain.target, self.context.own
        tested = version.under_test(self.domain, self.context.agreements)
        manifest = self.snapshot.manifest if self.snapshot else None
        return {
            "ktcheck": ktcheck.__version__,
            "domain": about.name,
            "domain_environment": about.environment,
            "cluster": about.cluster,
            "sequence": about.sequence,
            "versions": {
                "ktcheck": ktcheck.__version__,
                "python": platform.python_version(),
                "profile_version": target.profile_version if target else None,
                "profile_release": manifest.profile_release if manifest else None,
                "fhir_version": manifest.fhir_version if manifest else None,
            },
            "baseline": tested["baseline"],
            "environment": tested["environment"],
            "source": _source(self.inventory),
            "target": _target(self.snapshot),
            "rules": {name: {**rule.texts, "owner": rule.owner} for name, rule in tables.rules().items()},
            "requirements": [
                {
                    "id": row.id,
                    "topic": row.topic,
                    "area": row.area,
                    "level": row.level,
                    "statement_nl": row.statement_nl,
                    "statement_en": row.statement_en,
                    "scenarios": list(row.scenarios),
                    "reason_nl": row.reason_nl,
                    "reason_en": row.reason_en,
                }
                for row in tables.requirements().values()
            ],
            "steps": [
                {**step, "confirmed": self.confirmations.of(name)}
                for name, step in tables.steps_of(about.sequence).items()
            ],
            "agreements": list(self.context.agreements.rows()),
            "mappability": [row for row in self.mappability.rows() if own is None or row["application"] == own.name],
            "publication": self.publication,
            "self_check": self._self_check(),
            "second_opinion": self.opinion.row() if self.opinion else None,
            "unchecked_codes": [
                row for row in self.unchecked.rows() if own is None or row["resource_type"] in own.owns
            ],
            "waivers": list(self.waivers.rows()),
            "launches": list(self.launches),
            "chain": self.chain,
            "confirmations": list(self.confirmations.rows()),
            "shape": self.shape,
            "template": self._template(),
        }

    def _template(self) -> dict[str, Any] | None:
        """What this domain was compared with, and what is different."""
        about = self.domain.domain
        if self.template is None or self.shape is None:
            return None
        found = repetition.facts(self.template, about.cluster, about.name, self.shape)
        return {
            **{key: self.template.report[key] for key in ("domain", "verdict", "finished", "baseline")},
            "differences": [
                {
                    "what": fact.what,
                    "template": fact.template,
                    "actual": fact.actual,
                    "explained": {"who": fact.explanation.who, "why": fact.explanation.why}
                    if fact.explanation
                    else None,
                }
                for fact in found
                if isinstance(fact, Likeness) and not fact.same
            ],
        }

    def _self_check(self) -> dict[str, Any] | None:
        """Whose self-check this is, and which types it could not see all of."""
        own = self.context.own
        if own is None:
            return None
        unseen = sorted(self.context.hidden_types - self.context.own_types)
        return {"application": own.name, "role": own.role, "owns": list(own.owns), "unseen": unseen}


def _source(inventory: Inventory | None) -> dict[str, Any] | None:
    """What was read of KT1, without words that a message chose: names of domains and of unknown kinds."""
    if inventory is None:
        return None
    resources = Counter[str]()
    for kind, number in inventory.counts.resources.items():
        resources[matching.known_kind(kind)] += number
    domains = sorted(inventory.counts.domains.values(), reverse=True)
    return {
        **asdict(inventory.counts),
        "resources": dict(sorted(resources.items())),
        "domains": {str(place): number for place, number in enumerate(domains, 1)},
    }


def _target(snapshot: Snapshot | None) -> dict[str, Any] | None:
    if snapshot is None:
        return None
    if snapshot.manifest is None:
        return {"types": [{"type": name} for name in snapshot.types()]}
    return asdict(snapshot.manifest)


@contextmanager
def private_folder() -> Iterator[Path]:
    """A temporary folder that only this user can read; it goes, with everything in it, when the run is over."""
    with tempfile.TemporaryDirectory(prefix="ktcheck-") as name:
        yield Path(name)


def prepare(
    domain: Domain,
    folder: Path,
    bus: Bus,
    evidence: Evidence,
    secret: Secret,
    *,
    source: bool = True,
    target: bool = True,
    launches: bool = True,
    refusals: bool = True,
    own: Application | None = None,
    second_opinion: str | None = None,
    patience: Patience | None = None,
    pictures: Pictures | None = None,
) -> Prepared:
    """Read everything and let all rules look at it.

    ``folder`` is private and temporary; every secret of the run is told to ``secret``; ``source`` or ``target`` False
    leaves KT1 or KT2 alone, for a phase that does not need it; ``launches`` False logs nobody in, ``refusals`` False
    tries nothing that has to be refused. ``own`` is the application whose self-check this is.
    ``second_opinion`` is whom to ask (``opinion.services``), ``patience`` how long to wait for that.
    ``pictures`` gets a screenshot of the last page of each launch in a browser.

    Raises:
        InputError: a file or setting is wrong.
        RunError: the domain could not be reached or did not answer as it should.
    """
    agreements = agreement_file.load(domain.agreements.file) if domain.agreements else None
    accepted, confirmed = _waivers(domain), _confirmations(domain, agreements or Agreements())
    template = _template(domain)
    if target and launches:
        launching.check_ready(domain, own, pictures=pictures is not None)
    inventory = _inventory(domain, folder, bus) if source else None
    snapshot = _snapshot(domain, folder, bus, evidence, secret) if target else None
    index = Index(folder / "index.sqlite", domain, inventory, snapshot, agreements, own)
    index.build(lambda what, done: bus.emit(Progress(what=f"{what} indexeren", done=done)))
    opinion = None
    if second_opinion and snapshot:
        opinion = ask(
            second_opinion,
            domain,
            snapshot,
            evidence=evidence,
            secret=secret,
            progress=lambda host, done, total: bus.emit(
                Progress(what=f"resources voor een tweede mening naar {host} sturen", done=done, total=total)
            ),
            patience=patience,
        )
    shape = Shape(domain, agreements or Agreements())

    people = People(domain)
    launched = launching.Observed()

    def observed() -> Iterator[Fact]:
        """What is seen and tried at identity providers, and then, with all that was learnt, in launches."""
        nonlocal launched
        if snapshot is None:
            return

        def progress(what: str, done: int, total: int | None = None) -> None:
            bus.emit(Progress(what=what, done=done, total=total))

        yield from providers.observe(domain, snapshot, folder, evidence, secret, progress)
        if not launches:
            return
        launched = launching.observe(
            domain, snapshot, people, own, evidence, secret, progress, pictures, refusals=refusals
        )
        yield from launched.facts

    def found(counting: Counting) -> Sections:
        return shape.found(counting.rows(), _target(snapshot), launched.launches, accepted.rows())

    def repeated(counting: Counting) -> Iterable[Fact]:
        """The first domain of a cluster repeats nothing; what was not migrated yet cannot be compared."""
        about = domain.domain
        if about.sequence == 1 or snapshot is None or own is not None:
            return ()
        return repetition.facts(template, about.cluster, about.name, found(counting))

    assessed = assess(
        index,
        folder / "findings.sqlite",
        lambda done: bus.emit(Progress(what="feiten controleren", done=done)),
        observed=chain(observed(), opinion.opinions if opinion else ()),
        waivers=accepted,
        shape=shape,
        repeated=repeated,
        people=people,
        confirmed=confirmed.facts(),
    )
    context = index.context()
    index.close()
    return Prepared(
        domain=domain,
        inventory=inventory,
        snapshot=snapshot,
        context=context,
        assessment=assessed.assessment,
        counting=assessed.counting,
        mappability=assessed.mappability,
        unchecked=assessed.unchecked,
        opinion=opinion,
        publication=assessed.publication if inventory else None,
        waivers=accepted,
        confirmations=confirmed,
        shape=found(assessed.counting) if snapshot and own is None else None,
        template=template,
        launches=launched.launches,
        chain=launched.chain,
    )


def _template(domain: Domain) -> Template | None:
    """The approved first domain of the cluster."""
    named = domain.template
    if named is None:
        return None
    explained = tuple(Explanation(what=row.what, why=row.why, who=row.who) for row in named.explained)
    return Template(report=build.read_file(named.report), explained=explained)


def _waivers(domain: Domain) -> Waivers:
    """The waivers of the domain as they stand today."""
    if domain.waivers is None:
        return Waivers()
    loaded = waivers.load(domain.waivers.file, [app.name for app in domain.application])
    return Waivers(loaded, _today())


def _confirmations(domain: Domain, agreements: Agreements) -> Confirmations:
    """The confirmations of the domain as they stand today, for the version that is tested now."""
    if domain.confirmations is None:
        return Confirmations(sequence=domain.domain.sequence)
    return Confirmations(
        confirmations.load(domain.confirmations.file),
        version=version.under_test(domain, agreements),
        day=_today(),
        sequence=domain.domain.sequence,
    )


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _inventory(domain: Domain, folder: Path, bus: Bus) -> Inventory | None:
    source = domain.source
    if source is None:
        return None
    if source.inventory:
        return Inventory.open(source.inventory)
    assert source.messages is not None  # the domain file has one of the two
    return inventories.build(
        messages_in([source.messages]),
        folder / "inventory.ndjson",
        progress=lambda done: bus.emit(Progress(what="KT1-berichten lezen", done=done)),
    )


def _snapshot(domain: Domain, folder: Path, bus: Bus, evidence: Evidence, secret: Secret) -> Snapshot | None:
    target = domain.target
    if target is None:
        return None
    if target.snapshot:
        snapshot = Snapshot.open(target.snapshot)
        snapshot.validate()
        return snapshot
    take(
        domain,
        folder / "snapshot",
        progress=lambda what, done, total: bus.emit(Progress(what=f"{what} ophalen", done=done, total=total)),
        evidence=evidence,
        secret=secret,
    )
    return Snapshot.open(folder / "snapshot")
