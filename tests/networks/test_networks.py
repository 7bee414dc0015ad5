"""Bodies: shapes for any image, repeatable weights, and that they rebuild."""

import keras
import numpy as np
import pytest

from keras_vae import networks

pytestmark = pytest.mark.mathematics

SHAPES = [(28, 28, 1), (7, 5, 3), (1, 1, 2), (33, 18, 4)]
IMAGES = {
    "convolutional": (networks.convolutional_encoder, networks.convolutional_decoder),
    "residual": (networks.residual_encoder, networks.residual_decoder),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", IMAGES)
def test_images_of_any_size(name, shape):
    encoder, decoder = IMAGES[name]
    features = encoder((8, 16), units=12)(np.zeros((2, *shape), "float32"))
    assert tuple(features.shape) == (2, 12)
    images = decoder(shape, (16, 8))(np.zeros((2, 3), "float32"))
    assert tuple(images.shape) == (2, *shape[:2], 8)


@pytest.mark.parametrize("name", IMAGES)
def test_the_decoder_goes_back_through_the_encoder_s_sizes(name):
    encoder, decoder = IMAGES[name]
    there, back = encoder((4, 8, 8), units=12), decoder((45, 28, 3), (8, 8, 4))
    there.build((None, 45, 28, 3))
    back.build((None, 2))
    sizes = [(45, 28), (23, 14), (12, 7), (6, 4)]
    strided = [layer for layer in there.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [tuple(layer.output.shape[1:3]) for layer in strided] == sizes[1:]
    on_the_way = [tuple(layer.output.shape[1:3]) for layer in back.layers if len(layer.output.shape) == 4]
    assert [size for size in dict.fromkeys(on_the_way) if size in sizes] == sizes[::-1]
    assert set(on_the_way) - set(sizes) == {(12, 8), (24, 14), (46, 28)}


def test_the_article_s_encoder_and_decoder_have_its_layers():
    encoder, decoder = networks.convolutional_encoder(), networks.convolutional_decoder((28, 28, 1))
    encoder.build((None, 28, 28, 1))
    decoder.build((None, 2))
    assert [tuple(each.shape) for each in encoder.weights] == [
        (3, 3, 1, 32), (32,), (3, 3, 32, 64), (64,), (3136, 256), (256,),
    ]  # fmt: skip
    assert [tuple(each.shape) for each in decoder.weights] == [
        (2, 3136), (3136,), (3, 3, 64, 64), (64,), (3, 3, 32, 64), (32,),
    ]  # fmt: skip
    assert encoder.layers[0].strides == encoder.layers[1].strides == (2, 2)


def test_dense_bodies(to_numpy):
    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
    encoder = networks.dense_encoder((8, 6), "tanh", seed=0)
    (w1, b1), (w2, b2) = (layer.get_weights() for layer in (encoder(x), encoder)[1].layers[1:])
    expected = np.tanh(np.tanh(x.reshape(3, 20) @ w1 + b1) @ w2 + b2)
    np.testing.assert_allclose(to_numpy(encoder(x)), expected, rtol=1e-4, atol=1e-5)
    assert tuple(networks.dense_decoder((6, 8))(np.zeros((3, 2), "float32")).shape) == (3, 8)


@pytest.mark.parametrize(
    "make",
    [lambda s: networks.residual_encoder((8,), seed=s), lambda s: networks.dense_encoder((8,), seed=s)],
)
def test_a_seed_repeats_the_weights_and_no_two_layers_share_them(make):
    one, two, other = make(1), make(1), make(2)
    for model in (one, two, other):
        model.build((None, 6, 6, 8))
    for first, second in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    kernels = [each for each in one.get_weights() if each.ndim > 1]
    assert len({each.ravel()[0] for each in kernels}) == len(kernels)
    assert not np.array_equal(kernels[0], next(each for each in other.get_weights() if each.ndim > 1))


def test_a_residual_block_is_the_identity_plus_its_body(to_numpy):
    block = networks.ResidualBlock(8, seed=0)
    x = np.random.default_rng(0).normal(size=(2, 5, 5, 8)).astype("float32")
    block.build(x.shape)
    block.body[-1].set_weights([np.zeros((3, 3, 8, 8)), np.zeros(8)])
    np.testing.assert_array_equal(to_numpy(block(x)), x)


def test_residual_bodies_do_not_depend_on_the_batch_or_on_training(to_numpy):
    encoder = networks.residual_encoder((8, 8), seed=0)
    x = np.random.default_rng(0).normal(size=(4, 9, 9, 1)).astype("float32")
    together = to_numpy(encoder(x, training=True))
    np.testing.assert_allclose(to_numpy(encoder(x[:1], training=False)), together[:1], atol=1e-5)


def test_a_residual_body_is_rebuilt_from_its_file(tmp_path, to_numpy):
    encoder = networks.residual_encoder((8, 16), blocks=2, seed=0)
    x = np.random.default_rng(0).normal(size=(2, 10, 10, 3)).astype("float32")
    before = to_numpy(encoder(x))
    encoder.save(tmp_path / "body.keras")
    np.testing.assert_array_equal(to_numpy(keras.saving.load_model(tmp_path / "body.keras")(x)), before)
