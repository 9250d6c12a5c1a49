"""The version under test: with what is tested, which release of Koppeltaal 2.0, and where."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson

from ktcheck import suite, tables
from ktcheck.agreements import Agreements
from ktcheck.domain import Domain


def environment(domain: Domain, agreements: Agreements) -> str:
    """A hash of where was tested: the domain, its address, its applications and what was agreed, without secrets."""
    where = {
        "name": domain.domain.name,
        "environment": domain.domain.environment,
        "fhir_base_url": domain.target.fhir_base_url if domain.target else None,
        "applications": sorted(app.client_id for app in domain.application),
        "agreements": {key: (answer.option, answer.value) for key, answer in agreements.answers.items()},
    }
    return hashlib.sha256(orjson.dumps(where, option=orjson.OPT_SORT_KEYS)).hexdigest()


def under_test(domain: Domain, agreements: Agreements) -> Mapping[str, str]:
    """The parts of the version under test by name, as ``confirm`` in ``profiles/draaiboek.yaml`` has them.

    A domain that names no release of the profiles yet is prepared for the newest one.
    """
    newest = tables.migration().profile_versions[0]
    return {
        "baseline": suite.baseline(),
        "profile_version": domain.target.profile_version if domain.target else newest,
        "environment": environment(domain, agreements),
    }
