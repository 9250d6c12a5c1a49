"""Launches, rule by rule: silent when all is as it should be, and one case for each thing that can be wrong."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.facts import Fact
from ktcheck.findings import Severity
from ktcheck.idp.facts import PublishedKey
from ktcheck.launch.facts import AuthorizationKeys, SmartConfiguration, StepName
from ktcheck.rules import Examination, registered
from tests.building import say
from tests.rules.launches import (
    BASE,
    CLEAN,
    NOW,
    OF_APPLICATION,
    PATIENT,
    PERSON,
    TASK,
    attempt,
    authorization_keys,
    authorize_request,
    callback,
    id_token,
    introspection,
    launch,
    page,
    portal_launch,
    smart_configuration,
    token_response,
)

PROVISION = Examination(scope="Autorisatieservice")
ADVICE = Severity.ADVICE
SIGNS = PublishedKey(signs=True, private=False)


def paths(outcome: Examination | None) -> list[tuple[str | None, Severity | None]]:
    """What is wrong, and how much less than the rule it weighs."""
    assert outcome is not None
    return [(problem.path, problem.severity) for problem in outcome.problems]


def told(outcome: Examination | None) -> list[Any]:
    """What is wrong, in English."""
    assert outcome is not None
    return [problem.words["what_en"] for problem in outcome.problems]


# ---- what the authorization service publishes ------------------------------------------------------------------------

LISTS = {
    "grant_types_supported": ["authorization_code", "client_credentials"],
    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    "scopes_supported": ["openid", "launch", "fhirUser", "system/*.cruds", "system/*.cruds?resource-origin="],
    "response_types_supported": ["code"],
    "capabilities": [
        "launch-ehr", "authorize-post", "client-confidential-asymmetric", "sso-openid-connect", "context-ehr-hti",
        "permission-v2",
    ],
    "code_challenge_methods_supported": ["S256"],
}  # fmt: skip
ADDRESSES = [
    "issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "introspection_endpoint", "management_endpoint",
]  # fmt: skip


def test_a_good_smart_configuration() -> None:
    assert say("launch.smart-configuration", smart_configuration()) == PROVISION


@pytest.mark.parametrize("name", [*ADDRESSES, *LISTS])
def test_every_member_of_the_smart_configuration_is_needed(name: str) -> None:
    outcome = say("launch.smart-configuration", smart_configuration({name: None}))
    assert (paths(outcome), told(outcome)) == ([(name, None)], [f"{name} is missing"])


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("value", ["http://auth.example/x", "auth.example", 5, "https://[x/"])
def test_addresses_in_the_smart_configuration_are_https(name: str, value: object) -> None:
    outcome = say("launch.smart-configuration", smart_configuration({name: value}))
    assert told(outcome) == [f"{name} is no https address"]


def test_this_machine_itself_may_do_without_https() -> None:
    assert say("launch.smart-configuration", smart_configuration({"issuer": "http://127.0.0.1:8/a"})) == PROVISION


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in LISTS.items() for value in values])
def test_every_value_in_the_smart_configuration_is_needed(name: str, value: str) -> None:
    others = [item for item in LISTS[name] if item != value]
    outcome = say("launch.smart-configuration", smart_configuration({name: others}))
    assert told(outcome) == [f"{value} is missing in {name}"]


@pytest.mark.parametrize(
    ("fact", "problems"),
    [
        pytest.param(
            smart_configuration({"code_challenge_methods_supported": ["S256", "plain"]}),
            [("code_challenge_methods_supported", None)],
            id="plain PKCE",
        ),
        pytest.param(
            smart_configuration({"registration_endpoint": "https://a.example"}),
            [("registration_endpoint", ADVICE)],
            id="registration is not used",
        ),
        pytest.param(
            smart_configuration({"revocation_endpoint": "https://a.example"}),
            [("revocation_endpoint", ADVICE)],
            id="revocation is not used",
        ),
        pytest.param(smart_configuration(content_type="text/html"), [("Content-Type", None)], id="no JSON by name"),
        pytest.param(smart_configuration(content_type=None), [("Content-Type", None)], id="no media type"),
        pytest.param(
            smart_configuration({"response_types_supported": "code"}),
            [("response_types_supported", None)],
            id="no list",
        ),
    ],
)
def test_smart_configuration(fact: Any, problems: list[tuple[str, Severity | None]]) -> None:
    assert paths(say("launch.smart-configuration", fact)) == problems


@pytest.mark.parametrize(
    ("status", "said"), [(404, "it is not there (status 404)"), (200, "the answer is no JSON object")]
)
def test_without_a_smart_configuration(status: int, said: str) -> None:
    fact = SmartConfiguration(status=status, content_type="application/json", content={})
    assert told(say("launch.smart-configuration", fact)) == [said]


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (authorization_keys(SIGNS), []),
        (authorization_keys(SIGNS, PublishedKey(signs=False, private=False)), []),
        (AuthorizationKeys(status=404, keys=None), ["cannot be fetched"]),
        (authorization_keys(), ["has no key to check signatures with"]),
        (authorization_keys(PublishedKey(signs=False, private=False)), ["has no key to check signatures with"]),
        (authorization_keys(SIGNS, PublishedKey(signs=True, private=True)), ["shows a private key"]),
    ],
)
def test_keys(fact: AuthorizationKeys, said: list[str]) -> None:
    outcome = say("launch.keys", fact)
    assert outcome is not None
    assert (outcome.scope, [problem.words["why_en"] for problem in outcome.problems]) == ("Autorisatieservice", said)


# ---- a launch as a whole ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("plays", "application"), [("portal", "Rustwijzer"), ("module", "Rustwijzer"), ("both", None)])
def test_a_launch_that_works(plays: str, application: str | None) -> None:
    expected = Examination(scope="Practitioner", application=application)
    assert say("launch.works", launch(plays=plays)) == expected


@pytest.mark.parametrize(
    ("plays", "broken", "step", "who"),
    [
        ("portal", "smart-configuration", "fetching the SMART configuration", "the Koppeltaal provision"),
        ("portal", "launch", "the launch itself", "module Rustwijzer"),
        ("module", "launch", "the launch itself", "portal Rustwijzer"),
        ("both", "launch", "the launch itself", "the domain file"),
        ("portal", "authorize", "the authorize request", "the module that sent it or the authorization service"),
        ("both", "login", "logging in", "the identity provider"),
        ("both", "callback", "the return to the module", "the authorization service"),
        ("both", "token", "the token request", "the authorization service"),
        ("both", "introspection", "the introspection", "the authorization service"),
        ("portal", "page", "the page at the end", "the module"),
        ("portal", "audit", "the logging", "the Koppeltaal provision"),
    ],
)
def test_a_launch_that_broke_names_the_step_and_whose_it_is(
    plays: Literal["portal", "module", "both"], broken: StepName, step: str, who: str
) -> None:
    outcome = say("launch.works", launch(plays=plays, broken=broken, reason_nl="fout", reason_en="an error"))
    assert outcome is not None
    (problem,) = outcome.problems
    assert (problem.words["step_en"], problem.words["who_en"]) == (step, who)
    assert (problem.words["reason_nl"], problem.words["reason_en"]) == (": fout", ": an error")
    assert (problem.resource, problem.path) == (TASK, broken)
    assert problem.actual == (500 if broken == "page" else 302 if broken == "launch" else None)


def test_a_launch_that_broke_without_a_reason() -> None:
    outcome = say("launch.works", launch(broken="token"))
    assert outcome is not None
    assert [problem.words["reason_en"] for problem in outcome.problems] == [""]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, [], id="all migrated"),
        pytest.param({"task_migrated": False}, [(TASK, "the task has no migration identifier of KT1")], id="task"),
        pytest.param(
            {"person_migrated": False}, [(PERSON, "the person has no migration identifier of KT1")], id="person"
        ),
        pytest.param(
            {"account": False}, [(PERSON, "the person does not have exactly one enabled account")], id="account"
        ),
        pytest.param(
            {"task_migrated": False, "account": None},
            [(TASK, "the task has no migration identifier of KT1")],
            id="task, and no directory",
        ),
    ],
)
def test_migrated(changes: dict[str, Any], said: list[tuple[str, str]]) -> None:
    outcome = say("launch.migrated", launch(**changes))
    assert outcome is not None
    assert outcome.examined == 1
    assert [(problem.resource, problem.words["what_en"]) for problem in outcome.problems] == said


def test_a_launch_that_broke_shows_nothing_of_the_migration() -> None:
    assert say("launch.migrated", launch(broken="page")) is None


def test_without_a_directory_nobody_knows_of_an_account() -> None:
    outcome = say("launch.migrated", launch(account=None))
    assert outcome is not None
    assert (outcome.examined, outcome.problems, bool(outcome.gap)) == (0, (), True)


# ---- what a portal sends ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(portal_launch(), id="everything"),
        pytest.param(portal_launch({"patient": None, "intent": None, "hti-version": None}), id="the least"),
        pytest.param(portal_launch({"aud": ["Device/suite"]}), id="aud as a list"),
        pytest.param(portal_launch({"idp_hint": "a", "nbf": NOW}), id="what may be there besides"),
        pytest.param(portal_launch({"iat": NOW + 30, "exp": NOW + 330}), id="clocks differ"),
        pytest.param(portal_launch({"definition": None}, definition=None), id="a task without a definition"),
        pytest.param(portal_launch(header={"alg": "RS256"}), id="RSA"),
    ],
)
def test_a_good_token_of_a_portal(fact: Any) -> None:
    assert say("launch.portal-token", fact) == OF_APPLICATION


@pytest.mark.parametrize(
    ("fact", "problems"),
    [
        pytest.param(portal_launch(header={"alg": "none"}), [("alg", None)], id="unsigned"),
        pytest.param(portal_launch(header={"alg": "HS256"}), [("alg", None)], id="a shared secret"),
        pytest.param(portal_launch(header={"alg": None}), [("alg", None)], id="no alg"),
        pytest.param(portal_launch(header={"alg": ["ES256"]}), [("alg", None)], id="alg is a list"),
        pytest.param(portal_launch(header={"kid": None}), [("kid", None)], id="no kid"),
        pytest.param(portal_launch({"iss": None}), [("iss", None)], id="no iss"),
        pytest.param(portal_launch({"iss": "https://portal.example"}), [("iss", None)], id="an address as iss"),
        pytest.param(portal_launch({"aud": None}), [("aud", None)], id="no aud"),
        pytest.param(portal_launch({"aud": "Device/other"}), [("aud", None)], id="another aud"),
        pytest.param(portal_launch({"aud": ["Device/suite", "Device/b"]}), [("aud", None)], id="two parties in aud"),
        pytest.param(portal_launch({"sub": None}), [("sub", None)], id="no sub"),
        pytest.param(portal_launch({"sub": "Practitioner/other"}), [("sub", None)], id="another sub"),
        pytest.param(portal_launch({"sub": "Device/suite"}), [("sub", None)], id="sub is no user"),
        pytest.param(portal_launch({"resource": None}), [("resource", None)], id="no resource"),
        pytest.param(portal_launch({"resource": "Task/other"}), [("resource", None)], id="another task"),
        pytest.param(portal_launch({"definition": None}), [("definition", None)], id="no definition"),
        pytest.param(portal_launch({"definition": "https://a"}), [("definition", None)], id="a canonical definition"),
        pytest.param(portal_launch({"patient": "Patient/other"}), [("patient", None)], id="another patient"),
        pytest.param(portal_launch({"patient": PERSON}), [("patient", ADVICE)], id="patient is the owner"),
        pytest.param(portal_launch({"intent": "start"}), [("intent", None)], id="an unknown intent"),
        pytest.param(portal_launch({"intent": ["plan"]}), [("intent", None)], id="intent is a list"),
        pytest.param(portal_launch({"hti-version": ["2.0"]}), [("hti-version", None)], id="hti-version is a list"),
        pytest.param(portal_launch({"hti-version": "1.1"}), [("hti-version", None)], id="an old version"),
        pytest.param(portal_launch({"hti-version": "2.1"}), [("hti-version", ADVICE)], id="the other version of HTI"),
        pytest.param(portal_launch(jti_new=None), [("jti", None)], id="no jti"),
        pytest.param(portal_launch(jti_new=False), [("jti", None)], id="a jti again"),
        pytest.param(portal_launch({"iat": None}), [("iat", None)], id="no iat"),
        pytest.param(portal_launch({"iat": "nu"}), [("iat", None)], id="iat is no number"),
        pytest.param(portal_launch({"iat": NOW + 90, "exp": NOW + 300}), [("iat", None)], id="iat in the future"),
        pytest.param(portal_launch({"exp": None}), [("exp", None)], id="no exp"),
        pytest.param(portal_launch({"iat": NOW - 300, "exp": NOW - 61}), [("exp", None)], id="expired"),
        pytest.param(portal_launch({"exp": NOW + 3600}), [("exp", None)], id="an hour"),
        pytest.param(portal_launch({"name": "x"}), [("claims", None)], id="a name"),
        pytest.param(portal_launch({"task": {"id": "x"}}), [("claims", None)], id="HTI 1"),
    ],
)
def test_portal_token(fact: Any, problems: list[tuple[str, Severity | None]]) -> None:
    outcome = say("launch.portal-token", fact)
    assert paths(outcome) == problems
    assert outcome is not None
    assert outcome.application == "Rustwijzer"


def test_without_a_token_there_is_nothing_in_it_to_examine() -> None:
    assert say("launch.portal-token", portal_launch(fields=("token", "iss"))) is None


@pytest.mark.parametrize(
    ("fact", "problems"),
    [
        pytest.param(portal_launch(), [], id="a form"),
        pytest.param(
            portal_launch(content_type="Application/X-WWW-Form-Urlencoded; charset=UTF-8"), [], id="with a charset"
        ),
        pytest.param(portal_launch(method="GET", content_type=None), [("method", None)], id="in an address"),
        pytest.param(portal_launch(content_type="multipart/form-data"), [("Content-Type", None)], id="another form"),
        pytest.param(portal_launch(content_type=None), [("Content-Type", None)], id="no media type"),
        pytest.param(portal_launch(fields=("token", "iss")), [("launch", None)], id="the name that HTI gives it"),
        pytest.param(portal_launch(fields=("iss",)), [("launch", None)], id="no launch"),
        pytest.param(portal_launch(fields=("launch",), iss_is_base=False), [("iss", None)], id="no iss"),
        pytest.param(portal_launch(iss_is_base=False), [("iss", None)], id="another iss"),
    ],
)
def test_portal_form(fact: Any, problems: list[tuple[str, Severity | None]]) -> None:
    outcome = say("launch.portal-form", fact)
    assert paths(outcome) == problems
    assert outcome is not None
    assert outcome.application == "Rustwijzer"


def test_the_name_that_hti_gives_to_the_field_is_explained() -> None:
    assert told(say("launch.portal-form", portal_launch(fields=("token", "iss")))) == [
        "the field launch is missing; HTI calls it token, Koppeltaal launch"
    ]


# ---- what a module sends ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "problems"),
    [
        pytest.param(authorize_request(), [], id="good"),
        pytest.param(authorize_request(method="POST"), [], id="posted"),
        pytest.param(authorize_request({"scope": "fhirUser launch openid"}), [], id="scope in another order"),
        pytest.param(authorize_request({"aud": f"{BASE}/"}), [], id="aud with a slash"),
        pytest.param(authorize_request(without="nonce"), [], id="no nonce"),
        pytest.param(authorize_request({"redirect_uri": "http://localhost:5/c"}), [], id="on this machine"),
        pytest.param(authorize_request(method="PUT"), [("method", None)], id="another method"),
        *(
            pytest.param(authorize_request(without=name), [(name, None)], id=f"without {name}")
            for name in (
                "response_type", "client_id", "redirect_uri", "launch", "scope", "state", "aud", "code_challenge",
                "code_challenge_method",
            )
        ),
        pytest.param(authorize_request({"response_type": "token"}), [("response_type", None)], id="implicit"),
        pytest.param(authorize_request({"client_id": "x"}), [("client_id", None)], id="another client"),
        pytest.param(authorize_request({"redirect_uri": "http://a.example"}), [("redirect_uri", None)], id="no https"),
        pytest.param(authorize_request(launch_is_given=False), [("launch", None)], id="another launch"),
        pytest.param(authorize_request({"scope": "launch openid"}), [("scope", None)], id="less scope"),
        pytest.param(authorize_request({"scope": "launch openid fhirUser x"}), [("scope", None)], id="more scope"),
        pytest.param(authorize_request({"aud": "https://module.example"}), [("aud", None)], id="another aud"),
        pytest.param(authorize_request({"aud": ""}), [("aud", None)], id="an empty aud"),
        pytest.param(authorize_request(challenge_length=64), [("code_challenge", None)], id="a verifier as challenge"),
        pytest.param(
            authorize_request({"code_challenge_method": "plain"}), [("code_challenge_method", None)], id="plain PKCE"
        ),
    ],
)  # fmt: skip
def test_authorize_request(fact: Any, problems: list[tuple[str, Severity | None]]) -> None:
    outcome = say("launch.authorize-request", fact)
    assert paths(outcome) == problems
    assert outcome is not None
    assert outcome.application == "Rustwijzer"


@pytest.mark.parametrize(
    ("repeated", "problems"),
    [
        ((), []),
        (("state",), [("state", None)]),
        (("nonce", "code_challenge"), [("nonce", None), ("code_challenge", None)]),
    ],
)
def test_fresh(repeated: tuple[str, ...], problems: list[tuple[str, None]]) -> None:
    outcome = say("launch.fresh", authorize_request(repeated=repeated))
    assert paths(outcome) == problems
    assert outcome is not None
    assert (outcome.scope, outcome.application) == ("Launch", "Rustwijzer")


def test_one_launch_alone_does_not_show_that_it_is_fresh() -> None:
    assert say("launch.fresh", authorize_request(earlier=0)) is None


@pytest.mark.parametrize(
    ("fact", "problems"),
    [
        (page(), []),
        (page(status=204), []),
        (page(status=404), [("status", None)]),
        (page(status=500), [("status", None)]),
        (page(status=302), [("status", None)]),
        (page(logged_in=False), [("login", None)]),
        (page(status=403, logged_in=False), [("status", None)]),
    ],
)
def test_page(fact: Any, problems: list[tuple[str, None]]) -> None:
    outcome = say("launch.page", fact)
    assert paths(outcome) == problems
    assert outcome is not None
    assert outcome.application == "Rustwijzer"


@pytest.mark.parametrize("secrets", [(), ("launch",), ("id_token",), ("access_token",), ("password", "id_token")])
def test_no_secret_in_address(secrets: tuple[str, ...]) -> None:
    outcome = say("launch.no-secret-in-address", page(secrets=secrets))
    assert paths(outcome) == [(name, None) for name in secrets]
    assert outcome is not None
    assert outcome.application == "Rustwijzer"


# ---- what the authorization service answers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "problems"),
    [
        (callback(), []),
        (callback(others=("iss", "session_state")), []),
        (callback(code=False), [("code", None)]),
        (callback(state_kept=False), [("state", None)]),
        (callback(address_kept=False), [("redirect_uri", None)]),
        (callback(attempt=attempt(plays="both"), error="access_denied", code=False), [("error", None)]),
        (callback(others=("id_token",)), [("id_token", None)]),
        (callback(others=("access_token",)), [("access_token", None)]),
    ],
)
def test_callback(fact: Any, problems: list[tuple[str, None]]) -> None:
    outcome = say("launch.callback", fact)
    assert paths(outcome) == problems
    assert outcome is not None
    assert (outcome.scope, outcome.application) == ("Practitioner", None)


@pytest.mark.parametrize("plays", ["portal", "module"])
def test_an_error_may_be_the_right_answer_to_what_others_sent(plays: str) -> None:
    assert say("launch.callback", callback(attempt=attempt(plays=plays), error="invalid_request", code=False)) is None


@pytest.mark.parametrize(
    ("fact", "problems"),
    [
        (token_response(), []),
        (token_response({"token_type": "Bearer"}), []),
        (token_response({"scope": "openid fhirUser launch"}), []),
        (token_response({"expires_in": 60}), []),
        (token_response(cache_control="private, No-Store"), []),
        (token_response(status=400), [("status", None)]),
        (token_response({"id_token": None}), [("id_token", None)]),
        (token_response({"token_type": None}), [("token_type", None)]),
        (token_response({"token_type": "mac"}), [("token_type", None)]),
        (token_response({"token_type": 1}), [("token_type", None)]),
        (token_response({"scope": None}), [("scope", None)]),
        (token_response({"scope": "launch openid"}), [("scope", None)]),
        (token_response({"scope": ["launch"]}), [("scope", None)]),
        (token_response({"expires_in": None}), [("expires_in", None)]),
        (token_response({"expires_in": "300"}), [("expires_in", None)]),
        (token_response({"expires_in": 3600}), [("expires_in", ADVICE)]),
        (token_response({"refresh_token": True}), [("refresh_token", None)]),
        (token_response({"fhirContext": []}), [("fhirContext", None)]),
        (token_response(cache_control=None), [("Cache-Control", ADVICE)]),
    ],
)
def test_token_response(fact: Any, problems: list[tuple[str, Severity | None]]) -> None:
    outcome = say("launch.token-response", fact)
    assert paths(outcome) == problems
    assert outcome is not None
    assert outcome.application is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"opens": 403}, []),
        ({"access_token": None}, ["access_token is missing"]),
        ({"access_token": "other"}, ["access_token is not NOOP"]),
        ({"access_token": "other", "opens": None}, ["access_token is not NOOP"]),
        ({"opens": 200}, ["access_token gives access to the FHIR service"]),
        (
            {"access_token": "other", "opens": 200},
            ["access_token is not NOOP", "access_token gives access to the FHIR service"],
        ),
    ],
)
def test_access_token(changes: dict[str, Any], said: list[str]) -> None:
    assert told(say("launch.access-token", token_response(**changes))) == said


@pytest.mark.parametrize("opens", [None, 404, 500])
def test_what_was_no_refusal_does_not_show_that_the_access_token_opens_nothing(opens: int | None) -> None:
    outcome = say("launch.access-token", token_response(opens=opens))
    assert outcome is not None
    assert (outcome.examined, outcome.problems, bool(outcome.gap)) == (0, (), True)


@pytest.mark.parametrize("name", ["access-token", "context"])
def test_without_a_token_response_there_is_nothing_in_it_to_examine(name: str) -> None:
    assert say(f"launch.{name}", token_response(status=500)) is None


@pytest.mark.parametrize(
    ("fact", "problems"),
    [
        pytest.param(token_response(), [], id="all of it"),
        *(
            pytest.param(token_response({name: None}), [(name, None)], id=f"without {name}")
            for name in ("resource", "definition", "sub", "patient", "intent")
        ),
        *(
            pytest.param(token_response({name: "Patient/other"}), [(name, None)], id=f"another {name}")
            for name in ("resource", "definition", "sub", "patient", "intent")
        ),
        pytest.param(
            token_response({"intent": "plan"}, expected={"sub": PERSON, "resource": TASK}),
            [("definition", ADVICE), ("patient", ADVICE), ("intent", ADVICE)],
            id="more than the launch said",
        ),
        pytest.param(
            token_response(
                {"sub": PATIENT, "definition": None, "intent": None}, expected={"sub": PATIENT, "resource": TASK}
            ),
            [],
            id="a patient is the patient",
        ),
        pytest.param(
            token_response(
                {"sub": "Patient/other", "definition": None, "intent": None},
                expected={"sub": "Patient/other", "resource": TASK},
            ),
            [("patient", None)],
            id="a patient gets another patient",
        ),
    ],
)
def test_context(fact: Any, problems: list[tuple[str, Severity | None]]) -> None:
    assert paths(say("launch.context", fact)) == problems


@pytest.mark.parametrize(
    ("fact", "problems"),
    [
        (id_token(), []),
        (id_token({"aud": ["suite"], "azp": None}), []),
        (id_token(issuer=None), []),
        (id_token(algorithm="none"), [("alg", None)]),
        (id_token(algorithm="HS256"), [("alg", None)]),
        (id_token(algorithm=None), [("alg", None)]),
        (id_token(signed=False), [("signature", None)]),
        (id_token({"iss": None}), [("iss", None)]),
        (id_token({"iss": "https://other.example"}), [("iss", None)]),
        (id_token({"aud": None}), [("aud", None)]),
        (id_token({"aud": "other"}), [("aud", None)]),
        (id_token({"aud": ["suite", "other"]}), [("aud", None)]),
        (id_token({"azp": "other"}), [("azp", None)]),
        (id_token({"sub": None}), [("sub", None)]),
        (id_token({"sub": "Patient/other"}), [("sub", None)]),
        (id_token({"iat": None}), [("iat", None)]),
        (id_token({"iat": NOW + 90}), [("iat", None)]),
        (id_token({"exp": None}), [("exp", None)]),
        (id_token({"exp": NOW - 61}), [("exp", None)]),
        (id_token({"exp": float("nan")}), [("exp", None)]),
        (id_token({"exp": 10**400}), []),
        (id_token(nonce_kept=False), [("nonce", None)]),
        (id_token(signed=None, nonce_kept=False), [("nonce", None)]),
    ],
)
def test_id_token(fact: Any, problems: list[tuple[str, None]]) -> None:
    outcome = say("launch.id-token", fact)
    assert paths(outcome) == problems
    assert outcome is not None
    assert (outcome.examined, outcome.gap) == (1, None)


def test_without_keys_a_signature_cannot_be_checked() -> None:
    outcome = say("launch.id-token", id_token(signed=None))
    assert outcome is not None
    assert (outcome.examined, outcome.problems, bool(outcome.gap)) == (0, (), True)


@pytest.mark.parametrize("token", ["hti", "id_token", "access_token"])
@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, []),
        ({"status": 401, "active": None}, [("status", None)]),
        ({"active": False}, [("active", None)]),
        ({"active": None}, [("active", None)]),
        ({"different": ("sub", "resource")}, [("sub", None), ("resource", None)]),
        ({"audience": "token"}, [("client_assertion", ADVICE)]),
    ],
)
def test_introspection(token: str, changes: dict[str, Any], problems: list[tuple[str, Severity | None]]) -> None:
    assert paths(say("launch.introspection", introspection(token=token, **changes))) == problems


def test_what_is_wrong_with_the_provision_is_of_no_application() -> None:
    assert say("launch.introspection", introspection()) == CLEAN
    assert say("launch.id-token", id_token()) == CLEAN
    assert say("launch.context", token_response(attempt=attempt(user_type="Patient"))) == Examination(scope="Patient")


# ---- what comes from outside may be anything -------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["alg", "kid", "iss", "aud", "azp", "sub", "exp", "iat", "jti", "resource", "patient", "intent", "hti-version",
     "scope", "token_type", "expires_in", "issuer", "jwks_uri", "capabilities", "code_challenge_methods_supported"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just("https://[")
JSON = st.recursive(SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=3))
OBJECTS = st.dictionaries(NAMES, JSON, max_size=6)


@given(OBJECTS, OBJECTS)
def test_no_rule_stumbles_over_what_others_send(one: dict[str, Any], other: dict[str, Any]) -> None:
    facts: list[Fact] = [
        portal_launch(one, other),
        token_response(one, expected={"resource": TASK}),
        id_token(one),
        smart_configuration(one),
    ]
    said = [say(name, fact) for fact in facts for name, found in registered().items() if found.fact is type(fact)]
    assert [outcome.scope for outcome in said if outcome] == ["Practitioner"] * 6 + ["Autorisatieservice"]
