"""Faults in who has an account at the identity providers, and in what those announce."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ktcheck.sandbox.accounts import (
    CLAIM,
    PATIENTS,
    PRACTITIONERS,
    RELATED_PERSONS,
    Account,
    identifier_system,
)
from ktcheck.sandbox.defects.defect import Defect, first, too_small
from ktcheck.sandbox.materialised import Materialised

Json = dict[str, Any]


def _account(domain: Materialised, issuer: str, *, enabled: bool = True, skip: int = 1) -> Account:
    """An account at a provider, by default not the first one."""
    found = [item for item in domain.accounts if item.issuer == issuer and item.enabled is enabled]
    if len(found) <= skip:
        raise too_small("such an account")
    return found[skip]


def _of(domain: Materialised, account: Account) -> Json:
    """Whose account it is."""
    kind, _, own = str(account.person).partition("/")
    return domain.resources[kind][own]


def _add(domain: Materialised, like: Account, name: str, **changes: Any) -> None:
    """One more account, at the same provider, that a defect is about."""
    world = domain.domain.world
    own = world.uuid("defect", name)
    domain.accounts.append(replace(like, username=f"u-{own[:13]}", subject=own, **changes))


def _number(domain: Materialised, resource: Json) -> Json:
    """The identifier of a person that accounts are matched on."""
    system = identifier_system(domain.domain.world, resource["resourceType"])
    return next(item for item in resource["identifier"] if item["system"] == system)


def _missing(domain: Materialised) -> None:
    domain.accounts.remove(_account(domain, PATIENTS))


def _spelt(issuer: str, change: Callable[[str], str]) -> Callable[[Materialised], None]:
    def apply(domain: Materialised) -> None:
        account = _account(domain, issuer)
        account.claims = {CLAIM: change(account.claims[CLAIM])}

    return apply


def _twice(domain: Materialised) -> None:
    _add(domain, _account(domain, PATIENTS), "account-twice", person=None)


def _disabled(domain: Materialised) -> None:
    _account(domain, RELATED_PERSONS).enabled = False


def _inactive(domain: Materialised) -> None:
    _account(domain, PATIENTS, enabled=False, skip=0).enabled = True


def _stranger(domain: Materialised) -> None:
    like = _account(domain, PRACTITIONERS)
    _add(domain, like, "account-of-stranger", person=None, claims={CLAIM: "m-onbekend"})


def _without_claim(domain: Materialised) -> None:
    _add(domain, _account(domain, PATIENTS), "account-without-claim", person=None, claims={})


def _shared(domain: Materialised) -> None:
    """Two practitioners got the same number, so that the account of the one is that of the other too."""
    kept, gone = (_account(domain, PRACTITIONERS, skip=skip) for skip in (1, 2))
    _number(domain, _of(domain, gone))["value"] = kept.claims[CLAIM]
    domain.accounts = [account for account in domain.accounts if account.person != gone.person]


def _no_identifier(domain: Materialised) -> None:
    account = _account(domain, PATIENTS)
    resource = _of(domain, account)
    resource["identifier"].remove(_number(domain, resource))
    domain.accounts.remove(account)


def _two_identifiers(domain: Materialised) -> None:
    resource = _of(domain, _account(domain, PRACTITIONERS))
    resource["identifier"].append({**_number(domain, resource), "value": "m-oud"})


def _patient_inactive(domain: Materialised) -> None:
    related = first(domain, "RelatedPerson")
    patient = related["patient"]["reference"]
    domain.resources["Patient"][patient.removeprefix("Patient/")]["active"] = False
    for account in domain.accounts:
        if account.person == patient:
            account.enabled = False


def _page_lost(domain: Materialised) -> None:
    domain.service.directory_lost.add(PATIENTS)


def _told(issuer: str, times: int) -> Callable[[Materialised], None]:
    def apply(domain: Materialised) -> None:
        domain.told[issuer] = times

    return apply


def _announces(fault: str) -> Callable[[Materialised], None]:
    return lambda domain: domain.service.launch.add(fault)


DEFECTS = (
    Defect(
        name="account-missing",
        caught_by="idp.account",
        title_nl="Een patiënt heeft geen account",
        title_en="A patient has no account",
        apply=_missing,
    ),
    Defect(
        name="account-claim-case",
        caught_by="idp.account",
        title_nl="Het nummer van een account verschilt in hoofdletters",
        title_en="The number of an account differs in case",
        apply=_spelt(PRACTITIONERS, str.upper),
    ),
    Defect(
        name="account-claim-blank",
        caught_by="idp.account",
        title_nl="Achter het nummer van een account staat een spatie",
        title_en="There is a blank after the number of an account",
        apply=_spelt(PRACTITIONERS, lambda value: f"{value} "),
    ),
    Defect(
        name="account-claim-zeros",
        caught_by="idp.account",
        title_nl="Voor het nummer van een account staan nullen",
        title_en="There are zeros before the number of an account",
        apply=_spelt(PATIENTS, lambda value: f"00{value}"),
    ),
    Defect(
        name="account-twice",
        caught_by="idp.one-account",
        title_nl="Een patiënt heeft twee accounts",
        title_en="A patient has two accounts",
        apply=_twice,
    ),
    Defect(
        name="account-disabled",
        caught_by="idp.enabled",
        title_nl="Het account van een naaste staat uit",
        title_en="The account of a related person is disabled",
        apply=_disabled,
    ),
    Defect(
        name="account-of-inactive-person",
        caught_by="idp.barred",
        title_nl="Het account van een patiënt die niet meer actief is staat aan",
        title_en="The account of a patient who is not active any more is enabled",
        apply=_inactive,
    ),
    Defect(
        name="account-of-stranger",
        caught_by="idp.stranger",
        title_nl="Er is een account van iemand die niet in het domein is",
        title_en="There is an account of somebody who is not in the domain",
        apply=_stranger,
    ),
    Defect(
        name="account-without-claim",
        caught_by="idp.claim",
        title_nl="Een account dat aan staat heeft geen nummer",
        title_en="An enabled account has no number",
        apply=_without_claim,
    ),
    Defect(
        name="account-shared",
        caught_by="idp.shared",
        title_nl="Twee behandelaren hebben hetzelfde nummer en dus hetzelfde account",
        title_en="Two practitioners have the same number and so the same account",
        apply=_shared,
    ),
    Defect(
        name="identifier-for-idp-missing",
        caught_by="idp.identifier",
        title_nl="Een patiënt heeft niet het nummer waarop wordt gekoppeld",
        title_en="A patient does not have the number that is matched on",
        apply=_no_identifier,
    ),
    Defect(
        name="identifier-for-idp-twice",
        caught_by="idp.identifier",
        title_nl="Een behandelaar heeft twee nummers waarop wordt gekoppeld",
        title_en="A practitioner has two numbers that are matched on",
        apply=_two_identifiers,
    ),
    Defect(
        name="related-person-of-inactive-patient",
        caught_by="idp.relation",
        title_nl="De patiënt van een actieve naaste is niet meer actief",
        title_en="The patient of an active related person is not active any more",
        apply=_patient_inactive,
    ),
    Defect(
        name="directory-page-lost",
        caught_by="idp.counted",
        title_nl="De directory telt een account dat zij niet geeft",
        title_en="The directory counts an account that it does not give",
        apply=_page_lost,
    ),
    Defect(
        name="idp-not-told",
        caught_by="idp.configured",
        title_nl="Het domeinbestand noemt geen identityprovider voor naasten",
        title_en="The domain file names no identity provider for related persons",
        apply=_told(RELATED_PERSONS, 0),
    ),
    Defect(
        name="idp-told-twice",
        caught_by="idp.choice",
        title_nl="Het domeinbestand noemt de identityprovider van naasten twee keer",
        title_en="The domain file names the identity provider of related persons twice",
        apply=_told(RELATED_PERSONS, 2),
    ),
    Defect(
        name="idp-discovery-missing",
        caught_by="issuer.discovery",
        title_nl="De identityproviders hebben geen discovery-document",
        title_en="The identity providers have no discovery document",
        apply=_announces("idp-discovery-missing"),
    ),
    Defect(
        name="idp-discovery-issuer-differs",
        caught_by="issuer.name",
        title_nl="Het discovery-document noemt een andere issuer",
        title_en="The discovery document names another issuer",
        apply=_announces("idp-discovery-issuer-differs"),
    ),
    Defect(
        name="idp-not-https",
        caught_by="issuer.https",
        title_nl="Een adres van de identityprovider is geen https",
        title_en="An address of the identity provider is not https",
        apply=_announces("idp-not-https"),
    ),
    Defect(
        name="idp-id-token-alg-none-announced",
        caught_by="issuer.algorithms",
        title_nl="De identityprovider kondigt id_tokens zonder handtekening aan",
        title_en="The identity provider announces id_tokens without a signature",
        apply=_announces("idp-id-token-alg-none-announced"),
    ),
    Defect(
        name="idp-without-code-flow",
        caught_by="issuer.code-flow",
        title_nl="De identityprovider kondigt de code flow niet aan",
        title_en="The identity provider does not announce the code flow",
        apply=_announces("idp-without-code-flow"),
    ),
    Defect(
        name="idp-jwks-with-private-member",
        caught_by="issuer.keys",
        title_nl="De sleutelset van de identityprovider toont een privésleutel",
        title_en="The key set of the identity provider shows a private key",
        apply=_announces("idp-jwks-with-private-member"),
    ),
    Defect(
        name="idp-claim-not-announced",
        caught_by="issuer.claim",
        title_nl="De identityprovider noemt zijn claims, maar niet de afgesproken",
        title_en="The identity provider names its claims, but not the agreed one",
        apply=_announces("idp-claim-not-announced"),
    ),
)
