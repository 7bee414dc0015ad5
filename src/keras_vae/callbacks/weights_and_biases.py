"""Weights & Biases, by its own package."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keras_vae.callbacks.tracker import Tracker

# Seconds: after those, what was not sent stays on the disk for `wandb sync`.
_PATIENCE = 120.0


class WeightsAndBiases(Tracker):
    """Write a run of Weights & Biases: its configuration, figures by epoch, pictures and report.

    Where it goes, its own variables say: `WANDB_PROJECT`, `WANDB_ENTITY`, `WANDB_DIR`, and
    `WANDB_MODE=offline` for a folder that `wandb sync` sends later. While a run of it is already active, it
    writes there, and leaves it open. A training that is resumed goes on with its run; offline that is
    another folder with the same id. If the server is gone, the package itself keeps what it could not send.

    Args:
        notify: as for `Tracker`.
        **options: of `wandb.init`, such as `project`, `group` and `tags`.

    Raises:
        PackageMissingError: if `wandb` is not installed.
    """

    title = "Weights & Biases"
    package = "wandb"

    def __init__(self, notify: Callable[[str], None] | None = None, **options: Any) -> None:
        super().__init__(notify)
        self.options = options

    def _open(self, name: str | None, settings: Mapping[str, Any]) -> str:
        self._wandb = self._import("wandb")
        self._is_own = self._wandb.run is None
        if self._is_own:
            # What a terminal shows is not the run's, and a progress bar is none of its lines.
            own = self._wandb.Settings(console="off", finish_timeout=_PATIENCE)
            going_on = {} if self.key is None else {"id": self.key, "resume": "allow"}
            self._run = self._wandb.init(
                **{"name": name, "config": dict(settings), "settings": own, **self.options, **going_on}
            )
        else:
            self._run = self._wandb.run
            self._run.config.update(dict(settings), allow_val_change=True)
        return self._run.id

    def _log(self, figures: Mapping[str, float], epoch: int) -> None:
        self._run.log(dict(figures), step=epoch)

    def _conclude(self, figures: Mapping[str, float], files: Mapping[str, Path]) -> None:
        kinds = {".png": self._wandb.Image, ".html": lambda path: self._wandb.Html(path, inject=False)}
        shown = {
            name: kinds[path.suffix](str(path)) for name, path in files.items() if path.suffix in kinds
        }
        self._run.log(shown, step=self.epoch)
        self._run.summary.update(dict(figures))

    def _close(self, how: str) -> None:
        if self._is_own:
            self._run.finish(exit_code=0 if how == "finished" else 1)
