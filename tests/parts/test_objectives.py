"""Objectives: their limits, their oracles, what they report and what they refuse."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from keras_vae.distributions import Normal, element_kl
from keras_vae.errors import IncompatiblePartsError, InvalidArgumentError
from keras_vae.objectives import DIP, ELBO, IWAE, MMD, Batch, BetaTC, Objective, Renyi
from keras_vae.specs import build, choices
from tests.gradients import gradients

pytestmark = pytest.mark.mathematics

RNG = np.random.default_rng(0)
MU = RNG.normal(size=(6, 3)).astype("float32")
LOG_VAR = RNG.normal(-1.0, 0.7, size=(6, 3)).astype("float32")
WEIGHTS = RNG.normal(size=(3, 4)).astype("float32")
X = RNG.normal(size=(6, 4)).astype("float32")


def standard_normal():
    return Normal(np.zeros((1, 3), "float32"), np.zeros((1, 3), "float32"))


def make_batch(num_samples, mu=MU, log_var=LOG_VAR, weights=WEIGHTS, seed=0, detached=False):
    """A batch of a linear-Gaussian model, x ~ N(zW, I)."""
    q, p = Normal(mu, log_var), standard_normal()
    z, log_q = q.sample_and_log_prob(num_samples, seed=seed)

    def log_likelihood(latents):
        return Normal(ops.matmul(latents, weights), 0.0, event_ndim=1).log_prob(X)

    return Batch(
        log_likelihood=log_likelihood(z),
        log_posterior=log_q,
        log_prior=p.log_prob(z),
        z=z,
        posterior=q,
        prior=p,
        detached_log_likelihood=log_likelihood(ops.stop_gradient(z)) if detached else None,
    )


def loss(objective, batch, to_numpy):
    return to_numpy(objective.terms(batch)["loss"])


def near_posterior():
    """Means and log-variances near those of the true posterior, and a little wider."""
    covariance = np.linalg.inv(np.eye(3) + WEIGHTS @ WEIGHTS.T)
    mu = X @ WEIGHTS.T @ covariance + 0.1
    return mu.astype("float32"), np.full((6, 3), 0.3, "float32") + np.log(np.diag(covariance)).astype(
        "float32"
    )


def exact_log_likelihood():
    return stats.multivariate_normal(np.zeros(4), WEIGHTS.T @ WEIGHTS + np.eye(4)).logpdf(X)


@pytest.mark.parametrize("name", sorted(choices(Objective)))
def test_every_objective_keeps_the_contract(name, to_numpy):
    objective = build(name, Objective)
    terms = objective.terms(make_batch(objective.num_samples, detached=objective.needs_detached))
    assert {"loss", "reconstruction", "kl"} <= set(terms)
    for term in terms.values():
        assert tuple(term.shape) == (6,)
        assert np.isfinite(to_numpy(term)).all()
    copy = type(objective).from_config(objective.get_config())
    assert copy.get_config() == objective.get_config()


@pytest.mark.parametrize("name", sorted(choices(Objective)))
def test_every_objective_has_a_batch_of_one(name, to_numpy):
    objective = build(name, Objective)
    q, p = Normal(MU[:1], LOG_VAR[:1]), standard_normal()
    z, log_q = q.sample_and_log_prob(objective.num_samples, seed=0)
    log_likelihood = ops.full((objective.num_samples, 1), -5.0)
    terms = objective.terms(Batch(log_likelihood, log_q, p.log_prob(z), z, q, p, log_likelihood))
    assert all(np.isfinite(to_numpy(term)).all() for term in terms.values())


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0, 4.0])
def test_the_loss_is_reconstruction_plus_beta_kl(beta, to_numpy):
    batch = make_batch(2)
    terms = {name: to_numpy(each) for name, each in ELBO(beta).terms(batch).items()}
    np.testing.assert_allclose(terms["reconstruction"], -to_numpy(batch.log_likelihood).mean(axis=0))
    np.testing.assert_allclose(terms["kl"], to_numpy(element_kl(MU, LOG_VAR)).sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(terms["loss"], terms["reconstruction"] + beta * terms["kl"], rtol=1e-6)


def test_free_bits_spare_each_latent(to_numpy):
    mu = np.array([[0.1, 3.0, 0.0], [0.1, 2.0, 0.0]], "float32")
    log_var = np.zeros((2, 3), "float32")
    q, p = Normal(mu, log_var), standard_normal()
    batch = Batch(*(np.zeros((1, 2), "float32"),) * 3, np.zeros((1, 2, 3), "float32"), q, p)
    each = 0.5 * mu**2
    expected = np.maximum(each.mean(axis=0), 0.5).sum()
    assert loss(ELBO(free_bits=0.5), batch, to_numpy).mean() == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(
        to_numpy(ELBO(free_bits=0.5).terms(batch)["kl"]), each.sum(axis=1), rtol=1e-6
    )


def test_free_bits_zero_and_capacity_off_change_nothing(to_numpy):
    batch = make_batch(1)
    plain = loss(ELBO(), batch, to_numpy)
    np.testing.assert_array_equal(loss(ELBO(free_bits=0.0, capacity=None), batch, to_numpy), plain)
    np.testing.assert_allclose(loss(ELBO(capacity=0.0), batch, to_numpy), plain, rtol=1e-6)


def test_capacity_draws_the_kl_to_it(to_numpy):
    batch = make_batch(1)
    terms = ELBO(beta=10.0, capacity=5.0).terms(batch)
    expected = to_numpy(batch.reconstruction) + 10.0 * np.abs(to_numpy(batch.kl) - 5.0)
    np.testing.assert_allclose(to_numpy(terms["loss"]), expected, rtol=1e-5)


def test_one_importance_sample_is_the_elbo(to_numpy):
    losses = [loss(IWAE(num_samples=1), make_batch(1, seed=seed), to_numpy) for seed in range(400)]
    elbos = [loss(ELBO(), make_batch(1, seed=seed), to_numpy) for seed in range(400)]
    error = np.std(losses, axis=0) / 20 + np.std(elbos, axis=0) / 20
    assert (np.abs(np.mean(losses, axis=0) - np.mean(elbos, axis=0)) < 4 * error).all()


def test_the_importance_weighted_bound_rises_to_the_exact_likelihood(to_numpy):
    exact = -exact_log_likelihood()
    means = []
    for k, repeats in ((1, 400), (5, 200), (50, 100), (20_000, 1)):
        values = [
            loss(IWAE(num_samples=k), make_batch(k, *near_posterior(), seed=seed), to_numpy)
            for seed in range(repeats)
        ]
        means.append(np.mean(values, axis=0))
    assert (np.diff([each.mean() for each in means]) < 0).all()
    assert (means[0] > exact).all()
    np.testing.assert_allclose(means[-1], exact, atol=0.05)


def test_the_bound_is_tight_at_the_exact_posterior(to_numpy):
    """One latent: the true posterior is a diagonal normal, and every weight is p(x)."""
    w = np.array([[0.5, -1.0]], "float32")
    x = np.array([[0.3, 0.7]], "float32")
    precision = 1 + (w**2).sum()
    q = Normal((x @ w.T) / precision, np.full((1, 1), -np.log(precision), "float32"))
    p = Normal(np.zeros((1, 1), "float32"), np.zeros((1, 1), "float32"))
    z, log_q = q.sample_and_log_prob(7, seed=0)
    log_likelihood = Normal(ops.matmul(z, w), 0.0, event_ndim=1).log_prob(x)
    batch = Batch(log_likelihood, log_q, p.log_prob(z), z, q, p)
    exact = -stats.multivariate_normal(np.zeros(2), w.T @ w + np.eye(2)).logpdf(x)
    for objective in (
        IWAE(num_samples=7),
        Renyi(alpha=0.3, num_samples=7),
        Renyi(alpha=1.0, num_samples=7),
    ):
        np.testing.assert_allclose(loss(objective, batch, to_numpy), exact, rtol=1e-5)


def test_renyi_meets_its_limits(to_numpy):
    batch = make_batch(8)
    log_weights = to_numpy(batch.log_likelihood + batch.log_prior - batch.log_posterior)
    np.testing.assert_allclose(loss(Renyi(1.0, 8), batch, to_numpy), -log_weights.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(
        loss(Renyi(0.995, 8), batch, to_numpy), loss(Renyi(1.0, 8), batch, to_numpy), rtol=2e-2
    )
    np.testing.assert_allclose(
        loss(Renyi(0.0, 8), batch, to_numpy), loss(IWAE(num_samples=8), batch, to_numpy), rtol=1e-6
    )
    np.testing.assert_allclose(loss(Renyi(-500.0, 8), batch, to_numpy), -log_weights.max(axis=0), atol=0.01)
    rest = 0.5
    written_out = (special.logsumexp(rest * log_weights, axis=0) - np.log(8)) / rest
    np.testing.assert_allclose(loss(Renyi(0.5, 8), batch, to_numpy), -written_out, rtol=1e-5)


def encoder_gradients(objective, seed):
    def mean_loss(mu, log_var, weights):
        batch = make_batch(objective.num_samples, mu, log_var, weights, seed, objective.needs_detached)
        return ops.mean(objective.terms(batch)["loss"])

    return gradients(mean_loss, MU, LOG_VAR, WEIGHTS)


def test_the_doubly_reparameterised_gradient(to_numpy):
    """The same bound and the same gradient for the model; for the encoder, the same in expectation."""
    plain, double = IWAE(num_samples=8), IWAE(num_samples=8, doubly_reparameterized=True)
    np.testing.assert_allclose(
        loss(double, make_batch(8, detached=True), to_numpy),
        loss(plain, make_batch(8), to_numpy),
        rtol=1e-6,
    )
    one, two = encoder_gradients(plain, 0), encoder_gradients(double, 0)
    np.testing.assert_allclose(two[2], one[2], rtol=1e-3, atol=1e-5)
    repeats = 150
    samples = [
        [np.concatenate([each.ravel() for each in encoder_gradients(objective, seed)[:2]])
         for seed in range(repeats)]
        for objective in (plain, double)
    ]  # fmt: skip
    means, deviations = np.mean(samples, axis=1), np.std(samples, axis=1)
    error = np.sqrt((deviations**2).sum(axis=0) / repeats)
    assert (np.abs(means[0] - means[1]) < 4.5 * error).all()
    assert deviations[1].mean() < deviations[0].mean()


def test_total_correlation_with_all_weights_1_is_the_elbo_in_expectation(to_numpy):
    objective = BetaTC(beta=1.0, dataset_size=100)
    ours = [loss(objective, make_batch(1, seed=seed), to_numpy).mean() for seed in range(300)]
    elbos = [loss(ELBO(), make_batch(1, seed=seed), to_numpy).mean() for seed in range(300)]
    error = np.std(np.subtract(ours, elbos)) / np.sqrt(300)
    assert abs(np.mean(ours) - np.mean(elbos)) < 4 * error + 1e-4


@pytest.mark.parametrize("estimator", ["weighted", "stratified"])
def test_the_total_correlation_is_the_written_out_estimate(estimator, to_numpy):
    size, total = 6, 50
    batch = make_batch(1)
    z = to_numpy(batch.z)[0]
    density = stats.norm.logpdf(z[:, None], MU, np.exp(0.5 * LOG_VAR))
    weights = np.full((size, size), 1 / (total * size))
    if estimator == "stratified":
        weights = np.full((size, size), 1 / (size - 1))
        weights[np.arange(size), np.arange(size)] = 1 / total
        weights[np.arange(size), (np.arange(size) + 1) % size] = (total - size + 1) / (total * (size - 1))
        np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    log_q = special.logsumexp(density.sum(axis=2), b=weights, axis=1)
    log_product = special.logsumexp(density, b=weights[..., None], axis=1).sum(axis=1)
    expected = 7.0 * (log_q - log_product)
    heavy, none = (
        loss(BetaTC(beta, dataset_size=total, estimator=estimator), batch, to_numpy) for beta in (8.0, 1.0)
    )
    np.testing.assert_allclose(heavy - none, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("kind", [1, 2])
def test_dip_is_the_written_out_penalty(kind, to_numpy):
    batch = make_batch(1)
    covariance = np.cov(MU.T, bias=True) + (np.diag(np.exp(LOG_VAR).mean(axis=0)) if kind == 2 else 0)
    off = covariance - np.diag(np.diag(covariance))
    expected = 3.0 * (off**2).sum() + 5.0 * ((np.diag(covariance) - 1) ** 2).sum()
    difference = loss(DIP(kind, 3.0, 5.0), batch, to_numpy) - loss(ELBO(), batch, to_numpy)
    np.testing.assert_allclose(difference, expected, rtol=1e-3)


def test_mmd_tells_distributions_apart(to_numpy):
    generator = np.random.default_rng(0)
    for kernel in ("imq", "rbf"):
        objective = MMD(kernel=kernel)
        same = [
            float(to_numpy(objective.discrepancy(*generator.normal(size=(2, 200, 3)).astype("float32"))))
            for _ in range(50)
        ]
        assert abs(np.mean(same)) < 4 * np.std(same) / np.sqrt(50)
        shifted = generator.normal(1.0, 1.0, size=(200, 3)).astype("float32")
        fresh = generator.normal(size=(200, 3)).astype("float32")
        assert float(to_numpy(objective.discrepancy(shifted, fresh))) > 10 * np.std(same)


def test_mmd_is_the_written_out_estimate(to_numpy):
    one, two = RNG.normal(size=(2, 9, 3)).astype("float32")

    def kernel(a, b):
        squares = ((a[:, None] - b[None]) ** 2).sum(axis=2)
        return sum(6 * s / (6 * s + squares) for s in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0))

    off = ~np.eye(9, dtype=bool)
    expected = kernel(one, one)[off].mean() + kernel(two, two)[off].mean() - 2 * kernel(one, two).mean()
    assert float(to_numpy(MMD().discrepancy(one, two))) == pytest.approx(expected, abs=1e-4)


def test_mmd_reports_the_plain_terms(to_numpy):
    batch = make_batch(1)
    terms = MMD(weight=0.0, beta=1.0).terms(batch)
    np.testing.assert_allclose(to_numpy(terms["loss"]), loss(ELBO(), batch, to_numpy), rtol=1e-6)


def test_objectives_refuse_posteriors_they_cannot_use():
    class Lump:
        has_explicit_parameters = False

    for objective, message in (
        (BetaTC(), "posterior Lump does not split into latents"),
        (DIP(), "posterior is Lump"),
        (IWAE(doubly_reparameterized=True), "Lump has networks of its own"),
    ):
        with pytest.raises(IncompatiblePartsError, match=message):
            objective.check(Lump(), standard_normal())
        objective.check(Normal(MU, LOG_VAR), standard_normal())


@pytest.mark.parametrize(
    "make",
    [
        lambda: ELBO(-1),
        lambda: ELBO(float("nan")),
        lambda: ELBO(float("inf")),
        lambda: ELBO(free_bits=-1),
        lambda: ELBO(capacity=-1),
        lambda: IWAE(num_samples=0),
        lambda: IWAE(num_samples=2.5),
        lambda: Renyi(alpha=float("nan")),
        lambda: BetaTC(estimator="stratified"),
        lambda: BetaTC(estimator="other"),
        lambda: DIP(kind=3),
        lambda: DIP(off_diagonal=-1),
        lambda: MMD(kernel="linear"),
        lambda: MMD(weight=-1),
    ],
)
def test_arguments_out_of_range_are_refused(make):
    with pytest.raises(InvalidArgumentError, match="Received"):
        make()


def test_a_knob_is_turned_without_retracing():
    traces = []
    objective = ELBO(1.0)

    class Probe(keras.Model):
        def __init__(self):
            super().__init__()
            self.objective = objective

        def call(self, x):
            traces.append(1)
            return x * self.objective.beta

    probe = Probe()
    first = probe.predict(np.ones((2, 1)), verbose=0)
    count = len(traces)
    objective.beta.assign(3.0)
    second = probe.predict(np.ones((2, 1)), verbose=0)
    assert (first[0, 0], second[0, 0]) == (1.0, 3.0)
    if keras.backend.backend() == "tensorflow":
        assert len(traces) == count
