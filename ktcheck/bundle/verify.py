"""Checks a bundle, offline: is every byte what was sealed, by whom, and does what it says hold together?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from jsonschema import Draft202012Validator

from ktcheck.bundle import contents, dsse, zipped
from ktcheck.bundle.keys import PublicKey, from_jwk
from ktcheck.chain import BrokenChainError, Chain, follow
from ktcheck.errors import InputError
from ktcheck.output import json_bytes
from ktcheck.report import build
from ktcheck.suite import PROFILES


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what it is about, whether it is right, and a sentence."""

    about: str
    right: bool
    text: str


Files = Mapping[str, bytes]


def verify(path: Path, trusted: Sequence[PublicKey] = ()) -> list[Check]:
    """All that can be said of a bundle. ``trusted`` are the keys that the user vouches for, if any.

    Raises:
        InputError: it is not a bundle that can be looked into.
    """
    data = zipped.read(path)
    files = zipped.unpack(data, path)
    for name in (build.REPORT, contents.MANIFEST):
        if name not in files:
            raise InputError(f"{path} has no {name}, so it is no bundle of ktcheck, or a part of it was taken out")
    checks: list[Check] = []
    manifest = _checked(checks, "manifest", lambda: _manifest(files))
    report = _checked(checks, "report", lambda: build.parse(files[build.REPORT], build.REPORT))
    if report is not None:
        checks.append(Check("report", True, _told(report)))
    if manifest is not None:
        checks += _sums(files, manifest)
    checks += _signature(files, report, trusted)
    if report is not None:
        checks += _evidence(files, report)
        checks += _zip(data, files, report)
    if report is not None and manifest is not None and all(check.right for check in checks):
        checks += _made_of_report(files, report, manifest)
    return checks


def _checked(checks: list[Check], about: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """What ``read`` gives, or None and a check that is not right."""
    try:
        return read()
    except InputError as error:
        checks.append(Check(about, False, str(error)))
        return None


def _told(report: Mapping[str, Any]) -> str:
    """Which run it is, once the report is known to add up."""
    place = report["domain_environment"] or "no environment named"
    return f"{report['domain']} ({place}), {report['verdict']}, finished {report['finished']}; it adds up"


def _manifest(files: Files) -> dict[str, Any]:
    data = files[contents.MANIFEST]
    try:
        manifest = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise InputError(f"{contents.MANIFEST} is not valid JSON, so it was changed") from None
    if not _validator().is_valid(manifest) or json_bytes(manifest) != data:
        raise InputError(f"{contents.MANIFEST} is not one that this version of ktcheck can read, or it was changed")
    return dict(manifest)


def _sums(files: Files, manifest: Mapping[str, Any]) -> Iterator[Check]:
    """Every file is there as it was, and nothing else."""
    listed = {row["name"]: row for row in manifest["files"]}
    wrong = [f"{name} is missing" for name in listed if name not in files]
    wrong += [
        f"{name} was changed"
        for name, row in listed.items()
        if name in files and (len(files[name]), contents.digest(files[name])) != (row["size"], row["sha256"])
    ]
    apart = {contents.MANIFEST, contents.ENVELOPE}
    wrong += [f"{name} was added: the manifest does not have it" for name in files if name not in {*listed, *apart}]
    yield from (Check("files", False, sentence) for sentence in wrong)
    if not wrong:
        yield Check("files", True, f"{len(listed)} files, all as the manifest says")


def _signature(files: Files, report: Mapping[str, Any] | None, trusted: Sequence[PublicKey]) -> Iterator[Check]:
    """Who signed, over what; and what that is worth."""
    if contents.ENVELOPE not in files:
        if trusted or contents.KEY in files:
            yield Check("signature", False, f"there is no {contents.ENVELOPE}, so nobody signed this bundle")
        else:
            yield Check("signature", True, "none: anybody can have made this bundle, also with other contents")
        return
    try:
        envelope = dsse.parse(files[contents.ENVELOPE])
        inside = from_jwk(orjson.loads(files[contents.KEY]))
    except (ValueError, KeyError):
        yield Check("signature", False, f"{contents.ENVELOPE} or {contents.KEY} was changed or is missing")
        return
    if inside is None or not envelope.signed_by(inside) or inside.id != envelope.key_id:
        yield Check("signature", False, f"the signature in {contents.ENVELOPE} is not that of {contents.KEY}")
    elif not trusted:
        yield Check(
            "signature",
            True,
            f"by key {inside.id}, which comes out of the bundle itself: nothing changed since it was signed, but "
            "anybody can have signed it; give the key of whoever should have signed with --key",
        )
    elif known := next((key for key in trusted if envelope.signed_by(key)), None):
        yield Check("signature", True, f"by key {known.id}, which you gave")
    else:
        yield Check("signature", False, f"by key {inside.id}, which is not a key that you gave")
    yield _statement(files, report, envelope)


def _statement(files: Files, report: Mapping[str, Any] | None, envelope: dsse.Envelope) -> Check:
    """What was signed is about these files, and says of the run what the report says."""
    try:
        said = orjson.loads(envelope.payload)
        subjects = {row["name"]: row["digest"]["sha256"] for row in said["subject"]}
    except (ValueError, KeyError, TypeError):
        return Check("statement", False, "what was signed is not an in-toto statement")
    for name in sorted({*subjects, *files} - {contents.ENVELOPE}):
        if name not in files or subjects.get(name) != contents.digest(files[name]):
            return Check("statement", False, f"what was signed is not about {name} as it is here")
    if report is not None and said != contents.statement(report, files):
        return Check("statement", False, "what was signed is not what report.json says of the run")
    return Check("statement", True, f"test result {said['predicate']['result']}, over {len(subjects)} files")


def _evidence(files: Files, report: Mapping[str, Any]) -> Iterator[Check]:
    """The chains are unbroken up to the heads in the report."""
    named = {row["file"]: Chain(row["lines"], row["head"]) for row in report.get("evidence") or ()}
    loose = [name for name in files if name.startswith("evidence/") and name not in named]
    yield from (Check("evidence", False, f"{name} is no evidence of this run") for name in loose)
    for name, chain in named.items():
        try:
            found = follow(files[name].splitlines(keepends=True))
        except KeyError:
            yield Check("evidence", False, f"{name} is missing")
        except BrokenChainError as error:
            yield Check("evidence", False, f"{name}: {error}")
        else:
            right = found == chain
            text = f"{chain.lines} lines, the chain is unbroken" if right else "does not end as report.json says"
            yield Check("evidence", right, f"{name}: {text}")
    if not named:
        yield Check("evidence", True, "none: this run exchanged nothing, or was made before evidence was a chain")


def _zip(data: bytes, files: Files, report: Mapping[str, Any]) -> Iterator[Check]:
    """Packed again it is the same zip: not a byte around the files was changed either."""
    again = zipped.pack(files, datetime.fromisoformat(report["finished"]))
    if again == data:
        yield Check("zip", True, f"{len(data)} bytes, each as it should be")
        return
    place = next((at for at, (own, made) in enumerate(zip(data, again, strict=False)) if own != made), len(again))
    yield Check("zip", False, f"the zip itself was changed or packed again: byte {place} is not as ktcheck made it")


def _made_of_report(files: Files, report: dict[str, Any], manifest: Mapping[str, Any]) -> Iterator[Check]:
    """The pages say what the report says, if this version of ktcheck can tell."""
    other = [name for name, value in contents.made_by().items() if manifest["made_by"][name] != value]
    if other:
        made = manifest["made_by"]
        yield Check(
            "pages",
            True,
            f"not compared with report.json: they were made by another version (ktcheck {made['ktcheck']} with "
            f"{made['libraries']}; other than here: {', '.join(other)})",
        )
        return
    if contents.manifest(report, files, manifest["lang"]) != manifest:
        yield Check("manifest", False, f"{contents.MANIFEST} does not say of the run what report.json says")
    try:
        pages = build.pages(report, manifest["lang"])
    except Exception:  # noqa: BLE001 (a report that was made up may break them anywhere)
        yield Check("pages", False, "no pages can be made of report.json, so it was changed")
        return
    wrong = [name for name, page in pages.items() if files.get(name) != page]
    apart = {build.REPORT, contents.MANIFEST, contents.ENVELOPE, contents.KEY, *pages}
    wrong += [name for name in files if name not in apart and not name.startswith("evidence/")]
    yield from (Check("pages", False, f"{name} is not made of report.json") for name in wrong)
    if not wrong:
        yield Check("pages", True, f"{len(pages)} pages and exports, the same when made again of report.json")


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(orjson.loads((PROFILES / "bundle.schema.json").read_bytes()))
