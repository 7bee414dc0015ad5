"""Which precision to train in."""

from pathlib import Path

import keras

from keras_vae.errors import UnknownNameError

PRECISIONS = ("auto", "float32", "bfloat16")
_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
_CPU_FLAGS = {"avx512_bf16", "amx_bf16"}


def resolve_precision(precision: str) -> str:
    """The Keras dtype policy that `precision` stands for.

    "auto" is mixed bfloat16 on TensorFlow where the CPU multiplies bfloat16 itself, and float32
    elsewhere: without that, bfloat16 is emulated and slow.

    Raises:
        UnknownNameError: if `precision` is none of "auto", "float32" and "bfloat16".

    Example:
        >>> resolve_precision("bfloat16")
        'mixed_bfloat16'
    """
    if precision not in PRECISIONS:
        raise UnknownNameError("precision", precision, PRECISIONS)
    if precision == "auto":
        fast = keras.config.backend() == "tensorflow" and bool(_cpu_flags() & _CPU_FLAGS)
        precision = "bfloat16" if fast else "float32"
    return _POLICIES[precision]


def _cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> set[str]:
    if not cpuinfo.exists():
        return set()
    lines = cpuinfo.read_text().splitlines()
    return {flag for line in lines if line.startswith("flags") for flag in line.split()}
