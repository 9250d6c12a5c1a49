"""``ktcheck profiles``: the releases of the KT2 profiles that ktcheck knows, and building one from packages."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from ktcheck.conformance import own_terminology, tabled
from ktcheck.conformance.build import build as compiled
from ktcheck.conformance.package import Definitions, Package, read
from ktcheck.errors import InputError, RunError
from ktcheck.output import free_directory, json_bytes
from ktcheck.suite import PROFILES


@click.group()
def profiles() -> None:
    """The profiles that resources are judged by, as JSON Schema."""


@profiles.command("list")
def list_() -> None:
    """Name the releases that ktcheck knows, and what each was built from."""
    for path in sorted(PROFILES.glob("kt2-*/index.json")):
        index = orjson.loads(path.read_bytes())
        parts = ", ".join(f"{item['name']} {item['version']}".strip() for item in index["dependencies"])
        click.echo(f"{path.parent.name}: {len(index['profiles'])} profiles, on top of {parts}")


@profiles.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.argument("dependencies", nargs=-1, type=click.Path(path_type=Path))
@click.option("--version", help="The release; by default what the package calls itself.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write; default profiles/kt2-<version>.")
@click.option("--force", is_flag=True, help="Replace an earlier release in --out.")
def build(package: Path, dependencies: tuple[Path, ...], version: str | None, out: Path | None, force: bool) -> None:
    """Compile PACKAGE (.tgz) and the packages it rests on into JSON Schemas.

    Of a release without a package, PACKAGE may be a table of its constraints (.csv); --version then says which it is.
    """
    others = [read(path) for path in dependencies]
    main = _table(package, others, version) if package.suffix == ".csv" else read(package)
    release = version or main.version
    if not release:
        raise InputError(f"{package}: the package does not tell its version; give it with --version")
    place = out or Path("profiles") / f"kt2-{release}"
    free_directory(place, force)
    files = compiled(main, [own_terminology.package(), *others])
    try:
        place.mkdir(parents=True, exist_ok=True)
        for old in place.glob("*.json"):
            old.unlink()
        for name, content in files.items():
            (place / name).write_bytes(json_bytes(content))
    except OSError as error:
        raise RunError(f"{place} could not be written: {error.strerror}") from None
    left = files["not-compiled.json"]["not_compiled"]
    click.echo(f"{place}: {len(files['index.json']['profiles'])} profiles; {len(left)} constraints no schema can say:")
    for item in left:
        click.echo(f"  {item['element']}: {item['what']}")


def _table(table: Path, others: list[Package], version: str | None) -> Package:
    if not version:
        raise InputError(f"{table}: a table of constraints does not tell its release; give it with --version")
    known = Definitions()
    for other in others:
        known.add(other)
    return tabled.read(table, known, version)
