"""Every choice on every axis, which of them go together, and how one combination is tried out."""

import itertools
import random

import keras
import numpy as np

import keras_vae
from keras_vae import networks, tasks
from keras_vae.likelihoods import Likelihood, Mixed
from keras_vae.objectives import Objective
from keras_vae.posteriors import Posterior
from keras_vae.priors import Prior
from keras_vae.specs import choices

AXES = {
    "likelihood": [*sorted(choices(Likelihood)), "normal:scale=learned", "normal:scale=per_element"],
    "posterior": sorted(choices(Posterior)),
    "prior": sorted(choices(Prior)),
    "objective": [
        *sorted(choices(Objective)),
        "iwae:num_samples=3,doubly_reparameterized=True",
        "elbo:free_bits=0.1,capacity=2.0,num_samples=2",
    ],
    "network": ["dense", "convolutional", "residual"],
    "conditions": [None, {"label": "category:num_categories=2", "size": "real"}],
}
COLUMNS = [(3, "normal"), (2, "bernoulli")]
ROWS, BATCH = 24, 8


def goes_together(case):
    """What the documentation says of which choices cannot live together."""
    sphere = case["posterior"] == "von_mises_fisher", case["prior"] == "uniform_sphere"
    normals = (
        case["posterior"] == "diagonal_normal",
        case["prior"] in ("standard_normal", "conditional_normal"),
    )
    flow = case["posterior"] in ("inverse_autoregressive_flow", "planar_flow")
    return (
        sphere[0] == sphere[1]
        and (case["prior"] != "conditional_normal" or case["conditions"] is not None)
        and (case["objective"] != "beta_tc" or all(normals))
        and (case["objective"] != "dip" or normals[0])
        and not ("doubly" in case["objective"] and flow)
    )


def is_possible(case):
    """A table's likelihood has no grid for a convolution."""
    return not (case["likelihood"] == "mixed" and case["network"] != "dense")


def all_cases():
    """The full product, the impossible left out."""
    names = list(AXES)
    cases = (dict(zip(names, values, strict=True)) for values in itertools.product(*AXES.values()))
    return [case for case in cases if is_possible(case)]


def pairwise_cases(seed=0):
    """Cases that go together and hold, between them, every pair of choices that any such case holds."""
    pool = [(case, pairs(case)) for case in all_cases() if goes_together(case)]
    random.Random(seed).shuffle(pool)
    missing = set().union(*(held for _, held in pool))
    chosen = []
    while missing:
        wanted = min(missing)
        candidates = [each for each in pool if wanted in each[1]][:300]
        best, held = max(candidates, key=lambda each: len(each[1] & missing))
        chosen.append(best)
        missing -= held
    return chosen


def pairs(case):
    return set(itertools.combinations([(axis, str(value)) for axis, value in case.items()], 2))


def name_of(case):
    return "-".join(
        str(value) if axis != "conditions" else "c" * bool(value) for axis, value in case.items()
    )


def make(case):
    """A tiny model for a case, and data that every likelihood is defined on."""
    shape = (5,) if case["network"] == "dense" else (5, 6, 1)
    generator = np.random.default_rng(0)
    x = generator.integers(0, 2, (ROWS, *shape)).astype("float32")
    inputs = {"x": x, "label": np.arange(ROWS) % 2, "size": generator.normal(size=ROWS).astype("float32")}
    encoder = getattr(networks, f"{case['network']}_encoder")
    decoder = getattr(networks, f"{case['network']}_decoder")
    bodies = (
        (encoder((8,), seed=1), decoder((8,), seed=2))
        if case["network"] == "dense"
        else (encoder((4,), units=8, seed=1), decoder(shape, (4,), seed=2))
    )
    model = keras_vae.VAE(
        *bodies,
        latent_dim=2,
        likelihood=Mixed(columns=COLUMNS) if case["likelihood"] == "mixed" else case["likelihood"],
        posterior=case["posterior"],
        prior=case["prior"],
        objective=case["objective"],
        conditions=case["conditions"],
        seed=0,
    )
    model.compile(optimizer="sgd", run_eagerly=True)
    return model, (x if case["conditions"] is None else inputs)


def try_out(case, path):
    """Train three steps, save, load, sample, evaluate: finite everywhere, and the same after loading."""
    model, inputs = make(case)
    history = model.fit(inputs, batch_size=BATCH, verbose=0).history
    assert all(np.isfinite(column).all() for column in history.values()), history
    model.save(path)
    loaded = keras.saving.load_model(path)
    evaluation = tasks.evaluate(loaded, inputs, num_samples=2)
    assert np.isfinite(
        [evaluation.elbo, evaluation.reconstruction, evaluation.kl, evaluation.log_likelihood]
    ).all()
    samples = tasks.sample(loaded, 3, seed=0)
    assert np.isfinite(samples).all()
    np.testing.assert_array_equal(samples, tasks.sample(model, 3, seed=0))
    np.testing.assert_array_equal(tasks.reconstruct(loaded, inputs), tasks.reconstruct(model, inputs))
    loaded.compile(optimizer="sgd", run_eagerly=True)
    assert np.isfinite(loaded.evaluate(inputs, verbose=0)).all()
