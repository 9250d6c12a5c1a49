"""Judging resources by their profile: ktcheck beside fhir.resources and jsonschema, same instances, same run.

By hand is: parse with fhir.resources (R4B) and validate with Python's jsonschema against the same schemas. That library
does not know our keyword ``fhirpath``, so the invariants that only FHIRPath can say are not judged by hand at all.

    PYTHONPATH=. python benchmarks/profiles.py [patients]        # default 250

Prints resources per second, and of broken copies of the same resources how many each way finds.
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import orjson
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError
from referencing import Registry, Resource

from ktcheck.conformance.release import KT2, release
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.suite import PROFILES

Json = dict[str, Any]
Judge = Callable[[Json], bool]

VERSION = "0.16.3"
SAMPLE = 100  # by hand takes so long that a part is enough
BROKEN: dict[str, dict[str, Json]] = {
    "Patient": {
        "code unknown": {"gender": "M"},
        "form": {"birthDate": "1-1-2000"},
        "prohibited": {"deceasedBoolean": True},
        "unknown element": {"careProvider": []},
        "empty list": {"identifier": []},
        "wrong target": {"managingOrganization": {"reference": "Location/1"}},
        "invariant": {"name": [{"family": "Voorbeeld"}]},
    },
    "Task": {
        "code unknown": {"intent": "planned"},
        "form": {"authoredOn": "1-1-2000"},
        "prohibited": {"restriction": {"repetitions": 1}},
        "fixed value": {"priority": "urgent"},
        "wrong target": {"for": {"reference": "Location/1"}},
        "invariant": {"authoredOn": "2026-02-01T00:00:00Z", "lastModified": "2020-01-01T00:00:00Z"},
    },
}


def by_hand(kind: str) -> Judge:
    """Parse, then validate."""
    folder = PROFILES / f"kt2-{VERSION}"
    documents = [orjson.loads(path.read_bytes()) for path in sorted(folder.glob("*.schema.json"))]
    registry: Registry[Any] = Registry().with_resources(
        (item["$id"], Resource.from_contents(item)) for item in documents
    )
    validator = jsonschema.Draft202012Validator({"$ref": KT2 + kind}, registry=registry)
    model = get_fhir_model_class(kind)

    def judge(resource: Json) -> bool:
        try:
            model.model_validate(resource)
        except ValidationError:
            return False
        return bool(validator.is_valid(resource))

    return judge


def ours(kind: str) -> Judge:
    """As an acceptance run does."""
    profiles = release(VERSION)
    return lambda resource: profiles.is_valid(resource, KT2 + kind)


def rate(judge: Judge, resources: list[Json]) -> float:
    """Resources per second, the first (which compiles) left out; all of them have to be accepted."""
    assert judge(resources[0])
    start = time.perf_counter()
    accepted = [judge(resource) for resource in resources]
    seconds = time.perf_counter() - start
    assert all(accepted)
    return len(resources) / seconds


def broken(kind: str, resources: list[Json]) -> Iterator[tuple[str, Json]]:
    """Copies of resources with one fault."""
    for what, change in BROKEN[kind].items():
        for resource in resources:
            yield what, {**copy.deepcopy(resource), **change}


def main(patients: int) -> None:
    """Measure and compare."""
    made = list(PracticeDomain(1, patients).resources())
    for kind, changes in BROKEN.items():
        resources = [item for item in made if item["resourceType"] == kind]
        sample = resources[:SAMPLE]
        slow, fast = by_hand(kind), ours(kind)
        rates = rate(slow, sample), rate(fast, sample), rate(fast, resources)
        print(
            f"KT2{kind}: by hand {rates[0]:.0f}/s, ktcheck {rates[1]:.0f}/s on the same {len(sample)}"
            f" ({rates[2]:.0f}/s on all {len(resources)}): {rates[1] / rates[0]:.0f} times as fast"
        )
        for what in changes:
            faulty = [item for name, item in broken(kind, sample[:10]) if name == what]
            by, own = (sum(not judge(item) for item in faulty) for judge in (slow, fast))
            print(
                f"  {what:16} of {len(faulty)}: by hand finds {by}, ktcheck {own}{'' if by == own else '  <- differs'}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 250)
