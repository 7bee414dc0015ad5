"""What the figures of a run say, in sentences."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

# A gap of so large a part of the bound is worth a word.
_SMALL_GAP, _LARGE_GAP = 0.02, 0.1
_FAR_ABOVE = 2.0


def verdict(
    metrics: Mapping[str, Any], history: Mapping[str, list[float]], frechet: Any = None
) -> list[str]:
    """Whether it collapsed, what it learned by heart, and whether training was long enough.

    Args:
        metrics: as in `metrics.json`.
        history: the columns of `history.csv`.
        frechet: a `tasks.Frechet` of its samples; `None` for what are no images.
    """
    found = [metrics["diagnosis"]["verdict"], _gap(metrics), _end(history["val_loss"])]
    if frechet is not None:
        found.append(_samples(frechet.distance, frechet.reference))
    if sum(history.get("rollbacks", ())):
        times = int(sum(history["rollbacks"]))
        found.append(f"The guard went back {times} {'time' if times == 1 else 'times'}; see history.csv.")
    return [each for each in found if each]


def _gap(metrics: Mapping[str, Any]) -> str:
    if metrics.get("gap") is None:
        return ""
    gap, bound = metrics["gap"], abs(metrics["test"]["elbo"])
    error = math.hypot(*(metrics[split]["elbo_standard_error"] for split in ("train", "test")))
    if abs(gap) < 2.0 * error:
        return (
            f"The bounds on training and on test examples differ by {abs(gap):.1f} nats, which is "
            f"within what so few examples can tell (± {2.0 * error:.1f})."
        )
    how = f"The bound is {abs(gap):.1f} nats {'better' if gap >= 0 else 'worse'} on training examples"
    if gap <= _SMALL_GAP * bound:
        return f"{how} than on others: what it learned holds for examples it never saw."
    if gap <= _LARGE_GAP * bound:
        return f"{how} than on others: a little was learned by heart, as is usual."
    return f"{how} than on others: much was learned by heart. More data, fewer epochs or less network help."


def _end(losses: list[float]) -> str:
    if len(losses) < 5:
        return ""
    best = int(np.argmin(losses))
    step = abs(losses[-1] - losses[-3]) / 2
    if losses[-1] - losses[best] > 0.005 * abs(losses[best]) and best < len(losses) - 3:
        return f"The test loss was lowest after epoch {best + 1} of {len(losses)}: fewer epochs would do."
    if best >= len(losses) - 2 and step > 0.002 * abs(losses[-1]):
        return f"The test loss still fell by {step:.1f} nats an epoch at the end: more epochs would help."
    return f"The test loss had settled after {len(losses)} epochs."


def _samples(distance: float, reference: float) -> str:
    compared = (
        f"Samples have a Fréchet distance of {distance:.3g} from test images, real ones {reference:.3g}"
    )
    if distance <= _FAR_ABOVE * reference:
        return f"{compared}: as a set they are hard to tell from real ones."
    return f"{compared}: they can be told from real ones, by their blur or by what they mix up."


def training(description: Mapping[str, Any], weights: int) -> str:
    """What was trained on what.

    Args:
        description: as in `run.json`.
        weights: how many the model has.
    """
    settings, data = description["settings"], description["data"]
    shape = " × ".join(str(each) for each in data["event_shape"])
    kind = f"rows of {shape} columns" if data["kind"] == "table" else f"images of {shape}"
    return (
        f"The recipe {settings['recipe']}, {weights:,} weights, {settings['latent_dim']} latent units, "
        f"trained on {data['num_train']:,} {kind} "
        f"for {settings['epochs']} epochs; {data['num_test']:,} others test it."
    )


def figures(metrics: Mapping[str, Any], latent_dim: int) -> dict[str, str]:
    """The figures on the test data by what they are called, of `metrics.json`."""
    test, diagnosis = metrics["test"], metrics["diagnosis"]
    found = {
        "test bound (ELBO)": f"{test['elbo']:.1f} nats",
        "reconstruction": f"{test['reconstruction']:.1f} nats",
        "KL": f"{test['kl']:.1f} nats",
        "latents that live": f"{diagnosis['active_units']} of {latent_dim}",
    }
    if metrics.get("gap") is not None:
        found["gap to training"] = f"{metrics['gap']:.1f} nats"
    return found


def duration(seconds: float) -> str:
    """As a person says it.

    Example:
        >>> duration(75.2), duration(3900.0)
        ('1 min 15 s', '1 h 5 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
