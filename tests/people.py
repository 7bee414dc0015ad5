"""People in tables, and runs that were trained on them."""

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from keras_vae import data, runs
from tests.samples import people

#: Other types than a CSV file would have.
TYPES = {"age": pa.int16(), "weight": pa.float32(), "kind": pa.large_string(), "born": pa.timestamp("us")}


@pytest.fixture(scope="session")
def people_files(tmp_path_factory):
    """The same 200 people as `people.csv`, `people.parquet` and, with a name each, `named.csv`."""
    folder = tmp_path_factory.mktemp("tables")
    table = people(200, seed=1)
    pyarrow.csv.write_csv(table, folder / "people.csv")
    named = table.add_column(0, "name", pa.array([f"person {i}" for i in range(len(table))]))
    pyarrow.csv.write_csv(named, folder / "named.csv")
    for name, type_ in TYPES.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, table[name].cast(type_))
    pyarrow.parquet.write_table(table, folder / "people.parquet")
    return folder


def trained(source, folder, **settings):
    """A run that only has to be there."""
    return runs.train(
        source, folder, runs.Settings("table", epochs=2, precision="float32", **settings)
    ).folder


@pytest.fixture(scope="session")
def people_run(people_files, tmp_path_factory):
    return trained(data.load(people_files / "people.parquet"), tmp_path_factory.mktemp("runs") / "people")


@pytest.fixture(scope="session")
def conditional_people_run(people_files, tmp_path_factory):
    """Conditional on the kind of pet, a category, and on a date."""
    source = data.load(people_files / "named.csv", kinds={"name": "ignore"})
    return trained(source, tmp_path_factory.mktemp("runs") / "named", conditions=("kind", "born"))
