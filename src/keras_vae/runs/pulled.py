"""Runs that lie on the Hub, as folders of this machine."""

import shutil
import tempfile
from pathlib import Path

from keras_vae.errors import HubError, RunError
from keras_vae.hub import Address, download
from keras_vae.runs.names import DESCRIPTION, HISTORY, METRICS, MODEL, PICTURES

# The report is left there: it is a page that somebody else wrote, and `vae report` writes it anew.
_FILES = (MODEL, DESCRIPTION, HISTORY, METRICS, f"{PICTURES}/*.png")
_SHOWN_OF_COMMIT = 7


def pulled(address: Address, parent: Path = Path("runs")) -> Path:
    """The folder of a run of the Hub: `parent/USER-NAME-COMMIT`, made if it is not there.

    What commands write into it stays, since another commit is another folder.

    Raises:
        HubError: if there is no run of that address, or the Hub cannot be reached.
        RunError: if the folder cannot be made.
    """
    snapshot = download(address, _FILES)
    if not (snapshot / DESCRIPTION).is_file():
        raise HubError(
            f"{address} holds no run, as `vae push` writes it. If it holds a model: keras_vae.load."
        )
    folder = parent / f"{address.repository.replace('/', '-')}-{snapshot.name[:_SHOWN_OF_COMMIT]}"
    if folder.is_dir():
        return folder
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".pulled-") as partial:
            whole = Path(partial, folder.name)
            for pattern in _FILES:
                for file in snapshot.glob(pattern):
                    target = whole / file.relative_to(snapshot)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, target)
            whole.rename(folder)
    except OSError as error:
        raise RunError(f"{address} cannot be kept in {folder}: {error}") from error
    return folder
