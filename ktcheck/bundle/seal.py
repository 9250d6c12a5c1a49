"""Seals a run: everything public about it, made again from ``report.json``, in one signed file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ktcheck.bundle import contents, dsse, zipped
from ktcheck.bundle.keys import SealingKey
from ktcheck.chain import BrokenChainError, Chain, follow
from ktcheck.errors import InputError
from ktcheck.output import json_bytes
from ktcheck.report import build, view


def seal(run_dir: Path, *, lang: str = "nl", key: SealingKey | None = None) -> bytes:
    """The bundle of a run. The same run and key give the same bytes with the same version of ktcheck.

    Nothing of the directory is taken over but ``report.json`` and the evidence whose chain it names: pages are made
    anew, and what may hold personal data (findings, a snapshot, pictures) stays where it is.

    Raises:
        InputError: it is not the directory of a finished run, or its evidence is not what the report says.
    """
    report = build.read(run_dir)
    files = {
        build.REPORT: (run_dir / build.REPORT).read_bytes(),
        **build.pages(report, lang),
        **_evidence(run_dir, report),
    }
    if sum(map(len, files.values())) > zipped.MOST_BYTES // 2:
        raise InputError(f"{run_dir} holds more than {zipped.MOST_BYTES // 2**21} MB, which is too much for a bundle")
    if key:
        files[contents.KEY] = json_bytes(key.public.jwk())
    files[contents.MANIFEST] = json_bytes(contents.manifest(report, files, lang))
    if key:
        files[contents.ENVELOPE] = dsse.sign(json_bytes(contents.statement(report, files)), key).data()
    return zipped.pack(files, datetime.fromisoformat(report["finished"]))


def _evidence(run_dir: Path, report: view.Report) -> dict[str, bytes]:
    files = {}
    for row in report.get("evidence") or ():
        name = row["file"]
        try:
            files[name] = (run_dir / name).read_bytes()
            found = follow(files[name].splitlines(keepends=True))
        except OSError as error:
            raise InputError(
                f"{run_dir / name} cannot be read: {error.strerror}; seal the run as it was made"
            ) from None
        except BrokenChainError as error:
            raise InputError(f"{run_dir / name}: {error}; seal the run as it was made") from None
        if found != Chain(row["lines"], row["head"]):
            raise InputError(
                f"{run_dir / name} is not the evidence that report.json names; seal the run as it was made"
            )
    return files
