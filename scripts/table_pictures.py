"""Draw docs/images/table_marginals.png: a table with gaps beside what the model made of it.

python scripts/table_pictures.py
"""

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def main():
    from keras_vae import data, runs
    from tests.samples import people

    table = data.load(people(1500), kinds={"visits": "count"})
    with tempfile.TemporaryDirectory() as folder:
        run = runs.train(table, Path(folder) / "run", runs.Settings(recipe="table"))
        shutil.copy(run.pictures / "marginals.png", ROOT / "docs" / "images" / "table_marginals.png")


if __name__ == "__main__":
    main()
