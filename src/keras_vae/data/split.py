"""Which split an example is in: a matter of what it holds, and for ever."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from keras_vae.data.copies import count_copies
from keras_vae.data.rows import Rows

#: The two splits.
SPLITS = ("train", "test")
TEST_SHARE = 0.1


def content_digest(example: np.ndarray) -> bytes:
    """Eight bytes that stand for what an example holds; a grey image may have an axis of one channel."""
    shape = (*example.shape, 1) if example.ndim == 2 else example.shape
    digest = hashlib.blake2b(f"{example.dtype.str}{shape}".encode(), digest_size=8)
    digest.update(np.ascontiguousarray(example).data)
    return digest.digest()


def is_test(digest: Any, share: float = TEST_SHARE) -> Any:
    """Whether the example with this `content_digest` is for testing.

    Nothing but its content decides: the same example is in the same split in every data set and in any
    order, and copies of it never straddle the two.

    Args:
        digest: what `content_digest` says of it; or an array of what `row_digests` says of many.
        share: the part of all examples that is for testing.

    Example:
        >>> examples = np.arange(1000).reshape(1000, 1)
        >>> sum(is_test(content_digest(each)) for each in examples) / 1000
        0.087
    """
    number = int.from_bytes(digest, "big") if isinstance(digest, bytes) else digest
    return number < share * 2.0**64


class ContentSplit:
    """Says of examples that come one after the other in which split they are, and counts copies.

    Memory does not grow with the examples.

    Example:
        >>> split = ContentSplit()
        >>> split.testing([np.zeros(3), np.ones(3), np.zeros(3)]).tolist(), split.duplicates
        ([False, False, False], 1)
    """

    def __init__(self) -> None:
        self._digests = Rows((), np.dtype("uint64"))

    def testing(self, examples: Iterable[np.ndarray]) -> np.ndarray:
        """Which of these examples are for testing, `(n,)`."""
        digests = np.array(
            [int.from_bytes(content_digest(example), "big") for example in examples], "uint64"
        )
        self._digests.extend(digests)
        return is_test(digests)

    @property
    def duplicates(self) -> int:
        """How many of all examples so far are copies of an earlier one."""
        return count_copies(self._digests.array())
