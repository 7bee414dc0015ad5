"""Repositories of the Hugging Face Hub: `hf://USER/NAME`."""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from keras_vae.errors import HubError, PackageMissingError
from keras_vae.model_card import bare_card
from keras_vae.seal import MODEL, unpack

_LIBRARY = {"library_name": "keras-vae", "library_version": version("keras-vae")}
# In a path, the second of the two strokes is gone.
_PREFIX = re.compile(r"hf:[/\\]{1,2}")
_ADDRESS = re.compile(r"([\w.-]+/[\w.-]+)(?:@([\w./-]+))?")


@dataclass(frozen=True)
class Address:
    """A repository, at a branch, a tag or a commit.

    Args:
        repository: `USER/NAME`.
        revision: the main branch if `None`.

    Example:
        >>> Address.of("hf://ada/digits@v2")
        Address(repository='ada/digits', revision='v2')
        >>> str(Address.of(Path("hf://ada/digits")))
        'hf://ada/digits'
    """

    repository: str
    revision: str | None = None

    @classmethod
    def of(cls, text: str | Path) -> "Address":
        """The address that a text, or a path that was made of one, spells.

        Raises:
            HubError: if it is none.
        """
        written = _PREFIX.sub("hf://", text.as_posix() if isinstance(text, Path) else str(text), count=1)
        found = _ADDRESS.fullmatch(written.removeprefix("hf://")) if is_address(written) else None
        if found is None:
            raise HubError(
                f"An address on the Hub is hf://USER/NAME, or hf://USER/NAME@REVISION. Received: {written}"
            )
        return cls(*found.groups())

    def __str__(self) -> str:
        return f"hf://{self.repository}" + (f"@{self.revision}" if self.revision else "")


def is_address(text: Any) -> bool:
    """Whether something names a place on the Hub, and no file.

    Example:
        >>> is_address("hf://ada/digits"), is_address("runs/digits")
        (True, False)
    """
    return isinstance(text, str | Path) and _PREFIX.match(str(text)) is not None


def download(address: Address, files: Sequence[str]) -> Path:
    """The files of a repository, in the Hub's own cache: a folder with the name of the commit.

    Without a network, what is in the cache is used. Private repositories ask for a token, which is that of
    `hf auth login` or `HF_TOKEN`.

    Args:
        address: of the repository.
        files: their names, as patterns; no others are fetched.

    Raises:
        PackageMissingError: if `huggingface_hub` is not installed.
        HubError: if there is no such repository, or it cannot be reached.
    """
    with _errors(f"{address} cannot be loaded") as hub:
        folder = hub.snapshot_download(
            address.repository, revision=address.revision, allow_patterns=list(files), **_LIBRARY
        )
        return Path(folder)


def upload(
    address: Address, folder: Path, message: str, private: bool = False, replaced: Sequence[str] = ()
) -> str:
    """Make the files of a folder a commit of a repository, which is made if it is not there.

    Args:
        address: of the repository; a branch that is not there is made.
        folder: what to upload.
        message: of the commit.
        private: whether nobody else may see the repository.
        replaced: patterns of files that do not stay there unless they are in the folder.

    Returns:
        The address of its page.

    Raises:
        PackageMissingError: if `huggingface_hub` is not installed.
        HubError: if that was refused, or the Hub cannot be reached; or if the repository was to be private,
            and is there, and public: nothing is uploaded then.
    """
    with _errors(f"{address} cannot be written") as hub:
        api = hub.HfApi(**_LIBRARY)
        page = api.create_repo(address.repository, private=private or None, exist_ok=True)
        if private and not api.repo_info(address.repository).private:
            raise HubError(f"{address} is there already, and public. Nothing was uploaded.")
        if address.revision:
            api.create_branch(address.repository, branch=address.revision, exist_ok=True)
        api.upload_folder(
            repo_id=address.repository, folder_path=folder, revision=address.revision,
            commit_message=message, delete_patterns=list(replaced),
        )  # fmt: skip
        return str(page)


def upload_model(address: Address, save: Callable[[Path], Any]) -> str:
    """Save a model into a repository: as Keras does it there, and as a sealed file.

    Args:
        address: of the repository.
        save: writes the `.keras` file of the model.

    Returns:
        The address of its page.

    Raises:
        PackageMissingError: as `upload` does.
        HubError: likewise.
    """
    with TemporaryDirectory() as made:
        folder = Path(made)
        save(folder / MODEL)
        unpack(folder / MODEL, folder)
        (folder / "README.md").write_text(bare_card(str(address)), "utf-8")
        return upload(address, folder, "Save a model of keras-vae")


@contextlib.contextmanager
def _errors(what: str) -> Iterator[Any]:
    """The package `huggingface_hub`, whose errors become one of ours inside."""
    try:
        import huggingface_hub
        from huggingface_hub import errors
    except ModuleNotFoundError as error:
        raise PackageMissingError("The Hugging Face Hub", "huggingface-hub", "hub") from error
    try:
        yield huggingface_hub
    except errors.GatedRepoError as error:
        raise HubError(f"{what}: its owner has to let you in first, on its page.") from error
    except errors.RepositoryNotFoundError as error:
        raise HubError(
            f"{what}: there is no such repository, or none that you may see. To log in: hf auth login, or "
            "HF_TOKEN."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise HubError(f"{what}: the repository has no such revision.") from error
    except errors.LocalEntryNotFoundError as error:
        raise HubError(
            f"{what}: the Hub cannot be reached, and nothing of it is in the cache of this machine."
        ) from error
    # An upload that breaks off is a `RuntimeError`.
    except (errors.HTTPError, OSError, ValueError, RuntimeError) as error:
        raise HubError(f"{what}: {' '.join(str(error).split())}") from error
