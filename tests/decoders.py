"""What the tests of exported pages share: a decoder as ONNX, and a page with it."""

import keras
import pytest


def decoder_onnx(model, dtype="float32"):
    """The bytes of `decode.onnx`; the test is skipped where nothing writes ONNX."""
    pytest.importorskip("tf2onnx", reason="pip install 'keras-vae[onnx]'")
    if keras.config.backend() != "tensorflow":
        pytest.skip("exporting takes TensorFlow")
    from keras_vae.exporting.endpoints import endpoints_of
    from keras_vae.exporting.onnx_file import to_onnx

    (endpoint,) = endpoints_of(model, dtype, ["decode"])
    return to_onnx(endpoint).SerializeToString()


def page_of(run, path, with_codes=True, **changes):
    """Write the page of a run, with changes to what it is told, and give its address."""
    from keras_vae.exporting.html import write_page
    from keras_vae.exporting.page_description import describe

    description = describe(run, run.model, run.data(), with_codes=with_codes) | changes
    write_page(path, decoder_onnx(run.model), description)
    return path.as_uri()
