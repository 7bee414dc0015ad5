"""A random search over ways to train the article's network in a few epochs, in plain JAX on a GPU.

    python -m benchmarks.training_search --seconds 250 --out FOLDER/found.jsonl --batch-size 64 --epochs 4

One program is compiled for a batch size, a number of epochs and which weights Muon moves (Jordan et al.,
2024; the rest are Adam's); all else is drawn again for each training: the highest rate, its rise, β₁, β₂,
Nesterov's step, an average of the weights, the gain of the initial ones, the bias of the last, and β's
rise. A line of JSON a training: what was drawn, the test loss after each epoch, and that of the averaged
weights, in nats per image. What `docs/benchmarks.md` says was found in `results/training_search.jsonl`.
"""

import argparse
import functools
import json
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.speed.jax_arm import initial_weights, loss_of
from benchmarks.speed.turn import DATA

PLAIN = {
    "rate": 3e-3, "muon_rate": 0.02, "rise": 0.1, "beta_1": 0.9, "beta_2": 0.999, "nesterov": 0.0,
    "average": 0.0, "gain": 1.0, "bias": 0.0, "beta": 1.0, "beta_rise": 0.1, "seed": 0.0,
}  # fmt: skip
DRAWN = {
    "rise": (0.02, 0.05, 0.1, 0.2, 0.3), "beta_1": (0.85, 0.9, 0.95),
    "beta_2": (0.9, 0.95, 0.97, 0.99, 0.999),
    "nesterov": (0.0, 1.0), "average": (0.0, 0.98, 0.99), "gain": (1.0, 1.0, 1.4), "bias": (0.0, 1.0),
    "beta": (1.0, 1.0, 0.3, 0.0), "beta_rise": (0.1, 0.3, 0.6),
}  # fmt: skip
MUON = {
    "none": set(),
    "convolutions": {"second", "third", "fourth"},
    "all": {"second", "third", "fourth", "features", "start"},
}
UNSCALED = {"mean", "log_variance", "last"}


def orthogonal(gradient):
    """Newton and Schulz's five steps towards the nearest orthogonal matrix."""
    matrix = gradient.reshape(-1, gradient.shape[-1])
    is_wide = matrix.shape[0] < matrix.shape[1]
    x = matrix.T if is_wide else matrix
    x = x / (jnp.linalg.norm(x) + 1e-7)
    for _ in range(5):
        a = x.T @ x
        x = 3.4445 * x + x @ (-4.7750 * a + 2.0315 * a @ a)
    x = x.T if is_wide else x
    return x.reshape(gradient.shape) * jnp.sqrt(jnp.maximum(1.0, x.shape[0] / x.shape[1]))


def _rate(done, rise):
    falling = 0.5 * (1 + jnp.cos(jnp.pi * (done - rise) / (1 - rise)))
    return jnp.where(done < rise, done / rise, falling)


def _test_loss(w, key, images):
    parts = images.reshape(-1, 1000, 28, 28)
    return lax.map(lambda part: loss_of(w, key, part), parts).mean()


@functools.partial(jax.jit, static_argnames=("batch_size", "epochs", "muon"))
def train(images, test_images, p, *, batch_size, epochs, muon):
    key, count = jax.random.key(p["seed"].astype(int)), len(images)
    steps = -(-count // batch_size)
    w = {
        name: (kernel * jnp.where(name in UNSCALED, 1.0, p["gain"]), bias)
        for name, (kernel, bias) in initial_weights(key).items()
    }
    mean = jnp.mean(images) / 255.0
    w["last"] = (w["last"][0], w["last"][1] + p["bias"] * jnp.log(mean / (1.0 - mean)))
    zeros = jax.tree.map(jnp.zeros_like, w)

    def step(carry, rows):
        w, first, second, average, t = carry
        done = (t + 1.0) / (epochs * steps)
        beta = p["beta"] + (1.0 - p["beta"]) * jnp.minimum(1.0, done / p["beta_rise"])
        noise = jax.random.fold_in(key, 1000 + t.astype(int))
        g = jax.grad(loss_of)(w, noise, images[rows], beta)
        first = jax.tree.map(lambda m, g: p["beta_1"] * m + (1 - p["beta_1"]) * g, first, g)
        second = jax.tree.map(lambda v, g: p["beta_2"] * v + (1 - p["beta_2"]) * g**2, second, g)
        ahead = jax.tree.map(lambda m, g: p["beta_1"] * m + (1 - p["beta_1"]) * g, first, g)
        m = jax.tree.map(lambda a, m: p["nesterov"] * a + (1 - p["nesterov"]) * m, ahead, first)
        c1, c2 = 1 - p["beta_1"] ** (t + 1), 1 - p["beta_2"] ** (t + 1)
        update = jax.tree.map(lambda m, v: p["rate"] * (m / c1) / (jnp.sqrt(v / c2) + 1e-7), m, second)
        for name in MUON[muon]:
            update[name] = (p["muon_rate"] * orthogonal(m[name][0]), update[name][1])
        rate = _rate(done, p["rise"])
        w = jax.tree.map(lambda w, u: w - rate * u, w, update)
        average = jax.tree.map(lambda a, w: p["average"] * a + (1 - p["average"]) * w, average, w)
        return (w, first, second, average, t + 1.0), None

    def epoch(carry, number):
        order = jax.random.permutation(jax.random.fold_in(key, number), count)
        order = jnp.concatenate([order, order[: steps * batch_size - count]])
        carry, _ = lax.scan(step, carry, order.reshape(steps, batch_size))
        return carry, _test_loss(carry[0], jax.random.fold_in(key, 7), test_images)

    start = (w, zeros, zeros, w, jnp.float32(0.0))
    (w, *_, average, _), losses = lax.scan(epoch, start, jnp.arange(epochs))
    return losses, _test_loss(average, jax.random.fold_in(key, 7), test_images)


def draw(generator):
    drawn = {name: float(generator.choice(values)) for name, values in DRAWN.items()}
    rates = {
        "rate": 10 ** generator.uniform(-2.75, -1.8),
        "muon_rate": 10 ** generator.uniform(-2.3, -1.0),
        "seed": float(generator.integers(100)),
    }
    return drawn | rates


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training_search",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--muon", choices=MUON, default="none")
    parser.add_argument("--seconds", type=float, default=250, help="when to begin no other training")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    static = {name: getattr(arguments, name) for name in ("batch_size", "epochs", "muon")}
    with np.load(arguments.data) as arrays:
        images, test_images = jnp.asarray(arrays["x_train"]), jnp.asarray(arrays["x_test"])
    generator, started, chosen = np.random.default_rng(0), time.monotonic(), PLAIN
    with arguments.out.open("a") as file:
        while time.monotonic() - started < arguments.seconds:
            numbers = {name: jnp.float32(value) for name, value in chosen.items()}
            losses, averaged = train(images, test_images, numbers, **static)
            found = static | chosen | {"test_loss": np.asarray(losses).round(2).tolist()}
            file.write(json.dumps(found | {"of_the_average": round(float(averaged), 2)}) + "\n")
            file.flush()
            chosen = draw(generator)


if __name__ == "__main__":
    main()
