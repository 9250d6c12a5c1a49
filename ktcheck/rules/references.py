"""Area *referenties*: does every reference resolve, to the right type, to the resource that KT1 meant?

Sources: TOP-KT-003 (references), the KT2 profiles (target types), MIG-KT-001 and MIG-KT-002 (following a KT1 link
through its migration identifier).
"""

from __future__ import annotations

from collections.abc import Iterable

from ktcheck import scope, tables
from ktcheck.facts import Context, Expected, Target
from ktcheck.findings import Severity
from ktcheck.rules.base import Examination, Problem, rule

_FORMS = {
    "logical": ("alleen een identifier", "identifier only"),
    "contained": ("een contained resource", "a contained resource"),
    "elsewhere": ("een adres buiten dit domein", "an address outside this domain"),
    "malformed": ("niet van de vorm Type/id", "not of the form Type/id"),
}
# Types that a message may name: a reference can hold any word before its slash, a surname too.
_TYPES = frozenset(
    {name for name, _ in tables.references().rows}.union(*(row.targets for row in tables.references().rows.values()))
)
_ORIGIN = {
    "absent": ("ontbreekt", "is absent"),
    "several": ("komt meer dan één keer voor", "occurs more than once"),
    "other": ("is een andere applicatie", "is another application"),
}


def _examine(target: Target, found: Iterable[Problem], examined: int) -> Examination | None:
    if not examined:
        return None
    sources = target.sources
    application = sources[0].application if sources else None
    return Examination(scope=target.type, application=application, problems=tuple(found), examined=examined)


def _type(name: str | None) -> str:
    """A resource type for people; what Koppeltaal does not have is just a Resource."""
    return name if name in _TYPES else "Resource"


def _label(path: str) -> str:
    """A path for people: an extension by the last part of its URL."""
    if path == tables.references().instantiates:
        return "instantiates"
    return path.rsplit("/", 1)[-1].split("'", maxsplit=1)[0] if path.startswith("extension(") else path


@rule("references.resolves", Target)
def resolves(target: Target, _: Context) -> Examination | None:
    """A literal reference points to a resource that is there (TOP-KT-003; AuditEvent.entity.what is exempt)."""
    known = [ref for ref in target.references if ref.exists is not None and not (ref.row and ref.row.exempt)]
    found = [
        Problem(
            resource=target.name,
            path=ref.place,
            actual=ref.raw,
            words={"type": target.type, "path": _label(ref.path), "target": _type(ref.type)},
        )
        for ref in known
        if not ref.exists
    ]
    return _examine(target, found, len(known))


@rule("references.type", Target)
def allowed_type(target: Target, context: Context) -> Examination | None:
    """A reference points to a type that the profile of the domain's release allows (KT2 profiles; KT2-REF-ORG)."""
    typed = [(ref, ref.row.allowed(context.profile_version)) for ref in target.references if ref.row and ref.type]
    typed = [(ref, allowed) for ref, allowed in typed if allowed]
    found = [
        Problem(
            resource=target.name,
            path=ref.place,
            expected=list(allowed),
            actual=ref.raw,
            words={
                "type": target.type,
                "path": _label(ref.path),
                "target": _type(ref.type),
                "allowed": ", ".join(allowed),
            },
        )
        for ref, allowed in typed
        if ref.type not in allowed
    ]
    return _examine(target, found, len(typed))


@rule("references.literal", Target)
def literal(target: Target, _: Context) -> Examination | None:
    """A reference is literal, ``Type/id``, and stays within the domain (KT2-IDR-011, TOP-KT-003; contradiction 8)."""
    found = []
    for ref in target.references:
        if ref.form == "literal":
            continue
        form_nl, form_en = _FORMS[ref.form]
        words = {"type": target.type, "path": _label(ref.path), "form_nl": form_nl, "form_en": form_en}
        found.append(Problem(resource=target.name, path=ref.place, actual=ref.raw, words=words))
    return _examine(target, found, len(target.references))


def _followed(expected: Expected, context: Context) -> bool:
    """Whether the element can be compared: what dangles, is not literal or of a wrong type is told elsewhere."""
    allowed = expected.row.allowed(context.profile_version)
    return any(ref.type in allowed and ref.exists is not False for ref in expected.actual)


def _could_be_left_out(expected: Expected) -> bool:
    """Whether the question that a reference rests on has an answer by which it is not (or only then) followed."""
    row = expected.row
    changes = row.answers.get(row.agreement or "", {}).values()
    return any(change.get("absent") or "kt1" in change for change in changes)


@rule("references.kept", Target)
def kept(target: Target, _: Context) -> Examination | None:
    """Where KT1 had a reference that the mapping agrees on, KT2 has one (MIG-KT-001; instantiates has its own rule)."""
    agreed = [
        expected
        for expected in target.expected
        if expected.row.agreed and expected.targets and expected.row.path != tables.references().instantiates
    ]
    found = [
        Problem(
            resource=target.name,
            source=target.sources[0].key,
            path=expected.row.path,
            expected=list(expected.targets),
            words={"type": target.type, "path": _label(expected.row.path)},
            agreement=expected.agreement if _could_be_left_out(expected) else None,
        )
        for expected in agreed
        if not expected.actual
    ]
    return _examine(target, found, len(agreed))


def _other_reading(expected: Expected) -> bool:
    """Whether the references follow a reading of the mapping that is open, not wrong."""
    actual = {ref.target for ref in expected.actual}
    return bool(actual & set(expected.also)) and not actual <= set(expected.targets)


def _differs(expected: Expected) -> bool:
    actual = {ref.target for ref in expected.actual}
    if expected.row.absent:
        return bool(actual & set(expected.targets))
    if not expected.targets:
        return bool(expected.strangers)
    if expected.row.many or not actual:
        return not set(expected.targets) <= actual
    return not actual <= set(expected.targets)


def _settled(expected: Expected, context: Context) -> bool:
    return expected.agreement is not None and context.agreements.agreed(expected.agreement)


def _difference(target: Target, expected: Expected, agreement: str | None, severity: Severity | None = None) -> Problem:
    return Problem(
        resource=target.name,
        source=target.sources[0].key,
        path=expected.row.path,
        expected=None if expected.row.absent else list(expected.targets),
        actual=[ref.raw for ref in expected.actual],
        words={"type": target.type, "path": _label(expected.row.path)},
        agreement=agreement,
        severity=severity,
    )


@rule("references.meant", Target)
def meant(target: Target, context: Context) -> Examination | None:
    """A reference points to the resource with the migration identifier of the KT1 link (MIG-KT-002).

    When no resource has it, the reference cannot point to a resource that stands for something else in KT1.
    """
    comparable = [
        expected
        for expected in target.expected
        if expected.row.agreed and (expected.targets or expected.strangers) and _followed(expected, context)
    ]
    found = [
        _difference(target, expected, expected.agreement if _settled(expected, context) else None)
        for expected in comparable
        if _differs(expected) and not _other_reading(expected)
    ]
    return _examine(target, found, len(comparable))


@rule("references.assumption", Target)
def assumption(target: Target, context: Context) -> Examination | None:
    """Where the mapping is open the reference follows what was agreed, or else the proposal (OQ-12, OQ-13).

    Until the cluster agreed another reading is advice.
    """

    def weight(expected: Expected) -> Severity | None:
        return Severity.ADVICE if expected.row.agreed or not _settled(expected, context) else None

    def comparable(expected: Expected) -> bool:
        absent = not expected.actual and not expected.row.agreed
        return expected.row.many or absent or _followed(expected, context)

    def is_open(expected: Expected) -> bool:
        row = expected.row
        return not row.agreed or bool(row.also or row.also_type or expected.also)

    questions = [
        expected
        for expected in target.expected
        if is_open(expected) and (expected.targets or _other_reading(expected)) and comparable(expected)
    ]
    found = [
        _difference(target, expected, expected.agreement, weight(expected))
        for expected in questions
        if _other_reading(expected) or (_differs(expected) and not expected.row.agreed)
    ]
    return _examine(target, found, len(questions))


@rule("references.instantiates", Target)
def instantiates(target: Target, context: Context) -> Examination | None:
    """A Task refers to its ActivityDefinition with the extension, not with instantiatesCanonical.

    Source: KT2-TASK-003 (2023-11-02). A sub-task needs none: KT1 sub-activities have no definition of their own. Nor
    does a Task whose definition the cluster left behind, or put in the description (the memo's reading).
    """
    if target.type != "Task":
        return None
    path = tables.references().instantiates
    agreements = context.agreements
    has_extension = any(ref.path == path for ref in target.references)
    texts = {text for source in target.sources for text in source.references.get("definition", ())}
    behind = any(expected.left_behind for expected in target.expected if expected.row.path == path)
    needs_one = bool(texts) and not behind and agreements.option("task-definition") == "instantiates"
    has_canonical = "instantiatesCanonical" in target.resource
    allowed = agreements.option("status-activity") == "instantiates-canonical"
    found: tuple[Problem, ...] = ()
    if not has_extension and (needs_one or (has_canonical and not allowed)):
        memo = needs_one and not agreements.agreed("task-definition") and target.resource.get("description") in texts
        found = (
            Problem(
                resource=target.name,
                path="extension",
                actual=target.resource.get("instantiatesCanonical"),
                words={"type": target.type},
                agreement="task-definition" if memo or agreements.agreed("task-definition") else None,
                severity=Severity.ADVICE if memo else None,
            ),
        )
    return _examine(target, found, 1)


@rule("references.endpoint", Target)
def endpoint(target: Target, _: Context) -> Examination | None:
    """An ActivityDefinition refers to at least one Endpoint (KT2-ACTDEF-002; whether that exists is told elsewhere)."""
    if target.type != "ActivityDefinition":
        return None
    path = tables.references().endpoint
    found: tuple[Problem, ...] = ()
    if not any(ref.path == path for ref in target.references):
        found = (Problem(resource=target.name, path="extension", words={"type": target.type}),)
    return _examine(target, found, 1)


@rule("references.origin", Target)
def origin(target: Target, context: Context) -> Examination | None:
    """resource-origin is the Device of the agreed source application, ``owns`` in the domain file (KT2-PROF-010).

    What was not migrated, though its type was, was made by anybody later; it has an origin all the same.
    """
    owners = context.owners(target.type)
    if not owners:
        gap = f"geen applicatie in het domeinbestand is de bron van {target.type} (owns)"
        return Examination(scope=target.type, examined=0, gap=gap) if target.sources else None
    migrates = any(row.kt2 == target.type for row in scope.rows(context.agreements).values())
    names = {source.application for source in target.sources if source.application}
    expected = {app.device for app in owners if not names or app.name in names}
    actual = [ref.target for ref in target.references if ref.path == tables.references().origin]
    if not actual:
        problem = "absent"
    elif len(actual) > 1:
        problem = "several"
    elif actual[0] not in expected and (target.sources or not migrates):
        problem = "other"
    else:
        return _examine(target, (), 1)
    nl, en = _ORIGIN[problem]
    found = Problem(
        resource=target.name,
        path="extension",
        expected=sorted(expected),
        actual=actual,
        words={"type": target.type, "problem_nl": nl, "problem_en": en},
    )
    return _examine(target, (found,), 1)
