"""Carries a recipe out as far as its stage, and judges whether the service accepted it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from ktcheck.launch.agent import VISIT_SECONDS
from ktcheck.launch.calls import Answer, known_error
from ktcheck.launch.messages import Draft
from ktcheck.launch.players import Joined
from ktcheck.launch.playing import Outside, Returned, ask_for_code, introspect, redeem, written
from ktcheck.launch.recipe import Recipe, Redeemed
from ktcheck.launch.refusals.changes import Stage
from ktcheck.launch.refusals.means import Used
from ktcheck.launch.trail import address, cut
from ktcheck.launch.ways import Kind

Place = Literal["authorize", "login", "callback", "token", "introspection", "fhir"]

_TOKENS = ("id_token", "access_token")
_FAULTS = frozenset({"server_error", "temporarily_unavailable"})
_FAULT = "de service gaf een fout ({what}) in plaats van een oordeel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How far a recipe came.

    ``place`` is where it ended, and ``answer`` that with the status and the error code. ``gap`` says in Dutch why that
    is no judgement of the service: it broke down, or did not answer. ``used`` is what a launch that worked used up.
    ``login_refused``: the login page did not accept the name or the password.
    """

    accepted: bool
    place: Place
    answer: str
    gap: str | None = None
    used: Used | None = None
    login_refused: bool = False


class Runner:
    """Carries recipes out as one application."""

    def __init__(self, own: Joined, outside: Outside) -> None:
        self._own = own
        self._player = own.player
        self._outside = outside

    async def run(self, recipe: Recipe, login: Kind, stage: Stage) -> Outcome:
        """Up to and including a stage.

        Raises:
            InputError: the password of the test account is not there.
        """
        if stage == "introspection":
            return await self._introspect(recipe)
        if stage == "fhir":
            return await self._read(recipe)
        return await self._launch(recipe, login, stage)

    async def _launch(self, recipe: Recipe, login: Kind, stage: Stage) -> Outcome:
        trace_id = recipe.hti.claims["jti"] if isinstance(recipe.hti, Draft) else str(uuid.uuid4())
        calls = self._outside.calls(trace_id)
        launch = None if recipe.hti is None else written(recipe.hti)
        async with self._outside.browser(login, trace_id, self._player.base) as agent:
            returned = await ask_for_code(self._player, recipe, launch, agent, calls)
        outcome = _of_browser(returned, recipe, self._player.endpoints.authorization)
        if stage == "authorize" or returned.code is None:
            return outcome
        code = recipe.redeems or Redeemed(code=returned.code, verifier=recipe.verifier)
        assertion = written(recipe.assertion)
        answer = await redeem(self._player, recipe, code, assertion, calls)
        accepted = answer.good and any(isinstance(answer.content.get(name), str) for name in _TOKENS)
        used = Used(hti=launch, code=code, assertion=assertion) if launch else None
        return _of_answer("token", answer, accepted=accepted, used=used)

    async def _introspect(self, recipe: Recipe) -> Outcome:
        assert recipe.introspects is not None
        calls = self._outside.calls(str(uuid.uuid4()))
        proof = written(recipe.introspector) if recipe.introspector else None
        answer = await introspect(self._player, written(recipe.introspects), proof, calls)
        return _of_answer("introspection", answer, accepted=answer.good and answer.content.get("active") is True)

    async def _read(self, recipe: Recipe) -> Outcome:
        assert recipe.bearer is not None
        calls = self._outside.calls(str(uuid.uuid4()))
        answer = await calls.read(self._player.base, self._own.readable, recipe.bearer)
        return _of_answer("fhir", answer, accepted=answer.good)


def _of_browser(returned: Returned, recipe: Recipe, authorization_endpoint: str) -> Outcome:
    visited, parameters = returned.visited, returned.parameters
    if visited.stopped and parameters is not None:
        error = known_error(parameters.get("error"))
        there = address(visited.stopped.url) == address(recipe.authorize["redirect_uri"])
        return Outcome(
            accepted=there and any(parameters.get(name) for name in ("code", *_TOKENS)),
            place="callback",
            answer=_told("callback", visited.hops[-1].status if visited.hops else None, error),
            gap=_FAULT.format(what=error) if error in _FAULTS else None,
        )
    hops = cut(visited, authorization_endpoint).login
    place: Place = "login" if hops and not visited.logged_in else "authorize"
    filled_in = any(recipe.account.username in (hop.fields or {}).values() for hop in hops)
    status, gap = visited.status, None
    if status is None or 300 <= status < 400 or returned.seconds >= VISIT_SECONDS:
        gap = f"er kwam geen eind aan ({visited.reason_nl or 'geen antwoord'})"
    elif status >= 500 or status == 429:
        gap = _FAULT.format(what=status)
    return Outcome(
        accepted=False,
        place=place,
        answer=_told(place, status, None),
        gap=gap,
        # An error page that comes after it has no reason: the browser simply ended there.
        login_refused=filled_in and place == "login" and visited.reason_nl is not None,
    )


def _of_answer(place: Place, answer: Answer, *, accepted: bool, used: Used | None = None) -> Outcome:
    gap = answer.why_nl
    if gap is None and (answer.failed or answer.error in _FAULTS):
        gap = _FAULT.format(what=answer.status if answer.failed else answer.error)
    said = "active: false" if answer.content.get("active") is False else answer.error
    return Outcome(
        accepted=accepted,
        place=place,
        answer=_told(place, answer.status, said),
        gap=gap,
        used=used if accepted else None,
    )


def _told(place: Place, status: int | None, said: str | None) -> str:
    return " ".join([place, str(status or "-"), *([said] if said else [])])
