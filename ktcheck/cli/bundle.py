"""``ktcheck bundle`` and ``ktcheck verify``: seal a run, check a seal."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ktcheck.bundle import keys
from ktcheck.bundle.seal import seal
from ktcheck.bundle.verify import verify as look_at
from ktcheck.errors import InputError, RunError
from ktcheck.output import free_file


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The bundle to write (a zip file).")
@click.option("--key", type=click.Path(path_type=Path), help="Private key to sign with (Ed25519, PEM).")
@click.option("--key-id", help="What to call the key; by default its RFC 7638 thumbprint.")
@click.option("--lang", type=click.Choice(("nl", "en")), default="nl", help="Language of the pages.")
@click.option("--force", is_flag=True, help="Replace the file in --out.")
def bundle(run: Path, out: Path, key: Path | None, key_id: str | None, lang: str, force: bool) -> None:
    """Seal the RUN in a directory: one file with report, PDF, exports and evidence, signed.

    Everything is made anew of its report.json; nothing that may hold personal data goes along.
    """
    if key_id and not key:
        raise InputError("--key-id names the key of --key, and there is none; give --key too, or leave it out")
    free_file(out, force)
    sealing = keys.load_private(key, key_id) if key else None
    data = seal(run, lang=lang, key=sealing)
    _write(out, data)
    click.echo(f"bundle: {out} ({len(data)} bytes)")
    if sealing:
        click.echo(f"signed with key {sealing.public.id}; check it with: ktcheck verify {out} --key jwks.json")
    else:
        click.echo("not signed: anybody can make such a bundle; sign it with --key (ktcheck keys --kind EdDSA)")


def _write(path: Path, data: bytes) -> None:
    """Write a whole file or none."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}; check the disk and call again") from None
    finally:
        temporary.unlink(missing_ok=True)


@click.command()
@click.argument("bundle_file", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), help="Public key of whoever should have signed (JWKS or PEM).")
def verify(bundle_file: Path, key: Path | None) -> int:
    """Check a BUNDLE, offline: every byte, the signature, the evidence, and that its pages say what the report says.

    Ends with exit code 1 when anything is wrong, and names the file; with 2 when it is no bundle at all.
    """
    trusted = keys.load_public(key) if key else ()
    checks = look_at(bundle_file, trusted)
    for check in checks:
        # Whoever made the bundle wrote some of this: it may not steer the terminal.
        text = "".join(sign if sign.isprintable() else "�" for sign in check.text)
        click.echo(f"{'ok   ' if check.right else 'WRONG'} {check.about}: {text}")
    wrong = sum(not check.right for check in checks)
    if wrong:
        click.echo(f"{bundle_file}: {wrong} of {len(checks)} checks failed")
    elif trusted:
        click.echo(f"{bundle_file}: nothing was changed since it was sealed")
    else:
        click.echo(f"{bundle_file}: holds together; who sealed it was not checked (--key)")
    return 1 if wrong else 0
