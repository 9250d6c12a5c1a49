"""Area *herhaling*: was the domain migrated as the approved first domain of its cluster was?

One rule for each aspect of the shape. A difference that somebody explained (``[[template.explained]]``) is told as an
advice, with who explained it and why; else it weighs as its rule says.
"""

from __future__ import annotations

from ktcheck.facts import Context, Explained, Likeness, TemplateUsed
from ktcheck.findings import Severity
from ktcheck.rules.base import Examination, Problem, rule

_SCOPE = "Herhaling"
# Of what is there or not, without more to say about it.
_PRESENCE_NL = {None: "afwezig", "+": "aanwezig"}
_PRESENCE_EN = {None: "absent", "+": "present"}
_WRONG = {
    "missing": ("het domeinbestand noemt geen sjabloon", "the domain file names no template"),
    "not-approved": ("die run is niet goedgekeurd", "that run was not approved"),
    "not-what-it-found": (
        "het oordeel volgt niet uit de bevindingen, dus het rapport is veranderd",
        "its verdict does not follow from its findings, so the report was changed",
    ),
    "self-check": ("dat is een zelftest", "that is a self-check"),
    "partial": ("dat is een deelrun", "that is a partial run"),
    "other-cluster": ("dat domein hoort bij een ander cluster", "that domain belongs to another cluster"),
    "not-first": ("dat is niet het eerste domein van het cluster", "that is not the first domain of the cluster"),
    "same-domain": ("dat is dit domein zelf", "that is this domain itself"),
    "no-shape": (
        "die run is gedaan met een versie van ktcheck die nog geen vorm vastlegde",
        "that run was made by a version of ktcheck that did not record a shape yet",
    ),
}


@rule("repetition.template", TemplateUsed)
def template(used: TemplateUsed, _: Context) -> Examination:
    """The template is the approved run of the cluster's first domain; without any nothing is shown (DRB-04)."""
    problems = tuple(
        Problem(
            path="template.report",
            words={"reason_nl": _WRONG[key][0], "reason_en": _WRONG[key][1]},
            severity=Severity.MAJOR if key == "missing" else None,
        )
        for key in used.wrong
    )
    return Examination(scope=_SCOPE, problems=problems)


@rule("repetition.versions", Likeness)
def versions(likeness: Likeness, _: Context) -> Examination | None:
    """The same releases of the profiles and of FHIR (DRB-04)."""
    return _compared(likeness, "versions")


@rule("repetition.agreements", Likeness)
def agreements(likeness: Likeness, _: Context) -> Examination | None:
    """The same answers: a cluster agrees once (DRB-04)."""
    return _compared(likeness, "agreements")


@rule("repetition.applications", Likeness)
def applications(likeness: Likeness, _: Context) -> Examination | None:
    """The same applications, in the same roles, as the source of the same types (DRB-04)."""
    return _compared(likeness, "applications")


@rule("repetition.permissions", Likeness)
def permissions(likeness: Likeness, _: Context) -> Examination | None:
    """The same rights to read (DRB-04)."""
    return _compared(likeness, "permissions")


@rule("repetition.idp", Likeness)
def idp(likeness: Likeness, _: Context) -> Examination | None:
    """User types log in in the same way: claim, identifier system, kind of login, address (DRB-04)."""
    return _compared(likeness, "idp")


@rule("repetition.identifiers", Likeness)
def identifiers(likeness: Likeness, _: Context) -> Examination | None:
    """The same identifier systems on the same types (DRB-04)."""
    return _compared(likeness, "identifiers")


@rule("repetition.counts", Likeness)
def counts(likeness: Likeness, _: Context) -> Examination | None:
    """Numbers relate as they did: the share that moves; how many for each patient is an advice (DRB-04)."""
    return _compared(likeness, "counts", Severity.ADVICE if likeness.name.endswith("/Patient") else None)


@rule("repetition.launch", Likeness)
def launch(likeness: Likeness, _: Context) -> Examination | None:
    """The same applications are launched by the same user types in the same steps (DRB-04)."""
    return _compared(likeness, "launch")


@rule("repetition.waivers", Likeness)
def waivers(likeness: Likeness, _: Context) -> Examination | None:
    """Nothing is waived that was not waived in the template (DRB-04)."""
    return _compared(likeness, "waivers")


@rule("repetition.explanations", Explained)
def explanations(explained: Explained, _: Context) -> Examination:
    """Every explanation explains a difference that there is (DRB-04)."""
    words = {"what": explained.explanation.what}
    return Examination(
        scope=_SCOPE, problems=() if explained.used else (Problem(path="template.explained", words=words),)
    )


def _compared(likeness: Likeness, aspect: str, severity: Severity | None = None) -> Examination | None:
    if likeness.aspect != aspect:
        return None
    if likeness.same:
        return Examination(scope=_SCOPE)
    known = likeness.explanation
    words = {
        "what": likeness.what,
        "name": likeness.name,
        "domain": likeness.domain,
        "template_nl": _PRESENCE_NL.get(likeness.template, likeness.template),
        "template_en": _PRESENCE_EN.get(likeness.template, likeness.template),
        "actual_nl": _PRESENCE_NL.get(likeness.actual, likeness.actual),
        "actual_en": _PRESENCE_EN.get(likeness.actual, likeness.actual),
        "explained_nl": f"verklaard door {known.who}: {known.why}" if known else "niet verklaard",
        "explained_en": f"explained by {known.who}: {known.why}" if known else "not explained",
    }
    problem = Problem(path=likeness.what, words=words, severity=Severity.ADVICE if known else severity)
    return Examination(scope=_SCOPE, problems=(problem,))
