"""Every part keeps its head: finite losses and gradients for inputs and networks that go to extremes."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_vae
from keras_vae.likelihoods import Mixed
from keras_vae.runs.train import dtype_policy
from tests.combinations import AXES, COLUMNS

# What a part needs beside it.
COMPANIONS = {
    "von_mises_fisher": {"prior": "uniform_sphere"},
    "uniform_sphere": {"posterior": "von_mises_fisher"},
    "conditional_normal": {"conditions": {"label": "category:num_categories=2"}},
}
PARTS = [(axis, name) for axis in ("likelihood", "posterior", "prior", "objective") for name in AXES[axis]]


def body(scale, seed):
    """Features in [0, scale], of which the heads make numbers as large, of either sign."""
    kernel = keras.initializers.GlorotUniform(seed)
    return keras.Sequential(
        [layers.Dense(8, activation="sigmoid", kernel_initializer=kernel), layers.Rescaling(scale)]
    )


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize(("axis", "name"), PARTS)
def test_losses_and_gradients_are_finite(axis, name, policy):
    parts = {"likelihood": "bernoulli", axis: name} | COMPANIONS.get(name, {})
    latent_dim = 2 if "von_mises_fisher" in parts.values() else 1
    for scale in (1.0, 1e4):
        with dtype_policy(policy):
            if parts["likelihood"] == "mixed":
                parts["likelihood"] = Mixed(columns=COLUMNS)
            model = keras_vae.VAE(body(scale, 1), body(scale, 2), latent_dim=latent_dim, seed=0, **parts)
        # A step so small that weights are finite after it if, and only if, their gradients are.
        model.compile(optimizer=keras.optimizers.SGD(1e-30), run_eagerly=True)
        for batch_size, value in ((1, 0.0), (3, 1.0)):
            x = np.full((batch_size, 5), value, "float32")
            inputs = {"x": x, "label": np.arange(batch_size) % 2} if "conditions" in parts else x
            losses = model.train_on_batch(inputs, return_dict=True)
            assert np.isfinite(list(losses.values())).all(), (scale, value, losses)
            for weight in model.trainable_weights:
                assert np.isfinite(keras.ops.convert_to_numpy(weight)).all(), (scale, value, weight.path)
