"""A module: takes a launch, lets the user log in, and starts the task (``kt2-standard.md`` section 15)."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.service import audit_launch, oauth, outgoing, pages, pkce
from ktcheck.sandbox.service.applications.application import Application, Begun, random
from ktcheck.sandbox.service.incoming import Untrusted, unverified
from ktcheck.sandbox.service.oauth import Denied
from ktcheck.sandbox.service.outgoing import Unanswered

Json = dict[str, Any]

_COOKIE = "module_launch"
_SECONDS = 600
_FAILED = "De taak kan niet worden gestart"


class Failed(Exception):  # noqa: N818 (it is an answer, not an error of the module)
    """The task cannot be started; the text is for the user."""


async def launch(module: Application, request: Request) -> Response:
    """A portal sends a user with a launch: let him log in first."""
    try:
        form = await oauth.form(request)
    except Denied as error:
        return pages.refused(_FAILED, str(error))
    token = form.get("launch", "")
    if not token or form.get("iss", "").rstrip("/") != module.base:
        return pages.refused(_FAILED, "Er is geen taak meegegeven, of zij is van een ander domein.")
    if "module-takes-no-launch" in module.faults:
        return pages.refused(_FAILED, "Er ging iets mis.", 500)
    if "module-without-login" in module.faults:
        return _end(module)
    try:
        smart = await module.configuration()
    except Unanswered:
        return pages.refused(_FAILED, "De autorisatieservice antwoordt niet.")
    browser, state = random(), "state" if "module-constant-state" in module.faults else random()
    begun = Begun(token, state, random(), random(), time.time() + _SECONDS)
    module.launches[browser] = begun
    answer = oauth.redirect(smart["authorization_endpoint"], **_authorize(module, begun))
    answer.set_cookie(_COOKIE, browser, max_age=_SECONDS, path=_path(module), httponly=True)
    return answer


def _authorize(module: Application, begun: Begun) -> dict[str, str]:
    """The authorize request."""
    faults = module.faults
    plain = "module-plain-pkce" in faults
    challenge = {
        "code_challenge": begun.verifier if plain else pkce.challenge(begun.verifier),
        "code_challenge_method": "plain" if plain else "S256",
    }
    return {
        "response_type": "code",
        "client_id": module.client_id,
        "redirect_uri": f"{module.address}/callback",
        "launch": begun.launch,
        "scope": "launch openid" if "module-wrong-scope" in faults else "launch openid fhirUser",
        "state": begun.state,
        "nonce": begun.nonce,
        "aud": module.address if "module-wrong-aud" in faults else module.base,
        **({} if "module-without-pkce" in faults else challenge),
    }


async def callback(module: Application, request: Request) -> Response:
    """The user comes back from logging in: start the task, or say why that cannot be."""
    answer = dict(request.query_params)
    begun = module.launches.pop(request.cookies.get(_COOKIE, ""), None)
    if begun is None or begun.until <= time.time() or answer.get("state") != begun.state:
        return pages.refused(_FAILED, "Deze start is niet hier begonnen, of te lang geleden.")
    trace_id, task = _told(begun.launch)
    try:
        got = await _started(module, begun, answer)
    except Failed as error:
        audit_launch.launched(module.tenant, module.client_id, task, trace_id, good=False)
        return pages.refused(_FAILED, str(error), 403)
    except Unanswered:
        audit_launch.launched(module.tenant, module.client_id, task, trace_id, good=False)
        return pages.refused(_FAILED, "Koppeltaal geeft niet wat nodig is om te starten.", 403)
    audit_launch.launched(module.tenant, module.client_id, _shown(module, got["resource"]), trace_id, good=True)
    seen = got["id_token"] if "module-token-in-query" in module.faults else None
    return oauth.redirect(f"{module.address}/gestart", id_token=seen)


async def _started(module: Application, begun: Begun, answer: dict[str, str]) -> Json:
    """Token, launch and resources: everything is asked for, and has to fit together."""
    if "code" not in answer:
        raise Failed("Inloggen is niet gelukt, of de start is geweigerd.")
    smart = await module.configuration()
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": f"{module.address}/callback",
        **({} if "module-without-pkce" in module.faults else {"code_verifier": begun.verifier}),
    }
    endpoint = smart["token_endpoint"]
    got = await outgoing.post(endpoint, {**form, **module.authentication(endpoint)})
    _check_id_token(module, got, smart, await outgoing.get(smart["jwks_uri"]), begun.nonce)
    endpoint = smart["introspection_endpoint"]
    audience = smart["token_endpoint"] if "introspection-audience-of-guide" in module.faults else endpoint
    told = await outgoing.post(endpoint, {"token": begun.launch, **module.authentication(audience)})
    if told.get("active") is not True or told.get("resource") != got.get("resource"):
        raise Failed("De start is niet geldig, of voor een andere taak.")
    token = await module.backend_token(smart)
    task = await module.fetch(_shown(module, str(got["resource"])), token, str(told["jti"]))
    for reference in (task["for"]["reference"], str(told["definition"])):
        await module.fetch(reference, token, str(told["jti"]))
    return got


def _check_id_token(module: Application, got: Json, smart: Json, keys: Json, nonce: str) -> None:
    """Who logged in is told by the authorization service, to this module, for this launch."""
    try:
        claims = jwt.decode(str(got.get("id_token")), KeySet.import_key_set(keys), algorithms=["ES256"]).claims  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError):
        raise Failed("Wie inlogde is niet te controleren.") from None
    good = (
        claims.get("iss") == smart["issuer"]
        and claims.get("aud") == module.client_id
        and claims.get("sub") == got.get("sub")
        and claims.get("nonce") == nonce
        and claims.get("exp", 0) > time.time()
    )
    if not good:
        raise Failed("Wie inlogde is een ander, of het is te lang geleden.")


def _told(launch: str) -> tuple[str, str]:
    """The id of a launch and its task as the token has them, unchecked: what a failure is logged with."""
    try:
        claims = unverified(launch)[1]
    except Untrusted:
        return "", ""
    return str(claims.get("jti")), str(claims.get("resource"))


def _shown(module: Application, task: str) -> str:
    """The task that the module starts: the one that was launched, unless a fault has it take another one."""
    if "module-launches-other" not in module.faults:
        return task
    return next(f"Task/{own}" for own in module.tenant.of_type("Task") if task != f"Task/{own}")


def page(module: Application, _: Request) -> Response:
    """The task was started."""
    return _end(module)


def _end(module: Application) -> Response:
    if "module-page-missing" in module.faults:
        return pages.refused(_FAILED, "Deze pagina bestaat niet.", 404)
    if "module-page-error" in module.faults:
        return pages.refused(_FAILED, "Er ging iets mis.", 500)
    return pages.message("De taak is gestart", f"U kunt beginnen in {module.facts.name}.")


def _path(module: Application) -> str:
    return urlsplit(module.address).path
