"""Shares of a batch on several devices of one process, which make the batch again inside a step."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from keras_vae.data import Batches
from keras_vae.data.replicas import Replicable

CODE = """
import json, sys
import keras, numpy as np
from keras_vae import VAE, data
from keras_vae.networks import dense_decoder, dense_encoder

x = np.random.default_rng(0).integers(0, 2, (37, 6), dtype="uint8")
def losses():
    vae = VAE(dense_encoder(seed=1), dense_decoder((6,), seed=2), latent_dim=2, seed=0)
    vae.compile("adam")
    batches = data.Batches(x, 10, seed=3)
    fitted = vae.fit(batches, epochs=2, shuffle=False, verbose=0, validation_data=data.Batches(x[:5], 4))
    on_batch = vae.test_on_batch(x[:7], return_dict=True)
    return [*fitted.history["loss"], *fitted.history["val_loss"], on_batch["loss"], on_batch["kl_loss"]]

alone = losses()
with keras.distribution.DataParallel().scope():
    assert data.is_shared()
    together = losses()
print(json.dumps([len(keras.distribution.list_devices()), [float(each) for each in alone], together]))
"""


@pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="JAX is not installed")
@pytest.mark.parametrize("devices", [2, 3, 8])
def test_several_devices_are_one(devices):
    """Of 10 rows and of 7, of 4 and of 1: fewer than there are devices."""
    flags = f"--xla_force_host_platform_device_count={devices}"
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True,
        env=os.environ | {"KERAS_BACKEND": "jax", "XLA_FLAGS": flags},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    count, alone, together = json.loads(done.stdout)
    assert count == devices
    np.testing.assert_allclose(alone, together, rtol=1e-5)


def test_replicas_find_equally_many_rows_that_weigh_what_the_batch_does():
    batches = Batches(np.arange(7.0)[:, None], batch_size=4, seed=0)
    even = Replicable(batches, replicas=3)
    assert len(even) == len(batches) == 2
    for index in range(2):
        x, y, weights = even[index]
        assert len(x) == len(y) == len(weights)
        assert len(x) % 3 == 0
        assert (x[:, 0] * weights).mean() == pytest.approx(batches[index].mean(), rel=1e-6)
