"""Defects in the contents of what was migrated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from ktcheck.sandbox.defects.defect import Defect, activity, first, migration_identifier, of_kind, task, too_small
from ktcheck.sandbox.facts import Activity
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import FHIR_STRUCTURE, MIGRATION, TASK_STATUS, TERMINOLOGY

Json = dict[str, Any]
Change = Callable[[Json], None]

_OWN_PREFIX = f"{FHIR_STRUCTURE}humanname-own-prefix"


def _change(
    kind: str, change: Change, where: Callable[[Json], bool] = bool, *, unanswered: str | None = None
) -> Callable[[Materialised], None]:
    """A change of the first resource of a type for which ``where`` holds; ``unanswered``: a question left open."""

    def apply(domain: Materialised) -> None:
        change(first(domain, kind, where))
        if unanswered:
            del domain.agreements[unanswered]

    return apply


def _set(**values: Any) -> Change:
    """A change of members of a resource."""

    def change(resource: Json) -> None:
        resource.update(values)

    return change


def _names_swapped(domain: Materialised) -> None:
    """Two patients each get the family name and given names of the other."""
    one, two = (first(domain, "Patient", skip=number)["name"][0] for number in (0, 1))
    for member in ("family", "_family", "given", "_given"):
        one[member], two[member] = two[member], one[member]


def _prefix(patient: Json) -> str | None:
    extensions = patient["name"][0].get("_family", {}).get("extension", [])
    return next((item["valueString"] for item in extensions if item["url"] == _OWN_PREFIX), None)


def _has_prefix(patient: Json) -> bool:
    return _prefix(patient) is not None


def _lose_prefix(patient: Json) -> None:
    name = patient["name"][0]
    name["family"] = name["family"].removeprefix(f"{_prefix(patient)} ")
    parts = name["_family"]["extension"]
    parts[:] = [item for item in parts if item["url"] != _OWN_PREFIX]


def _prefix_as_prefix(patient: Json) -> None:
    """As the memo reads it: the particles where titles go."""
    words = str(_prefix(patient)).split()
    _lose_prefix(patient)
    patient["name"][0]["prefix"] = words


def _shift_birth(patient: Json) -> None:
    """Midnight in the Netherlands is the day before in UTC."""
    patient["birthDate"] = f"{date.fromisoformat(patient['birthDate']) - timedelta(days=1)}"


def _email(patient: Json) -> Json:
    found: Json = next(item for item in patient["telecom"] if item["system"] == "email")
    return found


def _email_of_other(domain: Materialised) -> None:
    one, two = (first(domain, "Patient", skip=number) for number in (0, 1))
    _email(one)["value"] = _email(two)["value"]


def _email_added(patient: Json) -> None:
    patient["telecom"].append({"system": "email", "value": "nieuw@patient.example", "use": "work"})


def _phone_digit(patient: Json) -> None:
    number = next(item for item in patient["telecom"] if item["system"] == "phone")
    number["value"] = f"{number['value'][:-1]}{(int(number['value'][-1]) + 1) % 10}"


def _mobile_as_use(patient: Json) -> None:
    """As the memo reads it: the use of KT1, which nl-core does not have for telephone numbers."""
    number = next(item for item in patient["telecom"] if "_system" in item)
    del number["_system"]
    number["use"] = "mobile"


def _postal_code(patient: Json) -> None:
    code = patient["address"][0]["postalCode"]
    patient["address"][0]["postalCode"] = f"{code[:-2]}ZZ"


def _gender(patient: Json) -> None:
    patient["gender"] = "female" if patient["gender"] == "male" else "male"


def _relation(relative: Json) -> None:
    code = relative["relationship"][0]["coding"][0]["code"]
    system = f"{TERMINOLOGY}v3-RoleCode"
    relative["relationship"] = [{"coding": [{"system": system, "code": "BRO" if code == "SIS" else "SIS"}]}]


def _business_identifier(patient: Json) -> Json:
    found: Json = next(
        item
        for item in patient["identifier"]
        if not item["system"].startswith(MIGRATION) and item["use"] == "secondary"
    )
    return found


def _identifier_use(patient: Json) -> None:
    _business_identifier(patient)["use"] = "usual"


def _identifier_digit(patient: Json) -> None:
    own = _business_identifier(patient)
    own["value"] = f"{own['value']}9"


def _title_is_description(definition: Json) -> None:
    definition["title"] = definition["description"]


def _status_stale(domain: Materialised) -> None:
    """The status of an older version: what the plan said before the module reported."""
    for dossier in domain.domain.dossiers:
        for _, item in dossier.activities:
            if TASK_STATUS[item.planned] != TASK_STATUS[item.current]:
                own = domain.resources["Task"][domain.domain.migration.task_id(item)]
                own["status"] = TASK_STATUS[item.planned]
                return
    raise too_small("an activity whose status was reported")


def _sub_status_stale(domain: Materialised) -> None:
    """The same of a sub-activity."""
    planned = {
        f"{item.key}#{sub.identifier}": TASK_STATUS[sub.planned]
        for dossier in domain.domain.dossiers
        for _, item in dossier.activities
        for sub in item.subs
        if TASK_STATUS[sub.planned] != TASK_STATUS[sub.current]
    }
    own = first(domain, "Task", lambda item: migration_identifier(item)["value"] in planned)
    own["status"] = planned[migration_identifier(own)["value"]]


def _period_lost(domain: Materialised) -> None:
    del task(domain, lambda item: item.started is not None and item.finished is not None)["executionPeriod"]


def _start_planned(domain: Materialised) -> None:
    """When it was planned instead of when it was done."""

    def on_another_day(item: Activity) -> bool:
        return bool(item.started and item.start and item.started[:10] != item.start[:10])

    _, _, item = activity(domain, on_another_day)
    domain.resources["Task"][domain.domain.migration.task_id(item)]["executionPeriod"]["start"] = item.start


def _planned_dates_dropped(domain: Materialised) -> None:
    own = task(domain, lambda item: bool(item.start and item.end) and not (item.started or item.cancelled))
    del own["executionPeriod"]
    del domain.agreements["planned-dates"]


def _performer_unknown(domain: Materialised) -> None:
    """A code that KT1 does not have, in the search result of a module."""
    name = next(name for name in domain.messages if name.startswith("beheer/activiteiten-rustapp"))
    text = domain.messages[name]
    old = b'ActivityPerformer","code":"Patient"'
    if old not in text:
        raise too_small("a performer of a definition")
    domain.messages[name] = text.replace(old, old.replace(b"Patient", b"Groep"), 1)


def _with(member: str) -> Callable[[Json], bool]:
    """Whether a resource has a member."""
    return lambda resource: member in resource


DEFECTS = (
    Defect(
        name="names-swapped",
        caught_by="content.name",
        title_nl="Twee patiënten hebben elkaars naam",
        title_en="Two patients have each other's name",
        apply=_names_swapped,
    ),
    Defect(
        name="prefix-lost",
        caught_by="content.name",
        title_nl="Het voorvoegsel van een achternaam is weg",
        title_en="The particle before a family name is gone",
        apply=_change("Patient", _lose_prefix, _has_prefix),
    ),
    Defect(
        name="email-of-other-patient",
        caught_by="content.telecom",
        title_nl="Een patiënt heeft het e-mailadres van een ander",
        title_en="A patient has the e-mail address of another",
        apply=_email_of_other,
    ),
    Defect(
        name="phone-digit",
        caught_by="content.telecom",
        title_nl="Een cijfer van een telefoonnummer is anders",
        title_en="A digit of a telephone number is different",
        apply=_change("Patient", _phone_digit),
    ),
    Defect(
        name="postal-code-wrong",
        caught_by="content.address",
        title_nl="De postcode van een adres is anders",
        title_en="The postal code of an address is different",
        apply=_change("Patient", _postal_code, _with("address")),
    ),
    Defect(
        name="gender-flipped",
        caught_by="content.gender",
        title_nl="Een patiënt heeft het andere geslacht",
        title_en="A patient has the other gender",
        apply=_change("Patient", _gender, lambda item: item["gender"] in {"male", "female"}),
    ),
    Defect(
        name="birth-date-by-utc",
        caught_by="content.birth-date",
        title_nl="Een geboortedatum is door omrekening naar UTC een dag eerder",
        title_en="A birth date is a day earlier by conversion to UTC",
        apply=_change("Patient", _shift_birth),
    ),
    Defect(
        name="patient-inactive",
        caught_by="content.active",
        title_nl="Een patiënt die in gebruik is, is niet actief",
        title_en="A patient in use is not active",
        apply=_change("Patient", _set(active=False), lambda item: item["active"]),
    ),
    Defect(
        name="relationship-wrong",
        caught_by="content.relationship",
        title_nl="Een naaste heeft een andere relatie tot de patiënt",
        title_en="A related person has another relationship to the patient",
        apply=_change("RelatedPerson", _relation),
    ),
    Defect(
        name="organization-renamed",
        caught_by="content.organization",
        title_nl="Een organisatie heeft een andere naam",
        title_en="An organization has another name",
        apply=_change("Organization", _set(name="Zorgvoorbeeld Anders"), lambda item: len(item["identifier"]) > 1),
    ),
    Defect(
        name="identifier-use-changed",
        caught_by="content.identifier",
        title_nl="Een zakelijke identificatie heeft een ander gebruik",
        title_en="A business identifier has another use",
        apply=_change("Patient", _identifier_use),
    ),
    Defect(
        name="identifier-digit",
        caught_by="content.identifier",
        title_nl="Een patiëntnummer heeft een cijfer te veel",
        title_en="A patient number has a digit too many",
        apply=_change("Patient", _identifier_digit),
    ),
    Defect(
        name="title-is-description",
        caught_by="content.definition",
        title_nl="De titel van een activiteitdefinitie is haar beschrijving",
        title_en="The title of an activity definition is its description",
        apply=_change("ActivityDefinition", _title_is_description, _with("description")),
    ),
    Defect(
        name="retired-definition-active",
        caught_by="content.definition-status",
        title_nl="Een gearchiveerde activiteitdefinitie is actief",
        title_en="An archived activity definition is active",
        apply=_change("ActivityDefinition", _set(status="active"), lambda item: item["status"] == "retired"),
    ),
    Defect(
        name="status-stale",
        caught_by="content.task-status",
        title_nl="Een taak heeft de status van vóór het nieuwste statusbericht",
        title_en="A task has the status from before the newest status message",
        apply=_status_stale,
    ),
    Defect(
        name="sub-status-stale",
        caught_by="content.task-status",
        title_nl="De taak van een subactiviteit heeft de status van vóór het nieuwste statusbericht",
        title_en="The task of a sub-activity has the status from before the newest status message",
        apply=_sub_status_stale,
    ),
    Defect(
        name="period-lost",
        caught_by="content.task-period",
        title_nl="Wanneer een taak begon en eindigde is weg",
        title_en="When a task started and ended is gone",
        apply=_period_lost,
    ),
    Defect(
        name="start-is-planned",
        caught_by="content.task-period",
        title_nl="Een taak begint op de geplande datum in plaats van de echte",
        title_en="A task starts at the planned date instead of the real one",
        apply=_start_planned,
    ),
    Defect(
        name="task-intent-plan",
        caught_by="content.task",
        title_nl="Een taak heeft intent plan",
        title_en="A task has intent plan",
        apply=_change("Task", _set(intent="plan")),
    ),
    Defect(
        name="team-renamed",
        caught_by="content.team",
        title_nl="Een zorgteam heeft een andere naam",
        title_en="A care team has another name",
        apply=_change("CareTeam", _set(name="Team Anders"), of_kind("CareTeam")),
    ),
    Defect(
        name="prefix-as-memo-reads",
        caught_by="content.assumption",
        title_nl="Het voorvoegsel van een achternaam staat bij de titels, zoals de memo het leest",
        title_en="The particle before a family name is with the titles, as the memo reads it",
        apply=_change("Patient", _prefix_as_prefix, _has_prefix, unanswered="name-prefix"),
    ),
    Defect(
        name="mobile-as-memo-reads",
        caught_by="content.assumption",
        title_nl="Een mobiel nummer heeft use mobile, zoals de memo het leest",
        title_en="A mobile number has use mobile, as the memo reads it",
        apply=_change("Patient", _mobile_as_use, unanswered="mobile-number"),
    ),
    Defect(
        name="planned-dates-dropped",
        caught_by="content.assumption",
        title_nl="De geplande data van een taak zijn niet overgezet",
        title_en="The planned dates of a task were not moved",
        apply=_planned_dates_dropped,
    ),
    Defect(
        name="performer-unknown",
        caught_by="content.comparable",
        title_nl="Een activiteitdefinitie heeft in KT1 een uitvoerder die KT1 niet kent",
        title_en="An activity definition has a performer in KT1 that KT1 does not know",
        apply=_performer_unknown,
    ),
    Defect(
        name="email-added",
        caught_by="content.added",
        title_nl="Een patiënt heeft een e-mailadres dat KT1 niet had",
        title_en="A patient has an e-mail address that KT1 did not have",
        apply=_change("Patient", _email_added),
    ),
)
