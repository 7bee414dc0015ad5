"""TensorBoard, by its own package and without TensorFlow."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keras_vae.callbacks.tracker import Tracker


class TensorBoard(Tracker):
    """Write what TensorBoard shows: scalars by epoch, the settings under HParams, and the pictures.

    The package `tensorboard` writes the records; TensorFlow is not needed, and not loaded. An epoch is on
    disk when it ends. Look with `tensorboard --logdir FOLDER`.

    Args:
        folder: where its files go; a training that is resumed adds one to those that are there.
        notify: as for `Tracker`.

    Raises:
        PackageMissingError: if `tensorboard` is not installed.
    """

    title = "TensorBoard"
    package = "tensorboard"

    def __init__(self, folder: str | Path, notify: Callable[[str], None] | None = None) -> None:
        super().__init__(notify)
        self.folder = Path(folder)

    def _open(self, name: str | None, settings: Mapping[str, Any]) -> None:
        del name
        records = self._import("tensorboard.summary.writer.record_writer")
        self._events = self._import("tensorboard.compat.proto.event_pb2")
        self._summaries = self._import("tensorboard.compat.proto.summary_pb2")
        self.folder.mkdir(parents=True, exist_ok=True)
        # The name by which TensorBoard knows its files; they are read in the order of their names.
        file = f"events.out.tfevents.{time.time_ns():020}.{socket.gethostname()}.{os.getpid()}"
        self._records = records.RecordWriter((self.folder / file).open("xb"))
        self._write(0, file_version="brain.Event:2")
        if self.epoch == 0:
            hparams = self._import("tensorboard.plugins.hparams.summary_v2")
            self._write(0, summary=hparams.hparams_pb(dict(settings)))

    def _log(self, figures: Mapping[str, float], epoch: int) -> None:
        values = [
            self._summaries.Summary.Value(tag=name, simple_value=each) for name, each in figures.items()
        ]
        self._write(epoch, summary=self._summaries.Summary(value=values))

    def _conclude(self, figures: Mapping[str, float], files: Mapping[str, Path]) -> None:
        self._log(figures, self.epoch)
        for name, path in files.items():
            if path.suffix == ".png":
                image = _image(self._summaries, path)
                value = self._summaries.Summary.Value(tag=name.removesuffix(".png"), image=image)
                self._write(self.epoch, summary=self._summaries.Summary(value=[value]))

    def _close(self, how: str) -> None:
        del how
        self._records.close()

    def _write(self, epoch: int, **content: Any) -> None:
        event = self._events.Event(wall_time=time.time(), step=epoch, **content)
        self._records.write(event.SerializeToString())
        self._records.flush()


def _image(summaries: Any, path: Path) -> Any:
    from PIL import Image

    with Image.open(path) as opened:
        width, height = opened.size
        channels = len(opened.getbands())
    return summaries.Summary.Image(
        width=width, height=height, colorspace=channels, encoded_image_string=path.read_bytes()
    )
