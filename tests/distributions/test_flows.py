"""Flows: each is undone by its inverse, has the Jacobian it says and a density that integrates to one."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_vae.distributions import InverseAutoregressiveFlow, Normal, PlanarFlow
from tests.gradients import gradient

pytestmark = pytest.mark.mathematics

# TensorFlow is held to the digits of float64, which Keras does not keep on the others.
FLOAT, TOLERANCE = ("float64", 1e-7) if keras.backend.backend() == "tensorflow" else ("float32", 3e-3)


def jacobians(function, points):
    """∂f/∂ε at each of the points `(n, dim)` by automatic differentiation: `(n, dim, dim)`."""
    rows = [
        gradient(lambda epsilon, row=row: ops.sum(function(epsilon)[:, row]), points)
        for row in range(points.shape[1])
    ]
    return np.stack(rows, axis=1)


def base(dim, batch=1):
    generator = np.random.default_rng(dim)
    mu = generator.normal(0, 0.5, (batch, dim)).astype(FLOAT)
    return Normal(mu, generator.normal(-0.5, 0.3, (batch, dim)).astype(FLOAT))


def autoregressive(dim, batch=1, num_flows=3):
    """Steps whose networks are strictly triangular by construction, and differ between examples."""
    generator = np.random.default_rng(10 + dim)

    def network():
        upper = np.triu(generator.normal(0, 0.7, (2, dim, dim)), k=1).astype(FLOAT)
        offset = generator.normal(size=(2, batch, dim)).astype(FLOAT)
        upper, offset = ops.convert_to_tensor(upper), ops.convert_to_tensor(offset)
        return lambda z: (
            2 * ops.tanh(ops.matmul(z, upper[0]) + offset[0]),
            2 * ops.tanh(ops.matmul(z, upper[1]) + offset[1]) + 1,
        )

    return InverseAutoregressiveFlow(base(dim, batch), [network() for _ in range(num_flows)])


def planar(dim, batch=1, num_flows=4, size=1.0):
    """Steps of every kind: some of them would not be invertible without û."""
    generator = np.random.default_rng(20 + dim)
    u, w = (generator.normal(0, size, (batch, num_flows, dim)).astype(FLOAT) for _ in range(2))
    u[:, 0] = -3 * w[:, 0]
    w[:, 1] = 0
    return PlanarFlow(base(dim, batch), u, w, generator.normal(size=(batch, num_flows)).astype(FLOAT))


FLOWS = {"autoregressive": autoregressive, "planar": planar}
both = pytest.mark.parametrize("make", FLOWS.values(), ids=FLOWS)


@both
@pytest.mark.parametrize("dim", [1, 2, 5])
def test_the_inverse_undoes_the_flow(to_numpy, make, dim):
    flow = make(dim, batch=3)
    epsilon = flow.base.sample(200, seed=0)
    z, log_determinant = flow.forward(epsilon)
    back, log_determinant_back = flow.inverse(z)
    np.testing.assert_allclose(to_numpy(back), to_numpy(epsilon), atol=TOLERANCE)
    np.testing.assert_allclose(
        to_numpy(log_determinant_back), to_numpy(log_determinant), atol=5 * TOLERANCE
    )
    assert np.abs(to_numpy(z) - to_numpy(epsilon)).max() > 0.1


@both
@pytest.mark.parametrize("dim", [1, 2, 4])
def test_the_log_determinant_is_the_jacobian_s(to_numpy, make, dim):
    flow = make(dim)
    points = to_numpy(flow.base.sample(40, seed=1))[:, 0]
    exact = jacobians(lambda epsilon: flow.forward(epsilon)[0], points)
    sign, log_determinant = np.linalg.slogdet(exact.astype("float64"))
    assert (sign != 0).all()
    np.testing.assert_allclose(to_numpy(flow.forward(points)[1]), log_determinant, atol=TOLERANCE)


@both
def test_the_jacobian_of_the_inverse_is_the_inverse_jacobian(to_numpy, make):
    """So that gradients through `log_prob` are right: planar steps differentiate a root implicitly."""
    flow = make(3)
    points = to_numpy(flow.base.sample(10, seed=2))[:, 0]
    z = to_numpy(flow.forward(points)[0])
    forward = jacobians(lambda epsilon: flow.forward(epsilon)[0], points)
    backward = jacobians(lambda value: flow.inverse(value)[0], z)
    np.testing.assert_allclose(
        backward @ forward, np.broadcast_to(np.eye(3), (10, 3, 3)), atol=2 * TOLERANCE
    )


@pytest.mark.parametrize("flow", [autoregressive(2), planar(2, size=0.6)], ids=FLOWS)
def test_the_density_integrates_to_one(to_numpy, flow):
    z = to_numpy(flow.sample(5000, seed=0))[:, 0]
    # The box of the samples and a third of it on each side, in cells that are small against any bend.
    low, high = z.min(axis=0), z.max(axis=0)
    low, high = low - 0.3 * (high - low), high + 0.3 * (high - low)
    count = 500
    axes = [np.linspace(low[i], high[i], count, dtype=FLOAT) for i in range(2)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 1, 2)
    cell = np.prod((high - low) / (count - 1))
    mass = np.exp(to_numpy(flow.log_prob(grid)).astype("float64")).sum() * cell
    np.testing.assert_allclose(mass, 1, atol=2e-3)


@both
def test_a_sample_s_density_is_the_density_of_the_sample(to_numpy, make):
    flow = make(4, batch=3)
    z, log_q = flow.sample_and_log_prob(50, seed=3)
    assert tuple(z.shape) == (50, 3, 4)
    assert tuple(log_q.shape) == (50, 3)
    np.testing.assert_allclose(to_numpy(log_q), to_numpy(flow.log_prob(z)), atol=5 * TOLERANCE)
    np.testing.assert_array_equal(to_numpy(z), to_numpy(flow.sample(50, seed=3)))
    assert tuple(flow.sample(seed=0).shape) == (3, 4)


@both
def test_mean_and_entropy_are_repeatable_and_the_entropy_is_right(to_numpy, make):
    flow = make(2, batch=3)
    np.testing.assert_array_equal(to_numpy(flow.mean), to_numpy(flow.forward(flow.base.mean)[0]))
    np.testing.assert_array_equal(to_numpy(flow.entropy()), to_numpy(flow.entropy()))
    surprise = -to_numpy(flow.sample_and_log_prob(20_000, seed=9)[1]).astype("float64")
    standard_error = surprise.std(axis=0) * (1 / np.sqrt(len(surprise)) + 1 / np.sqrt(1000))
    assert (np.abs(to_numpy(flow.entropy()) - surprise.mean(axis=0)) <= 4 * standard_error).all()


@both
def test_values_of_any_leading_shape_broadcast(to_numpy, make):
    flow = make(2, batch=3)
    z = np.random.default_rng(0).normal(size=(4, 5, 1, 2)).astype(FLOAT)
    together = to_numpy(flow.log_prob(z))
    assert together.shape == (4, 5, 3)
    expanded = np.repeat(z, 3, axis=2)
    np.testing.assert_allclose(together, to_numpy(flow.log_prob(expanded)), rtol=1e-4, atol=1e-4)


def test_without_steps_worth_the_name_the_flow_is_its_base(to_numpy):
    normal = base(3)
    zeros = np.zeros((1, 2, 3), "float32")
    still = PlanarFlow(normal, zeros, zeros, np.zeros((1, 2), "float32"))
    z = np.random.default_rng(0).normal(size=(5, 1, 3)).astype("float32")
    np.testing.assert_allclose(to_numpy(still.log_prob(z)), to_numpy(normal.log_prob(z)), rtol=1e-6)
    # A gate of 0 halves each element.
    halved = InverseAutoregressiveFlow(normal, [lambda z: (0 * z, 0 * z)])
    expected = to_numpy(normal.log_prob(2 * z)) + 3 * np.log(2)
    np.testing.assert_allclose(to_numpy(halved.log_prob(z)), expected, rtol=1e-5)


def test_planar_steps_are_the_paper_s_up_to_the_shift_of_m(to_numpy):
    normal, w, u = base(2), np.array([[[1.0, 2.0]]]), np.array([[[-3.0, 1.0]]])
    x = np.sum(w * u)
    m = 0.99 * (np.log1p(np.exp(x + np.log(np.e - 1))) - 1)
    u_hat = u + (m - x) * w / np.sum(w**2)
    epsilon = np.array([[0.3, -0.7]])
    height = np.sum(w * epsilon) + 0.4
    z, log_determinant = PlanarFlow(normal, u, w, np.array([[0.4]])).forward(epsilon)
    np.testing.assert_allclose(to_numpy(z), epsilon + u_hat[0] * np.tanh(height), rtol=1e-5)
    expected = np.log1p(np.sum(w * u_hat) / np.cosh(height) ** 2)
    np.testing.assert_allclose(to_numpy(log_determinant), [expected], rtol=1e-4)


@pytest.mark.parametrize("size", [1e-6, 1e-3, 1.0, 20.0])
def test_planar_steps_of_any_size_have_a_positive_determinant(to_numpy, size):
    generator = np.random.default_rng(0)
    u = generator.choice([-20.0, 20.0], (50, 1, 64)).astype("float32")
    w = -np.sign(u) * np.float32(size)
    normal = Normal(np.zeros((50, 64), "float32"), np.zeros((50, 64), "float32"))
    flow = PlanarFlow(normal, u, w, np.zeros((50, 1), "float32"))
    z, log_q = flow.sample_and_log_prob(20, seed=0)
    assert np.isfinite(to_numpy(z)).all()
    assert np.isfinite(to_numpy(log_q)).all()
    assert np.isfinite(to_numpy(flow.log_prob(z))).all()
    for wrt in range(2):

        def total(value, wrt=wrt):
            u_and_w = (value, w) if wrt == 0 else (u, value)
            return ops.sum(PlanarFlow(normal, *u_and_w, flow.b).sample_and_log_prob(5, seed=0)[1])

        assert np.isfinite(gradient(total, (u, w)[wrt])).all()


def test_gradients_stop_at_the_parameters_and_not_at_the_value():
    flow = planar(2)
    z = np.array([[0.3, -0.2]], FLOAT)

    def through_parameters(u):
        stopped = PlanarFlow(Normal(u[:, 0], u[:, 1]), u, flow.w, flow.b).stop_gradient()
        return ops.sum(stopped.log_prob(z)) + 0.0 * ops.sum(u)

    np.testing.assert_array_equal(gradient(through_parameters, np.ones((1, 4, 2), FLOAT)), 0)
    assert np.abs(gradient(lambda each: ops.sum(flow.stop_gradient().log_prob(each)), z)).max() > 0.01
    assert flow.has_explicit_parameters
    assert not autoregressive(2).has_explicit_parameters
