"""The suite as portal: it launches a task at a module, and watches what the module does (TOP-KT-007)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ktcheck.launch.agent import Agent, Hop, Visit, Visited, password
from ktcheck.launch.callback import callback, without_code
from ktcheck.launch.choose import Planned
from ktcheck.launch.facts import AuthorizeRequest, LaunchFact, Page, StepName
from ktcheck.launch.messages import Fresh, Signer, hti_token, sign
from ktcheck.launch.steps import Broken, Recorder
from ktcheck.launch.trail import Trail, cut, query, record, values
from ktcheck.smart.backend import Secret

NEW = ("state", "nonce", "code_challenge")
"""What has to be different in every authorize request."""

_TOLD = frozenset({"response_type", "client_id", "scope", "aud", "code_challenge_method", "redirect_uri"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """The suite as the portal of a domain: who it is, the FHIR base URL, and where the domain lets users log in."""

    signer: Signer
    base: str
    authorization_endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """What came of a launch: facts, the trail of the browser, and of the authorize request what has to be new."""

    facts: tuple[LaunchFact, ...]
    visited: Visited
    trail: Trail
    new: Mapping[str, str] = field(repr=False)


async def launch(
    portal: Portal, planned: Planned, agent: Agent, recorder: Recorder, fresh: Fresh, secret: Secret
) -> Launched:
    """Post a launch to the module as a portal does, log in on the way, and see where it ends.

    The id of the HTI token is the first identifier that ``fresh`` gives. Steps and the reason why it broke off go to
    ``recorder``.

    Raises:
        InputError: the password of the test account is not there.
    """
    assert planned.address is not None
    token = sign(hti_token(portal.signer, planned.application.device, planned.attempt.person, planned.task, fresh))
    secret(token)
    visited = await agent.visit(
        Visit(url=planned.address, fields={"launch": token, "iss": portal.base}),
        until=lambda _: False,
        account=planned.account,
    )
    trail = cut(visited, portal.authorization_endpoint)
    word = password(planned.account) if planned.login != "manual" else None
    recorder.broken = _broken(visited, trail)
    record(recorder, _steps(trail), visited.status)
    return Launched(
        # Of what a person does in his own browser nothing is seen but that it worked.
        facts=() if planned.login == "manual" else tuple(_facts(portal, planned, visited, trail, token, word)),
        visited=visited,
        trail=trail,
        new={name: value for name in NEW if trail.authorize and (value := values(trail.authorize).get(name))},
    )


def _broken(visited: Visited, trail: Trail) -> Broken | None:
    """The step at which the launch ended, None when it came to its page."""
    step = _reached(visited, trail)
    if trail.callback and "code" not in values(trail.callback):
        return without_code(trail.callback)
    if visited.reason_nl and visited.reason_en:
        return Broken(step=step, reason_nl=visited.reason_nl, reason_en=visited.reason_en)
    if trail.authorize and not trail.callback:
        return Broken(
            step=step,
            reason_nl=f"de gebruiker komt niet terug bij de module; de laatste pagina heeft status {visited.status}",
            reason_en=f"the user does not come back to the module; the last page has status {visited.status}",
        )
    if visited.status is None or visited.status >= 400:
        return Broken(
            step=step,
            reason_nl=f"de pagina van de module heeft status {visited.status}",
            reason_en=f"the page of the module has status {visited.status}",
        )
    return None


def _reached(visited: Visited, trail: Trail) -> StepName:
    """The step that was under way at the end."""
    if trail.authorize is None:
        return "launch"
    if trail.callback:
        return "page"
    if visited.logged_in:
        return "callback"
    return "login" if trail.login else "authorize"


def _steps(trail: Trail) -> Iterator[tuple[StepName, tuple[Hop, ...]]]:
    if trail.authorize is None:
        yield "launch", trail.before[:-1] or trail.before
        if len(trail.before) > 1:
            yield "page", trail.before[-1:]
        return
    yield "launch", trail.before
    yield "authorize", (trail.authorize,)
    if trail.login:
        yield "login", trail.login
    if trail.callback:
        yield "callback", (trail.callback,)
        if "code" in values(trail.callback):
            yield "page", trail.after or (trail.callback,)


def _facts(
    portal: Portal, planned: Planned, visited: Visited, trail: Trail, token: str, word: str | None
) -> Iterator[LaunchFact]:
    if trail.authorize:
        asked = values(trail.authorize)
        yield AuthorizeRequest(
            attempt=planned.attempt,
            method=trail.authorize.method,
            parameters={name: value if name in _TOLD else None for name, value in asked.items()},
            launch_is_given=asked.get("launch") == token,
            challenge_length=len(asked.get("code_challenge", "")),
            repeated=(),
            earlier=0,
            client_id=planned.application.client_id,
            base=portal.base,
        )
        if trail.callback:
            sender = (trail.authorize, *trail.login)[-1]
            yield callback(planned.attempt, asked, sender.status, trail.callback)
    came = trail.callback is not None and "code" in values(trail.callback)
    if visited.status is not None and (came or trail.authorize is None) and not visited.reason_nl:
        yield Page(
            attempt=planned.attempt,
            status=visited.status,
            secrets=tuple(_secrets(trail, token, word)),
            logged_in=came,
        )


def _secrets(trail: Trail, token: str, word: str | None) -> Iterator[str]:
    """What was in an address that may not be in one; the authorize request itself may have the launch in it."""
    hops = [*trail.before, *trail.login, *([trail.callback] if trail.callback else []), *trail.after]
    found = [pair for hop in hops for pair in query(hop.url)]
    names = {name for name, _ in found}
    if any(token in value for _, value in found):
        yield "launch"
    yield from (name for name in ("id_token", "access_token") if name in names)
    if word and any(word in value for _, value in found):
        yield "password"
