"""Tells the person at the keyboard how the run goes, and at the end the verdict."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.status import Status as Spinner
from rich.text import Text

from ktcheck.events import Event, Progress, RunFinished, RunStarted, ScenarioFinished
from ktcheck.findings import ScenarioResult, Status, Verdict
from ktcheck.report.texts import Texts

_SIGNS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.ERROR: "!", Status.BLOCKED: "!"}
_STYLES = {Status.PASSED: "green", Status.FAILED: "bold red", Status.ERROR: "yellow", Status.BLOCKED: "yellow"}
_VERDICT_STYLES = {
    Verdict.APPROVED: "bold green",
    Verdict.APPROVED_WITH_RESERVATIONS: "bold yellow",
    Verdict.REJECTED: "bold red",
    Verdict.INCOMPLETE: "bold cyan",
}


class ConsoleListener:
    """A listener: one line a scenario, one for all that a filter left out, the verdict at the end.

    On a terminal long steps show how far they are; elsewhere (a log) each gets one line when it begins. Only counts,
    ids and names from the feature files are shown: no messages of findings, no references.
    """

    def __init__(self, console: Console | None = None, lang: str = "nl") -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._text = Texts(lang)
        self._spinner: Spinner | None = None
        self._what = ""
        self._left_out = 0
        self._own: dict[str, Any] | None = None

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, Progress):
            self._progress(event)
            return
        self._settle()
        if isinstance(event, RunStarted):
            self._started(event)
        elif isinstance(event, ScenarioFinished):
            self._scenario(event.result)
        elif isinstance(event, RunFinished):
            self._finished(event)

    def close(self) -> None:
        """Leave the terminal as it was; needed when a run stops half-way."""
        self._settle()

    def _started(self, event: RunStarted) -> None:
        facts = event.facts
        words = [facts["domain"], facts.get("domain_environment", ""), facts.get("cluster", "")]
        self._line(Text(" · ".join(_plain(word) for word in words if word), style="bold"))
        self._own = facts.get("self_check")
        if self._own:
            self._line(Text(self._text("intro.self_check", name=_plain(self._own["application"])), style="yellow"))
        elif event.facts.get("filter") is not None:
            self._line(Text(self._text("intro.partial").rstrip(":"), style="yellow"))

    def _progress(self, event: Progress) -> None:
        what = _plain(event.what)
        if self._console.is_terminal:
            done = self._text.number(event.done)
            total = f" {self._text('word.of')} {self._text.number(event.total)}" if event.total is not None else ""
            line = Text(f"{what}: {done}{total}")
            if self._spinner is None:
                self._spinner = self._console.status(line)
                self._spinner.start()
            else:
                self._spinner.update(line)
        elif what != self._what:
            self._line(Text(f"… {what}"))
        self._what = what

    def _scenario(self, result: ScenarioResult) -> None:
        if result.excused and not result.steps:  # never started: a filter left it out
            self._left_out += 1
            return
        word = self._text(f"status.{result.status.value}")
        findings = self._text("word.finding" if result.findings == 1 else "word.findings")
        examined = f"{self._text.number(result.examined)} {self._text('word.examined')}"
        waived = f", {self._text.number(result.waived)} {self._text('word.waived')}" if result.waived else ""
        line = Text.assemble(
            (f"{_SIGNS.get(result.status, '–')} {word:<18}", _STYLES.get(result.status, "dim")),
            (f" {_plain(result.id)} ", "bold"),
            _plain(result.name),
            (f"  {examined}, {self._text.number(result.findings)} {findings}{waived}", "dim"),
        )
        if result.reason:
            line.append(f"  ({_plain(result.reason)})", "dim")
        self._line(line)

    def _finished(self, event: RunFinished) -> None:
        if self._left_out:
            self._line(Text(f"– {self._text('word.left_out', n=self._text.number(self._left_out))}", style="dim"))
        self._line(Text())
        verdict = self._text.verdict({"verdict": event.verdict.value, "self_check": self._own})
        self._line(Text(verdict, style=_VERDICT_STYLES[event.verdict]))
        for reason in event.reasons:
            self._line(Text(f"  - {_plain(reason)}"))

    def _settle(self) -> None:
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None

    def _line(self, text: Text) -> None:
        # A log keeps one line a scenario, however long; a terminal wraps.
        self._console.print(text, soft_wrap=True)


def _plain(text: str) -> str:
    """The text without control characters, which could make a terminal do things."""
    return "".join(character if character.isprintable() else " " for character in text)
