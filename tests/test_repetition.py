"""The shape of a migration, and two shapes side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from ktcheck import domain as domains
from ktcheck import repetition
from ktcheck.domain import Domain, IdentityProvider, Login
from ktcheck.errors import InputError
from ktcheck.facts import Context, Explained, Explanation, Likeness, TemplateUsed
from ktcheck.findings import Severity
from ktcheck.repetition import Template
from ktcheck.rules import registered
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.shape import ASPECTS
from tests.practice import all_findings, assess_offline, write_domain
from tests.report.samples import sample

Json = dict[str, Any]
SHAPE: Json = {
    "versions": {"profile_version": "0.16.3"},
    "agreements": {"main-task": "none"},
    "identifiers": {"Patient http://fhir.nl/fhir/NamingSystem/bsn": "+"},
    "counts": {"Patient": [100, 100], "CarePlanActivity": [400, 400], "CareTeam": [2, 0]},
    "launch": {"Module Patient": "launch, page"},
    "waivers": {"content.telecom Patient": "+"},
}
CONTEXT = Context(applications=(), profile_version="0.16.3")


def approved(**changes: Any) -> Json:
    return sample("approved") | {"domain": "eerste", "shape": SHAPE} | changes


def shape(**changes: Json) -> Json:
    return {aspect: found | changes.get(aspect, {}) for aspect, found in SHAPE.items()}


def compared(now: Json, *explained: Explanation) -> dict[str, Likeness]:
    template = Template(report=approved(), explained=explained)
    found = repetition.facts(template, "cluster-b", "tweede", now)
    return {fact.what: fact for fact in found if isinstance(fact, Likeness)}


def differences(now: Json) -> set[str]:
    return {what for what, fact in compared(now).items() if not fact.same}


def test_the_same_shape_has_no_difference() -> None:
    assert len(compared(SHAPE)) >= 6
    assert differences(SHAPE) == set()


@pytest.mark.parametrize(
    ("aspect", "name", "value"),
    [
        ("versions", "profile_version", "0.8"),
        ("versions", "fhir_version", "4.0.1"),
        ("agreements", "main-task", "task"),
        ("identifiers", "Patient //elders.example", "+"),
        ("counts", "Patient", [100, 70]),
        ("counts", "CarePlanActivity/Patient", [100, 100]),
        ("launch", "Module Patient", "launch"),
        ("waivers", "content.name Patient", "+"),
    ],
)
def test_what_differs_is_named(aspect: str, name: str, value: Any) -> None:
    kind = name.partition("/")[0] if aspect == "counts" else name
    assert differences(shape(**{aspect: {kind: value}})) == {f"{aspect} {name}"}


def test_what_is_gone_differs_but_for_a_waiver() -> None:
    now: Json = {aspect: {} for aspect in SHAPE} | {"counts": SHAPE["counts"]}
    assert differences(now) == {
        "versions profile_version",
        "agreements main-task",
        "identifiers Patient http://fhir.nl/fhir/NamingSystem/bsn",
        "launch Module Patient",
    }


def test_a_launch_besides_those_of_the_template_needs_no_explanation() -> None:
    assert differences(shape(launch={"Module Practitioner": "launch, page"})) == set()


@pytest.mark.parametrize("patients", [0, 4])
def test_of_few_records_no_share_is_told(patients: int) -> None:
    assert differences(shape(counts={"Patient": [patients, 0]})) == set()


def test_a_larger_domain_is_no_difference() -> None:
    assert differences(shape(counts={"Patient": [900, 880], "CarePlanActivity": [3000, 2950]})) == set()


def test_a_difference_that_was_explained_is_an_advice_with_who_and_why() -> None:
    why = Explanation(what="agreements main-task", why="eigen keuze", who="stuurgroep")
    other = Explanation(what="idp Patient", why="niet nodig", who="stuurgroep")
    now = shape(agreements={"main-task": "task"})
    fact = compared(now, why, other)["agreements main-task"]
    examination = registered()["repetition.agreements"].check(fact, CONTEXT)
    assert examination is not None
    (problem,) = examination.problems
    assert problem.severity is Severity.ADVICE
    assert problem.words["explained_nl"] == "verklaard door stuurgroep: eigen keuze"
    found = repetition.facts(Template(report=approved(), explained=(why, other)), "cluster-b", "tweede", now)
    assert {fact.explanation.what: fact.used for fact in found if isinstance(fact, Explained)} == {
        "agreements main-task": True,
        "idp Patient": False,
    }


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, ()),
        ({"verdict": "approved_with_reservations"}, ()),
        ({"verdict": "rejected"}, ("not-approved",)),
        ({"verdict": "incomplete"}, ("not-approved",)),
        ({"self_check": {"application": "EPD"}, "filter": {"self_check": "EPD"}}, ("self-check",)),
        ({"filter": {"phase": "uitvoeren"}}, ("partial",)),
        ({"cluster": "cluster-a"}, ("other-cluster",)),
        ({"sequence": 2}, ("not-first",)),
        ({"domain": "tweede"}, ("same-domain",)),
        ({"shape": None}, ("no-shape",)),
        ({"findings_by_rule": sample("rejected")["findings_by_rule"]}, ("not-what-it-found",)),
        ({"scenarios": sample("incomplete")["scenarios"]}, ("not-what-it-found",)),
    ],
)
def test_only_the_approved_run_of_the_first_domain_is_a_template(changes: Json, wrong: tuple[str, ...]) -> None:
    template = Template(report=approved(**changes))
    assert template.wrong("cluster-b", "tweede") == wrong
    first, *rest = repetition.facts(template, "cluster-b", "tweede", SHAPE)
    assert isinstance(first, TemplateUsed)
    assert bool(rest) == (not wrong)
    examination = registered()["repetition.template"].check(first, CONTEXT)
    assert examination is not None
    assert [problem.severity for problem in examination.problems] == [None] * len(wrong)


def test_without_a_template_there_are_reservations_and_no_rejection() -> None:
    (fact,) = repetition.facts(None, "cluster-b", "tweede", SHAPE)
    examination = registered()["repetition.template"].check(fact, CONTEXT)
    assert examination is not None
    assert [problem.severity for problem in examination.problems] == [Severity.MAJOR]


def test_a_second_domain_that_was_migrated_in_the_same_way_is_like_the_first(tmp_path: Path) -> None:
    """Other people, another size; the first domain's own shape is the template."""
    first = assess_offline(write_domain(PracticeDomain(11, 24, "de-linde"), tmp_path / "1"), tmp_path / "1")
    first.assessment.close()
    assert first.shape is not None
    assert set(first.shape) == set(ASPECTS)
    report = approved(shape=first.shape, cluster="oefencluster", domain="de-linde")
    (tmp_path / "report.json").write_bytes(orjson.dumps(report))
    path = write_domain(PracticeDomain(12, 40, "het-veer"), tmp_path / "2")
    text = path.read_text(encoding="utf-8").replace("sequence = 1", "sequence = 2")
    path.write_text(f'{text}\n[template]\nreport = "../report.json"\n', encoding="utf-8")
    second = assess_offline(path, tmp_path / "2")
    assert all_findings(second) == {}
    assert second.assessment.examined("repetition.agreements", "Herhaling") > 10
    assert second.assessment.examined("repetition.counts", "Herhaling") > 5
    assert second.facts()["template"]["differences"] == []
    second.assessment.close()


def test_the_shape_holds_no_name_of_the_domain_and_nobody_elses_words(tmp_path: Path) -> None:
    made = assess_offline(write_domain(PracticeDomain(3, 10, "zorgvoorbeeld"), tmp_path), tmp_path)
    made.assessment.close()
    text = orjson.dumps(made.shape).decode()
    assert "zorgvoorbeeld" not in text
    assert "{domain}" in text


def test_the_address_of_an_identity_provider_is_general() -> None:
    from ktcheck.agreements import Agreements
    from ktcheck.shape import Shape

    idp = IdentityProvider(
        user_type="Patient",
        issuer="https://login.linde.example:8443/realms/linde",
        claim="sub",
        identifier_system="https://epd.linde.example/nr",
        login=Login(kind="form"),
    )
    domain = Domain.model_validate({"domain": {"name": "linde"}}).model_copy(update={"idp": (idp,)})
    found = Shape(domain, Agreements()).found((), None, (), ())
    assert found["idp"] == {
        "Patient": "sub = https://epd.{domain}.example/nr, form -, login.{domain}.example/realms/{domain}"
    }


def test_the_first_domain_has_no_template(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{}")
    file = tmp_path / "domain.toml"
    file.write_text('[domain]\nname = "linde"\n[template]\nreport = "report.json"\n', encoding="utf-8")
    with pytest.raises(InputError, match="the first domain of a cluster has no \\[template\\]"):
        domains.load(file)
