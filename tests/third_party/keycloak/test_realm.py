"""The realm is what the other tests take it for: looked at with nothing of ktcheck."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.third_party.keycloak.realm import CLAIM, DIRECTORY_CLIENT, LOGIN_CLIENT, Realm, User
from tests.third_party.keycloak.server import Server

pytestmark = [pytest.mark.keycloak, pytest.mark.slow]

CALLBACK = "http://127.0.0.1:9/callback"
PEOPLE = [User(username=f"u-{which:03}", identifier=f"p{which}", enabled=which % 10 != 0) for which in range(1, 120)]
LOGGING_IN = User(username="u-000", identifier="p0", password="wachtwoord-0")


@pytest.fixture(scope="module")
def realm(keycloak: Server) -> Iterator[Realm]:
    realm = Realm(keycloak, [*PEOPLE, LOGGING_IN], CALLBACK)
    yield realm
    realm.delete()


def test_more_people_than_a_page_holds(realm: Realm) -> None:
    assert realm.count() == 120
    assert len(realm.users()) == 100
    everybody = realm.users(max=1000)
    assert {user["username"]: user["attributes"][CLAIM] for user in everybody} == {
        user.username: [user.identifier] for user in [*PEOPLE, LOGGING_IN]
    }
    assert [user["enabled"] for user in everybody].count(False) == 11


def test_the_directory_client_may_read_users_and_no_more(realm: Realm) -> None:
    form = {"grant_type": "client_credentials", "client_id": DIRECTORY_CLIENT, "client_secret": realm.directory_secret}
    with httpx2.Client(trust_env=False) as client:
        token = client.post(f"{realm.issuer}/protocol/openid-connect/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        users = f"{realm.url}/admin/realms/{realm.name}/users"
        assert client.get(f"{users}/count").json() == 120
        assert client.post(users, json={"username": "indringer"}).status_code == 403


def test_the_id_token_has_the_number_of_the_person(realm: Realm) -> None:
    # Its cookies are Secure; to this machine a browser sends them without TLS too.
    cookies = CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http")))
    with httpx2.Client(trust_env=False, cookies=cookies) as client:
        known = client.get(f"{realm.issuer}/.well-known/openid-configuration").json()
        asked = {"client_id": LOGIN_CLIENT, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
        verifier = "v" * 43
        pkce = {"code_challenge": "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM", "code_challenge_method": "S256"}
        page = client.get(known["authorization_endpoint"], params=asked | pkce)
        (action,) = re.findall(r'<form[^>]* action="([^"]+)"', page.text)
        filled_in = {"username": LOGGING_IN.username, "password": LOGGING_IN.password}
        back = client.post(unescape(action), data=filled_in).headers["location"]
        assert back.startswith(CALLBACK)
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(back).query)["code"][0],
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        }
        told = client.post(known["token_endpoint"], data=form, auth=(LOGIN_CLIENT, realm.login_secret)).json()
        keys = [key for key in client.get(known["jwks_uri"]).json()["keys"] if key["use"] == "sig"]
    claims = jwt.decode(told["id_token"], KeySet.import_key_set({"keys": keys}), algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims[CLAIM]) == (realm.issuer, LOGIN_CLIENT, LOGGING_IN.identifier)
