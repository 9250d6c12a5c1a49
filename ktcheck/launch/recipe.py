"""How a launch of the suite's own is done, down to each claim and parameter, before anything is done.

What has to be refused differs from a good recipe in one thing (``ktcheck.launch.refusals``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ktcheck.domain import TestAccount
from ktcheck.launch.calls import Endpoints
from ktcheck.launch.messages import Draft, Fresh, Signer, Task, assertion, authorize_parameters, hti_token, new_pkce


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """The suite as an application of a domain, portal and module at once.

    Attributes:
        signer: its client_id and key.
        base: the FHIR base URL of the domain.
        endpoints: where its authorization service is.
        redirect_uri: registered for it.
        device: its ``Device/<id>``.
        audience: for whom its client assertions at the introspection endpoint are: that endpoint (TOP-KT-021), or the
            token endpoint (developer guide).
    """

    signer: Signer
    base: str
    endpoints: Endpoints
    redirect_uri: str
    device: str
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """A code, and the verifier of the code_challenge that it was asked with."""

    code: str = field(repr=False)
    verifier: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A launch. Where a ``Draft`` may be, a text is a token that was made before; None: it is left out.

    Attributes:
        hti: the HTI token.
        authorize: the parameters of the authorize request, but for ``launch``.
        account: who logs in.
        verifier: the code_verifier of the token request; None: left out.
        redeems: the code of the token request and its verifier; None: the code that comes back.
        redirect_uri: of the token request.
        assertion: the client assertion of the token request.
        introspects: the token of the introspection request.
        introspector: the client assertion of the introspection request; None: nobody shows who asks.
        bearer: the access token for the FHIR service, where that is what it is about.
    """

    hti: Draft | str | None = field(repr=False)
    authorize: Mapping[str, str] = field(repr=False)
    account: TestAccount = field(repr=False)
    verifier: str | None = field(repr=False)
    redeems: Redeemed | None = None
    redirect_uri: str
    assertion: Draft | str = field(repr=False)
    introspects: Draft | str | None = field(repr=False)
    introspector: Draft | None
    bearer: str | None = field(default=None, repr=False)


def good(player: Player, task: Task, sub: str, account: TestAccount, fresh: Fresh) -> Recipe:
    """The recipe of a launch of a task by a user (``sub``) that has to work.

    The id of its HTI token is the first identifier that ``fresh`` gives.
    What is introspected is another HTI token of the same launch: one that was used already need not be good any more.
    """
    signer = player.signer
    verifier, challenge = new_pkce(fresh)
    authorize = authorize_parameters(
        client_id=signer.client_id,
        redirect_uri=player.redirect_uri,
        base=player.base,
        state=fresh.unguessable(),
        nonce=fresh.unguessable(),
        challenge=challenge,
    )
    return Recipe(
        hti=hti_token(signer, player.device, sub, task, fresh),
        authorize=authorize,
        account=account,
        verifier=verifier,
        redirect_uri=player.redirect_uri,
        assertion=assertion(signer, player.endpoints.token, fresh),
        introspects=hti_token(signer, player.device, sub, task, fresh),
        introspector=assertion(signer, player.audience, fresh),
    )
