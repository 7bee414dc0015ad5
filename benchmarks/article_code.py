"""The article's own code: its classes, its training step and its settings, as published.

Only the plumbing differs: `keras` stands for `tensorflow.keras` (the same library), the plots are left
out, and `loss_on` measures what the article does not: the same loss on the test images.
"""

import keras
import tensorflow as tf
from keras import layers


class Encoder(keras.Model):
    def __init__(self, latent_dim=2, **kwargs):
        super().__init__(**kwargs)
        self.latent_dim = latent_dim
        self.conv1 = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")
        self.conv2 = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu")
        self.flatten = layers.Flatten()
        self.dense = layers.Dense(256, activation="relu")
        self.mu_layer = layers.Dense(latent_dim, name="mu")
        self.log_var_layer = layers.Dense(latent_dim, name="log_var")

    def call(self, inputs):
        x = self.conv1(inputs)
        x = self.conv2(x)
        x = self.flatten(x)
        x = self.dense(x)
        return self.mu_layer(x), self.log_var_layer(x)


class Sampling(layers.Layer):
    def call(self, inputs):
        mu, log_var = inputs
        epsilon = tf.random.normal(shape=(tf.shape(mu)[0], tf.shape(mu)[1]))
        return mu + tf.exp(0.5 * log_var) * epsilon


class Decoder(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense1 = layers.Dense(7 * 7 * 64, activation="relu")
        self.reshape = layers.Reshape((7, 7, 64))
        self.conv_t1 = layers.Conv2DTranspose(64, 3, strides=2, padding="same", activation="relu")
        self.conv_t2 = layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu")
        self.output_layer = layers.Conv2D(1, 3, padding="same", activation="sigmoid")

    def call(self, inputs):
        x = self.dense1(inputs)
        x = self.reshape(x)
        x = self.conv_t1(x)
        x = self.conv_t2(x)
        return self.output_layer(x)


class VAE(keras.Model):
    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.sampling = Sampling()
        self.total_loss_tracker = keras.metrics.Mean(name="total_loss")
        self.reconstruction_loss_tracker = keras.metrics.Mean(name="reconstruction_loss")
        self.kl_loss_tracker = keras.metrics.Mean(name="kl_loss")

    @property
    def metrics(self):
        return [self.total_loss_tracker, self.reconstruction_loss_tracker, self.kl_loss_tracker]

    def losses_of(self, data):
        mu, log_var = self.encoder(data)
        z = self.sampling([mu, log_var])
        reconstruction = self.decoder(z)
        reconstruction_loss = tf.reduce_mean(
            tf.reduce_sum(keras.losses.binary_crossentropy(data, reconstruction), axis=(1, 2))
        )
        kl_loss = -0.5 * tf.reduce_mean(
            tf.reduce_sum(1 + log_var - tf.square(mu) - tf.exp(log_var), axis=1)
        )
        return reconstruction_loss, kl_loss

    def train_step(self, data):
        with tf.GradientTape() as tape:
            reconstruction_loss, kl_loss = self.losses_of(data)
            total_loss = reconstruction_loss + kl_loss
        grads = tape.gradient(total_loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights, strict=True))
        self.total_loss_tracker.update_state(total_loss)
        self.reconstruction_loss_tracker.update_state(reconstruction_loss)
        self.kl_loss_tracker.update_state(kl_loss)
        return {
            "loss": self.total_loss_tracker.result(),
            "reconstruction_loss": self.reconstruction_loss_tracker.result(),
            "kl_loss": self.kl_loss_tracker.result(),
        }


def loss_on(vae, images, batch_size=1000):
    """Reconstruction + KL on `images`, one sample of z each, in nats per image."""
    step = tf.function(vae.losses_of)
    batches = [step(images[i : i + batch_size]) for i in range(0, len(images), batch_size)]
    return float(sum(reconstruction + kl for reconstruction, kl in batches) / len(batches))


def train(x_train, x_test, *, latent_dim, epochs, batch_size, learning_rate, seed, on_epoch):
    """Train the article's model on `(n, 28, 28)` uint8 images; the test loss after each epoch."""
    keras.utils.set_random_seed(seed)
    x_train = (x_train.astype("float32") / 255.0).reshape(-1, 28, 28, 1)
    x_test = (x_test.astype("float32") / 255.0).reshape(-1, 28, 28, 1)
    vae = VAE(Encoder(latent_dim=latent_dim), Decoder())
    vae.compile(optimizer=keras.optimizers.Adam(learning_rate=learning_rate))
    curve = []

    def measure(epoch, logs):
        curve.append(loss_on(vae, x_test))
        on_epoch(epoch, curve[-1])

    callback = keras.callbacks.LambdaCallback(on_epoch_end=measure)
    vae.fit(x_train, epochs=epochs, batch_size=batch_size, verbose=0, callbacks=[callback])
    return curve
