"""Draw the pictures of the parts' pages into docs/images: densities as the package computes them.

python scripts/part_pictures.py
"""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from keras_vae import distributions as d
from keras_vae import posteriors, priors
from keras_vae.callbacks import Schedule
from keras_vae.plots.canvas import ACCENTS, INK, MUTED, new_figure, tidy

STEPS = 1500
IMAGES = Path(__file__).parents[1] / "docs" / "images"


def plane(reach=3.0, size=161):
    """Points on a square of the plane, and how `imshow` places them."""
    axis = np.linspace(-reach, reach, size, dtype="float32")
    points = np.stack(np.meshgrid(axis, axis[::-1]), axis=-1).reshape(-1, 1, 2)
    return points, {"extent": (-reach, reach, -reach, reach)}


def draw_density(axes, distribution, title):
    points, place = plane()
    size = int(np.sqrt(len(points)))
    density = np.exp(ops.convert_to_numpy(distribution.log_prob(points))).reshape(size, size)
    axes.imshow(density, cmap="Blues", **place)
    bare(axes, title)


def bare(axes, title):
    axes.set_title(title, color=INK, fontsize=9)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color(MUTED)


def posterior_shapes():
    """What the posteriors make of the same true p(z|x), a bent one, and how many nats they miss."""
    figure = new_figure(8.4, 6.2)
    axes = figure.subplots(2, 3).ravel()
    draw_density(axes[0], Bent(), "p(z|x)")
    choices = {
        "diagonal_normal": posteriors.DiagonalNormal(2, seed=0),
        "full_normal": posteriors.FullNormal(2, seed=0),
        "planar_flow:num_flows=8": posteriors.PlanarFlow(2, num_flows=8, seed=0),
        "inverse_autoregressive_flow": posteriors.InverseAutoregressiveFlow(2, seed=0),
    }
    for each, (name, posterior) in zip(axes[1:], choices.items(), strict=False):
        missed = fit(posterior, Reverse(posterior), np.ones((250, 1), "float32"))
        q = posterior.distribution(posterior(np.ones((1, 1), "float32")))
        draw_density(each, q, f"{name}\nKL {missed:.2f} nats")
    draw_circle(axes[5])
    return figure


class Bent:
    """A normal, bent along a parabola and tilted: z₂ given z₁ is N(0.5 z₁² − 1 + 0.4 z₁, 0.3²)."""

    def log_prob(self, z):
        middle = 0.5 * ops.square(z[..., 0]) - 1.0 + 0.4 * z[..., 0]
        first = d.Normal(ops.zeros_like(z[..., :1]), 0.4 + ops.zeros_like(z[..., :1]), event_ndim=1)
        second = d.Normal(middle[..., None], 2 * np.log(0.3) + ops.zeros_like(z[..., :1]), event_ndim=1)
        return first.log_prob(z[..., :1]) + second.log_prob(z[..., 1:])


class Reverse(keras.Model):
    """log q(z|x) − log p(z|x) of a sample, for a posterior that is learned."""

    def __init__(self, posterior):
        super().__init__()
        self.posterior = posterior
        self.noise = keras.random.SeedGenerator(0)

    def call(self, features):
        z, log_q = self.posterior.distribution(self.posterior(features)).sample_and_log_prob(
            1, seed=self.noise
        )
        return (log_q - Bent().log_prob(z))[0]


def draw_circle(axes):
    angle = np.linspace(0, 2 * np.pi, 400, dtype="float32")
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    mu = np.array([[np.cos(0.9), np.sin(0.9)]], "float32")
    for kappa, colour in zip((2.0, 8.0, 30.0), ACCENTS, strict=True):
        q = d.VonMisesFisher(mu, np.array([kappa], "float32"))
        density = np.exp(ops.convert_to_numpy(q.log_prob(circle[:, None])))[:, 0]
        raised = circle * (1.0 + 0.7 * density)[:, None]
        axes.plot(*raised.T, color=colour, linewidth=1.3, label=f"κ = {kappa:g}")
    axes.plot(*circle.T, color=MUTED, linewidth=0.7)
    axes.set_aspect("equal")
    axes.set_xlim(-2.9, 2.9)
    axes.set_ylim(-2.9, 2.9)
    axes.legend(frameon=False, fontsize=7, loc="lower left", labelcolor=INK)
    bare(axes, "von_mises_fisher")


def prior_shapes():
    """What the priors make of the same codes: the mean of −log p(z), after maximum likelihood."""
    generator = np.random.default_rng(0)
    turn = generator.uniform(0, 1.5 * np.pi, 600)
    arc = 1.9 * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    blob = np.array([[0.1, -0.1]]) + np.zeros((200, 2))
    codes = np.concatenate([arc, blob]) + 0.2 * generator.normal(size=(800, 2))
    codes = codes.astype("float32")[:, None]
    figure = new_figure(9.6, 2.9)
    axes = figure.subplots(1, 4)
    axes[0].scatter(*codes[:, 0].T, s=3, color=ACCENTS[0], linewidths=0)
    axes[0].set_xlim(-3, 3)
    axes[0].set_ylim(-3, 3)
    axes[0].set_aspect("equal")
    bare(axes[0], "codes of the data")
    choices = {
        "standard_normal": priors.StandardNormal(2),
        "mixture_of_normals": priors.MixtureOfNormals(2, seed=1),
        "real_nvp:num_flows=8": priors.RealNVP(2, num_flows=8, seed=1),
    }
    for each, (name, prior) in zip(axes[1:], choices.items(), strict=True):
        prior.build((2,))
        nats = fit(prior, Forward(prior), codes)
        draw_density(each, prior.distribution(), f"{name}\n{nats:.2f} nats")
    return figure


class Forward(keras.Model):
    """−log p(z) of codes, for a prior that is learned."""

    def __init__(self, prior):
        super().__init__()
        self.prior = prior

    def call(self, codes):
        return -self.prior.distribution().log_prob(codes)


def fit(part, model, inputs):
    """The mean of what the model returns, after learning to make it small."""
    model(inputs)
    if part.trainable_weights:
        model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=lambda _, nats: ops.mean(nats))
        for rate in (1e-2, 1e-3):
            model.optimizer.learning_rate = rate
            again = np.concatenate([inputs] * STEPS)
            model.fit(again, np.zeros(len(again)), batch_size=len(inputs), shuffle=False, verbose=0)
    return float(np.mean([ops.convert_to_numpy(model(inputs)).mean() for _ in range(20)]))


def likelihood_shapes():
    """What an error costs: −log p(x|z) over x, where μ is 0.5."""
    x = np.linspace(-2.5, 3.5, 401, dtype="float32")[:, None]
    mu, zero = np.array([[0.5]], "float32"), np.zeros((1, 1), "float32")
    levels = np.arange(256, dtype="float32")[:, None] / 255
    figure = new_figure(9.6, 3.0)
    left, middle, right = figure.subplots(1, 3)
    real = {
        "normal": d.Normal(mu, zero),
        "laplace": d.Laplace(mu, zero),
        "student_t, 3": d.StudentT(mu, zero, 3.0),
    }
    for (name, p), colour in zip(real.items(), ACCENTS, strict=True):
        left.plot(x, -ops.convert_to_numpy(p.log_prob(x)), color=colour, label=name)
    left.set_title("real numbers, μ = 0.5, scale 1", color=INK, fontsize=10)
    left.set_ylabel("−log p(x|z), nats", color=INK)
    grey = {
        "bernoulli": d.Bernoulli(np.array([[1.0]], "float32")),
        "continuous_bernoulli": d.ContinuousBernoulli(np.array([[1.0]], "float32")),
    }
    for (name, p), colour in zip(grey.items(), ACCENTS, strict=False):
        middle.plot(levels, -ops.convert_to_numpy(p.log_prob(levels)), color=colour, label=name)
    middle.set_title("grey values, logit 1", color=INK, fontsize=10)
    for scale, colour in zip((0.01, 0.05), ACCENTS, strict=False):
        p = d.DiscretizedLogistic(mu, np.full((1, 1), np.log(scale), "float32"))
        nats = -ops.convert_to_numpy(p.log_prob(levels))
        right.plot(levels * 255, nats, color=colour, label=f"s = {scale * 255:.1f} levels")
    right.set_title("discretized_logistic, 256 levels", color=INK, fontsize=10)
    for axes in (left, middle, right):
        axes.set_xlabel("x", color=INK)
        axes.legend(frameon=False, fontsize=8, labelcolor=INK)
        tidy(axes)
    return figure


def schedule_shapes():
    """β over 20 epochs."""
    done = np.linspace(0, 1, 401)
    shapes = {
        "linear, epochs=10": lambda t: Schedule(epochs=10).value(2 * t),
        "cosine, epochs=10": lambda t: Schedule(epochs=10, shape="cosine").value(2 * t),
        "cycles=4, epochs=20": lambda t: Schedule(epochs=20, cycles=4).value(t),
    }
    figure = new_figure(9.6, 2.2)
    for axes, (name, value), colour in zip(figure.subplots(1, 3), shapes.items(), ACCENTS, strict=True):
        axes.plot(20 * done, [value(t) for t in done], color=colour)
        axes.set_title(name, color=INK, fontsize=10)
        axes.set_xlabel("epoch", color=INK)
        axes.set_xticks(range(0, 21, 5))
        axes.set_ylabel("β", color=INK)
        tidy(axes)
    return figure


if __name__ == "__main__":
    for name, draw in {
        "posteriors": posterior_shapes,
        "priors": prior_shapes,
        "likelihoods": likelihood_shapes,
        "schedules": schedule_shapes,
    }.items():
        draw().savefig(IMAGES / f"{name}.png", bbox_inches="tight")
        print(IMAGES / f"{name}.png")
