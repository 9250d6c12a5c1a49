"""Carries a recipe out, part by part: the browser asks for a code, the application redeems it and introspects."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2

from ktcheck.http import Evidence
from ktcheck.launch import messages
from ktcheck.launch.agent import Agent, Visit, Visited
from ktcheck.launch.calls import Answer, Calls
from ktcheck.launch.messages import Draft
from ktcheck.launch.recipe import Player, Recipe, Redeemed
from ktcheck.launch.trail import address, values
from ktcheck.launch.ways import Kind, open_agent
from ktcheck.launch.ways.browser import Picture
from ktcheck.launch.ways.chromium import Chromium
from ktcheck.launch.ways.manual import Announce
from ktcheck.smart.backend import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """How launches get at the world: ``evidence`` gets every exchange, ``secret`` every secret before it is used.

    Who logs in by hand is received at ``redirect_uri``, and told by ``announce`` what to do; a real browser runs in
    ``chromium``.
    """

    evidence: Evidence
    secret: Secret
    redirect_uri: str | None = None
    announce: Announce = lambda _what, _passed, _of: None
    chromium: Chromium | None = None

    def calls(self, trace_id: str) -> Calls:
        """The calls of one launch."""
        return Calls(evidence=self.evidence, trace_id=trace_id, secret=self.secret)

    def browser(self, kind: Kind, trace_id: str, base: str, picture: Picture | None = None) -> Agent:
        """The browser of one launch; ``picture`` gets its last page."""
        return open_agent(
            kind,
            evidence=self.evidence,
            trace_id=trace_id,
            secret=self.secret,
            base_url=base,
            redirect_uri=self.redirect_uri,
            announce=self.announce,
            picture=picture,
            chromium=self.chromium,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """How the browser came back from the authorize endpoint, and after how many seconds.

    ``parameters`` are those it came with; None: it did not come back.
    """

    visited: Visited
    seconds: float
    parameters: Mapping[str, str] | None = field(repr=False)

    @property
    def code(self) -> str | None:
        """The code, if one came."""
        return (self.parameters or {}).get("code") or None


def written(token: Draft | str) -> str:
    """A token as text."""
    return messages.sign(token) if isinstance(token, Draft) else token


async def ask_for_code(player: Player, recipe: Recipe, launch: str | None, agent: Agent, calls: Calls) -> Returned:
    """Let a user ask for a code with ``launch``, the HTI token: he logs in, and is held back on his way to the module.

    The module is where its redirect_uri is, also when the recipe asks for another one.
    """
    asked = dict(recipe.authorize) if launch is None else {**recipe.authorize, "launch": launch}
    calls.tell(launch, asked.get("state"), asked.get("nonce"), asked.get("code_challenge"), recipe.verifier)
    module = {address(player.redirect_uri), address(asked["redirect_uri"])}
    endpoint = player.endpoints.authorization
    if player.endpoints.authorize_post:
        visit = Visit(url=endpoint, fields=asked)
    else:
        visit = Visit(url=str(httpx2.URL(endpoint).copy_merge_params(asked)))
    begun = time.monotonic()
    visited = await agent.visit(visit, until=lambda url: address(url) in module, account=recipe.account)
    seconds = time.monotonic() - begun
    parameters = values(visited.stopped) if visited.stopped else None
    if parameters:
        calls.tell(*(parameters.get(name) for name in ("code", "id_token", "access_token")))
    return Returned(visited=visited, seconds=seconds, parameters=parameters)


async def redeem(player: Player, recipe: Recipe, code: Redeemed, assertion: str, calls: Calls) -> Answer:
    """Ask for the tokens that belong to a code."""
    calls.tell(code.code, code.verifier, assertion)
    form = messages.token_form(
        code=code.code, redirect_uri=recipe.redirect_uri, verifier=code.verifier, client_assertion=assertion
    )
    return await calls.post(player.endpoints.token, form)


async def introspect(player: Player, token: str, assertion: str | None, calls: Calls) -> Answer:
    """Ask whether a token is good."""
    endpoint = player.endpoints.introspection
    if endpoint is None:
        return Answer(
            status=None,
            why_nl="de SMART-configuratie noemt geen veilig introspection_endpoint",
            why_en="the SMART configuration names no safe introspection_endpoint",
        )
    calls.tell(token, assertion)
    return await calls.post(endpoint, messages.introspection_form(token=token, client_assertion=assertion))
