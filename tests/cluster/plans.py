"""A plan of five clusters and thirty domains with reports in every state; all names are invented."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ktcheck.output import json_bytes
from tests.report.samples import sample

DAY = date(2026, 11, 25)
SIZES = (7, 6, 6, 6, 5)
# How the domains of a cluster stand, in their sequence.
STATES = (
    ("approved", "approved", "approved_with_reservations", "rejected", "preparing", "not_started", "not_started"),
    ("approved_with_reservations", "approved", "incomplete", "preparing", "not_started", "not_started"),
    ("rejected", "preparing", "not_started", "not_started", "not_started", "not_started"),
    ("preparing", "not_started", "not_started", "not_started", "not_started", "not_started"),
    ("not_started", "not_started", "not_started", "not_started", "not_started"),
)
KINDS = {"approved_with_reservations": "rejected", "preparing": "approved"}


def name(cluster: int, sequence: int) -> str:
    return f"domein-{cluster}{sequence}"


def report(state: str, cluster: int, sequence: int, **changes: Any) -> dict[str, Any]:
    """A report that the schema accepts, of a domain of the plan."""
    made = sample(KINDS.get(state, state))
    made["verdict"] = {"preparing": "approved"}.get(state, state)
    if state == "approved_with_reservations":
        for row in (*made["findings"], *made["findings_by_rule"]):
            row["severity"] = "major"
    made["filter"] = {"phase": "voorbereiden"} if state == "preparing" else None
    about = {"domain": name(cluster, sequence), "cluster": f"Cluster {cluster}", "sequence": sequence}
    return {**made, **about, "domain_environment": "acc21", "shape": {"versions": {}}, **changes}


def write_report(folder: Path, content: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    (folder / "report.json").write_bytes(json_bytes(content))
    (folder / "report.html").write_text("<title>rapport</title>", encoding="utf-8")


def write_plan(folder: Path) -> Path:
    """``clusters.toml`` with the reports that it names; the path of the file."""
    lines = []
    for cluster, size in enumerate(SIZES, 1):
        lines += ["[[cluster]]", f'name = "Cluster {cluster}"', f'description = "EPD {cluster} met één module"']
        for product, role, sources in (("Voorbeeld-EPD", "source", '["Patient"]'), ("Voorbeeldmodule", "module", "[]")):
            lines += ["[[cluster.participant]]", f'product = "{product} {cluster}"', f'role = "{role}"']
            lines += [f"sources = {sources}"]
        for sequence in range(1, size + 1):
            day = DAY + timedelta(days=30 * (cluster - 2) + 9 * (sequence - 2))
            lines += ["[[domain]]", f'name = "{name(cluster, sequence)}"', f'cluster = "Cluster {cluster}"']
            lines += [
                f"sequence = {sequence}",
                'environment = "acc21"',
                f'reports = "reports/{name(cluster, sequence)}"',
            ]
            lines += [f"planned = {{voorbereiden = {day - timedelta(days=20)}, uitvoeren = {day}}}"]
            state = STATES[cluster - 1][sequence - 1]
            if state != "not_started":
                place = folder / "reports" / name(cluster, sequence) / "20261120T100000Z"
                write_report(place, report(state, cluster, sequence))
    path = folder / "clusters.toml"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path
