"""What native code says on standard error, and how it says that another process is gone.

JAX ends a process when another one of a training is gone, from native code, with pages of its insides.
Those go through a small process, this file run by itself, which puts one sentence in their place.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from typing import BinaryIO

# What JAX's native code says when it ends the process, and where it talks of others before that.
_FATAL = b"Terminating process because the JAX distributed service detected fatal errors"
_ABOUT_OTHERS = (b"coordination_service", b"distributed service")
_LAST_WORDS, _END = b"\x1elast words:", b"\x1eend"


class NativeLog:
    """From now on, standard error is Python's alone; what native code says there is watched.

    What it says is passed on, unless it ends the process because another is gone: then `last_words` are.
    """

    def __init__(self) -> None:
        sys.stderr.flush()
        stderr = os.dup(2)
        # Ctrl-C is for the training, of which this one has to see the end.
        watcher = subprocess.Popen(
            [sys.executable, "-I", __file__], stdin=subprocess.PIPE, stderr=stderr, start_new_session=True
        )
        assert watcher.stdin is not None
        os.dup2(watcher.stdin.fileno(), 2)
        watcher.stdin.close()
        # It outlives this process: Python need not wait for it.
        watcher.returncode = 0
        sys.stderr = os.fdopen(stderr, "w", buffering=1, errors="backslashreplace")
        self.last_words = "Another process is gone, or does not answer any more."

    @property
    def last_words(self) -> str:
        """One line."""
        return self._last_words

    @last_words.setter
    def last_words(self, text: str) -> None:
        self._last_words = text
        os.write(2, _LAST_WORDS + text.encode() + b"\n")

    def end(self) -> None:
        """Nothing that native code says from now on is passed on, nor are the last words."""
        os.write(2, _END + b"\n")


def watch(lines: Iterable[bytes], out: BinaryIO) -> None:
    """Pass lines on, or the last words in the place of those that end with another process being gone.

    Example:
        >>> import io
        >>> out = io.BytesIO()
        >>> watch([_LAST_WORDS + b"Gone.", b"F1126 client.h:80] " + _FATAL, b"    @  0x7f8d36"], out)
        >>> out.getvalue()
        b'vae: Gone.\\n'
    """
    last_words, held = b"", list[bytes]()
    for line in lines:
        if line.startswith(_LAST_WORDS):
            last_words = line[len(_LAST_WORDS) :].strip()
        elif line.startswith(_END):
            return
        elif held or any(each in line for each in _ABOUT_OTHERS):
            held.append(line)
        else:
            out.write(line)
            out.flush()
    is_fatal = any(_FATAL in line for line in held)
    out.writelines([b"vae: " + last_words + b"\n"] if is_fatal else held)
    out.flush()


if __name__ == "__main__":
    watch(sys.stdin.buffer, sys.stderr.buffer)
