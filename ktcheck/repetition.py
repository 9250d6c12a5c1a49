"""Is a next domain migrated as the approved first one of its cluster was? The two shapes side by side; pure.

The plan: the approved migration of domain 1 is the template, and domains 2 to X repeat it with the same scripts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ktcheck.facts import Explained, Explanation, Likeness, TemplateUsed

Report = Mapping[str, Any]
Sections = Mapping[str, Mapping[str, Any]]

# Domains differ in size, so numbers are compared as shares, and only where there are enough of them.
_FEW = 5
_POINTS = 25
_TIMES = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The report of the first domain, and how the differences with it were explained."""

    report: Report
    explained: tuple[Explanation, ...] = ()

    def wrong(self, cluster: str, name: str) -> tuple[str, ...]:
        """Why it is no template for a domain of this cluster: keys of texts of ``repetition.template``."""
        report = self.report
        blocking = sum(
            row["findings"] - row["waived"] for row in report["findings_by_rule"] if row["severity"] == "blocking"
        )
        waits = any(row["status"] not in {"passed", "failed"} and not row["excused"] for row in report["scenarios"])
        approved = report["verdict"] in {"approved", "approved_with_reservations"}
        found = {
            "not-approved": not approved,
            "not-what-it-found": approved and (blocking > 0 or waits),
            "self-check": bool(report.get("self_check")),
            "partial": bool((report["filter"] or {}).keys() - {"self_check"}),
            "other-cluster": report["cluster"] != cluster,
            "not-first": report["sequence"] != 1,
            "same-domain": report["domain"] == name,
            "no-shape": not report.get("shape"),
        }
        return tuple(key for key, is_so in found.items() if is_so)


def facts(
    template: Template | None, cluster: str, name: str, shape: Sections
) -> Iterator[Likeness | TemplateUsed | Explained]:
    """Whether there is a template, everything that both shapes have a word about, and what the explanations are for."""
    wrong = template.wrong(cluster, name) if template else ("missing",)
    yield TemplateUsed(domain=template.report["domain"] if template else None, wrong=wrong)
    if template is None or wrong:
        return
    likenesses = list(_alike(template, shape))
    yield from likenesses
    different = {likeness.what for likeness in likenesses if not likeness.same}
    for explanation in template.explained:
        yield Explained(explanation=explanation, used=explanation.what in different)


def _alike(template: Template, shape: Sections) -> Iterator[Likeness]:
    approved: Sections = template.report["shape"]
    explained = {explanation.what: explanation for explanation in template.explained}
    for aspect, found in shape.items():
        before = approved.get(aspect, {})
        compare = _counts if aspect == "counts" else _texts
        for name, was, now, same in compare(before, found):
            # A waiver that is not needed any more, or a launch besides those of the template, needs no explanation.
            better = (aspect == "waivers" and now is None) or (aspect == "launch" and was is None)
            yield Likeness(
                aspect=aspect,
                name=name,
                domain=template.report["domain"],
                template=was,
                actual=now,
                same=same or better,
                explanation=explained.get(f"{aspect} {name}"),
            )


Compared = Iterator[tuple[str, str | None, str | None, bool]]


def _texts(before: Mapping[str, Any], found: Mapping[str, Any]) -> Compared:
    for name in sorted(before.keys() | found.keys()):
        yield name, before.get(name), found.get(name), before.get(name) == found.get(name)


def _counts(before: Mapping[str, Any], found: Mapping[str, Any]) -> Compared:
    """Per KT1 kind which share of the records moves, and how many there are for each patient."""
    for kind in sorted(before.keys() | found.keys()):
        (was, was_moved), (now, now_moved) = before.get(kind, (0, 0)), found.get(kind, (0, 0))
        if min(was, now) >= _FEW:
            shares = [round(100 * moved / number) for moved, number in ((was_moved, was), (now_moved, now))]
            yield kind, f"{shares[0]}%", f"{shares[1]}%", abs(shares[0] - shares[1]) <= _POINTS
        patients = [section.get("Patient", (0, 0))[0] for section in (before, found)]
        if kind != "Patient" and min(patients) >= _FEW and max(was, now) >= _FEW:
            rates = [was / patients[0], now / patients[1]]
            same = max(rates) <= _TIMES * min(rates)
            yield f"{kind}/Patient", f"{rates[0]:.1f}", f"{rates[1]:.1f}", same
