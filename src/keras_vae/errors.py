"""The errors of keras-vae, all of one tree.

    KerasVaeError
    ├── InvalidArgumentError (ValueError)      a value no part can work with
    │   ├── UnknownNameError                   no data set, recipe, part or option of that name
    │   └── IncompatiblePartsError             two parts that cannot live together
    ├── DataError (ValueError)                 data of the wrong shape, type or range
    │   ├── DataNotFoundError                  no such file
    │   └── DownloadError                      a data set that could not be fetched
    ├── ModelFileError                         a file that is no model of this package, or damaged
    ├── RunError                               a run folder that cannot be used
    │   ├── RunExistsError                     it is taken
    │   ├── RunBusyError                       another process trains in it
    │   ├── RunWriteError                      a file of it cannot be written
    │   ├── RunNotFoundError                   it is not there, or holds no finished run
    │   ├── TrainingDivergedError              the loss became NaN or infinite, again and again
    │   ├── StoppedError                       somebody stopped the work, which can go on
    │   │   └── TrainingStoppedError           the work was a training
    │   └── ProcessLostError                   another process of the training is gone
    ├── TrackerError                           a tracker that cannot begin
    ├── HubError                               what the Hugging Face Hub refused, or could not be asked
    ├── ExportError                            a model that a format cannot hold, or that differs in it
    ├── PackageMissingError (ImportError)      a package that only one feature needs is not installed
    └── BackendMissingError (ImportError)      no Keras back end is installed

A message says what was found, what was expected and what to do. The command prints it without a
traceback and exits with 2.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class KerasVaeError(Exception):
    """The root: catch it to catch every error that keras-vae raises on purpose."""


class InvalidArgumentError(KerasVaeError, ValueError):
    """A value that no part can work with."""


class UnknownNameError(InvalidArgumentError):
    """No such name; the message lists the names there are, the nearest first.

    Example:
        >>> str(UnknownNameError("recipe", "artcile", ["article", "dense"]))
        "Unknown recipe 'artcile'. Did you mean 'article'? Known: article, dense."
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = get_close_matches(name, known, n=2, cutoff=0.5)
        hint = f" Did you mean {' or '.join(repr(match) for match in near)}?" if near else ""
        super().__init__(f"Unknown {kind} {name!r}.{hint} Known: {', '.join(known)}.")


class IncompatiblePartsError(InvalidArgumentError):
    """Two parts that cannot live together; the message names both and the remedy."""


class DataError(KerasVaeError, ValueError):
    """Data of the wrong shape, type or range."""


class DataNotFoundError(DataError):
    """A data file that is not there."""


class DownloadError(DataError):
    """A data set that could not be fetched."""


class ModelFileError(KerasVaeError):
    """A file that is no model of this package, or not as it was written."""


class RunError(KerasVaeError):
    """A run folder that cannot be used."""


class RunExistsError(RunError):
    """The folder of a new run is already taken."""


class RunNotFoundError(RunError):
    """A folder that holds no finished run."""


class RunBusyError(RunError):
    """A run folder in which another process trains."""


class RunWriteError(RunError):
    """A file of a run that cannot be written: the disk is full, or the folder somebody else's."""


class TrainingDivergedError(RunError):
    """A training whose loss became NaN or infinite, or exploded, again and again."""


class StoppedError(RunError):
    """Work that was stopped; what is in its folder is enough to go on with.

    Args:
        message: what to say.
        signal: the number of the signal that stopped it.
    """

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message)
        self.signal = signal


class TrainingStoppedError(StoppedError):
    """A training that was stopped after a step."""


class ProcessLostError(RunError):
    """A training of several processes, one of which is gone or does not answer any more."""


class ExportError(KerasVaeError):
    """A model that a format cannot hold, or that computes something else in it."""


class TrackerError(KerasVaeError):
    """A tracker that cannot begin to follow a training."""


class HubError(KerasVaeError):
    """What the Hugging Face Hub refused, or could not be asked."""


class PackageMissingError(KerasVaeError, ImportError):
    """A package that only one feature needs, and that is not installed.

    Example:
        >>> str(PackageMissingError("The tracker MLflow", "mlflow", "mlflow"))
        "The tracker MLflow needs the package mlflow: pip install 'keras-vae[mlflow]'"
    """

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(f"{what} needs the package {package}: pip install 'keras-vae[{extra}]'")


class BackendMissingError(KerasVaeError, ImportError):
    """No Keras back end is installed."""
