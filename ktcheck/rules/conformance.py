"""Area *profielen*: does every resource meet the KT2 profile of its type, and does it claim that profile?

Sources: the KT2 profiles of the domain's release (``profiles/kt2-<version>/``, compiled from the official packages)
with what they rest on (nl-core, zib, R4), and TOP-KT-009. What applies follows from resource type and release, whatever
a resource claims. Each type has a rule of its own, so that a finding names the requirements of that type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ktcheck.conformance.codes import CodeSystem, code_systems
from ktcheck.conformance.release import KT2, Explanation, explain, memo_texts, release
from ktcheck.conformance.validator import Violation
from ktcheck.facts import Codes, Context, Target
from ktcheck.findings import Severity
from ktcheck.mapping.table import Row, rows
from ktcheck.rules.base import Examination, Problem, rule

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
# Kinds of violations of which the wrong value is shown: what is missing has none, what is prohibited is in the path.
_SHOWN = frozenset({"code", "advised", "fixed", "form", "reference", "type"})


def _examine(target: Target, found: Iterable[Problem]) -> Examination:
    sources = target.sources
    return Examination(
        scope=target.type, application=sources[0].application if sources else None, problems=tuple(found)
    )


def _valid(target: Target, context: Context, resource_type: str) -> Examination | None:
    """What the profile of a type finds in a resource of that type; None when the release has no such profile."""
    profile = KT2 + resource_type
    if target.type != resource_type or not release(context.profile_version).has(profile):
        return None
    resource = dict(target.resource)
    if release(context.profile_version).is_valid(resource, profile):
        return _examine(target, ())
    return _examine(target, _problems(target, context, warnings=False))


def _problems(target: Target, context: Context, *, warnings: bool) -> Iterable[Problem]:
    profiles = release(context.profile_version)
    for violation in profiles.violations(dict(target.resource), KT2 + target.type):
        if violation.warning == warnings:
            yield _problem(target, violation, explain(profiles, violation))


def _problem(target: Target, violation: Violation, told: Explanation) -> Problem:
    row = _memo(target.type, told.element) if told.kind == "prohibited" else None
    memo = {language: memo_texts()[language] if row else "" for language in ("nl", "en")}
    element = f"{row.kt1}.{row.element}" if row else ""
    return Problem(
        resource=target.name,
        path=told.path or None,
        expected=told.expected,
        actual=_actual(target.resource, violation, told),
        words={
            "type": target.type,
            "path": told.element or target.type,
            "level": told.level,
            "what_nl": told.texts["what_nl"],
            "what_en": told.texts["what_en"],
            "remedy_nl": told.texts["remedy_nl"] + memo["nl"].format(element=element),
            "remedy_en": told.texts["remedy_en"] + memo["en"].format(element=element),
        },
        agreement=row.agreement if row else None,
    )


def _actual(resource: Any, violation: Violation, told: Explanation) -> Any:
    """The wrong value, or the names that FHIR does not know: neither is ever put in words."""
    if told.kind == "unknown":
        return list(violation.names)
    if told.kind not in _SHOWN:
        return None
    value = resource
    for name, number in _STEP.findall(violation.path):
        value = value[int(number)] if number else value[name]
    return value


@cache
def _memo(resource_type: str, element: str) -> Row | None:
    """The row of the mapping that says that the memo puts something at a prohibited element, or None."""
    whole = f"{resource_type}.{element.removeprefix('_')}"
    for row in rows().values():
        if row.memo and row.agreement and any(_covers(whole, place) for place in row.memo.split(" / ")):
            return row
    return None


def _covers(element: str, memo: str) -> bool:
    """Whether the memo's place is a prohibited element or in it; ``deceased[x]`` is one of several names."""
    place, choice, _ = memo.partition("[x]")
    if choice:
        return element.startswith(place) and element[len(place) :][:1].isupper()
    return place == element or place.startswith(f"{element}.")


@rule("conformance.patient", Target)
def patient(target: Target, context: Context) -> Examination | None:
    """A Patient is valid R4 and meets KT2Patient (KT2-PATIENT-001 to 007)."""
    return _valid(target, context, "Patient")


@rule("conformance.practitioner", Target)
def practitioner(target: Target, context: Context) -> Examination | None:
    """A Practitioner is valid R4 and meets KT2Practitioner (KT2-PRACT-001 to 004)."""
    return _valid(target, context, "Practitioner")


@rule("conformance.related-person", Target)
def related_person(target: Target, context: Context) -> Examination | None:
    """A RelatedPerson is valid R4 and meets KT2RelatedPerson (KT2-PROF-003)."""
    return _valid(target, context, "RelatedPerson")


@rule("conformance.organization", Target)
def organization(target: Target, context: Context) -> Examination | None:
    """An Organization is valid R4 and meets KT2Organization (KT2-ORG-001 to 002)."""
    return _valid(target, context, "Organization")


@rule("conformance.care-team", Target)
def care_team(target: Target, context: Context) -> Examination | None:
    """A CareTeam is valid R4 and meets KT2CareTeam (KT2-PROF-003)."""
    return _valid(target, context, "CareTeam")


@rule("conformance.task", Target)
def task(target: Target, context: Context) -> Examination | None:
    """A Task is valid R4 and meets KT2Task (KT2-TASK-001 to 005)."""
    return _valid(target, context, "Task")


@rule("conformance.activity-definition", Target)
def activity_definition(target: Target, context: Context) -> Examination | None:
    """An ActivityDefinition is valid R4 and meets KT2ActivityDefinition (KT2-ACTDEF-001 to 007)."""
    return _valid(target, context, "ActivityDefinition")


@rule("conformance.endpoint", Target)
def endpoint(target: Target, context: Context) -> Examination | None:
    """An Endpoint is valid R4 and meets KT2Endpoint (KT2-ENDPOINT-001 to 004)."""
    return _valid(target, context, "Endpoint")


@rule("conformance.device", Target)
def device(target: Target, context: Context) -> Examination | None:
    """A Device is valid R4 and meets KT2Device (KT2-DEVICE-001 to 004)."""
    return _valid(target, context, "Device")


@rule("conformance.audit-event", Target)
def audit_event(target: Target, context: Context) -> Examination | None:
    """An AuditEvent is valid R4 and meets KT2AuditEvent (KT2-PROF-003)."""
    return _valid(target, context, "AuditEvent")


@rule("conformance.subscription", Target)
def subscription(target: Target, context: Context) -> Examination | None:
    """A Subscription is valid R4 and meets KT2Subscription (KT2-PROF-003)."""
    return _valid(target, context, "Subscription")


@rule("conformance.advised", Target)
def advised(target: Target, context: Context) -> Examination | None:
    """Codes are of the value sets that the profiles advise (KT2-PROF-008: R4's extensible bindings)."""
    profiles, profile = release(context.profile_version), KT2 + target.type
    if not profiles.advises(profile):
        return None
    if profiles.follows_advice(dict(target.resource), profile):
        return _examine(target, ())
    return _examine(target, _problems(target, context, warnings=True))


@rule("conformance.claimed", Target)
def claimed(target: Target, context: Context) -> Examination | None:
    """``meta.profile`` has the profile of the type, and none of another type (KT2-PROF-001).

    Major and not blocking: what the profile asks for is judged all the same, but the service only holds later changes
    against the profile that is claimed. Profiles of others, beside the one of the type, are nobody's business.
    """
    profiles, wanted = release(context.profile_version), KT2 + target.type
    if not profiles.has(wanted):
        return None
    meta = target.resource.get("meta")
    given = meta.get("profile") if isinstance(meta, dict) else None
    claims = [item.partition("|")[0] for item in given if isinstance(item, str)] if isinstance(given, list) else []
    known = profiles.index["profiles"]
    if any(claim in known and known[claim]["type"] != target.type for claim in claims):
        what = ("noemt in meta.profile een profiel van een ander type", "claims a profile of another type")
    elif wanted in claims:
        return _examine(target, ())
    elif any(claim not in known for claim in claims):
        what = ("noemt in meta.profile een onbekend profiel", "claims a profile that is not known")
    else:
        what = ("noemt in meta.profile haar profiel niet", "does not claim its profile")
    words = {"type": target.type, "what_nl": what[0], "what_en": what[1]}
    problem = Problem(resource=target.name, path="meta.profile", expected=wanted, actual=given, words=words)
    return _examine(target, (problem,))


@rule("conformance.code-form", Codes)
def code_form(codes: Codes, _: Context) -> Examination:
    """A code has the form of its system: one without it is in no value set (R4, Coding: the code is of the system).

    Major, and blocking where a value set is required, because that is then not met for certain.
    """
    systems = code_systems()
    return _examine(
        codes.target,
        (
            Problem(
                resource=codes.target.name,
                path=use.path,
                actual=use.code,
                words={"type": codes.target.type, "element": use.element, **_names(systems[use.system])},
                severity=None if use.required else Severity.MAJOR,
            )
            for use in codes.uses
            if use.system and not use.formed
        ),
    )


@rule("conformance.unchecked", Codes)
def unchecked(codes: Codes, _: Context) -> Examination:
    """No code goes unchecked because its value set cannot be listed here (KT2-PROF-008: R4's required bindings)."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for use in codes.uses:
        if use.formed:
            found.setdefault((use.element, use.system), []).append(use.path)
    return _examine(
        codes.target,
        (
            Problem(
                resource=codes.target.name,
                path=paths[0],
                words={
                    "type": codes.target.type,
                    "element": element,
                    "count": len(paths),
                    **_names(code_systems()[system] if system else None),
                },
            )
            for (element, system), paths in found.items()
        ),
    )


def _names(system: CodeSystem | None) -> Mapping[str, str]:
    if system is None:
        return {"system_nl": "onbekend codesysteem", "system_en": "unknown code system"}
    return {"system_nl": system.name_nl, "system_en": system.name_en}
