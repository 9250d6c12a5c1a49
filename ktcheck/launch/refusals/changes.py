"""What is different in each thing that has to be refused: one change to a good recipe, by the name of its refusal.

A change is tried in a launch up to its ``stage``: where it has to be refused at the latest. That is where the code
comes back, but for a missing or plain code_challenge, which a service may also refuse when the code is redeemed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ktcheck.launch import messages
from ktcheck.launch.calls import NOOP
from ktcheck.launch.messages import Draft, Signature
from ktcheck.launch.recipe import Recipe
from ktcheck.launch.refusals.means import Kit, Means, MissingError, Target, Used

Stage = Literal["authorize", "token", "introspection", "fhir"]
Change = Callable[[Recipe, Kit], Recipe]

LAUNCHES = frozenset({"authorize", "token"})
"""The stages that take a launch; the others are one request."""

_AN_HOUR = 3600
_OFF = 600  # so many seconds ago, or ahead, that clocks that differ explain nothing
_LATER = 180  # still before the token expires
_ELSEWHERE = "https://elders.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a refusal is tried.

    Attributes:
        stage: where it has to be refused at the latest.
        seen: where the service can see it first; refused before that, it was not for this. None: at ``stage``.
        change: makes the bad recipe of a good one.
        basis: makes the good recipe of that of a launch, where that is not what is compared with.
        user: who launches.
        others: who else has to be able to launch, so that it is not for him that it is refused.
        at_login: the identity provider may be who refuses it.
    """

    stage: Stage
    change: Change
    seen: Stage | None = None
    basis: Change | None = None
    user: Callable[[Means], Target] = Means.user
    others: Callable[[Means], Target] | None = None
    at_login: bool = False

    @property
    def too_early(self) -> frozenset[str]:
        """Where a refusal is about something else."""
        return frozenset({"authorize", "login", "callback"} if (self.seen or self.stage) == "token" else ())


# ---- changes to the HTI token, to the authorize request, and to the client assertion -------------------------------


def _hti(change: Callable[[Draft, Kit], Draft]) -> Change:
    def changed(recipe: Recipe, kit: Kit) -> Recipe:
        assert isinstance(recipe.hti, Draft)
        return replace(recipe, hti=change(recipe.hti, kit))

    return changed


def _assertion(change: Callable[[Draft, Kit], Draft]) -> Change:
    def changed(recipe: Recipe, kit: Kit) -> Recipe:
        assert isinstance(recipe.assertion, Draft)
        return replace(recipe, assertion=change(recipe.assertion, kit))

    return changed


def _authorize(**parameters: str | None) -> Change:
    """Other parameters; None takes one out."""

    def changed(recipe: Recipe, _: Kit) -> Recipe:
        merged = {**recipe.authorize, **parameters}
        return replace(recipe, authorize={name: value for name, value in merged.items() if value is not None})

    return changed


def _claims(draft: Draft, **claims: Any) -> Draft:
    """Other claims; None takes one out."""
    merged = {**draft.claims, **claims}
    return replace(draft, claims={name: value for name, value in merged.items() if value is not None})


def _issued(seconds: int) -> Callable[[Draft, Kit], Draft]:
    return lambda draft, _: replace(draft, issued=draft.issued + seconds)


def _for_an_hour(draft: Draft, _: Kit) -> Draft:
    return replace(draft, lifetime=_AN_HOUR)


def _signed(signature: Signature) -> Callable[[Draft, Kit], Draft]:
    return lambda draft, _: replace(draft, signature=signature)


def _unknown_key_id(draft: Draft, kit: Kit) -> Draft:
    return replace(draft, key_id=kit.fresh.identifier())


def _of_task(draft: Draft, target: Target) -> Draft:
    """The task of somebody else, with what else of that task is in the token."""
    task = target.task
    return _claims(
        draft,
        resource=task.reference,
        definition=task.definition,
        patient=task.patient if "patient" in draft.claims else None,
    )


# ---- one function for each change that takes more than a value -----------------------------------------------------


def _other_module(draft: Draft, kit: Kit) -> Draft:
    return _claims(draft, aud=next(iter(kit.means.devices), f"Device/{kit.fresh.identifier()}"))


def _task_of_other_patient(draft: Draft, kit: Kit) -> Draft:
    return _of_task(draft, kit.means.other_patient(draft.claims["sub"]))


def _task_of_unrelated_patient(draft: Draft, kit: Kit) -> Draft:
    return _of_task(draft, kit.means.other_patient(draft.claims.get("patient")))


def _other_definition(draft: Draft, kit: Kit) -> Draft:
    for definition in kit.means.definitions:
        if definition != draft.claims.get("definition"):
            return _claims(draft, definition=definition)
    raise MissingError("er is geen tweede ActivityDefinition in het domein om in het token te zetten")


def _inactive_user(recipe: Recipe, kit: Kit) -> Recipe:
    """Somebody who is not active launches his own task, and logs in himself."""
    target = kit.means.inactive()
    signer = kit.means.own.player.signer
    token = messages.hti_token(signer, kit.means.own.player.device, target.person, target.task, kit.fresh)
    return replace(recipe, hti=token, account=target.account)


def _other_user(recipe: Recipe, kit: Kit) -> Recipe:
    return replace(recipe, account=kit.means.colleague().account)


def _unregistered(recipe: Recipe, kit: Kit) -> Recipe:
    return _authorize(redirect_uri=_unknown(recipe.redirect_uri))(recipe, kit)


def _unknown(redirect_uri: str) -> str:
    """An address that begins with a registered one: a service that compares only the beginning lets it pass."""
    return f"{redirect_uri.rstrip('/')}/elders"


def _plain(recipe: Recipe, kit: Kit) -> Recipe:
    return _authorize(code_challenge=recipe.verifier, code_challenge_method="plain")(recipe, kit)


def _without_pkce(recipe: Recipe, kit: Kit) -> Recipe:
    without = _authorize(code_challenge=None, code_challenge_method=None)(recipe, kit)
    return replace(without, verifier=None)


def _used(kit: Kit) -> Used:
    assert kit.used  # it comes after a good launch
    return kit.used


def _by_other_client(draft: Draft, kit: Kit) -> Draft:
    other = kit.means.other
    if isinstance(other, str):
        raise MissingError(other)
    return messages.assertion(other.player.signer, draft.claims["aud"], kit.fresh)


def _token_of_elsewhere(kit: Kit) -> str:
    if kit.token_of_elsewhere is None:
        elsewhere = kit.means.elsewhere
        raise MissingError(elsewhere if isinstance(elsewhere, str) else "het andere domein gaf geen access token")
    return kit.token_of_elsewhere


def _own_token(kit: Kit) -> str:
    if kit.own_token is None:
        raise MissingError("het domein gaf de suite geen access token meer")
    return kit.own_token


def _introspect_own(recipe: Recipe, kit: Kit) -> Recipe:
    return replace(recipe, introspects=_own_token(kit))


def _read_with_own(recipe: Recipe, kit: Kit) -> Recipe:
    return replace(recipe, bearer=_own_token(kit))


TRIALS: Mapping[str, Trial] = {
    "hti-expired": Trial(stage="authorize", change=_hti(_issued(-_OFF))),
    "hti-not-yet-valid": Trial(
        stage="authorize", change=_hti(lambda draft, _: _claims(draft, nbf=draft.issued + _LATER))
    ),
    "hti-issued-in-future": Trial(stage="authorize", change=_hti(_issued(_OFF))),
    "hti-too-long": Trial(stage="authorize", change=_hti(_for_an_hour)),
    "hti-wrong-aud": Trial(stage="authorize", change=_hti(_other_module)),
    "hti-unknown-iss": Trial(
        stage="authorize", change=_hti(lambda draft, kit: _claims(draft, iss=kit.fresh.identifier()))
    ),
    "hti-wrong-signature": Trial(stage="authorize", change=_hti(_signed("of-another-key"))),
    "hti-alg-none": Trial(stage="authorize", change=_hti(_signed("none"))),
    "hti-hs256-public-key": Trial(stage="authorize", change=_hti(_signed("with-public-key"))),
    "hti-unknown-kid": Trial(stage="authorize", change=_hti(_unknown_key_id)),
    "hti-replayed": Trial(stage="authorize", change=lambda recipe, kit: replace(recipe, hti=_used(kit).hti)),
    "hti-task-of-other-patient": Trial(
        stage="authorize",
        change=_hti(_task_of_other_patient),
        user=Means.patient,
        others=lambda means: means.other_patient(means.patient().person),
    ),
    "hti-related-person-of-other-patient": Trial(
        stage="authorize",
        change=_hti(_task_of_unrelated_patient),
        user=Means.related,
        others=lambda means: means.other_patient(means.related().task.patient),
    ),
    "hti-inactive-user": Trial(stage="authorize", change=_inactive_user, at_login=True),
    "hti-other-definition": Trial(stage="authorize", change=_hti(_other_definition)),
    "login-other-user": Trial(stage="authorize", change=_other_user, others=Means.colleague),
    "authorize-redirect-unregistered": Trial(stage="authorize", change=_unregistered),
    "authorize-wrong-scope": Trial(stage="authorize", change=_authorize(scope=f"{messages.SCOPE} system/*.cruds")),
    "authorize-wrong-response-type": Trial(stage="authorize", change=_authorize(response_type="token")),
    "authorize-missing-state": Trial(stage="authorize", change=_authorize(state=None)),
    "authorize-plain-pkce": Trial(stage="token", seen="authorize", change=_plain),
    "authorize-no-pkce": Trial(stage="token", seen="authorize", change=_without_pkce),
    "authorize-wrong-aud": Trial(stage="authorize", change=_authorize(aud=f"{_ELSEWHERE}/fhir/r4")),
    "authorize-missing-launch": Trial(stage="authorize", change=lambda recipe, _: replace(recipe, hti=None)),
    "token-replayed-code": Trial(stage="token", change=lambda recipe, kit: replace(recipe, redeems=_used(kit).code)),
    "token-code-of-other-client": Trial(stage="token", change=_assertion(_by_other_client)),
    "token-wrong-verifier": Trial(
        stage="token", change=lambda recipe, kit: replace(recipe, verifier=kit.fresh.unguessable())
    ),
    "token-missing-verifier": Trial(stage="token", change=lambda recipe, _: replace(recipe, verifier=None)),
    "token-other-redirect-uri": Trial(
        stage="token", change=lambda recipe, _: replace(recipe, redirect_uri=_unknown(recipe.redirect_uri))
    ),
    "token-assertion-other-endpoint": Trial(
        stage="token", change=_assertion(lambda draft, _: _claims(draft, aud=f"{_ELSEWHERE}/token"))
    ),
    "token-assertion-replayed": Trial(
        stage="token", change=lambda recipe, kit: replace(recipe, assertion=_used(kit).assertion)
    ),
    "token-assertion-expired": Trial(stage="token", change=_assertion(_issued(-_OFF))),
    "token-assertion-too-long": Trial(stage="token", change=_assertion(_for_an_hour)),
    "token-assertion-alg-none": Trial(stage="token", change=_assertion(_signed("none"))),
    "token-assertion-wrong-signature": Trial(stage="token", change=_assertion(_signed("of-another-key"))),
    "token-assertion-unknown-kid": Trial(stage="token", change=_assertion(_unknown_key_id)),
    "introspection-without-client": Trial(
        stage="introspection", change=lambda recipe, _: replace(recipe, introspector=None)
    ),
    "introspection-token-of-other-domain": Trial(
        stage="introspection",
        basis=_introspect_own,
        change=lambda recipe, kit: replace(recipe, introspects=_token_of_elsewhere(kit)),
    ),
    "fhir-token-of-other-domain": Trial(
        stage="fhir",
        basis=_read_with_own,
        change=lambda recipe, kit: replace(recipe, bearer=_token_of_elsewhere(kit)),
    ),
    "fhir-token-noop": Trial(stage="fhir", basis=_read_with_own, change=lambda recipe, _: replace(recipe, bearer=NOOP)),
}
"""By the names of ``profiles/refusals.yaml``, in the order in which they are tried."""
