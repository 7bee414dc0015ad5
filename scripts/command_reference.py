"""Print docs/command.md: the help of every command.

python scripts/command_reference.py > docs/command.md
"""

from typer.main import get_command
from typer.testing import CliRunner

from keras_vae.cli.app import app


def reference():
    runner = CliRunner(env={"COLUMNS": "90", "TERMINAL_WIDTH": "90", "NO_COLOR": "1"})
    pages = ["# The command\n\nEvery command with its options, as `--help` prints them."]
    for name in [None, *get_command(app).commands]:
        arguments = [name] if name else []
        text = runner.invoke(app, [*arguments, "--help"], prog_name="vae").output.rstrip()
        pages.append(f"## `{' '.join(['vae', *arguments])}`\n\n```text\n{text}\n```")
    return "\n\n".join(pages) + "\n"


if __name__ == "__main__":
    print(reference(), end="")
