"""A zip in which nothing is left to chance: the same files give the same bytes, and no byte of it is without meaning.

Contents are stored, not deflated: what a compressor makes differs between versions of zlib, and nothing that is not
compressed can be a zip bomb.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ktcheck.errors import InputError

MOST_BYTES = 512 * 2**20
MOST_FILES = 20_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
# Of a local header: where the lengths of name and extra field are, and its length without those.
_LENGTHS = struct.Struct("<26xHH")
_DAMAGED = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, struct.error)


def pack(files: Mapping[str, bytes], moment: datetime) -> bytes:
    """The files as a zip, in the order of their names, all with the same moment (UTC) and permissions.

    Raises:
        ValueError: a name is not one that a bundle may hold.
    """
    with suppress(OverflowError):  # in the first or last year of the calendar
        moment = moment.astimezone(UTC)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(files.items()):
            if not _NAME.fullmatch(name):
                raise ValueError(f"not a name for a file in a bundle: {name}")
            # A zip knows the years 1980 to 2107.
            year = min(max(moment.year, 1980), 2107)
            info = zipfile.ZipInfo(name, (year, moment.month, moment.day, moment.hour, moment.minute, moment.second))
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            archive.writestr(info, data)
    return out.getvalue()


def read(path: Path) -> bytes:
    """The bytes of a bundle.

    Raises:
        InputError: it cannot be read, or is larger than a bundle may be.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise InputError(f"{path} is larger than {MOST_BYTES // 2**20} MB, so it is no bundle of ktcheck")
    return data


def unpack(data: bytes, path: Path) -> dict[str, bytes]:
    """The files in a zip, without judging what they hold; nothing is written to disk.

    Raises:
        InputError: it is no zip, or not one that ``pack`` could have made: cut off, compressed, encrypted, or with
            names that are double or lead elsewhere.
    """
    if not data.startswith(b"PK"):
        raise InputError(f"{path} is not a zip file; give the bundle that ktcheck made")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except _DAMAGED:
        raise InputError(f"{path} is a damaged or incomplete zip file; get the bundle again") from None
    if len(members) > MOST_FILES:
        raise InputError(f"{path} holds more than {MOST_FILES} files, so it is no bundle of ktcheck")
    files: dict[str, bytes] = {}
    room = len(data)
    for member in members:
        name = member.filename
        if not _NAME.fullmatch(name):
            raise InputError(f"{path} holds a file whose name a bundle may not have, so it is no bundle of ktcheck")
        if name in files:
            raise InputError(f"{path} holds {name} twice, so it is no bundle of ktcheck")
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise InputError(
                f"{path}: {name} is compressed, so another program packed it; get the bundle as it was made"
            )
        room -= member.file_size
        content = _content(data, member)
        # Contents that overlap add up to more than the file itself.
        if room < 0 or len(content) != member.file_size:
            raise InputError(f"{path} is a damaged or incomplete zip file ({name}); get the bundle again")
        files[name] = content
    return files


def _content(data: bytes, member: zipfile.ZipInfo) -> bytes:
    """What is stored, whatever its checksum says: the manifest knows better."""
    header = data[member.header_offset : member.header_offset + _LENGTHS.size]
    if len(header) < _LENGTHS.size:
        return b""
    start = member.header_offset + _LENGTHS.size + sum(_LENGTHS.unpack(header))
    return data[start : start + member.file_size]
