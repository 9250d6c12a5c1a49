"""The suite as portal and module at once: a launch of its own, each step of which is told (TOP-KT-007, TOP-KT-021)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ktcheck.launch.agent import Agent, Hop
from ktcheck.launch.callback import callback, without_code
from ktcheck.launch.calls import NOOP, Answer, Calls, Endpoints
from ktcheck.launch.choose import Planned
from ktcheck.launch.facts import (
    Attempt,
    IdToken,
    Introspection,
    LaunchFact,
    StepName,
    TokenKind,
    TokenResponse,
)
from ktcheck.launch.messages import Draft, Fresh, assertion
from ktcheck.launch.playing import Returned, ask_for_code, introspect, redeem, written
from ktcheck.launch.portal import Launched
from ktcheck.launch.recipe import Player, Recipe, Redeemed, good
from ktcheck.launch.steps import Broken, Recorder
from ktcheck.launch.tokens import is_signed, opened
from ktcheck.launch.trail import Trail, cut, record

CONTEXT = ("resource", "definition", "sub", "patient", "intent")
"""What a token response copies from the HTI token."""

_SHOWN = frozenset({"token_type", "expires_in", "scope", *CONTEXT})
_SAID_OF_USER = ("iss", "aud", "azp", "sub", "exp", "iat")


async def launch(
    player: Player, planned: Planned, agent: Agent, calls: Calls, recorder: Recorder, fresh: Fresh
) -> Launched | None:
    """Launch a task as a portal, and receive it as the module; None when that could not begin.

    The id of the HTI token is the first identifier that ``fresh`` gives. Steps and the reason why it broke off go to
    ``recorder``; whatever the other side does, nothing is raised for it.

    Raises:
        InputError: the password of the test account is not there.
    """
    with recorder.step("smart-configuration", "portal") as going:
        answer = await calls.configuration(player.base)
        going.status = answer.status
        endpoints = Endpoints.of(answer.content) if answer.good else None
        if endpoints is None:
            going.breaks(
                answer.why_nl or f"er is geen bruikbare SMART-configuratie (status {answer.status})",
                answer.why_en or f"there is no usable SMART configuration (status {answer.status})",
            )
            return None
    with recorder.step("launch", "portal"):
        recipe = good(player, planned.task, planned.attempt.person, planned.account, fresh)
        assert isinstance(recipe.hti, Draft)
        claims = recipe.hti.all_claims()
        recipe = replace(recipe, hti=written(recipe.hti))
    return await receive(replace(player, endpoints=endpoints), planned.attempt, recipe, claims, agent, calls, recorder)


async def receive(
    player: Player,
    attempt: Attempt,
    recipe: Recipe,
    claims: Mapping[str, Any],
    agent: Agent,
    calls: Calls,
    recorder: Recorder,
) -> Launched:
    """Do what a module does with the launch that it was given: ``recipe.hti`` as text, with these ``claims``."""
    assert isinstance(recipe.hti, str)
    returned = await ask_for_code(player, recipe, recipe.hti, agent, calls)
    visited = returned.visited
    trail = cut(visited, player.endpoints.authorization)
    recorder.broken = _broken(returned, trail)
    record(recorder, _steps(trail), visited.status)
    facts: list[LaunchFact] = []
    if visited.stopped:
        sender = visited.hops[-1].status if visited.hops else None
        facts.append(callback(attempt, recipe.authorize, sender, visited.stopped))
    if returned.code:
        application = _Application(player, attempt, recipe, claims, calls, recorder)
        facts += await application.facts(Redeemed(code=returned.code, verifier=recipe.verifier))
    return Launched(facts=tuple(facts), visited=visited, trail=trail, new={})


def _broken(returned: Returned, trail: Trail) -> Broken | None:
    """The step at which the browser got stuck, None when it came back with a code."""
    visited = returned.visited
    if returned.code:
        return None
    if visited.stopped:
        return without_code(visited.stopped)
    step: StepName = "callback" if visited.logged_in else "login" if trail.login else "authorize"
    return Broken(
        step=step,
        reason_nl=visited.reason_nl or f"de gebruiker komt niet terug; de laatste pagina heeft status {visited.status}",
        reason_en=visited.reason_en or f"the user does not come back; the last page has status {visited.status}",
    )


def _steps(trail: Trail) -> Iterator[tuple[StepName, tuple[Hop, ...]]]:
    if trail.authorize:
        yield "authorize", (trail.authorize,)
    if trail.login:
        yield "login", trail.login
    if trail.callback:
        yield "callback", (trail.callback,)


@dataclass(frozen=True, slots=True)
class _Application:
    """What a module asks for itself in one launch, and what that says."""

    player: Player
    attempt: Attempt
    recipe: Recipe
    claims: Mapping[str, Any]
    calls: Calls
    recorder: Recorder

    async def facts(self, code: Redeemed) -> list[LaunchFact]:
        """From the code to the introspection of the tokens that came for it."""
        answer = await self._tokens(code)
        if not answer.good:
            return []
        tokens: dict[TokenKind, str] = {}
        if isinstance(self.recipe.introspects, Draft):
            tokens["hti"] = written(self.recipe.introspects)
        id_token, access_token = (answer.content.get(name) for name in ("id_token", "access_token"))
        facts: list[LaunchFact] = [await self._token_response(answer)]
        if isinstance(id_token, str):
            facts.append(await self._id_token(id_token))
            tokens["id_token"] = id_token
        if isinstance(access_token, str) and access_token != NOOP:
            tokens["access_token"] = access_token
        return facts + await self._introspections(tokens)

    async def _tokens(self, code: Redeemed) -> Answer:
        with self.recorder.step("token", "authorization") as going:
            answer = await redeem(self.player, self.recipe, code, written(self.recipe.assertion), self.calls)
            going.status = answer.status
            if not answer.good:
                said = f"{answer.status}" + (f", {answer.error}" if answer.error else "")
                going.breaks(
                    answer.why_nl or f"het tokenverzoek wordt geweigerd ({said})",
                    answer.why_en or f"the token request is refused ({said})",
                )
        return answer

    async def _token_response(self, answer: Answer) -> TokenResponse:
        access_token = answer.content.get("access_token")
        opens = None
        if isinstance(access_token, str) and access_token.isascii() and access_token.isprintable():  # fits in a header
            opens = (await self.calls.read(self.player.base, "Patient", access_token)).status
        return TokenResponse(
            attempt=self.attempt,
            status=answer.status or 0,
            access_token=None if access_token is None else "NOOP" if access_token == NOOP else "other",
            members={
                name: value if name in _SHOWN else True
                for name, value in answer.content.items()
                if name != "access_token" and (name != "id_token" or isinstance(value, str))
            },
            expected={name: said for name in CONTEXT if isinstance(said := self.claims.get(name), str)},
            opens=opens,
            cache_control=answer.cache_control,
        )

    async def _id_token(self, token: str) -> IdToken:
        header, claims = opened(token) or ({}, {})
        algorithm = header.get("alg")
        return IdToken(
            attempt=self.attempt,
            algorithm=algorithm if isinstance(algorithm, str) else None,
            signed=await self._is_signed(token),
            claims={name: claims[name] for name in _SAID_OF_USER if name in claims},
            nonce_kept=claims.get("nonce") == self.recipe.authorize["nonce"],
            now=time.time(),
            issuer=self.player.endpoints.issuer,
            client_id=self.player.signer.client_id,
            sub=str(self.claims.get("sub", "")),
        )

    async def _is_signed(self, token: str) -> bool | None:
        if self.player.endpoints.jwks is None:
            return None
        answer = await self.calls.get(self.player.endpoints.jwks)
        return is_signed(token, answer.content) if answer.good and "keys" in answer.content else None

    async def _introspections(self, tokens: Mapping[TokenKind, str]) -> list[LaunchFact]:
        facts: list[LaunchFact] = []
        with self.recorder.step("introspection", "module") as going:
            for kind, token in tokens.items():
                proof = written(assertion(self.player.signer, self.player.audience, Fresh()))
                answer = await introspect(self.player, token, proof, self.calls)
                going.status = answer.status
                if answer.status is None:
                    going.ok = False
                    continue
                fact = _introspection(self.attempt, kind, token, answer, self.player)
                going.ok = going.ok and fact.active is True
                facts.append(fact)
        return facts


def _introspection(attempt: Attempt, kind: TokenKind, token: str, answer: Answer, player: Player) -> Introspection:
    active = answer.content.get("active")
    _, claims = opened(token) or ({}, {})
    different = (name for name, value in claims.items() if not _same(answer.content.get(name), value))
    return Introspection(
        attempt=attempt,
        token=kind,
        status=answer.status or 0,
        active=active if isinstance(active, bool) else None,
        different=tuple(sorted(different)) if active is True else (),
        audience="introspection" if player.audience == player.endpoints.introspection else "token",
    )


def _same(one: Any, other: Any) -> bool:
    """Whether two claims say the same: one audience may be written as a list (RFC 7519 section 4.1.3)."""
    return any(a == b for a, b in ((one, other), ([one], other), (one, [other])))
