"""Distributions on the sphere, against SciPy, Bessel functions and finite differences."""

import math

import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from keras_vae.distributions import UniformSphere, VonMisesFisher, kl
from keras_vae.errors import InvalidArgumentError
from tests.gradients import gradient

pytestmark = pytest.mark.mathematics

DIMS = [2, 3, 7, 50, 128]
KAPPAS = np.logspace(-3, 5, 33).astype("float32")


def directions(count, dim, seed=0):
    """Unit vectors, `(count, dim)`."""
    normal = np.random.default_rng(seed).normal(size=(count, dim))
    return (normal / np.linalg.norm(normal, axis=1, keepdims=True)).astype("float32")


def log_density_at_mode(kappa, dim):
    """The von Mises–Fisher normaliser, by SciPy's scaled Bessel function."""
    kappa, order = np.float64(kappa), dim / 2 - 1
    return order * np.log(kappa) - dim / 2 * np.log(2 * np.pi) - np.log(special.ive(order, kappa))


def mean_length(kappa, dim):
    """A(κ), the length of E[z]."""
    kappa = np.float64(kappa)
    return special.ive(dim / 2, kappa) / special.ive(dim / 2 - 1, kappa)


def everywhere(dim):
    """One direction and all concentrations."""
    return VonMisesFisher(np.repeat(directions(1, dim), len(KAPPAS), axis=0), KAPPAS)


@pytest.mark.parametrize("dim", DIMS)
def test_the_density_at_the_mode_is_the_bessel_function_s(to_numpy, dim):
    q = everywhere(dim)
    np.testing.assert_allclose(to_numpy(q.log_prob(q.mu)), log_density_at_mode(KAPPAS, dim), atol=1e-4)


@pytest.mark.parametrize("dim", [2, 3, 16, 128])
@pytest.mark.parametrize("kappa", [1e-3, 1.0, 300.0, 1e5])
def test_log_prob_is_scipy_s_everywhere_on_the_sphere(to_numpy, dim, kappa):
    mu = directions(1, dim)
    far, near = (
        directions(50, dim, seed=1),
        mu + 0.1 / math.sqrt(kappa * dim + 1) * directions(50, dim, seed=2),
    )
    z = np.concatenate([mu, -mu, far, near / np.linalg.norm(near, axis=1, keepdims=True)]).astype("float32")
    # In float64 the float32 vectors are not quite unit vectors, and κ would show it.
    exact_mu = np.float64(mu[0]) / np.linalg.norm(np.float64(mu[0]))
    exact_z = np.float64(z) / np.linalg.norm(np.float64(z), axis=1, keepdims=True)
    distance = np.sum((exact_z - exact_mu) ** 2, axis=1)
    expected = log_density_at_mode(np.float32(kappa), dim) - 0.5 * np.float32(kappa) * distance
    np.testing.assert_allclose(
        to_numpy(VonMisesFisher(mu, np.float32([kappa])).log_prob(z)), expected, rtol=2e-6, atol=2e-3
    )
    if kappa <= 300:
        scipy = stats.vonmises_fisher(exact_mu, float(np.float32(kappa))).logpdf(exact_z)
        np.testing.assert_allclose(expected, scipy, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("dim", DIMS)
def test_entropy_expectation_and_kl_are_the_bessel_functions_s(to_numpy, dim):
    q, length = everywhere(dim), mean_length(KAPPAS, dim)
    # κ (1 − A) loses digits in SciPy's quotient as well.
    entropy = -log_density_at_mode(KAPPAS, dim) + np.float64(KAPPAS) * (1 - length)
    np.testing.assert_allclose(to_numpy(q.entropy()), entropy, atol=1e-4)
    ours = np.sum(to_numpy(q.expectation) * to_numpy(q.mu), axis=1)
    np.testing.assert_allclose(ours, length, atol=1e-6)
    np.testing.assert_array_equal(to_numpy(q.mean), to_numpy(q.mu))
    log_area = math.log(2) + dim / 2 * math.log(math.pi) - math.lgamma(dim / 2)
    divergence = to_numpy(kl(q, UniformSphere(dim)))
    np.testing.assert_allclose(divergence, log_area - entropy, atol=1e-4)
    assert (divergence >= -1e-4).all()
    assert (np.diff(divergence) >= -1e-4).all()


@pytest.mark.parametrize("dim", DIMS)
def test_the_gradient_of_the_normaliser_is_the_bessel_function_s(dim):
    mu = np.repeat(directions(1, dim), len(KAPPAS), axis=0)
    ours = gradient(lambda kappa: ops.sum(VonMisesFisher(mu, kappa).log_prob(mu)), KAPPAS)
    np.testing.assert_allclose(ours, 1 - mean_length(KAPPAS, dim), rtol=2e-6, atol=1e-10)


@pytest.mark.parametrize("dim", [2, 5, 128])
def test_the_gradient_of_the_kl_is_that_of_finite_differences(dim):
    kappa = np.float32([0.5, 3.0, 40.0, 1000.0])
    mu = np.repeat(directions(1, dim), len(kappa), axis=0)

    def exact(kappa):
        kappa = np.float64(kappa)
        return log_density_at_mode(kappa, dim) - kappa * (1 - mean_length(kappa, dim))

    step = 1e-4 * np.float64(kappa)
    expected = (exact(kappa + step) - exact(kappa - step)) / (2 * step)
    ours = gradient(lambda each: ops.sum(kl(VonMisesFisher(mu, each), UniformSphere(dim))), kappa)
    np.testing.assert_allclose(ours, expected, rtol=2e-3, atol=1e-6)


def test_angles_on_the_circle_are_von_mises_distributed(to_numpy):
    mu, kappa = np.array([[0.6, -0.8]] * 4, "float32"), np.float32([1e-3, 1.0, 30.0, 1e5])
    z = to_numpy(VonMisesFisher(mu, kappa).sample(20_000, seed=0)).astype("float64")
    np.testing.assert_allclose(np.linalg.norm(z, axis=-1), 1, atol=1e-6)
    angle = np.arctan2(0.6 * z[..., 1] + 0.8 * z[..., 0], 0.6 * z[..., 0] - 0.8 * z[..., 1])
    for column, concentration in enumerate(kappa):
        assert stats.kstest(angle[:, column], stats.vonmises(concentration).cdf).pvalue > 1e-3


def test_heights_on_the_sphere_follow_their_closed_form(to_numpy):
    mu, kappa = directions(4, 3), np.float32([1e-3, 1.0, 30.0, 1e5])
    z = to_numpy(VonMisesFisher(mu, kappa).sample(20_000, seed=0)).astype("float64")
    exact = np.float64(mu) / np.linalg.norm(np.float64(mu), axis=1, keepdims=True)
    z = z / np.linalg.norm(z, axis=-1, keepdims=True)
    depth = 0.5 * np.sum((z - exact) ** 2, axis=-1)  # 1 − μ·z: exponential, cut off at 2
    for column, concentration in enumerate(np.float64(kappa)):
        normaliser = -np.expm1(-2 * concentration)
        probability = -np.expm1(-concentration * depth[:, column]) / normaliser
        assert stats.kstest(probability, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("dim", [2, 3, 10, 64])
def test_samples_have_the_moments(to_numpy, dim):
    kappa = np.float32([0.5, 20.0, 3000.0])
    mu = directions(3, dim, seed=5)
    z = to_numpy(VonMisesFisher(mu, kappa).sample(10_000, seed=1)).astype("float64")
    length = mean_length(kappa, dim)
    # E[w²] = 1 − (d − 1) A / κ, and what is left is shared by the directions around μ.
    around = length / np.float64(kappa)
    squares = around[:, None, None] * np.eye(dim) + (1 - dim * around)[:, None, None] * (
        mu[:, :, None] * np.float64(mu[:, None, :])
    )
    for power, expected in (
        (z, length[:, None] * mu),
        (z[..., :, None] * z[..., None, :2], squares[..., :2]),
    ):
        standard_error = power.std(axis=0) / math.sqrt(len(z))
        error = np.abs(power.mean(axis=0) - expected)
        assert (error <= 5 * standard_error + 1e-6).all()
        if dim >= 10:  # of fewer, correlated errors, the share says nothing
            assert (error <= 2 * standard_error + 1e-6).mean() > 0.85


def test_height_and_direction_of_a_sample_are_independent(to_numpy):
    q = VonMisesFisher(np.array([[0.0, 0.0, 1.0]], "float32"), np.float32([2.0]))
    z = to_numpy(q.sample(10_000, seed=7))[:, 0]
    longitude = np.arctan2(z[:, 1], z[:, 0])
    for wave in (np.cos(longitude), np.sin(longitude), np.cos(2 * longitude)):
        assert abs(np.corrcoef(z[:, 2], wave)[0, 1]) < 4 / math.sqrt(len(z))
    np.testing.assert_array_equal(z, to_numpy(q.sample(10_000, seed=7))[:, 0])
    assert np.abs(z - to_numpy(q.sample(10_000, seed=8))[:, 0]).max() > 0.1


@pytest.mark.parametrize("dim", [2, 3, 20, 128])
def test_gradients_to_kappa_are_those_of_the_expectation(dim):
    kappa = np.float32([0.3, 5.0, 1e4])
    mu = ops.convert_to_tensor(np.repeat(directions(1, dim), len(kappa), axis=0))
    count = 10_000 if dim < 100 else 500

    def heights(each):
        return ops.sum(VonMisesFisher(mu, each).sample(count, seed=3) * mu) / count

    step = 1e-3 * np.float64(kappa)
    expected = (mean_length(kappa + step, dim) - mean_length(kappa - step, dim)) / (2 * step)
    np.testing.assert_allclose(gradient(heights, kappa), expected, rtol=0.08)


@pytest.mark.parametrize(("dim", "kappa"), [(2, 5.0), (3, 0.3), (4, 200.0)])
def test_gradients_are_those_of_finite_differences_with_the_same_noise(dim, kappa):
    weights = ops.convert_to_tensor(directions(2, dim, seed=9))
    raw = 2.0 * directions(1, dim, seed=4)

    def expectation(parameters):
        m, k = parameters[:-1], parameters[-1:]
        q = VonMisesFisher((m / ops.sqrt(ops.sum(ops.square(m))))[None], k)
        z = q.sample(200, seed=5)[:, 0]
        first, second = (ops.sum(z * weights[row], axis=-1) for row in range(2))
        return ops.mean(ops.exp(first) + ops.square(second))

    parameters = np.append(raw, kappa).astype("float32")
    ours = gradient(expectation, parameters)
    for index, value in enumerate(parameters):
        step = np.zeros_like(parameters)
        step[index] = 0.02 * max(abs(value), 0.2)
        ahead, behind = (float(expectation(ops.convert_to_tensor(parameters + s))) for s in (step, -step))
        distance = (parameters + step)[index] - (parameters - step)[index]
        np.testing.assert_allclose(ours[index], (ahead - behind) / distance, rtol=0.03, atol=3e-4)


@pytest.mark.parametrize("dim", [2, 3, 30])
def test_kl_agrees_with_monte_carlo_and_samples_carry_their_density(to_numpy, dim):
    mu, kappa = directions(4, dim), np.float32([0.01, 1.0, 30.0, 1e4])
    q, p = VonMisesFisher(mu, kappa), UniformSphere(dim)
    z, log_q = q.sample_and_log_prob(50_000, seed=0)
    log_q = to_numpy(log_q).astype("float64")
    # At κ = 10⁴ the rounding of z itself moves its density.
    np.testing.assert_allclose(log_q[:1000], to_numpy(q.log_prob(z))[:1000], atol=0.02, rtol=1e-4)
    log_ratio = log_q - to_numpy(p.log_prob(z))
    standard_error = log_ratio.std(axis=0) / math.sqrt(len(log_ratio))
    assert (np.abs(log_ratio.mean(axis=0) - to_numpy(kl(q, p))) <= 4 * standard_error + 1e-4).all()


@pytest.mark.parametrize("dim", [2, 128])
def test_extremes_stay_finite(to_numpy, dim):
    first = np.eye(dim, dtype="float32")[:1]
    for mu in (first, -first):
        for kappa in (1e-3, 1e5):
            q = VonMisesFisher(mu, np.float32([kappa]))
            z, log_q = q.sample_and_log_prob(2000, seed=0)
            assert np.isfinite(to_numpy(log_q)).all()
            np.testing.assert_allclose(np.linalg.norm(to_numpy(z), axis=-1), 1, atol=1e-5)
            for function in (
                lambda each, mu=mu: ops.sum(VonMisesFisher(mu, each).sample_and_log_prob(500, seed=0)[1]),
                lambda each, mu=mu: ops.sum(VonMisesFisher(mu, each).sample(500, seed=0)),
            ):
                assert np.isfinite(gradient(function, np.float32([kappa]))).all()


def test_values_of_any_leading_shape_broadcast(to_numpy):
    q = VonMisesFisher(directions(4, 3), np.float32([1, 2, 3, 4]))
    z = directions(10, 3, seed=1).reshape(2, 5, 1, 3)
    together = to_numpy(q.log_prob(z))
    assert together.shape == (2, 5, 4)
    for index in range(4):
        alone = VonMisesFisher(q.mu[index : index + 1], q.kappa[index : index + 1])
        np.testing.assert_allclose(together[..., index], to_numpy(alone.log_prob(z[:, :, 0])), rtol=1e-5)


def test_the_uniform_distribution_is_one_over_the_area(to_numpy):
    areas = {2: 2 * math.pi, 3: 4 * math.pi, 4: 2 * math.pi**2}
    for dim, area in areas.items():
        p = UniformSphere(dim)
        log_prob = to_numpy(p.log_prob(directions(6, dim).reshape(2, 3, dim)))
        assert log_prob.shape == (2, 3)
        np.testing.assert_allclose(log_prob, -math.log(area), rtol=1e-6)
        np.testing.assert_allclose(to_numpy(p.entropy()), [math.log(area)], rtol=1e-6)


@pytest.mark.parametrize("dim", [2, 3, 16])
def test_uniform_samples_have_the_moments(to_numpy, dim):
    p = UniformSphere(dim)
    z = to_numpy(p.sample(50_000, seed=0)).astype("float64")
    assert z.shape == (50_000, 1, dim)
    assert tuple(p.sample(seed=0).shape) == (1, dim)
    np.testing.assert_allclose(np.linalg.norm(z, axis=-1), 1, atol=1e-6)
    np.testing.assert_array_equal(to_numpy(p.mean), np.zeros((1, dim)))
    assert (np.abs(z.mean(axis=0)) <= 4 * z.std(axis=0) / math.sqrt(len(z))).all()
    squares = z[:, 0, :, None] * z[:, 0, None, :]
    standard_error = squares.std(axis=0) / math.sqrt(len(z))
    assert (np.abs(squares.mean(axis=0) - np.eye(dim) / dim) <= 4 * standard_error).all()


def test_a_sphere_of_one_dimension_is_refused():
    with pytest.raises(InvalidArgumentError, match="two dimensions or more"):
        UniformSphere(1)
    with pytest.raises(InvalidArgumentError, match="use latent_dim=2"):
        VonMisesFisher(np.ones((3, 1), "float32"), np.ones(3, "float32"))
