"""Facts about launches that were tried, and about what the authorization service publishes.

No token, code, assertion, cookie, state, nonce or password is in any of them: only whether they were as they should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ktcheck.domain import UserType
from ktcheck.idp.facts import PublishedKey

Plays = Literal["portal", "module", "both"]
StepName = Literal[
    "smart-configuration", "launch", "authorize", "login", "callback", "token", "introspection", "page", "audit"
]
Actor = Literal["person", "portal", "module", "authorization", "idp", "resource"]
TokenKind = Literal["hti", "id_token", "access_token"]
Logged = Literal["login", "launched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Which launch a fact is about. ``id`` is unique in a run (L1, L2, ...); ``plays``: what the suite played.

    ``application`` is the name, in the domain file, of the application that was tried: the module that was launched,
    the portal that launched, or the suite's own when it played both. ``person`` and ``task`` are references.
    """

    id: str
    plays: Plays
    application: str
    user_type: UserType
    person: str
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a launch: when it began and how long it took (milliseconds), and the HTTP status at its end."""

    name: StepName
    actor: Actor
    start_ms: int
    milliseconds: int
    status: int | None
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A launch from beginning to end; ``login`` is the kind of ``[idp.login]``.

    ``broken`` is the step at which it ended, None when it worked; ``reason_nl`` and ``reason_en`` say what was seen
    there. ``task_migrated`` and ``person_migrated``: the resource carries a migration identifier of a record that KT1
    held; ``account``: the person has exactly one enabled account at the identity provider (None: no directory tells).
    """

    attempt: Attempt
    login: str
    steps: tuple[Step, ...]
    milliseconds: int
    broken: StepName | None = None
    reason_nl: str | None = None
    reason_en: str | None = None
    task_migrated: bool = True
    person_migrated: bool = True
    account: bool | None = True

    @property
    def worked(self) -> bool:
        """Whether the end of it was reached."""
        return self.broken is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A test account at its identity provider. Not in a launch that never came that far.

    ``logged_in``: the provider accepted it and sent the browser back to the authorization service. ``agreed`` is the
    issuer of the domain file for this user type and application, ``seen`` that of the provider that the browser was
    sent to (None: not that of any in the domain file, or, when a person logs in by hand, not seen).
    """

    attempt: Attempt
    kind: str
    logged_in: bool
    agreed: str
    seen: str | None
    reason_nl: str | None = None
    reason_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalLaunch:
    """What a portal posted to the suite (``plays`` is module).

    ``fields``: names of the form. ``iss_is_base``: field ``iss`` is the FHIR base URL. ``header`` and ``claims``: of
    the HTI token, without ``jti``, which is only ``jti_new`` (None: not there); ``now`` is when it came (seconds since
    1970). ``portal`` is the client_id of the portal, ``device`` the Device of the suite's client, ``definition`` what
    the task instantiates, ``subject`` the patient of the task.
    """

    attempt: Attempt
    method: str
    content_type: str | None
    fields: tuple[str, ...]
    iss_is_base: bool
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    jti_new: bool | None
    now: float
    portal: str
    device: str
    definition: str | None
    subject: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeRequest:
    """What a module sent to the authorize endpoint (``plays`` is portal).

    ``parameters`` has every name; with its value for ``response_type``, ``client_id``, ``scope``, ``aud``,
    ``code_challenge_method`` and ``redirect_uri``, else None. ``launch_is_given``: ``launch`` is the HTI token that the
    module was given. ``challenge_length`` is of ``code_challenge``; ``repeated``: names of values that an earlier
    launch had too though they have to be new (``state``, ``nonce``, ``code_challenge``); ``earlier`` is with how many
    earlier launches of the application that was compared (0: nothing was). ``client_id`` is that of the module in the
    domain file, ``base`` the FHIR base URL.
    """

    attempt: Attempt
    method: str
    parameters: Mapping[str, str | None]
    launch_is_given: bool
    challenge_length: int
    repeated: tuple[str, ...]
    earlier: int
    client_id: str
    base: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """How the authorization service sent the browser back to the module.

    ``address_kept``: to the redirect_uri that was asked; ``code``: with a code; ``state_kept``: with the same state.
    ``error`` is the OAuth error code, if one came. ``others``: names of further parameters.
    """

    attempt: Attempt
    status: int
    address_kept: bool
    code: bool
    state_kept: bool
    error: str | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResponse:
    """The answer to the code (the suite plays module or both).

    ``access_token`` is ``NOOP`` or, for anything else, ``other``; None when not there. ``members`` are the others with
    their values but for ``id_token`` (True when it is a text). ``expected`` is the context of the HTI token:
    ``resource``, ``definition``, ``sub``, ``patient`` and ``intent`` as far as it had them. ``opens``: the HTTP status
    of a FHIR read with the access token. ``cache_control`` is that header.
    """

    attempt: Attempt
    status: int
    access_token: Literal["NOOP", "other"] | None
    members: Mapping[str, Any]
    expected: Mapping[str, str]
    opens: int | None = None
    cache_control: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdToken:
    """The id_token in a token response.

    ``signed``: a key of the published key set, by its kid, made the signature (None: there was no key set). ``claims``
    are ``iss``, ``aud``, ``azp``, ``sub``, ``exp`` and ``iat`` as far as there; ``nonce_kept``: the nonce of the
    authorize request is there. ``now`` in seconds since 1970. ``issuer``, ``client_id`` and ``sub``: what is expected.
    """

    attempt: Attempt
    algorithm: str | None
    signed: bool | None
    claims: Mapping[str, Any]
    nonce_kept: bool
    now: float
    issuer: str | None
    client_id: str
    sub: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Introspection:
    """What introspection says of a good token; ``different`` are the claims that are not those of the token itself.

    ``audience`` is the endpoint that the client assertion had to be for: this one (TOP-KT-021), or that for tokens
    (developer guide) because a service refused the first.
    """

    attempt: Attempt
    token: TokenKind
    status: int
    active: bool | None
    different: tuple[str, ...] = ()
    audience: Literal["introspection", "token"] = "introspection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page at the end of a launch of a module (``plays`` is portal).

    ``secrets``: what was in an address on the way there that may not be in one: ``launch``, ``id_token``,
    ``access_token``, ``password`` (the launch and the code in the OAuth redirects themselves do not count).
    ``logged_in``: the browser passed the authorize endpoint and came back with a code before the page.
    """

    attempt: Attempt
    status: int
    secrets: tuple[str, ...]
    logged_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """What the log of the domain has of one step of a launch that worked: User Authentication, or Launched.

    ``events`` is how many AuditEvents of that kind there are with the trace id of the launch, or else since it began,
    about the right person or task. ``traced``: with that trace id; ``outcome`` is that of the last; ``about_other``:
    there is one with the trace id that is about somebody or something else. ``waited`` in seconds.
    """

    attempt: Attempt
    kind: Logged
    events: int
    traced: bool
    about_other: bool
    outcome: str | None
    waited: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartConfiguration:
    """The SMART configuration as published, ``status`` of its answer and its media type; empty when it is no object."""

    status: int
    content_type: str | None
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationKeys:
    """The key set of the authorization service; ``keys`` is None when there is none to be had."""

    status: int | None
    keys: tuple[PublishedKey, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something that has to be refused (``name`` of ``profiles/refusals.yaml``), between two good ones.

    ``good_before`` and ``good_after``: whether the same without the fault worked. ``accepted``: the fault was let
    pass. ``answer`` says what came, as status and OAuth error code: of the good one when ``good_before`` is False.
    ``gap`` says in Dutch why it was not tried, or why what came is no judgement.
    """

    name: str
    good_before: bool = True
    good_after: bool = True
    accepted: bool = False
    answer: str | None = None
    gap: str | None = None


LaunchFact = (
    Launch
    | Login
    | PortalLaunch
    | AuthorizeRequest
    | Callback
    | TokenResponse
    | IdToken
    | Introspection
    | Page
    | LoggedEvent
    | SmartConfiguration
    | AuthorizationKeys
    | Refusal
)
