"""Every choice works with every other, or is refused with the remedy."""

import os

import pytest

from keras_vae.errors import IncompatiblePartsError
from tests.combinations import BATCH, all_cases, goes_together, make, name_of, pairwise_cases, try_out


@pytest.mark.parametrize("case", pairwise_cases(), ids=name_of)
def test_every_pair_of_choices_works(case, tmp_path):
    try_out(case, tmp_path / "model.keras")


def refused_cases():
    """One case for each reason to refuse."""
    chosen, seen = [], set()
    for case in all_cases():
        if not goes_together(case):
            reason = case["posterior"], case["prior"], case["objective"]
            if reason not in seen and len({each for each in reason if each in str(seen)}) < 3:
                seen.add(reason)
                chosen.append(case)
    return chosen


@pytest.mark.parametrize("case", refused_cases(), ids=name_of)
def test_what_does_not_go_together_is_refused(case):
    def train():
        model, inputs = make(case)
        model.fit(inputs, batch_size=BATCH, verbose=0)

    with pytest.raises(IncompatiblePartsError):
        train()


def product_cases():
    """Every combination that goes together, or one shard of them: KERAS_VAE_ALL=1/8."""
    if "KERAS_VAE_ALL" not in os.environ:
        return [pytest.param({}, marks=pytest.mark.skip(reason="the full product: make test-all"))]
    shard, shards = map(int, os.environ["KERAS_VAE_ALL"].split("/"))
    return [case for case in all_cases() if goes_together(case)][shard - 1 :: shards]


@pytest.mark.parametrize("case", product_cases(), ids=name_of)
def test_the_full_product_works(case, tmp_path):
    try_out(case, tmp_path / "model.keras")
