"""Whether Keras computes on more than a CPU."""

import keras


def has_accelerator() -> bool:
    """Whether the back end has a GPU or TPU, which it then uses.

    Example:
        >>> has_accelerator() in (True, False)
        True
    """
    backend = keras.config.backend()
    if backend == "jax":
        import jax

        return jax.default_backend() != "cpu"
    if backend == "torch":
        import torch

        return torch.cuda.is_available()
    import tensorflow as tf  # type: ignore[import-untyped]

    return bool(tf.config.list_physical_devices("GPU"))
