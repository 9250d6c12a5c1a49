"""A browser, a portal and a module for tests of the practice service: everything by hand, over HTTP."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

from ktcheck.sandbox.accounts import Account
from ktcheck.sandbox.launchable import choose
from ktcheck.sandbox.service import Service
from ktcheck.sandbox.service.pkce import challenge
from ktcheck.sandbox.vocabulary import INSTANTIATES

Json = dict[str, Any]

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CALLBACK = "http://127.0.0.1:9/callback"
VERIFIER = "v" * 64
KEY = ECKey.generate_key("P-256", auto_kid=True)


@dataclass
class Bench:
    """The suite as both portal and module in one domain of a service, with a browser of its own."""

    service: Service
    domain: str
    http: httpx2.Client

    def __post_init__(self) -> None:
        self.tenant = self.service.tenants[self.domain]
        self.client_id = self.tenant.domain.domain.applications[-1].client_id
        self.base = self.service.base_url(self.domain)
        jwks = {"keys": [KEY.as_dict(private=False)]}
        self.service.register(self.domain, self.client_id, jwks, redirect_uris=[CALLBACK])
        self.smart = self.http.get(f"{self.base}/.well-known/smart-configuration").raise_for_status().json()
        self.chosen = choose(self.tenant.domain)

    def account(self, user_type: str, *, enabled: bool = True, skip: int = 0) -> Account:
        found = [item for item in self.chosen if str(item.person).startswith(user_type)]
        return [item for item in found if item.enabled == enabled][skip]

    def task(self, owner: str | None) -> Json:
        tasks = self.tenant.domain.resources["Task"].values()
        ready = [item for item in tasks if item["status"] in {"ready", "in-progress"} and "partOf" not in item]
        return next(item for item in ready if item["owner"]["reference"] == owner)

    def hti_claims(self, account: Account, **other: Any) -> Json:
        """The claims of a good launch of the account's own task; None takes a claim out."""
        task = self.task(account.person)
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "aud": f"Device/{self.client_id}",
            "sub": account.person,
            "resource": f"Task/{task['id']}",
            "definition": definition(task),
            "intent": "plan",
            "jti": str(uuid4()),
            "iat": now,
            "exp": now + 240,
        }
        if account.person != task["for"]["reference"]:
            claims["patient"] = task["for"]["reference"]
        return {name: value for name, value in {**claims, **other}.items() if value is not None}

    def authorize(self, launch: str | None, **other: str | None) -> httpx2.Response:
        """The authorize request of a module; None takes a parameter out."""
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "launch": launch,
            "scope": "launch openid fhirUser",
            "state": "s-1",
            "aud": self.base,
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
        }
        given = {name: value for name, value in {**parameters, **other}.items() if value is not None}
        return self.http.post(self.smart["authorization_endpoint"], data=given)

    def log_in(self, answer: httpx2.Response, account: Account, password: str | None = None) -> httpx2.Response:
        """Follow redirects and fill in the login page, until the browser is sent to the suite or a page is the end."""
        while True:
            if answer.status_code == 302:
                if answer.headers["location"].startswith(CALLBACK.rsplit("/", 1)[0]):
                    return answer
                answer = self.http.get(answer.headers["location"])
            elif answer.status_code == 200 and 'type="password"' in answer.text:
                action, hidden = form(answer.text)
                data = {**hidden, "username": account.username, "password": password or account.password}
                answer = self.http.post(action, data=data)
            else:
                return answer

    def token(self, code: str, **other: str | None) -> httpx2.Response:
        """The token request of a module; None takes a parameter out."""
        parameters = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(self.smart["token_endpoint"]),
        }
        given = {name: value for name, value in {**parameters, **other}.items() if value is not None}
        return self.http.post(self.smart["token_endpoint"], data=given)

    def introspect(self, token: str, **other: str | None) -> httpx2.Response:
        """Ask whether a token is good."""
        endpoint = self.smart["introspection_endpoint"]
        parameters = {
            "token": token,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(endpoint),
        }
        given = {name: value for name, value in {**parameters, **other}.items() if value is not None}
        return self.http.post(endpoint, data=given)

    def assertion(self, audience: str, **other: Any) -> str:
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": audience, "iat": now, "exp": now + 240}
        return signed({**claims, "jti": str(uuid4()), **other})

    def code(self, account: Account, launch: str | None = None, **other: str | None) -> str:
        """The code of a launch that has to succeed."""
        begun = self.authorize(signed(self.hti_claims(account)) if launch is None else launch, **other)
        answer = brought(self.log_in(begun, account))
        assert "error" not in answer, answer
        return answer["code"]


def signed(claims: Json, key: ECKey = KEY, **header: Any) -> str:
    """A JWT with the suite's key, or another one."""
    return jwt.encode({"alg": "ES256", "kid": KEY.kid, **header}, claims, key)


def definition(task: Json) -> str:
    """The ActivityDefinition of a task."""
    found: str = next(item for item in task["extension"] if item["url"] == INSTANTIATES)["valueReference"]["reference"]
    return found


def brought(answer: httpx2.Response) -> dict[str, str]:
    """What a redirect to the module brings; nothing when the browser was not sent there."""
    location = answer.headers.get("location", "")
    return dict(parse_qsl(urlsplit(location).query)) if location.startswith(CALLBACK) else {}


def form(page: str) -> tuple[str, dict[str, str]]:
    """Where the form of a page goes, and its hidden fields."""
    action = re.search(r'<form method="post" action="([^"]+)"', page)
    assert action, page
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return unescape(action[1]), {name: unescape(value) for name, value in hidden}
