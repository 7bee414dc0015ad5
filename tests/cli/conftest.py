"""The command in this process."""

import sys

import pytest

from keras_vae.cli.app import main


@pytest.fixture
def vae(monkeypatch, capfd):
    """Run the command in this process: its exit code, standard output and standard error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["vae", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        out, err = capfd.readouterr()
        return stopped.value.code or 0, out, err

    return run
