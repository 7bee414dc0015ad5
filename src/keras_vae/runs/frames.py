"""What a training looks like after each epoch, for a page that follows it."""

import base64
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_vae import tasks
from keras_vae.data import Dataset, TableData, spread
from keras_vae.data.chosen import choose
from keras_vae.plots.canvas import mosaic, pixels_of
from keras_vae.plots.raster import encoded, image_of
from keras_vae.runs.written import written
from keras_vae.tasks.latent_map import principal_plane

FRAMES = "frames"
_POINTS, _SAMPLES, _ROWS, _COLUMNS = 1000, 32, 8, 8


class Frames(keras.callbacks.Callback):
    """Write `frames/00001.json`, …: samples, of the same noise each time, and where test items lie.

    Args:
        folder: of the run.
        data: what it is trained on.
        seed: of the samples.
    """

    def __init__(self, folder: Path, data: Dataset, seed: int = 0) -> None:
        super().__init__()
        self.folder = folder / FRAMES
        self.data = data
        self.seed = seed
        self._before: np.ndarray | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        rows = spread(len(self.data.x_test), _POINTS)
        self._some = choose(self.data.inputs("test", self.model.condition_names), rows)
        self._labels = np.asarray(self.data.y_test)[rows].tolist()
        self.folder.mkdir(exist_ok=True)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        figures = {name: float(each) for name, each in (logs or {}).items() if np.isfinite(each)}
        frame = {
            "epoch": epoch + 1,
            "figures": figures,
            "points": np.round(self._points(), 4).tolist(),
            "labels": self._labels,
            "samples": self._samples(),
        }
        with written(self.folder / f"{epoch + 1:05}.json") as partial:
            partial.write_text(json.dumps(frame), "utf-8")

    def _points(self) -> np.ndarray:
        """The plane turns as little as it can from one epoch to the next, so that items can be followed."""
        codes = tasks.embed(self.model, self._some)
        if codes.shape[1] <= 2:
            return codes[:, [0, -1]]
        points = principal_plane(codes)[0]
        if self._before is not None:
            points = points @ turned(points, self._before)
        self._before = points
        return points

    def _samples(self) -> dict[str, Any]:
        if isinstance(self.data, TableData):
            schema = self.data.schema
            return {
                "columns": schema.names,
                "rows": schema.texts(tasks.sample(self.model, _ROWS, self.seed)),
            }
        drawn = tasks.sample(self.model, _SAMPLES, self.seed)
        whole = mosaic(pixels_of(drawn.reshape(-1, _COLUMNS, *drawn.shape[1:]), self.data.value_range), 2)
        png = encoded(image_of(whole.astype("uint8")), "PNG")
        return {"png": base64.b64encode(png).decode()}


def turned(points: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The rotation or reflection, `(2, 2)`, that brings points nearest to where they were.

    Orthogonal Procrustes (Schönemann, 1966).

    Example:
        >>> points = np.array([[1.0, 0.0], [0.0, 2.0]])
        >>> turned(points, points[:, ::-1]).round(6).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    left, _, right = np.linalg.svd(points.T @ before)
    return left @ right
