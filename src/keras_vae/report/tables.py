"""What the page shows of a model of rows."""

from html import escape

import numpy as np

from keras_vae.columns.column import Column
from keras_vae.data import Dataset, TableData, take
from keras_vae.plots.panels import MOST_CLASSES, bin_edges
from keras_vae.plots.svg import bars
from keras_vae.report.section import Section, extremes, legend
from keras_vae.tasks.columns import compare_columns
from keras_vae.vae import VAE

_ROWS, _MOST_COLUMNS = 5000, 36
_EXTREMES = 5


def sections(model: VAE, data: Dataset, seed: int) -> list[Section]:
    """Marginals of data and samples, and the rows that are likely and that are not."""
    assert isinstance(data, TableData)
    return [_marginals(model, data, seed), _extremes(model, data, seed)]


def _marginals(model: VAE, data: TableData, seed: int) -> Section:
    x, samples, distances = compare_columns(model, data, _ROWS, seed)
    charts = []
    for i, column in enumerate(data.schema.columns[:_MOST_COLUMNS]):
        real, drawn = (each[:, i][np.isfinite(each[:, i])] for each in (x, samples))
        heights, ticks = (
            _classes(real, drawn, column) if column.classes else _histogram(real, drawn, column)
        )
        chart = bars(
            heights, ticks, f"{column.name}: shares in the data and in samples, {distances[i]:.2f} apart"
        )
        charts.append(
            f"<figure>{chart}<figcaption>{escape(column.name)} · {distances[i]:.3f} apart</figcaption>"
            "</figure>"
        )
    left_out = len(data.schema.columns) - len(charts)
    more = f" The first {len(charts)} columns; {left_out} more are not drawn." if left_out else ""
    text = (
        f"Each column in the data and in {_ROWS:,} rows drawn from the model, and how far "
        "they are apart: the Kolmogorov–Smirnov distance of numbers, the total variation of classes, both "
        "from 0 to 1." + more
    )
    return Section(
        "Data and samples",
        legend(["data", "samples"]) + f'<div class="charts">{"".join(charts)}</div>',
        text,
    )


def _classes(
    real: np.ndarray, drawn: np.ndarray, column: Column
) -> tuple[dict[str, list[float]], list[str]]:
    names = column.classes or ()
    counts = [np.bincount(each.astype(int), minlength=len(names)) for each in (real, drawn)]
    order = np.argsort(-counts[0], kind="stable")[:MOST_CLASSES]
    shares = [(each / max(each.sum(), 1))[order].tolist() for each in counts]
    return {"data": shares[0], "samples": shares[1]}, [names[i] for i in order]


def _histogram(
    real: np.ndarray, drawn: np.ndarray, column: Column
) -> tuple[dict[str, list[float]], list[str]]:
    edges = bin_edges(real if len(real) else drawn)
    counts = [np.histogram(np.clip(each, edges[0], edges[-1]), edges)[0] for each in (real, drawn)]
    middles = column.decode(0.5 * (edges[:-1] + edges[1:])).to_pylist()
    shares = [(each / max(each.sum(), 1)).tolist() for each in counts]
    return {"data": shares[0], "samples": shares[1]}, [_text(each) for each in middles]


def _extremes(model: VAE, data: TableData, seed: int) -> Section:
    looked_at, ends = extremes(model, data, _EXTREMES, seed)
    content = ""
    for title, (rows, bounds) in ends.items():
        decoded = data.schema.decode(np.asarray(take(data.x_test, rows)))
        names = decoded.column_names[:_MOST_COLUMNS]
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ["nats", *names])
        body = "".join(
            f"<tr><td>{bound:.1f}</td>"
            + "".join(f"<td>{escape(_text(row[name]))}</td>" for name in names)
            + "</tr>"
            for bound, row in zip(bounds, decoded.to_pylist(), strict=True)
        )
        content += (
            f'<h3>{title}</h3><div class="scroll" tabindex="0" role="region" aria-label="{title} rows">'
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )
    text = f"Of {looked_at:,} test rows, by the evidence lower bound of each, in nats."
    return Section("The usual and the odd", content, text)


def _text(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
