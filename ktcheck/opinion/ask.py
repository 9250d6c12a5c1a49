"""Asks for a second opinion on the resources of a snapshot, and lays what it says beside what ktcheck says.

Nothing of it changes a judgement of ktcheck: differences become facts that a rule tells as advice, and what could not
be asked is counted by reason.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ktcheck.conformance.release import KT2, explain, release
from ktcheck.domain import Domain
from ktcheck.facts import Opinion
from ktcheck.http import Evidence
from ktcheck.opinion.judgement import Judgement
from ktcheck.opinion.services import DOMAIN, DomainService, NoJudgementError, Reason, Service, ValidatorService
from ktcheck.opinion.shapes import Choice, choose
from ktcheck.smart.backend import Secret
from ktcheck.snapshot.store import Snapshot

PATIENCE = 300.0
"""Seconds that one question may take: a validator that has to load its packages first is slow once."""

LONGEST = 1200.0
"""Seconds that all questions together may take; the rest is then not asked."""

GIVE_UP = 3
"""After so many questions without an answer, one after another, the rest is not asked."""

Resource = Mapping[str, Any]
Progress = Callable[[str, int, int], None]
"""Told before each question: to which host it goes, how many were asked, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for a service, in seconds: for one answer, and for all."""

    one: float = PATIENCE
    all: float = LONGEST


@dataclass(slots=True, kw_only=True)
class Asked:
    """What came of asking: facts for the rule, and numbers for the report."""

    kind: Literal["fhir", "validator"]
    host: str
    choice: Choice
    opinions: list[Opinion] = field(default_factory=list)
    unanswered: Counter[tuple[Reason, int | None]] = field(default_factory=Counter)

    def row(self) -> dict[str, Any]:
        """``second_opinion`` of ``report.json``."""
        agreed = Counter(item.ours for item in self.opinions if item.ours == item.theirs)
        differences = Counter(
            (item.type, item.ours, item.code, item.element, item.what_nl, item.what_en)
            for item in self.opinions
            if item.ours != item.theirs
        )
        return {
            "kind": self.kind,
            "host": self.host,
            "resources": self.choice.resources,
            "shapes": self.choice.shapes,
            "chosen_shapes": self.choice.chosen_shapes,
            "chosen": len(self.choice.names),
            "answered": len(self.opinions),
            "agreed_valid": agreed[True],
            "agreed_invalid": agreed[False],
            "differences": [
                {
                    "resource_type": kind,
                    "valid_by": "ktcheck" if ours else "service",
                    "code": code,
                    "path": element,
                    "what_nl": what_nl,
                    "what_en": what_en,
                    "resources": number,
                }
                for (kind, ours, code, element, what_nl, what_en), number in sorted(
                    differences.items(), key=lambda row: (-row[1], *map(str, row[0]))
                )
            ],
            "unanswered": [
                {"cause": cause, "status": status, "resources": number}
                for (cause, status), number in self.unanswered.most_common()
            ],
        }


def ask(
    asked: str,
    domain: Domain,
    snapshot: Snapshot,
    *,
    evidence: Evidence,
    secret: Secret,
    progress: Progress = lambda _host, _done, _total: None,
    patience: Patience | None = None,
) -> Asked:
    """Ask ``fhir`` or a validator at an address, as ``services.check`` allowed, about resources of a snapshot."""
    assert domain.target  # without a target there is no snapshot
    version, trace_id = domain.target.profile_version, str(uuid.uuid4())
    service: Service
    if asked == DOMAIN:
        service = DomainService(domain, evidence=evidence, trace_id=trace_id, secret=secret)
    else:
        service = ValidatorService(asked, version, evidence=evidence, trace_id=trace_id)
    choice = choose(_judged(snapshot, version), lambda resource: _valid(resource, version))
    chosen = _found(snapshot, version, choice)
    outcome = Asked(kind="fhir" if asked == DOMAIN else "validator", host=service.host, choice=choice)
    asyncio.run(_all(service, chosen, version, outcome, progress, patience or Patience()))
    return outcome


async def _all(
    service: Service,
    chosen: list[Resource],
    version: str,
    outcome: Asked,
    progress: Progress,
    patience: Patience,
) -> None:
    """One question after another, until the service shows that it has no answers."""
    end, failures = time.monotonic() + patience.all, 0
    async with service:
        for done, resource in enumerate(chosen):
            left = len(chosen) - done
            if failures == GIVE_UP or time.monotonic() > end:
                outcome.unanswered["given-up" if failures == GIVE_UP else "slow", None] += left
                return
            progress(service.host, done, len(chosen))
            try:
                async with asyncio.timeout(patience.one):
                    theirs = await service.judge(resource, KT2 + resource["resourceType"])
            except TimeoutError:
                outcome.unanswered["slow", None] += 1
                failures += 1
            except NoJudgementError as error:
                outcome.unanswered[error.reason, error.status] += 1
                failures += 1
            else:
                failures = 0
                outcome.opinions.append(_opinion(resource, version, theirs, outcome))


def _opinion(resource: Resource, version: str, theirs: Judgement, outcome: Asked) -> Opinion:
    """Both judgements; of the one that finds something wrong the first thing that it finds."""
    kind, ours = resource["resourceType"], _valid(resource, version)
    code = path = what_nl = what_en = None
    if not ours:
        profiles = release(version)
        wrong = (item for item in profiles.violations(dict(resource), KT2 + kind) if not item.warning)
        told = explain(profiles, next(wrong))
        code, path, what_nl, what_en = told.kind, told.path or None, told.texts["what_nl"], told.texts["what_en"]
    elif theirs.issues:
        code, path = theirs.issues[0].code, theirs.issues[0].path
    return Opinion(
        type=kind,
        resource=_name(resource),
        service=None if outcome.kind == "fhir" else outcome.host,
        ours=ours,
        theirs=theirs.valid,
        code=code,
        path=path,
        what_nl=what_nl,
        what_en=what_en,
        said=tuple(issue.text for issue in theirs.issues),
    )


def _valid(resource: Resource, version: str) -> bool:
    return release(version).is_valid(dict(resource), KT2 + resource["resourceType"])


def _judged(snapshot: Snapshot, version: str) -> Iterator[Resource]:
    """The resources of types that have a profile in the release."""
    for kind in snapshot.types():
        if release(version).has(KT2 + kind):
            yield from snapshot.resources(kind)


def _found(snapshot: Snapshot, version: str, choice: Choice) -> list[Resource]:
    """The chosen resources, in the order of the choice."""
    wanted = set(choice.names)
    named = {name: item for item in _judged(snapshot, version) if (name := _name(item)) in wanted}
    return [named[name] for name in choice.names]


def _name(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
