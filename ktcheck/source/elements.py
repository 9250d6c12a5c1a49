"""The DSTU1 elements that KT1 uses: which repeat, and which are not text.

Both forms of a message are brought to the same DSTU1 JSON form with this table: XML does not say which
elements repeat or are boolean, and clients wrote JSON with single objects for lists and quoted booleans.
Source: the DSTU1 (0.0.82) schemas, kt1-source.md sections 2.2, 5, 6 and 8 (rules 5, 10 and 13).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ktcheck.source.messages import Unreadable

MAX_DEPTH = 100

# One type a line: name*:Type, where * means that it repeats and no type means text.
_TABLE = """
Bundle: title id updated published totalResults base link*:Link category*:Category author*:Author entry*:Entry
Entry: title id updated published link*:Link category*:Category author*:Author content:Resource
Link: rel href
Element:
Category: term label scheme
Author: name uri
MessageHeader: identifier timestamp event:Coding response:Response source:Source destination*:Destination \
 enterer:Reference author:Reference receiver:Reference responsible:Reference reason:Concept data*:Reference
Response: identifier code details:Reference
Source: name software version contact:Contact endpoint
Destination: name target:Reference endpoint
Patient: identifier*:Identifier name*:HumanName telecom*:Contact gender:Concept birthDate deceasedBoolean:boolean \
 deceasedDateTime address*:Address maritalStatus:Concept multipleBirthBoolean:boolean multipleBirthInteger:integer \
 photo*:Attachment contact*:PatientContact animal:Animal communication*:Concept careProvider*:Reference \
 managingOrganization:Reference link*:PatientLink active:boolean
PatientContact: relationship*:Concept name:HumanName telecom*:Contact address:Address gender:Concept \
 organization:Reference
Animal: species:Concept breed:Concept genderStatus:Concept
PatientLink: other:Reference type
Practitioner: identifier*:Identifier name:HumanName telecom*:Contact address:Address gender:Concept birthDate \
 photo*:Attachment organization:Reference role*:Concept specialty*:Concept period:Period location*:Reference \
 qualification*:Qualification communication*:Concept
Qualification: code:Concept period:Period issuer:Reference
RelatedPerson: identifier*:Identifier patient:Reference relationship:Concept name:HumanName telecom*:Contact \
 gender:Concept address:Address photo*:Attachment
Organization: identifier*:Identifier name type:Concept telecom*:Contact address*:Address partOf:Reference \
 contact*:OrganizationContact location*:Reference active:boolean
OrganizationContact: purpose:Concept name:HumanName telecom*:Contact address:Address gender:Concept
Device: identifier*:Identifier type:Concept manufacturer model version expiry udi lotNumber owner:Reference \
 location:Reference patient:Reference contact*:Contact url
CarePlan: identifier*:Identifier patient:Reference status period:Period modified concern*:Reference \
 participant*:Participant goal*:Goal activity*:Activity notes
Participant: role:Concept member:Reference
Goal: description status notes concern*:Reference
Activity: goal* status prohibited:boolean actionResulting*:Reference notes detail:Reference simple:Simple
Simple: category code:Concept timingSchedule:Schedule timingPeriod:Period timingString location:Reference \
 performer*:Reference product:Reference dailyAmount:Quantity quantity:Quantity details
Other: identifier*:Identifier code:Concept subject:Reference author:Reference created
OperationOutcome: issue*:Issue
Issue: severity type:Coding details location*
Extension: url valueBoolean:boolean valueInteger:integer valueDecimal:decimal valueBase64Binary valueInstant \
 valueString valueUri valueDate valueDateTime valueCode valueAttachment:Attachment valueIdentifier:Identifier \
 valueCodeableConcept:Concept valueCoding:Coding valueQuantity:Quantity valueRange:Range valuePeriod:Period \
 valueRatio:Ratio valueResource:Reference valueHumanName:HumanName valueAddress:Address valueContact:Contact \
 valueSchedule:Schedule
Coding: system version code display primary:boolean valueSet:Reference
Concept: coding*:Coding text
Reference: reference display
Identifier: use label system value period:Period assigner:Reference
HumanName: use text family* given* prefix* suffix* period:Period
Contact: system value use period:Period
Address: use text line* city state zip country period:Period
Period: start end
Attachment: contentType language data url size:integer hash title
Quantity: value:decimal comparator units system code
Range: low:Quantity high:Quantity
Ratio: numerator:Quantity denominator:Quantity
Schedule: event*:Period repeat:Repeat
Repeat: frequency:integer when duration:decimal units count:integer end
"""

_TEXT = "text"
_PRIMITIVES = frozenset({_TEXT, "boolean", "integer", "decimal"})
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")
# A bare text where a structure is due: the structure that says the same (kt1-source.md section 8, rules 5 and 13).
_FROM_TEXT: Mapping[str, Any] = {
    "Concept": lambda text: {"coding": [{"code": text}]},
    "Coding": lambda text: {"code": text},
    "Reference": lambda text: {"reference": text},
    "Identifier": lambda text: {"value": text},
    "HumanName": lambda text: {"text": text},
}


def _read_table() -> dict[str, dict[str, tuple[str, bool]]]:
    types = {}
    for line in _TABLE.replace("\\\n", "").strip().splitlines():
        kind, _, members = line.partition(":")
        elements = {}
        for member in members.split():
            name, _, of = member.partition(":")
            elements[name.rstrip("*")] = (of or _TEXT, name.endswith("*"))
        elements |= {"extension": ("Extension", True), "modifierExtension": ("Extension", True), "id": (_TEXT, False)}
        types[kind] = elements | {"contained": ("Resource", True)}
    return types


_TYPES = _read_table()


def shape(value: Any, kind: str, depth: int = 0) -> Any:
    """A value in the DSTU1 JSON form of its type: lists where elements repeat, real booleans and numbers.

    ``kind`` is a type of the table (``Bundle``, ``Concept``), a primitive (``text``, ``boolean``, ``integer``,
    ``decimal``) or ``Resource`` for what ``resourceType`` says. What the table does not know stays as it is.

    Raises:
        Unreadable: more than 100 levels of nesting.

    """
    if depth > MAX_DEPTH:
        raise Unreadable(
            "byte 0",
            f"het bericht is meer dan {MAX_DEPTH} niveaus diep genest",
            f"the message is nested more than {MAX_DEPTH} levels deep",
        )
    if isinstance(value, list):
        return [shape(item, kind, depth + 1) for item in value]
    if isinstance(value, dict):
        name = value.get("resourceType", kind)
        elements = _TYPES.get(name, {}) if isinstance(name, str) else {}
        return {key: _member(key, item, elements, depth + 1) for key, item in value.items() if item is not None}
    if kind in _PRIMITIVES:
        return _primitive(value, kind)
    if isinstance(value, str) and kind in _FROM_TEXT:
        return _FROM_TEXT[kind](value)
    return value


def _member(name: str, value: Any, elements: Mapping[str, tuple[str, bool]], depth: int) -> Any:
    kind, repeats = elements.get(name, ("", False))
    if kind == _TEXT and isinstance(value, str):  # most members are, so do not go through all that follows
        return [value] if repeats else value
    extra = name.startswith("_")
    kind, repeats = elements.get(name.removeprefix("_"), ("", isinstance(value, list)))
    value = shape(value, "Element" if extra else kind, depth)
    if repeats and not isinstance(value, list):
        return [value]
    if not repeats and isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def _primitive(value: Any, kind: str) -> Any:
    if kind == "boolean" and isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    if kind in {"integer", "decimal"}:
        return _number(value)
    if kind == _TEXT and isinstance(value, int | float) and not isinstance(value, bool):
        return str(_number(value))
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value) if "." in value else int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
