"""``junit.xml``: a suite per feature, a test case per scenario, for build servers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from ktcheck.findings import Status
from ktcheck.report import view
from ktcheck.report.texts import Texts

MESSAGES = 10

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BROKEN = {Status.ERROR, Status.BLOCKED}


def render(report: view.Report, lang: str = "nl") -> str:
    """The report as JUnit XML.

    failed becomes a failure with the first messages, also of what is under a waiver: it did fail, and its line says
    which. error and blocked become an error; not evidenced, not delivered and not run become skipped. The verdict is a
    property of every suite, because a build server cannot work it out from the cases.
    """
    text = Texts(lang)
    findings: dict[str, list[view.Row]] = {}
    for finding in report["findings"]:
        findings.setdefault(finding["scenario"], []).append(finding)
    root = etree.Element("testsuites", name="ktcheck")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    seconds = 0.0
    for phase, features in view.phases(report):
        for feature, scenarios in features:
            suite = etree.SubElement(root, "testsuite", name=_clean(feature))
            numbers = dict.fromkeys(totals, 0)
            _properties(suite, report, phase)
            for scenario in scenarios:
                _case(suite, scenario, findings.get(scenario["id"], []), numbers, text)
            time = sum(scenario["seconds"] for scenario in scenarios)
            _totals(suite, numbers, time)
            suite.set("timestamp", _clean(report["started"]))
            totals = {name: totals[name] + numbers[name] for name in totals}
            seconds += time
    _totals(root, totals, seconds)
    etree.indent(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True).decode() + "\n"


def _properties(suite: etree._Element, report: view.Report, phase: str) -> None:
    properties = etree.SubElement(suite, "properties")
    values = {
        "verdict": report["verdict"],
        **({"self_check": report["self_check"]["application"]} if report.get("self_check") else {}),
        "domain": report["domain"],
        "environment": report["domain_environment"],
        "cluster": report["cluster"],
        "phase": phase,
        "baseline": report["baseline"],
        "ktcheck": report["ktcheck"],
        "findings_omitted": report["findings_omitted"],
    }
    for name, value in values.items():
        etree.SubElement(properties, "property", name=name, value=_clean(str(value)))


def _case(
    suite: etree._Element, scenario: view.Row, findings: list[view.Row], numbers: dict[str, int], text: Texts
) -> None:
    """One scenario; ``numbers`` of its suite are counted up."""
    case = etree.SubElement(
        suite,
        "testcase",
        classname=_clean(scenario["feature"]),
        name=_clean(f"{scenario['id']} {scenario['name']}"),
        time=f"{scenario['seconds']:.3f}",
    )
    numbers["tests"] += 1
    status = scenario["status"]
    if status == Status.PASSED:
        return
    count = f"{text.number(scenario['findings'])} {text('word.findings')}"
    examined = f"{text.number(scenario['examined'])} {text('word.examined')}"
    if scenario["waived"]:
        count += f", {text.number(scenario['waived'])} {text('word.waived')}"
    if status == Status.FAILED:
        numbers["failures"] += 1
        failure = etree.SubElement(
            case,
            "failure",
            type=scenario["severity"],
            message=f"{count} ({examined}; {text('severity.' + scenario['severity'])})",
        )
        failure.text = "\n".join(_clean(_line(finding, text)) for finding in findings[:MESSAGES])
        return
    kind = "error" if status in _BROKEN and not scenario["excused"] else "skipped"
    numbers["errors" if kind == "error" else "skipped"] += 1
    reason = scenario["reason"] or text(f"status_meaning.{status}")
    element = etree.SubElement(case, kind, message=_clean(f"{text(f'status.{status}')}: {reason}"))
    element.set("type", status)


def _line(finding: Mapping[str, Any], text: Texts) -> str:
    where = " ".join(str(finding[key]) for key in ("resource", "path", "source") if finding[key])
    waived = f" [{text('word.waived')}: {finding['waiver']}]" if finding["waiver"] else ""
    return f"[{finding['rule']}] {text.of(finding, 'message')}" + (f" ({where})" if where else "") + waived


def _totals(element: etree._Element, numbers: Mapping[str, int], seconds: float) -> None:
    for name, number in numbers.items():
        element.set(name, str(number))
    element.set("time", f"{seconds:.3f}")


def _clean(text: str) -> str:
    """The text without characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("�", text)
