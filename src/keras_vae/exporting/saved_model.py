"""TensorFlow's SavedModel."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from keras_vae.exporting.endpoint import Endpoint
from keras_vae.exporting.form import Form, Runner, graph_of

_FOLDER = "model"


class SavedModel(Form):
    """One SavedModel with a signature for each endpoint."""

    name = "saved_model"
    title = "a SavedModel"

    def write(self, endpoints: Sequence[Endpoint], folder: Path) -> dict[str, str]:
        import tensorflow as tf

        module = tf.Module()
        graphs = {each.name: graph_of(each) for each in endpoints}
        # What the graphs capture must hang on what is saved.
        module.weights = [each for graph in graphs.values() for each in graph.variables]
        tf.saved_model.save(module, str(folder / _FOLDER), signatures=graphs)
        return {each.name: _FOLDER for each in endpoints}

    def runner(self, path: Path, endpoint: Endpoint) -> Runner:
        import tensorflow as tf

        loaded = tf.saved_model.load(str(path))
        signature = loaded.signatures[endpoint.name]

        def run(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
            # The signature does not keep what it was loaded with alive.
            assert loaded is not None
            found = signature(**{name: tf.constant(each) for name, each in inputs.items()})
            return {name: each.numpy() for name, each in found.items()}

        return run
