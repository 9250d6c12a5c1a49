"""``allure-results/``: the scenarios as Allure reads them. The same report gives the same files."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from allure_commons import model2
from allure_commons.types import LabelType, LinkType
from allure_commons.types import Severity as AllureSeverity
from attr import asdict

from ktcheck.findings import Severity, Status
from ktcheck.report import view
from ktcheck.report.texts import Texts

FIRST = 20

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:ktcheck")
_SEVERITY = {
    Severity.BLOCKING: AllureSeverity.BLOCKER,
    Severity.MAJOR: AllureSeverity.CRITICAL,
    Severity.ADVICE: AllureSeverity.MINOR,
}
_STATUS = {
    Status.PASSED: model2.Status.PASSED,
    Status.FAILED: model2.Status.FAILED,
    Status.ERROR: model2.Status.BROKEN,
}


def render(report: view.Report, lang: str = "nl") -> dict[str, bytes]:
    """The files of ``allure-results/`` by name.

    A scenario that did not pass, fail or break is skipped, with its status and reason as message. uuids are made of
    the run and the scenario, times of the start of the run and the seconds that scenarios took.
    """
    text = Texts(lang)
    files = {
        "environment.properties": _environment(report, text),
        "categories.json": orjson.dumps(_categories(text), option=orjson.OPT_INDENT_2),
    }
    run = uuid5(_NAMESPACE, "|".join((report["domain"], report["environment"], report["started"])))
    findings: dict[str, list[view.Row]] = {}
    for finding in report["findings"]:
        findings.setdefault(finding["scenario"], []).append(finding)
    clock = round(datetime.fromisoformat(report["started"]).timestamp() * 1000)
    for number, scenario in enumerate(report["scenarios"]):
        result = _result(scenario, findings.get(scenario["id"], []), report, text)
        result.uuid = str(uuid5(run, str(number)))
        clock = _time(result, scenario, clock)
        files[result.file_pattern.format(prefix=result.uuid)] = orjson.dumps(
            asdict(result, filter=lambda _, value: bool(value) or value is False), option=orjson.OPT_INDENT_2
        )
    return files


def _result(scenario: view.Row, findings: list[view.Row], report: view.Report, text: Texts) -> model2.TestResult:
    """One scenario, without its uuid and times."""
    title = f"{scenario['id']} {scenario['name']}"
    full = f"{scenario['feature']}: {title}"
    status = Status(scenario["status"])
    return model2.TestResult(
        historyId=_identity(report["domain"], full).hex,
        testCaseId=_identity(full).hex,
        fullName=full,
        name=title,
        titlePath=[scenario["phase"], scenario["feature"]],
        status=_STATUS.get(status, model2.Status.SKIPPED),
        statusDetails=None if status is Status.PASSED else model2.StatusDetails(message=_message(scenario, text)),
        stage="finished",
        description=_description(scenario, findings, text),
        labels=_labels(scenario, findings),
        links=[_link(requirement) for requirement in scenario["requirements"]],
        steps=[_step(step) for step in scenario["steps"]],
    )


def _labels(scenario: view.Row, findings: list[view.Row]) -> list[model2.Label]:
    values = [
        (LabelType.EPIC, scenario["phase"].capitalize()),
        (LabelType.FEATURE, scenario["feature"]),
        (LabelType.STORY, scenario["area"]),
        (LabelType.PARENT_SUITE, scenario["phase"].capitalize()),
        (LabelType.SUITE, scenario["feature"]),
        (LabelType.SEVERITY, _SEVERITY[Severity(scenario["severity"])].value),
        (LabelType.FRAMEWORK, "pytest-bdd"),
        ("step", scenario["step"]),
    ]
    values += [(LabelType.TAG, tag) for tag in scenario["tags"]]
    values += [("requirement", requirement) for requirement in scenario["requirements"]]
    values += [("waiver", waiver) for waiver in dict.fromkeys(row["waiver"] for row in findings) if waiver]
    values += [("rule", rule) for rule in dict.fromkeys(finding["rule"] for finding in findings)]
    return [model2.Label(name=str(name), value=value) for name, value in values]


def _link(requirement: str) -> model2.Link:
    """The requirement in report.html, as seen from an Allure report that is generated beside it."""
    return model2.Link(
        type=LinkType.TEST_CASE, url=f"../report.html#{view.anchor('eis', requirement)}", name=requirement
    )


def _step(step: view.Row) -> model2.TestStepResult:
    return model2.TestStepResult(
        name=f"{step['keyword']} {step['text']}",
        status=_STATUS.get(Status(step["status"]), model2.Status.SKIPPED),
        stage="finished",
    )


def _time(result: model2.TestResult, scenario: view.Row, clock: int) -> int:
    """Set the times of a scenario that starts at ``clock`` (ms) and of its steps; returns when it ended."""
    result.start = clock
    result.stop = clock + round(scenario["seconds"] * 1000)
    for step, row in zip(result.steps, scenario["steps"], strict=True):
        step.start = clock
        clock += round(row["seconds"] * 1000)
        step.stop = clock
    result.stop = max(result.stop, clock)
    return int(result.stop)


def _message(scenario: view.Row, text: Texts) -> str:
    """The words that ``categories.json`` sorts by."""
    status = scenario["status"]
    if status == Status.FAILED:
        count = f"{text.number(scenario['findings'])} {text('word.findings')}"
        if scenario["waived"]:
            count += f", {text.number(scenario['waived'])} {text('word.waived')}"
        return (
            f"{text('severity.' + scenario['severity'])}: {count}, "
            f"{text.number(scenario['examined'])} {text('word.examined')}"
        )
    return f"{text('status.' + status)}: {scenario['reason'] or text('status_meaning.' + status)}"


def _description(scenario: view.Row, findings: list[view.Row], text: Texts) -> str:
    """Markdown: how much was examined and the first findings."""
    lines = [
        f"**{text('column.examined')}:** {text.number(scenario['examined'])}  ",
        f"**{text('column.findings')}:** {text.number(scenario['findings'])}",
    ]
    if findings:
        lines.append("")
    for finding in findings[:FIRST]:
        where = " ".join(f"`{finding[key]}`" for key in ("resource", "path", "source") if finding[key])
        waived = f" ({text('word.waived')}: {finding['waiver']})" if finding["waiver"] else ""
        lines.append(f"- {_markdown(text.of(finding, 'message'))} {where}".rstrip() + waived)
    if scenario["findings"] > len(findings[:FIRST]) > 0:
        lines += ["", text("rule.more", n=text.number(scenario["findings"] - len(findings[:FIRST])))]
    return "\n".join(lines)


def _categories(text: Texts) -> list[dict[str, Any]]:
    """Failed scenarios by severity, the others by status."""
    rows: list[dict[str, Any]] = [
        {
            "name": text(f"action.{severity}"),
            "matchedStatuses": ["failed"],
            "messageRegex": f"{text(f'severity.{severity}')}:.*",
        }
        for severity in view.SEVERITIES
    ]
    for status in view.STATUSES:
        if status in {Status.PASSED, Status.FAILED}:
            continue
        allure = _STATUS.get(Status(status), model2.Status.SKIPPED)
        name = text(f"status.{status}")
        rows.append({"name": name, "matchedStatuses": [allure], "messageRegex": f"{name}:.*"})
    return rows


def _environment(report: view.Report, text: Texts) -> bytes:
    """A Java properties file."""
    values: dict[str, object] = {
        "verdict": text.verdict(report),
        "domain": report["domain"],
        "environment": report["domain_environment"],
        "cluster": report["cluster"],
        "sequence": report["sequence"],
        "ktcheck": report["ktcheck"],
        **{re.sub(r"[^\w.-]", "-", f"version.{key}"): value for key, _, value in view.flat(report["versions"])},
        "baseline": report["baseline"],
        "environment.hash": report["environment"],
    }
    return "".join(f"{key}={_property(str(value))}\n" for key, value in values.items()).encode()


def _property(text: str) -> str:
    """A value escaped as java.util.Properties reads it, which knows Latin-1 only."""
    text = text.replace("\\", "\\\\")
    units = text.encode("utf-16-be", "replace")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return "".join(chr(code) if 32 <= code < 127 else f"\\u{code:04x}" for code in codes)


def _markdown(text: str) -> str:
    return re.sub(r"[\\`*_\[\]<>#|]", r"\\\g<0>", text).replace("\n", " ")


def _identity(*parts: str) -> UUID:
    return uuid5(_NAMESPACE, "|".join(parts))
