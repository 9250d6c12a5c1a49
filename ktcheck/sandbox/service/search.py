"""Search: the parameters that the practice service knows; any other one is refused, not ignored (BIA)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ktcheck.sandbox.service.answers import Refused
from ktcheck.sandbox.service.tenant import origin
from ktcheck.sandbox.vocabulary import PROFILE

Json = dict[str, Any]

_PARAMETERS = {"_id": "token", "_lastUpdated": "date", "resource-origin": "reference"}
_OF_AUDIT_EVENTS = {"date": "date", "traceId": "token", "requestId": "token", "correlationId": "token"}
_WITHOUT_IDENTIFIER = {"AuditEvent", "Subscription"}
COUNT_DEFAULT = 20
COUNT_MAX = 200

_SORTS = ("_lastUpdated", "-_lastUpdated", "_id")
_PREFIXES: dict[str, Callable[[datetime, datetime], bool]] = {
    "eq": lambda found, asked: found == asked,
    "ne": lambda found, asked: found != asked,
    "gt": lambda found, asked: found > asked,
    "lt": lambda found, asked: found < asked,
    "ge": lambda found, asked: found >= asked,
    "le": lambda found, asked: found <= asked,
}

Test = Callable[[Json], bool]


def parameters(kind: str) -> dict[str, str]:
    """The search parameters of a resource type, with what kind of value they take."""
    found = dict(_PARAMETERS)
    if kind not in _WITHOUT_IDENTIFIER:
        found["identifier"] = "token"
    return {**found, **_OF_AUDIT_EVENTS} if kind == "AuditEvent" else found


@dataclass(frozen=True, slots=True)
class Query:
    """A search as it was understood: tests that all have to hold, order, page size, and whether only to count."""

    tests: tuple[Test, ...]
    sort: str
    count: int
    only_count: bool


def understand(kind: str, given: Iterable[tuple[str, str]]) -> Query:
    """Read the parameters of a search; 400 for one that is unknown or has an unusable value."""
    tests: list[Test] = []
    known = parameters(kind)
    sort, count, only_count = "-_lastUpdated", COUNT_DEFAULT, False
    for name, value in given:
        if name == "_count":
            count = _number(value)
        elif name == "_sort":
            sort = _one_of(name, value, _SORTS)
        elif name == "_summary":
            only_count = _one_of(name, value, ("count", "false")) == "count"
        elif name in known:
            tests.append(_TESTS[name](value))
        else:
            raise Refused(400, "not-supported", f"the search parameter {name} is unknown for {kind}")
    return Query(tuple(tests), sort, count, only_count or count == 0)


def find(resources: Iterable[Json], query: Query) -> list[Json]:
    """The resources that a query asks for, in its order."""
    found = [resource for resource in resources if all(test(resource) for test in query.tests)]
    found.sort(key=lambda resource: resource["id"])
    if query.sort != "_id":
        found.sort(key=lambda resource: resource["meta"]["lastUpdated"], reverse=query.sort.startswith("-"))
    return found


def _number(value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise Refused(400, "invalid", "_count has to be a number")
    return min(int(value), COUNT_MAX)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise Refused(400, "invalid", f"{name} can be {', '.join(allowed)}")
    return value


def _by_id(value: str) -> Test:
    wanted = set(value.split(","))
    return lambda resource: resource["id"] in wanted


def _by_identifier(value: str) -> Test:
    """A token: ``system|value``, ``value``, ``|value`` (without system) or ``system|``; a comma means or."""
    wanted = [(text.split("|", 1) if "|" in text else (None, text)) for text in value.split(",")]

    def test(resource: Json) -> bool:
        return any(
            (system is None or item.get("system", "") == system) and (not number or item.get("value") == number)
            for item in resource.get("identifier", ())
            for system, number in wanted
        )

    return test


def _by_origin(value: str) -> Test:
    wanted = {text if text.startswith("Device/") else f"Device/{text}" for text in value.split(",")}
    return lambda resource: origin(resource) in wanted


def _by_moment(name: str, moment_of: Callable[[Json], str], value: str) -> Test:
    """A comparison with an instant, or with a day (in UTC) when there is no time."""
    prefix = value[:2] if value[:2] in _PREFIXES else ""
    text = value.removeprefix(prefix)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, "invalid", f"{name} has to be a date or an instant") from None
    asked = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    compare = _PREFIXES[prefix or "eq"]
    whole_day = len(text) == len("2026-09-12")

    def test(resource: Json) -> bool:
        found = datetime.fromisoformat(moment_of(resource))
        return compare(found.replace(hour=0, minute=0, second=0, microsecond=0) if whole_day else found, asked)

    return test


def _by_last_updated(value: str) -> Test:
    return _by_moment("_lastUpdated", lambda resource: str(resource["meta"]["lastUpdated"]), value)


def _by_date(value: str) -> Test:
    return _by_moment("date", lambda resource: str(resource["recorded"]), value)


def _by_extension(name: str) -> Callable[[str], Test]:
    """A token in one of the extensions that say what an AuditEvent belongs to."""
    url = f"{PROFILE.removesuffix('KT2')}{name}"

    def by_value(value: str) -> Test:
        wanted = set(value.split(","))
        return lambda resource: any(
            item.get("url") == url and item.get("valueId") in wanted for item in resource.get("extension", ())
        )

    return by_value


_TESTS: dict[str, Callable[[str], Test]] = {
    "_id": _by_id,
    "_lastUpdated": _by_last_updated,
    "identifier": _by_identifier,
    "resource-origin": _by_origin,
    "date": _by_date,
    "traceId": _by_extension("trace-id"),
    "requestId": _by_extension("request-id"),
    "correlationId": _by_extension("correlation-id"),
}
