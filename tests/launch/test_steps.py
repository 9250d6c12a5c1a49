"""The steps of a launch are kept with their times, also those that went wrong."""

from __future__ import annotations

import time

import pytest

from ktcheck.launch.facts import Step
from ktcheck.launch.steps import Broken, Recorder


def test_a_step_is_kept_with_its_place_and_status() -> None:
    recorder = Recorder()
    time.sleep(0.02)
    with recorder.step("token", "authorization") as going:
        time.sleep(0.03)
        going.status = 200
    (step,) = recorder.steps
    assert (step.name, step.actor, step.status, step.ok) == ("token", "authorization", 200, True)
    assert step.start_ms >= 20
    assert step.milliseconds >= 30
    assert recorder.milliseconds >= 50
    assert recorder.broken is None


def test_a_step_that_breaks_ends_the_launch_for_a_reason() -> None:
    recorder = Recorder()
    with recorder.step("token", "authorization") as going:
        going.status = 401
        going.breaks("geweigerd", "refused")
    assert [(step.status, step.ok) for step in recorder.steps] == [(401, False)]
    assert recorder.broken == Broken(step="token", reason_nl="geweigerd", reason_en="refused")


def test_a_step_through_which_an_error_passes_is_kept_as_not_ok() -> None:
    recorder = Recorder()
    with pytest.raises(RuntimeError, match="stop"), recorder.step("login", "person"):
        raise RuntimeError("stop")
    assert [(step.name, step.ok) for step in recorder.steps] == [("login", False)]


def test_a_step_that_was_timed_elsewhere_is_put_in_its_place() -> None:
    recorder = Recorder()
    recorder.add("login", "person", started=time.monotonic(), milliseconds=640, status=None)
    (step,) = recorder.steps
    assert step == Step(name="login", actor="person", start_ms=step.start_ms, milliseconds=640, status=None, ok=True)
    assert 0 <= step.start_ms < 100
