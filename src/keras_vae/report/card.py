"""The report as a model card: what a run is, for the Hub's page of its model."""

from collections.abc import Mapping, Sequence
from typing import Any

from keras_vae.model_card import TAGS, front_matter, how_to_load
from keras_vae.report import sentences

# By how the Hub calls it.
_TASK = "unconditional-image-generation"
_SHOWN = ("samples", "marginals")
_MEANINGS = {
    "elbo": ("bound (ELBO)", "log p(x) is at least this, in the measure below; higher is better"),
    "log_likelihood": ("log p(x)", "estimated by importance sampling; higher is better"),
    "reconstruction": ("reconstruction", "what an example costs once its code is known; lower is better"),
    "kl": ("KL", "what a code costs, which is what it says of its example"),
}


def card(
    address: str,
    weights: int,
    description: Mapping[str, Any],
    metrics: Mapping[str, Any],
    history: Mapping[str, list[float]],
    pictures: Sequence[str] = (),
    license: str | None = None,
) -> str:
    """Markdown with the Hub's YAML in front.

    Args:
        address: of the model, `hf://USER/NAME`.
        weights: how many the model has.
        description: as in `run.json`.
        metrics: as in `metrics.json`.
        history: the columns of `history.csv`.
        pictures: the paths, from the card, of those that are there.
        license: as the Hub calls it, such as "apache-2.0".
    """
    name = address.rpartition("/")[2].partition("@")[0]
    verdict = "\n".join(f"- {each}" for each in sentences.verdict(metrics, history))
    return (
        "\n\n".join(
            [
                _front_matter(name, description, metrics, license),
                f"# {name}",
                f"A variational autoencoder. {sentences.training(description, weights)}",
                *(f"![{each}]({each})" for each in pictures if any(shown in each for shown in _SHOWN)),
                f"## How well it does\n\n{_figures(metrics)}",
                f"### Verdict: {metrics['diagnosis']['state']}\n\n{verdict}",
                how_to_load(address),
                f"## How it was made\n\n{_settings(description)}",
                f"## Limits\n\n{_limits(description, metrics)}",
            ]
        ).rstrip()
        + "\n"
    )


def _front_matter(
    name: str, description: Mapping[str, Any], metrics: Mapping[str, Any], license: str | None
) -> str:
    is_table = description["data"]["kind"] == "table"
    test, data = metrics["test"], description["data"]["name"]
    results = {
        "task": {"type": "other" if is_table else _TASK, "name": "Density estimation"},
        "dataset": {"type": data, "name": f"{data}, {test['num_examples']:,} test examples"},
        "metrics": [
            {"type": figure, "name": f"{called}, nats per example", "value": test[figure]}
            for figure, (called, _) in _MEANINGS.items()
            if test[figure] is not None
        ],
    }
    return front_matter(
        {
            "library_name": "keras",
            **({"license": license} if license else {}),
            **({} if is_table else {"pipeline_tag": _TASK}),
            "tags": [*TAGS, "tabular" if is_table else "image"],
            "model-index": [{"name": name, "results": [results]}],
        }
    )


def _figures(metrics: Mapping[str, Any]) -> str:
    test, diagnosis = metrics["test"], metrics["diagnosis"]
    rows = {
        f"test {called}": (f"{test[figure]:.2f} nats", meaning)
        for figure, (called, meaning) in _MEANINGS.items()
        if test[figure] is not None
    }
    if metrics.get("gap") is not None:
        rows["gap to training"] = (
            f"{metrics['gap']:.2f} nats",
            "how much better the bound is on training examples",
        )
    rows["bits per dimension"] = (
        f"{test['bits_per_dimension']:.3f}",
        "the bound in other units; lower is better",
    )
    rows["latents that live"] = (
        f"{diagnosis['active_units']} of {len(diagnosis['variance_of_means'])}",
        "those that say something of an example",
    )
    table = _table(("figure", "value", "what it is"), [(name, *each) for name, each in rows.items()])
    return (
        f"{table}\n\nPer example, over {test['num_examples']:,} test examples; the bound is known to "
        f"± {test['elbo_standard_error']:.2f} nats. {test['measure_sentence']}"
    )


def _settings(description: Mapping[str, Any]) -> str:
    data = description["data"]
    settings = {name: each for name, each in description["settings"].items() if each not in (None, (), [])}
    rows = {
        "data": f"{data['name']} ({data['fingerprint'][:12]})",
        **{name.replace("_", " "): each for name, each in settings.items()},
        "precision": description["dtype_policy"],
        "versions": ", ".join(f"{name} {each}" for name, each in description["versions"].items()),
        "time": sentences.duration(description["seconds"]),
    }
    return _table(("setting", "value"), [(name, str(each)) for name, each in rows.items()])


def _limits(description: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    data = description["data"]
    limits = [
        f"It knows {data['name']} and nothing else. The figures are of examples from there, and say "
        "nothing of others.",
        f"It was judged by {metrics['test']['num_examples']:,} examples, and by nobody for any use in "
        "particular: whether samples are fair, private or good enough is for you to see.",
        "A bound on log p(x) can be compared only where examples and measure are the same, and does not "
        "say how samples look.",
    ]
    if data["kind"] == "table":
        limits.append("The model holds the names of the table's columns, and all categories in them.")
    if description["settings"].get("conditions"):
        limits.append("A condition steers what is made; it is no promise that a sample is as asked.")
    return "\n".join(f"- {each}" for each in limits)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(each.replace('|', chr(92) + '|') for each in line)} |" for line in lines
    )
