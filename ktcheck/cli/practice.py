"""Puts a practice domain on the table: messages, a key, a domain file, and its service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from ktcheck import agreement_file
from ktcheck.agreements import Answer
from ktcheck.errors import InputError
from ktcheck.sandbox.defects import DEFECTS
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.service import Service
from ktcheck.smart import keys


def made(name: str, seed: int, size: int, defects: Sequence[str]) -> Materialised:
    """A practice domain with named defects in it.

    Raises:
        InputError: there is no such defect, the domain is too small for it, or it does not go with an earlier one.
    """
    domain = PracticeDomain(seed, size, name).materialise()
    for defect in defects:
        if defect not in DEFECTS:
            raise InputError(f"there is no defect {defect!r}; 'ktcheck sandbox --list' names them all")
        try:
            DEFECTS[defect].apply(domain)
        except (LookupError, StopIteration, RuntimeError):
            # An earlier defect took away what this one changes; alone, every defect fits (its own tests see to that).
            raise InputError(f"the defect {defect!r} does not go together with an earlier one; leave one out") from None
    return domain


def write_agreements(path: Path, options: Mapping[str, str]) -> None:
    """Write what a practice domain's cluster agreed on (``Materialised.agreements``)."""
    answers = {}
    for key, said in options.items():
        option, _, value = said.partition(" ")
        answers[key] = Answer(option=option, value=value or None, by="oefencluster")
    path.write_text(agreement_file.text(answers), encoding="utf-8")


def stage(service: Service, domain: Materialised, folder: Path, sequence: int = 1) -> Path:
    """Write the domain's messages, a new key for the suite and the domain file; register the key at the service."""
    practice = domain.domain
    domain.write_messages(folder / "kt1")
    pair = keys.make(folder / "key", "RS384")
    suite = next(app for app in practice.applications if app.name == "ktcheck")
    service.register(practice.name, suite.client_id, orjson.loads(pair.jwks_file.read_bytes()))
    path = folder / "domain.toml"
    write_agreements(folder / "afspraken.toml", domain.agreements)
    text = practice.domain_toml(
        messages=Path("kt1"),
        agreements=Path("afspraken.toml"),
        fhir_base_url=service.base_url(practice.name),
        private_key_file=Path("key") / pair.private_key_file.name,
        key_id=pair.key_id,
        sequence=sequence,
        announced=domain.announced,
    )
    path.write_text(text, encoding="utf-8")
    return path
