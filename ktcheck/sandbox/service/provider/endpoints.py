"""Where a user logs in at an OpenID provider (OpenID Connect Core 1.0, Discovery 1.0; PKCE is optional)."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.service import faults, oauth, pages
from ktcheck.sandbox.service.answers import Refused, plain_json
from ktcheck.sandbox.service.keys import rsa_key
from ktcheck.sandbox.service.oauth import Denied
from ktcheck.sandbox.service.provider.state import SESSION_SECONDS, Provider

_SESSION = "idp_session"
_CSRF = "idp_csrf"
_REFUSED = "Inloggen kan niet"


def discovery(provider: Provider, _: Request) -> Response:
    """What the provider is and can do."""
    if "idp-discovery-missing" in provider.faults.launch:
        raise Refused(404, "not-found", "there is no discovery document")
    issuer = provider.issuer
    content = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "scopes_supported": ["openid"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", *_own_claims(provider)],
    }
    return plain_json(faults.put_in(content, provider.faults.launch, faults.DISCOVERY))


def _own_claims(provider: Provider) -> list[str]:
    return sorted({name for account in provider.accounts for name in account.claims})


def jwks(provider: Provider, _: Request) -> Response:
    """The public key of the id_tokens."""
    private = "idp-jwks-with-private-member" in provider.faults.launch
    return plain_json({"keys": [{**rsa_key().as_dict(private=private), "use": "sig", "alg": "RS256"}]})


async def authorize(provider: Provider, request: Request) -> Response:
    """Ask the user who he is, unless this browser is logged in already."""
    try:
        asked, back = await _asked(provider, request)
    except Denied as error:
        return pages.refused(_REFUSED, str(error))
    wrong = _wrong(asked)
    if wrong:
        return oauth.redirect(back, error=wrong, state=asked.get("state"))
    found = provider.session(request.cookies.get(_SESSION))
    if found and asked.get("prompt") != "login":
        return _back(provider, asked, provider.hand_out(asked, *found))
    if asked.get("prompt") == "none":
        return oauth.redirect(back, error="login_required", state=asked.get("state"))
    return _page(provider, asked, 200)


async def _asked(provider: Provider, request: Request) -> tuple[dict[str, str], str]:
    """What a known client asks, and where it is sent back to."""
    asked = await oauth.parameters(request)
    client = provider.clients.get(asked.get("client_id", ""))
    if client is None or asked.get("redirect_uri") != client.redirect_uri:
        raise Denied(400, "invalid_request", "client_id or redirect_uri is not registered here")
    return asked, client.redirect_uri


def _wrong(asked: Mapping[str, str]) -> str | None:
    """The error code for what is wrong in a request of a known client."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope"
    if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
        return "invalid_request"
    return None


async def login(provider: Provider, request: Request) -> Response:
    """Check the name and the password of the form; the form has to come from the page that this browser got."""
    try:
        form = await oauth.form(request)
    except Denied as error:
        return pages.refused(_REFUSED, str(error))
    begun = provider.logins.pop(form.get("login", ""), None)
    if begun is None or begun.until <= time.time():
        return pages.refused(_REFUSED, "this login was not begun, or too long ago; start again")
    cookie = request.cookies.get(_CSRF, "")
    if not (hmac.compare_digest(form.get("csrf", ""), begun.csrf) and hmac.compare_digest(cookie, begun.csrf)):
        return pages.refused(_REFUSED, "the form is not from the page that this browser got; start again")
    account = provider.account(form.get("username", ""), form.get("password", ""))
    if account is None:
        return _page(provider, begun.parameters, 401, "De gebruikersnaam of het wachtwoord klopt niet.")
    if not provider.may_log_in(account):
        return _page(provider, begun.parameters, 403, "Dit account is geblokkeerd.")
    code = provider.hand_out(begun.parameters, account, int(time.time()))
    answer = _back(provider, begun.parameters, code)
    path = urlsplit(provider.issuer).path
    session = provider.open_session(account)
    answer.set_cookie(_SESSION, session, max_age=SESSION_SECONDS, path=path, httponly=True)
    answer.delete_cookie(_CSRF, path=path, httponly=True)
    return answer


def _page(provider: Provider, asked: Mapping[str, str], status: int, problem: str = "") -> Response:
    if "idp-login-broken" in provider.faults.launch:
        return pages.refused(_REFUSED, "Er ging iets mis.", 500)
    own, begun = provider.begin(asked)
    answer = pages.login(f"{provider.issuer}/login", own, begun.csrf, status, problem)
    answer.set_cookie(_CSRF, begun.csrf, path=urlsplit(provider.issuer).path, httponly=True)
    return answer


def _back(provider: Provider, asked: Mapping[str, str], code: str) -> Response:
    return oauth.redirect(asked["redirect_uri"], code=code, state=asked.get("state"), iss=provider.issuer)
