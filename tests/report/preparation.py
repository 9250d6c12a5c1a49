"""What the reports of the phases Afspreken and Voorbereiden hold, for the samples; applications are invented."""

from __future__ import annotations

from typing import Any

EPD, PORTAL, MODULE = "Voorbeeld EPD", "Voorbeeldportaal Mijn Behandeling en Zorg", "Rustwijzer"

VZVZ = ("VZVZ (mapping)", "VZVZ (mapping)")
SOURCES = ("Bronapplicaties van het cluster", "The cluster's source applications")
PROVIDER = ("Zorgaanbieder", "Healthcare provider")

QUESTIONS = [
    ("status-waiting", "Status van een wachtende activiteit", "draft", "Task.status wordt draft", VZVZ, ("OQ-03",)),
    ("status-expired", "Status van een verlopen activiteit", "cancelled", "wordt cancelled", VZVZ, ("OQ-03",)),
    ("sub-activities", "Wat er van subactiviteiten wordt", "own-task", "een eigen Task", VZVZ, ("OQ-05",)),
    ("planned-dates", "Waar geplande datums blijven", "execution-period", "executionPeriod", SOURCES, ("OQ-07",)),
    ("several-links", "Eén persoon onder meer links", "merge", "één resource", SOURCES, ("OQ-16",)),
    ("temporary-identifiers", "Tijdelijke identificaties na de migratie", "keep", "blijven", SOURCES, ("OQ-17",)),
    ("related-persons", "Of naasten meegaan", "yes", "naasten gaan mee", PROVIDER, ("OQ-23",)),
    (
        "user-messages",
        "Wat er van gebruikersberichten wordt",
        "owner-keeps",
        "blijven bij de bron",
        PROVIDER,
        ("OQ-15",),
    ),
    ("patient-photo", "De foto van een patiënt", "drop", "vervalt", PROVIDER, ()),
]

MISFITS = [
    ("patient.photo", EPD, "Patient", "photo", None, "cannot-store", "conflict", "patient-photo", 312),
    ("patient.birthDate", EPD, "Patient", "birthDate", "Patient.birthDate", "required", "agreed", None, 4),
    ("patient.gender", EPD, "Patient", "gender", "Patient.gender", "no-code", "agreed", None, 17),
    (
        "activity.planned",
        EPD,
        "CarePlanActivity",
        "#StartDate",
        "Task.executionPeriod",
        "changed",
        "conflict",
        "planned-dates",
        6410,
    ),
    ("activity.sub", EPD, "CarePlanActivity", "#SubActivity", "Task.partOf", "nested", "open", "sub-activities", 977),
    ("activity.status", EPD, "CarePlanActivity", "status", "Task.status", "open", "open", "status-waiting", 1822),
    ("patient.links", EPD, "Patient", "identifier", "Patient.identifier", "collision", "open", "several-links", 6),
    ("definition.type", MODULE, "ActivityDefinition", "type", None, "lost", "not-migrated", None, 41),
    (
        "definition.name",
        MODULE,
        "ActivityDefinition",
        "name",
        "ActivityDefinition.name",
        "warning",
        "conflict",
        None,
        12,
    ),
    ("team.subject", PORTAL, "CareTeam", "subject", "CareTeam.subject", "required", "conflict", None, 3),
    ("message.attachment", None, "UserMessage", "content", None, "cannot-store", "not-migrated", "user-messages", 1),
]

ORDER = [
    (1, EPD, "Organization", 4, ()),
    (1, EPD, "Device", None, ()),
    (1, MODULE, "ActivityDefinition", 41, ()),
    (1, PORTAL, "Organization", 1, ()),
    (2, EPD, "Patient", 1204, ((EPD, "Organization", 1204),)),
    (2, EPD, "Practitioner", 86, ((EPD, "Organization", 86),)),
    (2, PORTAL, "Practitioner", 9, ((PORTAL, "Organization", 9),)),
    (3, EPD, "RelatedPerson", 312, ((EPD, "Patient", 312),)),
    (3, None, "RelatedPerson", 1, ((EPD, "Patient", 1),)),
    (4, PORTAL, "CareTeam", 58, ((EPD, "Patient", 58), (EPD, "RelatedPerson", 17), (PORTAL, "Practitioner", 40))),
    (5, EPD, "Task", 8232, ((EPD, "Patient", 8232), (PORTAL, "CareTeam", 58), (MODULE, "ActivityDefinition", 8232))),
    (5, MODULE, "Task", 240, ((EPD, "Patient", 240), (MODULE, "ActivityDefinition", 240), (MODULE, "Task", 12))),
]


def agreements(answered: int) -> list[dict[str, Any]]:
    """All questions, the last ``answered`` of them agreed."""
    rows = []
    for number, (key, title, option, text, decides, sources) in enumerate(QUESTIONS):
        agreed = number >= len(QUESTIONS) - answered
        rows.append(
            {
                "key": key,
                "title_nl": title,
                "title_en": f"{title} (English)",
                "option": option,
                "option_nl": text,
                "option_en": f"{text} (English)",
                "agreed": agreed,
                "value": "2027-06-01" if key == "temporary-identifiers" and agreed else None,
                "by": "Clusteroverleg" if agreed else None,
                "on": "2026-10-01" if agreed else None,
                "reason": "zoals in het eerste domein" if agreed else None,
                "default": option,
                "decides_nl": decides[0],
                "decides_en": decides[1],
                "sources": list(sources),
            }
        )
    return rows


def mappability() -> list[dict[str, Any]]:
    """What does not fit, of three applications and of nobody knows whom."""
    return [
        {
            "row": row,
            "application": application,
            "kt1": kt1,
            "element": element,
            "kt2": kt2,
            "kind": kind,
            "status": status,
            "agreement": agreement,
            "agreed": agreement == "user-messages",
            "records": records,
            "consequence_nl": f"De inhoud van {element} komt anders of niet in Koppeltaal 2.0.",
            "consequence_en": f"The content of {element} comes into Koppeltaal 2.0 in another way or not at all.",
            "decides_nl": SOURCES[0],
            "decides_en": SOURCES[1],
        }
        for row, application, kt1, element, kt2, kind, status, agreement, records in MISFITS
    ]


def publication() -> dict[str, Any]:
    """An order of five rounds, with circles beside it."""
    return {
        "order": [
            {
                "round": number,
                "application": application,
                "type": kind,
                "records": records,
                "waits_for": [
                    {"application": other, "type": name, "references": references} for other, name, references in waits
                ],
            }
            for number, application, kind, records, waits in ORDER
        ],
        "cycles": [
            [{"application": EPD, "type": "Organization"}, {"application": PORTAL, "type": "Organization"}],
            [{"application": EPD, "type": "Task"}],
        ],
        "waiting": [
            {"application": PORTAL, "waits_for": EPD, "references": 75},
            {"application": EPD, "waits_for": MODULE, "references": 8232},
            {"application": None, "waits_for": EPD, "references": 1},
        ],
    }
