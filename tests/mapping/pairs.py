"""KT1 contents and what becomes of them in KT2 under the defaults, written apart from the code under test.

Source: MIG-KT-001, FHIR DSTU1 and R4, nl-core, the KT2 profiles of 0.16.3. Nobody in here exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

NAMES = "http://hl7.org/fhir/StructureDefinition/humanname-"
MOBILE = "http://nictiz.nl/fhir/StructureDefinition/ext-CodeSpecification"
KT1_ROLE_CODE = "http://hl7.org/fhir/v3/RoleCode"
ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
TYPES = "http://terminology.hl7.org/CodeSystem/organization-type"
TOPICS = "http://terminology.hl7.org/CodeSystem/definition-topic"
NUMBERS = "https://epd.example/nummer"

WORDS = st.text("abcdeiklmnorst", min_size=2, max_size=9).map(str.capitalize)
GENDERS = {"M": "male", "F": "female", "UN": "other", "UNK": "unknown"}
RELATIONS = {"SIS": "SIS", "HUSB": "HUSB", "DAU": "DAUC", "MGRMTH": "GRMTH", "FRND": "OTH", "NBOR": "OTH"}
STATUSES = {
    "Waiting": "draft",
    "Available": "ready",
    "InProgress": "in-progress",
    "Completed": "completed",
    "Cancelled": "cancelled",
    "Expired": "cancelled",
    "SkippedByUser": "rejected",
}


@dataclass(frozen=True)
class Pair:
    """A KT1 record and its KT2 resource; ``leaves`` are the paths of the values that came from KT1."""

    kind: str
    content: Json
    type: str
    resource: Json
    leaves: tuple[str, ...]


@st.composite
def names(draw: st.DrawFn, use: str) -> tuple[Json, Json, list[str]]:
    given = draw(st.lists(WORDS, min_size=1, max_size=3))
    own, particles = draw(WORDS), draw(st.sampled_from(["", "van", "van der", "'t", "in de"]))
    title = draw(st.sampled_from(["", "dhr.", "Prof."]))
    kt1: Json = {"use": use, "given": given, "family": [own]}
    if particles or title:
        words = f"{title} {particles}".strip()
        kt1["prefix"] = words.split() if draw(st.booleans()) else [words]
    extensions = [{"url": f"{NAMES}own-name", "valueString": own}]
    leaves = ["use", "family", *(f"given[{place}]" for place in range(len(given)))]
    if particles:
        extensions.append({"url": f"{NAMES}own-prefix", "valueString": particles})
        leaves.append(f"family.extension('{NAMES}own-prefix').valueString")
    full = f"{particles} {own}".strip()
    kt2 = {"use": use, "given": list(given), "family": full, "_family": {"extension": extensions}}
    return kt1, kt2, leaves


@st.composite
def telecoms(draw: st.DrawFn) -> tuple[list[Json], list[Json], list[str]]:
    kt1: list[Json] = []
    kt2: list[Json] = []
    leaves = []
    for place in range(draw(st.integers(0, 3))):
        system = draw(st.sampled_from(["phone", "fax", "email", "url"]))
        use = draw(st.sampled_from(["home", "work", "mobile"])) if system == "phone" else "home"
        digits = f"06{place}{draw(st.integers(10_000, 99_999))}"
        written = {
            "email": (f"w{digits}@Ergens.Example", f"w{digits}@ergens.example"),
            "url": (f"https://{digits}.example", f"https://{digits}.example"),
        }.get(system, (f"{digits[:3]}-{digits[3:5]} {digits[5:]}", digits))
        kt1.append({"system": system, "value": written[0], "use": use})
        after: Json = {"system": system, "value": written[1]}
        leaves += [f"telecom[{place}].system", f"telecom[{place}].value"]
        if use == "mobile":
            coding = {"system": "http://terminology.hl7.org/CodeSystem/v3-AddressUse", "code": "MC"}
            after["_system"] = {"extension": [{"url": MOBILE, "valueCodeableConcept": {"coding": [coding]}}]}
        else:
            after["use"] = use
            leaves.append(f"telecom[{place}].use")
        kt2.append(after)
    return kt1, kt2, leaves


@st.composite
def addresses(draw: st.DrawFn) -> tuple[Json, Json, list[str]]:
    street, city = f"{draw(WORDS)}laan {draw(st.integers(1, 200))}", draw(WORDS)
    code = f"{draw(st.integers(1000, 9999))}"
    kt1: Json = {"use": "home", "line": [street], "city": city, "zip": f"{code}ab", "country": "NL"}
    kt2: Json = {"use": "home", "line": [street], "city": city, "postalCode": f"{code} AB", "country": "NL"}
    leaves = ["use", "line[0]", "city", "postalCode", "country"]
    if draw(st.booleans()):
        kt1 |= {"state": "Utrecht", "text": f"{street}, {city}", "period": {"start": "2020-01-01"}}
        kt2 |= {"state": "Utrecht", "text": f"{street}, {city}", "period": {"start": "2020-01-01"}}
        leaves += ["state", "text", "period"]
    return kt1, kt2, leaves


@st.composite
def patients(draw: st.DrawFn) -> Pair:
    uses = ["official", *(["maiden"] if draw(st.booleans()) else [])]
    called = [draw(names(use)) for use in uses]
    contacts, points, leaves = draw(telecoms())
    lives, stays, at = draw(addresses())
    born = f"{draw(st.dates())}"
    code, gender = draw(st.sampled_from(sorted(GENDERS.items())))
    number = f"{draw(st.integers(1, 99_999))}"
    content: Json = {
        "name": [one for one, _, _ in called],
        "telecom": contacts,
        "address": [lives],
        "gender": {"coding": [{"system": "http://hl7.org/fhir/v3/AdministrativeGender", "code": code}]},
        "birthDate": f"{born}T00:00:00+0{draw(st.integers(1, 2))}:00",
        "identifier": [{"use": "secondary", "system": NUMBERS, "value": number}],
    }
    if draw(st.booleans()):
        content["active"] = True
    resource = {
        "identifier": [{"use": "secondary", "system": NUMBERS, "value": number}],
        "active": True,
        "name": [after for _, after, _ in called],
        "telecom": points,
        "gender": gender,
        "birthDate": born,
        "address": [stays],
    }
    leaves += [f"name[{place}].{leaf}" for place, (_, _, parts) in enumerate(called) for leaf in parts]
    leaves += [f"address[0].{leaf}" for leaf in at]
    leaves += ["gender", "birthDate", "active", "identifier[0].use"]
    return Pair("Patient", content, "Patient", resource, tuple(leaves))


@st.composite
def relatives(draw: st.DrawFn) -> Pair:
    one, after, parts = draw(names("official"))
    code, relation = draw(st.sampled_from(sorted(RELATIONS.items())))
    content = {
        "name": one,
        "gender": {"coding": [{"code": "F"}]},
        "relationship": {"coding": [{"system": KT1_ROLE_CODE, "code": code}]},
    }
    system = NULL_FLAVOR if relation == "OTH" else ROLE_CODE
    resource = {
        "active": True,
        "relationship": [{"coding": [{"system": system, "code": relation}]}],
        "name": [after],
        "gender": "female",
        "birthDate": "1970-01-01",
    }
    leaves = [*(f"name[0].{leaf}" for leaf in parts), "gender", "active", "relationship[0].coding[0].code"]
    return Pair("RelatedPerson", content, "RelatedPerson", resource, tuple(leaves))


@st.composite
def organizations(draw: st.DrawFn) -> Pair:
    name = draw(WORDS)
    code, after = draw(st.sampled_from([("dept", "dept"), ("fed", "govt")]))
    content = {"name": name, "type": {"coding": [{"code": code}]}, "active": True}
    resource = {"name": name, "type": [{"coding": [{"system": TYPES, "code": after}]}], "active": True}
    return Pair("Organization", content, "Organization", resource, ("name", "type[0].coding[0].code", "active"))


@st.composite
def definitions(draw: st.DrawFn) -> Pair:
    name, text, number = draw(WORDS), draw(st.none() | WORDS.map(lambda word: f"Over {word}")), draw(WORDS)
    active, archived = draw(st.sampled_from([None, True, False])), draw(st.sampled_from([None, True, False]))
    content: Json = {
        "#ActivityName": [name],
        "#ActivityDefinitionIdentifier": [number],
        "#ActivityKind": [{"code": "Questionnaire"}],
        "#DefaultPerformer": [{"code": "RelatedPerson"}],
    }
    content |= {
        member: [value]
        for member, value in {"#IsActive": active, "#IsArchived": archived, "#ActivityDescription": text}.items()
        if value is not None
    }
    resource: Json = {
        "identifier": [{"system": NUMBERS, "value": number}],
        "title": name,
        "status": "retired" if archived or active is False else "active",
        "topic": [{"coding": [{"system": TOPICS, "code": "assessment"}]}],
        "participant": [{"type": "related-person"}],
    }
    leaves = ["identifier[0].value", "title", "status", "participant[0].type"]
    if text is not None:
        resource["description"] = text
        leaves.append("description")
    return Pair("ActivityDefinition", content, "ActivityDefinition", resource, tuple(leaves))


@st.composite
def activities(draw: st.DrawFn) -> Pair:
    code, status = draw(st.sampled_from(sorted(STATUSES.items())))
    day = draw(st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 1, 1)))
    planned, started = f"{day}T00:00:00+01:00", f"{day}T10:30:00.1234567+02:00"
    source = draw(st.sampled_from(["plan", "status"]))
    content: Json = {"#StartDate": [planned], "effectiveStatus": {"code": code, "from": source, "other": None}}
    resource: Json = {"status": status, "intent": "order", "executionPeriod": {"start": planned}}
    if draw(st.booleans()):
        content["#Started"] = [started]
        resource["executionPeriod"]["start"] = f"{day}T08:30:00.123Z"
    if draw(st.booleans()):
        content["#Finished"] = [f"{day}T23:00:00Z"]
        resource["executionPeriod"]["end"] = f"{day}T23:00:00+00:00"
    elif draw(st.booleans()):
        content["#EndDate"] = [f"{day}"]
        resource["executionPeriod"]["end"] = f"{day}"
    leaves = ["status", "intent", *(f"executionPeriod.{side}" for side in resource["executionPeriod"])]
    return Pair("CarePlanActivity", content, "Task", resource, tuple(leaves))


@st.composite
def teams(draw: st.DrawFn) -> Pair:
    name, status = draw(WORDS), draw(st.sampled_from(["active", "suspended", "inactive"]))
    content = {"#Name": [name], "#Status": [{"code": status.title()}], "#Period": [{"start": "2021-01-01"}]}
    resource = {"name": name, "status": status, "period": {"start": "2021-01-01"}}
    return Pair("CareTeam", content, "CareTeam", resource, ("name", "status", "period"))


PAIRS = st.one_of(patients(), relatives(), organizations(), definitions(), activities(), teams())
