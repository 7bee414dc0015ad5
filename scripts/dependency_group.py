"""Print the requirements of a dependency group of pyproject.toml, for any version of pip.

python scripts/dependency_group.py dev
"""

import sys
import tomllib
from pathlib import Path


def requirements(groups, name):
    for entry in groups[name]:
        if isinstance(entry, dict):
            yield from requirements(groups, entry["include-group"])
        else:
            yield entry


if __name__ == "__main__":
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    print("\n".join(requirements(project["dependency-groups"], sys.argv[1])))
