"""This project, and the article's own code; both on TensorFlow."""

import keras
import numpy as np

from benchmarks import article_code


class _OnStep(keras.callbacks.Callback):
    """Keras tells of the last one alone of several steps a call, even if an epoch ends before it."""

    def __init__(self, on_step):
        super().__init__()
        self.on_step = on_step
        self.told = 0

    def on_train_batch_end(self, batch, logs=None):
        while self.told < min(batch + 1, self.params["steps"]):
            self.on_step()
            self.told += 1


def train(images, test_images, batch_size, steps, on_step, which, policy="float32"):
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(0)
    images = images[: batch_size * steps]
    fit = _article if which == "article" else _keras_vae
    return fit(images, test_images, batch_size, [_OnStep(on_step)])


def _article(images, test_images, batch_size, callbacks):
    def floats(pixels):
        return (pixels.astype("float32") / 255.0).reshape(-1, 28, 28, 1)

    vae = article_code.VAE(article_code.Encoder(latent_dim=2), article_code.Decoder())
    vae.compile(optimizer=keras.optimizers.Adam(1e-3))
    vae.fit(floats(images), batch_size=batch_size, epochs=1, verbose=0, callbacks=callbacks)
    return article_code.loss_on(vae, floats(test_images))


def _keras_vae(images, test_images, batch_size, callbacks):
    from keras_vae import data, optimizers, recipes, scan

    # A data set has labels; training does not look at them.
    labels = [np.zeros(len(each), int) for each in (images, test_images)]
    digits = data.Dataset("digits", images, labels[0], test_images, labels[1])
    vae = recipes.get("article").model(digits, latent_dim=2, seed=0)
    # As `vae train` does with all digits.
    several = scan.steps_a_call(60_000 // batch_size, batch_size * images[0].size)
    vae.compile(optimizer=optimizers.Adam(1e-3), steps_per_execution=several)
    batches = data.Batches(digits.x_train, batch_size, seed=0)
    vae.fit(batches, epochs=1, verbose=0, callbacks=callbacks)
    return vae.evaluate(data.Batches(digits.x_test, 1000, shuffle=False), verbose=0, return_dict=True)[
        "loss"
    ]
