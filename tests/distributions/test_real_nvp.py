"""The flow against automatic differentiation, numerical integration and an affine map done by hand."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import stats

from keras_vae.distributions import Normal, RealNVP, kl
from tests.gradients import gradient

pytestmark = pytest.mark.mathematics


def standard(dim):
    return Normal(np.zeros((1, dim), "float32"), np.zeros((1, dim), "float32"))


@pytest.fixture
def make_flow():
    """A flow whose couplings have random weights, strong enough to bend the density."""

    def make(dim, num_flows=4, strength=0.8):
        generator = np.random.default_rng(dim)

        def network():
            into, bias, out = (
                ops.convert_to_tensor(each.astype("float32"))
                for each in (
                    generator.normal(size=(dim, 8)),
                    generator.normal(size=8),
                    strength * generator.normal(size=(8, 2 * dim)) / np.sqrt(8),
                )
            )

            def call(kept):
                shift_and_scale = ops.matmul(ops.tanh(ops.matmul(kept, into) + bias), out)
                return shift_and_scale[..., :dim], shift_and_scale[..., dim:]

            return call

        return RealNVP(standard(dim), [network() for _ in range(num_flows)])

    return make


@pytest.mark.parametrize("dim", [1, 2, 3, 6])
def test_the_inverse_undoes_the_map_and_its_determinant(make_flow, to_numpy, dim):
    flow = make_flow(dim)
    epsilon = np.random.default_rng(0).normal(size=(4, 50, dim)).astype("float32")
    z, forward = flow.forward(epsilon)
    back, inverse = flow.inverse(z)
    assert np.abs(to_numpy(z) - epsilon).max() > 0.1
    np.testing.assert_allclose(to_numpy(back), epsilon, atol=1e-4)
    np.testing.assert_allclose(to_numpy(inverse), to_numpy(forward), atol=1e-4)


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_the_log_determinant_is_that_of_the_jacobian(make_flow, to_numpy, dim):
    flow = make_flow(dim)
    for epsilon in np.random.default_rng(1).normal(size=(3, dim)).astype("float32"):
        jacobian = np.stack(
            [
                gradient(lambda value, row=row: flow.forward(value[None])[0][0, row], epsilon)
                for row in range(dim)
            ]
        )
        sign, log_determinant = np.linalg.slogdet(jacobian.astype("float64"))
        assert sign == 1
        np.testing.assert_allclose(to_numpy(flow.forward(epsilon[None])[1]), [log_determinant], atol=1e-4)


@pytest.mark.parametrize("dim", [1, 2])
def test_the_density_integrates_to_one(make_flow, to_numpy, dim):
    flow = make_flow(dim)
    axis = np.linspace(-20, 20, 801)
    grid = np.stack(np.meshgrid(*[axis] * dim), axis=-1).astype("float32")
    density = np.exp(to_numpy(flow.log_prob(grid)).astype("float64"))
    np.testing.assert_allclose(density.sum() * (axis[1] - axis[0]) ** dim, 1.0, atol=2e-3)


def test_without_bending_it_is_the_base(to_numpy):
    flow = RealNVP(standard(3), [lambda kept: (ops.zeros_like(kept), ops.zeros_like(kept))] * 3)
    value = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    np.testing.assert_allclose(to_numpy(flow.log_prob(value)), stats.norm.logpdf(value).sum(-1), rtol=1e-5)
    np.testing.assert_allclose(to_numpy(flow.entropy()), [1.5 * (1 + np.log(2 * np.pi))], rtol=1e-6)
    np.testing.assert_array_equal(to_numpy(flow.mean), np.zeros((1, 3)))


def test_a_constant_coupling_of_one_latent_is_an_affine_map(to_numpy):
    def network(kept):
        return ops.ones_like(kept) * 3.0, ops.ones_like(kept) * 0.5

    flow = RealNVP(standard(1), [network])
    exact = stats.norm(3.0, np.exp(2.0 * np.tanh(0.25)))
    value = np.array([[-4.0], [3.0], [5.0], [1e4]], "float32")
    np.testing.assert_allclose(to_numpy(flow.log_prob(value)), exact.logpdf(value)[:, 0], rtol=1e-5)
    np.testing.assert_allclose(to_numpy(flow.entropy()), [exact.entropy()], rtol=1e-5)
    np.testing.assert_allclose(to_numpy(flow.mean), [[3.0]], rtol=1e-5)
    draws = to_numpy(flow.sample(50_000, seed=0))
    np.testing.assert_allclose([draws.mean(), draws.std()], [exact.mean(), exact.std()], rtol=0.02)
    # An affine map of a normal is a normal, whose KL is known.
    closed = kl(standard(1), Normal([[3.0]], [[4.0 * np.tanh(0.25)]]))
    np.testing.assert_allclose(
        to_numpy(kl(standard(1), flow, num_samples=100_000, seed=0)), to_numpy(closed), atol=0.02
    )


def test_samples_travel_with_their_density(make_flow, to_numpy):
    flow = make_flow(3)
    z, log_prob = flow.sample_and_log_prob(200, seed=0)
    assert tuple(z.shape) == (200, 1, 3)
    assert tuple(log_prob.shape) == (200, 1)
    np.testing.assert_allclose(to_numpy(flow.log_prob(z)), to_numpy(log_prob), atol=1e-3)
    np.testing.assert_array_equal(to_numpy(flow.sample(200, seed=0)), to_numpy(z))
    assert tuple(flow.sample(seed=0).shape) == (1, 3)


def test_mean_and_entropy_are_those_of_many_samples(make_flow, to_numpy):
    flow = make_flow(2)
    z, log_prob = (to_numpy(each) for each in flow.sample_and_log_prob(100_000, seed=5))
    np.testing.assert_allclose(to_numpy(flow.mean)[0], z.mean((0, 1)), atol=0.1)
    np.testing.assert_allclose(to_numpy(flow.entropy(20_000)), [-log_prob.mean()], atol=0.03)
    np.testing.assert_array_equal(to_numpy(flow.entropy()), to_numpy(flow.entropy()))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_values_and_gradients_are_finite_at_the_extremes(make_flow, to_numpy, dtype):
    flow = make_flow(3, strength=50.0)  # log-scales on their bound
    value = np.array([[1e4, -1e4, 1e4], [0.0, 1e4, 0.0], [0.1, 0.2, 0.3]], "float32")
    log_prob = flow.log_prob(ops.cast(value, dtype))
    assert keras.backend.standardize_dtype(log_prob.dtype) == "float32"
    assert np.isfinite(to_numpy(log_prob)).all()
    assert np.isfinite(gradient(lambda z: ops.sum(flow.log_prob(ops.cast(z, dtype))), value)).all()
