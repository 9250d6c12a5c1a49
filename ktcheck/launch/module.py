"""The suite as module: it awaits what a real portal posts, judges that, and does with it what a module does."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ktcheck.launch import both
from ktcheck.launch.agent import Agent
from ktcheck.launch.calls import Calls
from ktcheck.launch.choose import Planned
from ktcheck.launch.facts import PortalLaunch
from ktcheck.launch.messages import Fresh, Task
from ktcheck.launch.portal import Launched
from ktcheck.launch.receiver import Received, Receiver, page
from ktcheck.launch.recipe import Player, good
from ktcheck.launch.steps import Recorder
from ktcheck.launch.tokens import opened
from ktcheck.launch.trail import address
from ktcheck.smart.backend import Secret

PORTAL_SECONDS = 300.0
"""How long a person has to launch in the portal."""

_TICK = 5.0
_THANKS = page("De taak is ontvangen", "<p>ktcheck logt nu zelf in en start de taak; dit venster kan dicht.</p>")
_TASK = re.compile(r"Task/[A-Za-z0-9\-.]{1,64}")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")

Announce = Callable[[str, int, int], None]
FindTask = Callable[[str], Task | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A launch that a portal posted: the fact about it, of whom it is, and what goes on with it.

    ``token`` is the HTI token, ``claims`` what is in it, ``trace`` its id. ``of_account``: the user is the person of
    the test account of ``planned``, so that ktcheck can log in as him.
    """

    planned: Planned
    fact: PortalLaunch
    token: str = field(repr=False)
    claims: dict[str, object] = field(repr=False)
    trace: str | None
    of_account: bool
    began: float


class Portals:
    """Awaits launches at ``launch_uri``, one portal after another, for as long as there are accounts to launch with.

    Args:
        launch_uri: where portals post to; it is on this machine.
        base: the FHIR base URL of the domain.
        device: the Device of the suite's own client.
        find_task: a task of the domain by its reference.
        secret: told every token.
        announce: tells the person at the portal what to do.
        seconds: how long he has for each launch.
    """

    def __init__(
        self,
        launch_uri: str,
        *,
        base: str,
        device: str,
        find_task: FindTask,
        secret: Secret,
        announce: Announce,
        seconds: float | None = None,
    ) -> None:
        self._launch_uri = launch_uri
        self._base = base
        self._device = device
        self._find_task = find_task
        self._secret = secret
        self._announce = announce
        self._seconds = PORTAL_SECONDS if seconds is None else seconds
        self._seen: set[str] = set()

    async def next(self, waiting: Sequence[Planned]) -> Arrived | None:
        """The next launch from the portal of ``waiting``; None when none came in time.

        Raises:
            InputError: the port of ``launch_uri`` is taken.
        """
        first = waiting[0]
        account = first.account
        what = (
            f"start in {first.application.name} een taak als {account.user_type} ({account.password_env}) "
            f"voor de toepassing met {self._launch_uri}"
        )
        begun = time.monotonic()
        async with Receiver(self._launch_uri, thanks=_THANKS) as receiver:
            while (passed := time.monotonic() - begun) < self._seconds:
                self._announce(what, round(passed), round(self._seconds))
                came = await receiver.received(min(_TICK, self._seconds - passed))
                if came is not None and address(came.url) == address(self._launch_uri):
                    return self._arrived(came, waiting)
        return None

    def _arrived(self, came: Received, waiting: Sequence[Planned]) -> Arrived:
        token = came.fields.get("launch", "")
        if len(token) >= 12:
            self._secret(token)
        header, claims = opened(token) or ({}, {})
        sub, resource = claims.get("sub"), claims.get("resource")
        own = next((one for one in waiting if one.attempt.person == sub), None)
        planned = own or waiting[0]
        task = self._find_task(resource) if isinstance(resource, str) and _TASK.fullmatch(resource) else None
        if task:
            planned = replace(planned, task=task, attempt=replace(planned.attempt, task=task.reference))
        return Arrived(
            planned=planned,
            fact=PortalLaunch(
                attempt=planned.attempt,
                method=came.method,
                content_type=came.content_type,
                fields=tuple(sorted(came.fields)),
                iss_is_base=came.fields.get("iss", "").rstrip("/") == self._base,
                header=dict(header),
                claims={name: value for name, value in claims.items() if name != "jti"},
                jti_new=self._is_new(claims.get("jti")),
                now=came.moment,
                portal=planned.application.client_id,
                device=self._device,
                definition=task.definition if task else None,
                subject=task.patient if task else None,
            ),
            token=token,
            claims=dict(claims),
            trace=jti if isinstance(jti := claims.get("jti"), str) and _ID.fullmatch(jti) else None,
            of_account=own is not None,
            began=came.monotonic,
        )

    def _is_new(self, jti: object) -> bool | None:
        if not isinstance(jti, str):
            return None
        new = jti not in self._seen
        self._seen.add(jti)
        return new


async def receive(player: Player, arrived: Arrived, agent: Agent, calls: Calls, recorder: Recorder) -> Launched:
    """Log in as who launched, and ask for what a module gets. Steps, and why it broke off, go to ``recorder``.

    Raises:
        InputError: the password of the test account is not there.
    """
    planned = arrived.planned
    recipe = good(player, planned.task, planned.attempt.person, planned.account, Fresh())
    # What the portal sent is used once, so it is not introspected beside that.
    taken = replace(recipe, hti=arrived.token, introspects=None)
    return await both.receive(player, planned.attempt, taken, arrived.claims, agent, calls, recorder)
