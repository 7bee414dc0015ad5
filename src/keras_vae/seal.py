"""What a `model.keras` says of itself: its format, and the checksum of each of its files."""

import hashlib
import json
import zipfile
import zlib
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from keras_vae.errors import ModelFileError

FORMAT = 1
SEAL = "keras_vae.json"
MODEL, CONFIG, WEIGHTS = "model.keras", "config.json", "model.weights.h5"
# What `zipfile` raises for what is no archive, cut off, encrypted, or packed in a way unknown to it.
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, UnicodeDecodeError)
# Keras stores without compressing; what inflates more than this was not written by it.
_MOST_INFLATION = 4
_LONGEST_SEAL = 1 << 20
_KNOWN_OTHERS = {
    b"\x89HDF": "an HDF5 file, which can hold code",
    b"\x80": "a pickle, which can hold code",
    b"GIF8": "a picture",
    b"\x89PNG": "a picture",
}


def seal(path: Path) -> None:
    """Add to a `.keras` file that Keras wrote what `check_seal` asks for."""
    with zipfile.ZipFile(path, "a") as archive:
        members = {
            info.filename: {"bytes": info.file_size, "sha256": _checksum(archive, info)}
            for info in archive.infolist()
        }
        content = {"format": FORMAT, "keras_vae": version("keras-vae"), "members": members}
        archive.writestr(SEAL, json.dumps(content, indent=1))


def check_seal(path: Path) -> None:
    """Refuse a file that is not, byte for byte, a model that this package wrote.

    Raises:
        ModelFileError: if it is no archive; if one of its names leaves it, or appears twice; if it inflates
            to more than four times its size; if it has no seal, or that of a newer format, which names the
            release that wrote it; if a file is missing, added, or not what its checksum says.
    """
    try:
        with path.open("rb") as file:
            _check_is_archive(file, path)
            with zipfile.ZipFile(file) as archive:
                _check_members(archive, path)
    except BROKEN_ARCHIVE as error:
        raise ModelFileError(f"{path} is damaged: {error}") from error
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error}") from error


def unpack(path: Path, folder: Path) -> None:
    """Lay the files of a model, whose seal is checked, into a folder: as Keras keeps it on the Hub.

    Raises:
        ModelFileError: as `check_seal` does.
    """
    check_seal(path)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name != SEAL])


def read_bytes(path: Path, name: str) -> bytes:
    """The content of a file in an archive whose seal was checked."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def _check_is_archive(file: BinaryIO, path: Path) -> None:
    beginning = file.read(4)
    if beginning == b"PK\x03\x04":
        return
    kinds = [kind for start, kind in _KNOWN_OTHERS.items() if beginning.startswith(start)]
    found = kinds[0] if kinds else "no archive"
    raise ModelFileError(
        f"{path} is {found}. A model is a .keras file, as `vae train` and `model.save` write it."
    )


def _check_members(archive: zipfile.ZipFile, path: Path) -> None:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    strange = [name for name in names if _leaves(name)]
    if strange:
        raise ModelFileError(f"{path} holds a file that leaves it: {strange[0]!r}.")
    if len(set(names)) < len(names):
        raise ModelFileError(f"{path} holds two files of one name. It is not opened.")
    size, inflated = path.stat().st_size, sum(info.file_size for info in infos)
    if inflated > _MOST_INFLATION * size:
        raise ModelFileError(
            f"{path} inflates from {size:,} to {inflated:,} bytes, and no model inflates to more than "
            f"{_MOST_INFLATION} times its size."
        )
    if SEAL not in names:
        raise ModelFileError(
            f"{path} does not say what it holds: some other package saved it. "
            "Save the model with its own `save`."
        )
    members = _members(archive, path)
    if set(members) != set(names) - {SEAL} or not {CONFIG, WEIGHTS} <= set(members):
        odd = set(members) ^ (set(names) - {SEAL}) or {CONFIG, WEIGHTS} - set(members)
        raise ModelFileError(f"{path} is damaged: missing or added: {', '.join(sorted(map(str, odd)))}.")
    for info in infos:
        if info.filename != SEAL and _checksum(archive, info) != members[info.filename]:
            raise ModelFileError(f"{path} is damaged: {info.filename} is not what its checksum says.")


def _members(archive: zipfile.ZipFile, path: Path) -> dict[str, str]:
    try:
        if archive.getinfo(SEAL).file_size > _LONGEST_SEAL:
            raise ValueError(f"it is longer than {_LONGEST_SEAL:,} bytes")
        content = json.loads(archive.read(SEAL))
        number, release = int(content["format"]), str(content["keras_vae"])
        if number > FORMAT:
            raise ModelFileError(
                f"{path} has format {number}, and this release reads {FORMAT} and older. It was written by "
                f"keras-vae {release}: that or a newer release can load it."
            )
        return {name: member["sha256"] for name, member in content["members"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"{path} is damaged: {SEAL} cannot be read: {error}") from error


def _leaves(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name


def _checksum(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    with archive.open(info) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
