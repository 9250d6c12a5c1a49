"""Each thing that has to be refused differs from a good recipe in the one thing that its name says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ktcheck import domain as domains
from ktcheck import tables
from ktcheck.domain import Client
from ktcheck.launch.calls import Endpoints
from ktcheck.launch.messages import Draft, Fresh, Task, new_pkce
from ktcheck.launch.players import Joined
from ktcheck.launch.recipe import Player, Recipe, Redeemed, good
from ktcheck.launch.refusals.changes import TRIALS, Trial
from ktcheck.launch.refusals.means import Kit, Means, MissingError, Target, Used
from ktcheck.smart import keys
from ktcheck.smart.backend import BackendServices
from tests.launch.making import BASE, NOW, fixed, signer

SERVICE = "https://kt2.example/oauth2"
CALLBACK = "https://suite.example/terug"
ENDPOINTS = Endpoints(
    issuer=SERVICE,
    jwks=f"{SERVICE}/jwks",
    authorization=f"{SERVICE}/authorize",
    token=f"{SERVICE}/token",
    introspection=f"{SERVICE}/introspect",
    authorize_post=True,
)
FIXED = replace(fixed(), unguessable=lambda: "u" * 43, identifier=lambda: "the-same-each-time")
LATER = Fresh(now=lambda: NOW, unguessable=lambda: "v" * 43, identifier=lambda: "another")
CHALLENGE = new_pkce(FIXED)[1]
USED = Used(hti="a.used.launch", code=Redeemed(code="a used code", verifier="its verifier"), assertion="a.used.proof")


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> BackendServices:
    pair = keys.make(tmp_path_factory.mktemp("key"), "ES256")
    client = Client(client_id="suite", private_key_file=pair.private_key_file, key_id="k")
    return BackendServices(BASE, client, evidence=lambda _: None, trace_id="t")


def target(person: str, number: int, *, patient: str, active: bool = True) -> Target:
    kind: Any = person.partition("/")[0]
    return Target(
        account=domains.TestAccount(user_type=kind, username=person, password_env="UNUSED", person=person),
        person=person,
        task=Task(
            reference=f"Task/{number}", definition=f"ActivityDefinition/{number}", patient=patient, intent="plan"
        ),
        login="form",
        active=active,
    )


TARGETS = (
    target("Patient/1", 1, patient="Patient/1"),
    target("Patient/2", 2, patient="Patient/2"),
    target("Practitioner/3", 3, patient="Patient/1"),
    target("RelatedPerson/4", 4, patient="Patient/1"),
    target("Patient/5", 5, patient="Patient/5", active=False),
)


def joined(name: str, backend: BackendServices) -> Joined:
    player = Player(
        signer=signer(name),
        base=BASE,
        endpoints=ENDPOINTS,
        redirect_uri=CALLBACK,
        device=f"Device/{name}",
        audience=f"{SERVICE}/introspect",
    )
    return Joined(player=player, readable="Patient", backend=backend)


@pytest.fixture
def means(backend: BackendServices) -> Means:
    return Means(
        own=joined("suite", backend),
        other=joined("other", backend),
        elsewhere=joined("elsewhere", backend),
        targets=TARGETS,
        definitions=("ActivityDefinition/1", "ActivityDefinition/9"),
        devices=("Device/module",),
    )


def kit(means: Means) -> Kit:
    return Kit(means=means, fresh=LATER, used=USED, own_token="own", token_of_elsewhere="of elsewhere")


def basis(trial: Trial, means: Means) -> Recipe:
    """The good recipe that the bad one is compared with."""
    user = trial.user(means)
    recipe = good(means.own.player, user.task, user.person, user.account, FIXED)
    return trial.basis(recipe, kit(means)) if trial.basis else recipe


def flat(recipe: Recipe) -> dict[str, Any]:
    """A recipe with a name for each thing in it."""
    found: dict[str, Any] = {}
    for name in Recipe.__slots__:
        value = getattr(recipe, name)
        if isinstance(value, Draft):
            found[name] = "a new token"
            found |= {f"{name}.{part}": getattr(value, part) for part in Draft.__slots__ if part != "claims"}
            found |= {f"{name}.claims.{claim}": said for claim, said in value.claims.items()}
        elif isinstance(value, Mapping):
            found |= {f"{name}.{part}": said for part, said in value.items()}
        else:
            found[name] = value
    return found


def differences(one: Recipe, other: Recipe) -> dict[str, tuple[Any, Any]]:
    """What is different, by name: before and after. A token that was replaced as a whole is one thing."""
    before, after = flat(one), flat(other)
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    replaced = {name for name in names if f"{name}.issued" in before.keys() ^ after.keys()}
    names -= {name for name in names if name.partition(".")[0] in replaced and "." in name}
    return {name: (before.get(name), after.get(name)) for name in names}


NEW = "a new token"
ISSUED, HOUR = "hti.issued", (240, 3600)
# What differs, as (before, after): by the refusal's name.
DIFFERENT: dict[str, dict[str, tuple[Any, Any]]] = {
    "hti-expired": {"hti.issued": (NOW, NOW - 600)},
    "hti-not-yet-valid": {"hti.claims.nbf": (None, NOW + 180)},
    "hti-issued-in-future": {"hti.issued": (NOW, NOW + 600)},
    "hti-too-long": {"hti.lifetime": HOUR},
    "hti-wrong-aud": {"hti.claims.aud": ("Device/suite", "Device/module")},
    "hti-unknown-iss": {"hti.claims.iss": ("suite", "another")},
    "hti-wrong-signature": {"hti.signature": ("own", "of-another-key")},
    "hti-alg-none": {"hti.signature": ("own", "none")},
    "hti-hs256-public-key": {"hti.signature": ("own", "with-public-key")},
    "hti-unknown-kid": {"hti.key_id": ("key-of-suite", "another")},
    "hti-replayed": {"hti": (NEW, USED.hti)},
    # The definition goes with the task.
    "hti-task-of-other-patient": {
        "hti.claims.resource": ("Task/1", "Task/2"),
        "hti.claims.definition": ("ActivityDefinition/1", "ActivityDefinition/2"),
    },
    # And so does the patient, where he is named.
    "hti-related-person-of-other-patient": {
        "hti.claims.resource": ("Task/4", "Task/2"),
        "hti.claims.definition": ("ActivityDefinition/4", "ActivityDefinition/2"),
        "hti.claims.patient": ("Patient/1", "Patient/2"),
    },
    # Somebody else, with his own task and account.
    "hti-inactive-user": {
        "account": (TARGETS[0].account, TARGETS[4].account),
        "hti.claims.sub": ("Patient/1", "Patient/5"),
        "hti.claims.resource": ("Task/1", "Task/5"),
        "hti.claims.definition": ("ActivityDefinition/1", "ActivityDefinition/5"),
        "hti.claims.jti": ("the-same-each-time", "another"),
    },
    "hti-other-definition": {"hti.claims.definition": ("ActivityDefinition/1", "ActivityDefinition/9")},
    "login-other-user": {"account": (TARGETS[0].account, TARGETS[1].account)},
    "authorize-redirect-unregistered": {"authorize.redirect_uri": (CALLBACK, f"{CALLBACK}/elders")},
    "authorize-wrong-scope": {
        "authorize.scope": ("launch openid fhirUser", "launch openid fhirUser system/*.cruds"),
    },
    "authorize-wrong-response-type": {"authorize.response_type": ("code", "token")},
    "authorize-missing-state": {"authorize.state": ("u" * 43, None)},
    # With plain the challenge is the verifier itself.
    "authorize-plain-pkce": {
        "authorize.code_challenge": (CHALLENGE, "u" * 43),
        "authorize.code_challenge_method": ("S256", "plain"),
    },
    # Without a challenge there is nothing that a verifier could fit.
    "authorize-no-pkce": {
        "authorize.code_challenge": (CHALLENGE, None),
        "authorize.code_challenge_method": ("S256", None),
        "verifier": ("u" * 43, None),
    },
    "authorize-wrong-aud": {"authorize.aud": (BASE, "https://elders.example/fhir/r4")},
    "authorize-missing-launch": {"hti": (NEW, None)},
    "token-replayed-code": {"redeems": (None, USED.code)},
    # Another client is another name and another key.
    "token-code-of-other-client": {
        "assertion.signer": (signer("suite"), signer("other")),
        "assertion.key_id": ("key-of-suite", "key-of-other"),
        "assertion.claims.iss": ("suite", "other"),
        "assertion.claims.sub": ("suite", "other"),
        "assertion.claims.jti": ("the-same-each-time", "another"),
    },
    "token-wrong-verifier": {"verifier": ("u" * 43, "v" * 43)},
    "token-missing-verifier": {"verifier": ("u" * 43, None)},
    "token-other-redirect-uri": {"redirect_uri": (CALLBACK, f"{CALLBACK}/elders")},
    "token-assertion-other-endpoint": {
        "assertion.claims.aud": (f"{SERVICE}/token", "https://elders.example/token"),
    },
    "token-assertion-replayed": {"assertion": (NEW, USED.assertion)},
    "token-assertion-expired": {"assertion.issued": (NOW, NOW - 600)},
    "token-assertion-too-long": {"assertion.lifetime": HOUR},
    "token-assertion-alg-none": {"assertion.signature": ("own", "none")},
    "token-assertion-wrong-signature": {"assertion.signature": ("own", "of-another-key")},
    "token-assertion-unknown-kid": {"assertion.key_id": ("key-of-suite", "another")},
    "introspection-without-client": {"introspector": (NEW, None)},
    "introspection-token-of-other-domain": {"introspects": ("own", "of elsewhere")},
    "fhir-token-of-other-domain": {"bearer": ("own", "of elsewhere")},
    "fhir-token-noop": {"bearer": ("own", "NOOP")},
}


def test_everything_that_has_to_be_refused_is_tried() -> None:
    assert list(TRIALS) == list(tables.refusals())
    assert DIFFERENT.keys() == TRIALS.keys()


@pytest.mark.parametrize("name", TRIALS)
def test_a_bad_recipe_differs_from_the_good_one_in_one_thing(name: str, means: Means) -> None:
    trial = TRIALS[name]
    recipe = basis(trial, means)
    assert differences(recipe, trial.change(recipe, kit(means))) == DIFFERENT[name]


@pytest.mark.parametrize("name", TRIALS)
def test_it_is_refused_where_its_name_says_or_later(name: str) -> None:
    group, trial = tables.refusals()[name].group, TRIALS[name]
    stages = {"hti": "authorize", "login": "authorize"}
    assert (trial.seen or trial.stage) == stages.get(group, group)
    assert (trial.stage == "token") == (group == "token" or "pkce" in name)


def test_good_recipes_are_alike_but_for_what_has_to_be_new(means: Means) -> None:
    user = means.user()
    one, other = (good(means.own.player, user.task, user.person, user.account, Fresh()) for _ in range(2))
    new = {"hti.claims.jti", "introspects.claims.jti", "assertion.claims.jti", "introspector.claims.jti", "verifier"}
    new |= {"authorize.state", "authorize.nonce", "authorize.code_challenge"}
    assert differences(one, replace(other, hti=one.hti, introspects=one.introspects)).keys() >= new - {
        "hti.claims.jti",
        "introspects.claims.jti",
    }
    assert {name for name in differences(one, other) if not name.endswith(".issued")} == new


LACKING = [
    (lambda means: replace(means, targets=()), "hti-expired", "geen testaccount van een actieve persoon"),
    (lambda means: replace(means, targets=TARGETS[:1]), "login-other-user", "geen tweede testaccount van een Patient"),
    (
        lambda means: replace(means, targets=TARGETS[2:]),
        "hti-task-of-other-patient",
        "geen testaccount van een Patient",
    ),
    (
        lambda means: replace(means, targets=TARGETS[:1]),
        "hti-task-of-other-patient",
        "geen testaccount van een andere Patient",
    ),
    (
        lambda means: replace(means, targets=TARGETS[:2]),
        "hti-related-person-of-other-patient",
        "geen testaccount van een RelatedPerson",
    ),
    (lambda means: replace(means, targets=TARGETS[:2]), "hti-inactive-user", "persoon met active false"),
    (lambda means: replace(means, definitions=()), "hti-other-definition", "geen tweede ActivityDefinition"),
    (lambda means: replace(means, other="geen tweede"), "token-code-of-other-client", "geen tweede"),
]


@pytest.mark.parametrize(("without", "name", "said"), LACKING, ids=[f"{name}: {said}" for _, name, said in LACKING])
def test_what_is_missing_is_said(without: Any, name: str, said: str, means: Means) -> None:
    lacking, trial = without(means), TRIALS[name]

    def attempt() -> None:
        recipe = basis(trial, lacking)
        if trial.others:
            trial.others(lacking)
        trial.change(recipe, kit(lacking))

    with pytest.raises(MissingError, match=said):
        attempt()


def test_without_a_token_of_another_domain_it_is_said_why(means: Means) -> None:
    trial = TRIALS["fhir-token-of-other-domain"]
    recipe = basis(trial, means)
    for lacking, said in ((replace(means, elsewhere="geen ander domein"), "geen ander domein"), (means, "geen access")):
        without = replace(kit(lacking), token_of_elsewhere=None)
        with pytest.raises(MissingError, match=said):
            trial.change(recipe, without)


@pytest.mark.parametrize("name", [name for name, trial in TRIALS.items() if trial.basis])
def test_without_a_token_of_its_own_nothing_is_compared(name: str, means: Means) -> None:
    trial = TRIALS[name]
    recipe = basis(trial, means)
    assert trial.basis
    with pytest.raises(MissingError, match="geen access token meer"):
        trial.basis(recipe, replace(kit(means), own_token=None))


def test_nothing_that_lets_somebody_in_is_shown(means: Means, tmp_path: Path) -> None:
    shown = f"{basis(TRIALS['hti-replayed'], means)} {kit(means)} {USED}"
    for secret in ("u" * 43, USED.hti, USED.code.code, USED.assertion, "of elsewhere"):
        assert secret not in shown.replace(str(tmp_path), "")
