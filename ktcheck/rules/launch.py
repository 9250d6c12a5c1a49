"""Area *launch*: is a migrated task to be opened by who may open it, in the steps and with the values of TOP-KT-007?

What a module or portal does wrong is told of that application, what the provision does wrong of nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable

from ktcheck.facts import Context
from ktcheck.launch.facts import (
    Attempt,
    AuthorizationKeys,
    AuthorizeRequest,
    Callback,
    IdToken,
    Introspection,
    Launch,
    Page,
    PortalLaunch,
    SmartConfiguration,
    StepName,
    TokenKind,
    TokenResponse,
)
from ktcheck.rules.base import Examination, Problem, rule
from ktcheck.rules.judging import answered, sent
from ktcheck.rules.judging.wrong import Wrong, missing

_SERVICE = "Autorisatieservice"
_TOGETHER = "Launch"

_STEPS: dict[StepName, tuple[str, str, str, str]] = {
    "smart-configuration": (
        "het ophalen van de SMART-configuratie", "de Koppeltaalvoorziening",
        "fetching the SMART configuration", "the Koppeltaal provision",
    ),
    "launch": ("de launch zelf", "", "the launch itself", ""),
    "authorize": (
        "het authorize-verzoek", "de module die het stuurde of de autorisatieservice",
        "the authorize request", "the module that sent it or the authorization service",
    ),
    "login": ("het inloggen", "de identityprovider", "logging in", "the identity provider"),
    "callback": (
        "de terugkeer naar de module", "de autorisatieservice", "the return to the module", "the authorization service",
    ),
    "token": ("het tokenverzoek", "de autorisatieservice", "the token request", "the authorization service"),
    "introspection": ("de introspectie", "de autorisatieservice", "the introspection", "the authorization service"),
    "page": ("de eindpagina", "de module", "the page at the end", "the module"),
    "audit": ("de logging", "de Koppeltaalvoorziening", "the logging", "the Koppeltaal provision"),
}  # fmt: skip
_TOKENS: dict[TokenKind, tuple[str, str]] = {
    "hti": ("het HTI-token", "the HTI token"),
    "id_token": ("het id_token", "the id_token"),
    "access_token": ("het access_token", "the access_token"),
}
_OPENS_NOTHING = "NOOP"
_REFUSED = frozenset({401, 403})


def _problems(attempt: Attempt, wrongs: Iterable[Wrong], **more: object) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            resource=attempt.task,
            path=wrong.path,
            expected=wrong.expected,
            actual=wrong.actual,
            severity=wrong.severity,
            words=_words(attempt, what_nl=wrong.nl, what_en=wrong.en, **more),
        )
        for wrong in wrongs
    )


def _words(attempt: Attempt, **more: object) -> dict[str, object]:
    return {"launch": attempt.id, "application": attempt.application, **more}


def _judged(attempt: Attempt, wrongs: Iterable[Wrong], **more: object) -> Examination:
    """What the provision did in a launch."""
    return Examination(scope=attempt.user_type, problems=_problems(attempt, wrongs, **more))


def _judged_application(attempt: Attempt, wrongs: Iterable[Wrong], **more: object) -> Examination:
    """What the application that was tried did in a launch."""
    problems = _problems(attempt, wrongs, **more)
    return Examination(scope=attempt.user_type, problems=problems, application=attempt.application)


# ---- what the authorization service publishes -----------------------------------------------------------------------


@rule("launch.smart-configuration", SmartConfiguration)
def smart_configuration(published: SmartConfiguration, _: Context) -> Examination:
    """The SMART configuration is JSON and says all that TOP-KT-016 demands (KT2-AUTH-026, 027, 028).

    What the standard says not to use (KT2-AUTH-031) is advice: it hurts nobody as long as nobody uses it.
    """
    if published.status != 200 or not published.content:
        nl, en = f"zij is er niet (status {published.status})", f"it is not there (status {published.status})"
        if published.status == 200:
            nl, en = "het antwoord is geen JSON-object", "the answer is no JSON object"
        return Examination(scope=_SERVICE, problems=(Problem(words={"what_nl": nl, "what_en": en}),))
    wrongs = list(answered.configuration(published.content))
    media_type = (published.content_type or "").partition(";")[0].strip().casefold()
    if media_type != "application/json":
        nl, en = "het mediatype is niet application/json", "the media type is not application/json"
        wrongs.append(Wrong(path="Content-Type", nl=nl, en=en, expected="application/json", actual=media_type))
    problems = tuple(
        Problem(
            path=wrong.path,
            expected=wrong.expected,
            actual=wrong.actual,
            severity=wrong.severity,
            words={"what_nl": wrong.nl, "what_en": wrong.en},
        )
        for wrong in wrongs
    )
    return Examination(scope=_SERVICE, problems=problems)


@rule("launch.keys", AuthorizationKeys)
def keys(published: AuthorizationKeys, _: Context) -> Examination:
    """The key set of the authorization service can be used and keeps its secret (KT2-AUTH-012, KT2-AUTH-017)."""
    if published.keys is None:
        nl, en = "is niet op te halen", "cannot be fetched"
    elif any(key.private for key in published.keys):
        nl, en = "toont een privésleutel", "shows a private key"
    elif not any(key.signs for key in published.keys):
        nl, en = "heeft geen sleutel om handtekeningen te controleren", "has no key to check signatures with"
    else:
        return Examination(scope=_SERVICE)
    return Examination(scope=_SERVICE, problems=(Problem(path="jwks_uri", words={"why_nl": nl, "why_en": en}),))


# ---- a launch as a whole --------------------------------------------------------------------------------------------


@rule("launch.works", Launch)
def works(launch: Launch, _: Context) -> Examination:
    """A launch comes to its end, or it is said at which step it stopped and whose that is (TOP-KT-007, TOP-KT-023)."""
    attempt = launch.attempt
    found: tuple[Problem, ...] = ()
    if launch.broken:
        step_nl, who_nl, step_en, who_en = _STEPS[launch.broken]
        if launch.broken == "launch":
            who_nl, who_en = _launched_by(attempt)
        status = next((step.status for step in reversed(launch.steps) if step.name == launch.broken), None)
        words = _words(
            attempt,
            step_nl=step_nl,
            step_en=step_en,
            who_nl=who_nl,
            who_en=who_en,
            reason_nl=f": {launch.reason_nl}" if launch.reason_nl else "",
            reason_en=f": {launch.reason_en}" if launch.reason_en else "",
        )
        found = (Problem(resource=attempt.task, path=launch.broken, actual=status, words=words),)
    application = None if attempt.plays == "both" else attempt.application
    return Examination(scope=attempt.user_type, problems=found, application=application)


def _launched_by(attempt: Attempt) -> tuple[str, str]:
    """Whose it is that a launch did not even begin: of whom the suite waited for."""
    if attempt.plays == "portal":
        return f"module {attempt.application}", f"module {attempt.application}"
    if attempt.plays == "module":
        return f"portaal {attempt.application}", f"portal {attempt.application}"
    return "het domeinbestand", "the domain file"


@rule("launch.migrated", Launch)
def migrated(launch: Launch, _: Context) -> Examination | None:
    """What was launched is a migrated task, of a migrated person with one account (MIG-KT-002, KT2-IDP-001).

    Only a launch that worked shows something of the migration.
    """
    if not launch.worked:
        return None
    attempt = launch.attempt
    wrongs = []
    if not launch.task_migrated:
        nl = "de taak heeft geen migratie-identifier van iets uit KT1"
        wrongs.append((attempt.task, nl, "the task has no migration identifier of KT1"))
    if not launch.person_migrated:
        nl = "de persoon heeft geen migratie-identifier van iets uit KT1"
        wrongs.append((attempt.person, nl, "the person has no migration identifier of KT1"))
    if launch.account is False:
        nl = "de persoon heeft niet precies één account dat aan staat"
        wrongs.append((attempt.person, nl, "the person does not have exactly one enabled account"))
    if launch.account is None and not wrongs:
        gap = (
            "geen directory zegt of wie inlogde precies één account heeft; zet een [idp.directory] in het domeinbestand"
        )
        return Examination(scope=attempt.user_type, examined=0, gap=gap)
    problems = tuple(
        Problem(resource=resource, words=_words(attempt, what_nl=nl, what_en=en)) for resource, nl, en in wrongs
    )
    return Examination(scope=attempt.user_type, problems=problems)


# ---- what a portal sends --------------------------------------------------------------------------------------------


@rule("launch.portal-token", PortalLaunch)
def portal_token(launch: PortalLaunch, _: Context) -> Examination | None:
    """Header and claims of the HTI token of a portal (TOP-KT-007, HTI 2.0; KT2-LAUNCH-003 to 010).

    Where there is none, there is nothing to look at; that is told by ``launch.portal-form``.
    """
    if "launch" not in launch.fields:
        return None
    return _judged_application(launch.attempt, sent.hti_token(launch))


@rule("launch.portal-form", PortalLaunch)
def portal_form(launch: PortalLaunch, _: Context) -> Examination:
    """A launch is a form that the browser posts, with ``launch`` and ``iss`` (TOP-KT-007; KT2-LAUNCH-001, 028)."""
    return _judged_application(launch.attempt, sent.form(launch))


# ---- what a module sends --------------------------------------------------------------------------------------------


@rule("launch.authorize-request", AuthorizeRequest)
def authorize_request(asked: AuthorizeRequest, _: Context) -> Examination:
    """Every parameter of a module's authorize request (TOP-KT-007; KT2-LAUNCH-013, LNH-008)."""
    return _judged_application(asked.attempt, sent.authorize_request(asked))


@rule("launch.fresh", AuthorizeRequest)
def fresh(asked: AuthorizeRequest, _: Context) -> Examination | None:
    """What has to be new in every authorize request is (TOP-KT-007: state and code_challenge protect one launch).

    The first launch of an application cannot be compared with an earlier one.
    """
    if not asked.earlier:
        return None
    nl, en = "staat ook in een eerdere launch", "was in an earlier launch too"
    wrongs = [Wrong(path=name, nl=f"{name} {nl}", en=f"{name} {en}") for name in asked.repeated]
    problems = _problems(asked.attempt, wrongs)
    return Examination(scope=_TOGETHER, problems=problems, application=asked.attempt.application)


@rule("launch.page", Page)
def page(end: Page, _: Context) -> Examination:
    """The launch of a module ends at a page, for somebody who logged in (TOP-KT-007; KT2-LAUNCH-012).

    A module without personal or medical data may do without logging in. What a module processes is not to be seen from
    outside, so the finding says when it is none.
    """
    return _judged_application(end.attempt, sent.page(end))


@rule("launch.no-secret-in-address", Page)
def no_secret_in_address(end: Page, _: Context) -> Examination:
    """No token or password is in an address (2021 specification eis 10: KT2-AUTH-022; KT2-LAUNCH-028)."""
    nl, en = "staat in een adres", "is in an address"
    wrongs = [Wrong(path=name, nl=f"{name} {nl}", en=f"{name} {en}") for name in end.secrets]
    return _judged_application(end.attempt, wrongs)


# ---- what the authorization service answers -------------------------------------------------------------------------


@rule("launch.callback", Callback)
def callback(back: Callback, _: Context) -> Examination | None:
    """After logging in the browser goes to the redirect_uri with a code and the same state (KT2-LAUNCH-018).

    An error may be the right answer to what a module asked or a portal sent; where it stopped is told by
    ``launch.works``.
    """
    if back.error and back.attempt.plays != "both":
        return None
    return _judged(back.attempt, answered.callback(back))


@rule("launch.token-response", TokenResponse)
def token_response(answer: TokenResponse, _: Context) -> Examination:
    """What the token response holds beside its tokens' values (TOP-KT-007; KT2-LAUNCH-021, KT2-AUTH-020).

    TOP-KT-007 gives it five minutes and the developer guide an hour, so a longer time is advice.
    """
    return _judged(answer.attempt, answered.token_response(answer))


@rule("launch.access-token", TokenResponse)
def access_token(answer: TokenResponse, _: Context) -> Examination | None:
    """The access token of a launch is ``NOOP`` and opens nothing (KT2-LAUNCH-022, TOP-KT-007)."""
    if not answered.good(answer):
        return None
    attempt = answer.attempt
    wrongs = []
    if answer.access_token is None:
        wrongs.append(missing("access_token", _OPENS_NOTHING))
    elif answer.access_token != _OPENS_NOTHING:
        nl, en = "access_token is niet NOOP", "access_token is not NOOP"
        wrongs.append(Wrong(path="access_token", nl=nl, en=en, expected=_OPENS_NOTHING))
    if answer.opens is not None and 200 <= answer.opens < 300:
        nl, en = "access_token geeft toegang tot de FHIR-service", "access_token gives access to the FHIR service"
        wrongs.append(Wrong(path="access_token", nl=nl, en=en, expected=401, actual=answer.opens))
    if not wrongs and answer.opens not in _REFUSED:
        told = "is niet geprobeerd" if answer.opens is None else f"gaf status {answer.opens}, wat geen weigering is"
        gap = f"lezen bij de FHIR-service met het access_token van een launch {told}"
        return Examination(scope=attempt.user_type, examined=0, gap=gap)
    return _judged(attempt, wrongs)


@rule("launch.context", TokenResponse)
def context(answer: TokenResponse, _: Context) -> Examination | None:
    """The context of the token response is that of the HTI token (KT2-LAUNCH-021, TOP-KT-007)."""
    if not answered.good(answer):
        return None
    return _judged(answer.attempt, answered.context(answer))


@rule("launch.id-token", IdToken)
def id_token(token: IdToken, _: Context) -> Examination:
    """The id_token is the authorization service's, for this module, about this user, of now (KT2-LAUNCH-023)."""
    problems = _problems(token.attempt, answered.id_token(token))
    if token.signed is None and not problems:
        gap = "zonder de sleutelset van de autorisatieservice is de handtekening van het id_token niet te controleren"
        return Examination(scope=token.attempt.user_type, examined=0, gap=gap)
    return Examination(scope=token.attempt.user_type, problems=problems)


@rule("launch.introspection", Introspection)
def introspection(told: Introspection, _: Context) -> Examination:
    """Introspection of a good token says ``active`` and the claims of it (TOP-KT-021; KT2-INTRO-005, KT2-INTRO-006)."""
    nl, en = _TOKENS[told.token]
    return _judged(told.attempt, answered.introspection(told), token_nl=nl, token_en=en)
