"""Files that are broken or made to hurt are told in one line; `benchmarks/fuzz.py` tries 2,000."""

from benchmarks.fuzz import fuzz


def test_no_input_gets_more_than_one_message():
    # Of a loaded machine, time says little.
    found = fuzz(number=130, seed=5, most_seconds=60.0)
    assert found["inputs"] == 130
    assert found["failures"] == []
