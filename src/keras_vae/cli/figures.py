"""Figures of a model as rows of a table."""

import math
from typing import Any


def bound_rows(figures: dict[str, Any]) -> dict[str, str]:
    """The test bound, its two terms, and how much better the training examples are known.

    Args:
        figures: `test`, and `train` and `gap` where they are known, as in `metrics.json`.
    """
    test = figures["test"]
    rows = {
        "test ELBO": f"{test['elbo']:.2f} ± {test['elbo_standard_error']:.2f} nats per example",
        "reconstruction": f"{test['reconstruction']:.2f} nats",
        "KL": f"{test['kl']:.2f} nats",
    }
    if "train" in figures:
        train = figures["train"]
        error = math.hypot(test["elbo_standard_error"], train["elbo_standard_error"])
        rows["gap to training"] = (
            f"{figures['gap']:.2f} ± {error:.2f} nats: the ELBO of {train['num_examples']:,} training "
            f"examples is {train['elbo']:.2f}"
        )
    return rows


def likelihood_rows(test: dict[str, Any]) -> dict[str, str]:
    """log p(x) with its errors, bits per dimension, and what all of these are of."""
    rows = {}
    tightest = "the ELBO"
    if test["log_likelihood"] is not None:
        tightest = "log p(x)"
        num_samples = test["num_samples"]
        drawn = test["log_likelihood_monte_carlo_error"]
        rows[f"log p(x), {num_samples:,} samples"] = (
            f"{test['log_likelihood']:.2f} nats\n"
            f"± {test['log_likelihood_standard_error']:.2f} for other examples"
            + ("" if drawn is None else f", ± {drawn:.2g} for other samples of z")
        )
        rows["effective samples"] = (
            f"{test['effective_sample_size']:.1f} of {num_samples:,} on average; a tenth of the examples "
            f"has fewer than {test['effective_sample_size_lowest_decile']:.1f}"
        )
    rows["bits per dimension"] = f"{test['bits_per_dimension']:.3f}, by {tightest}"
    rows["measure"] = f"{test['measure']}\n{test['measure_sentence']}"
    if test["units"]:
        rows["units"] = test["units"]
    return rows


def frechet_rows(found: dict[str, Any]) -> dict[str, str]:
    """The distance beside that of real images, and where it is measured."""
    return {
        "Fréchet distance": (
            f"{found['distance']:.3g} of {found['num_images']:,} samples from test images, "
            f"{found['reference']:.3g} of as many training images, in {found['space']}"
        )
    }
