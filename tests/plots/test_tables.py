"""Figures of tables: what they hold, and that no label is cut or lies on another."""

import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy import stats

from keras_vae import plots
from keras_vae.data.marginals import marginal_distance
from keras_vae.plots.correlations import correlations
from keras_vae.plots.panels import bin_edges, date_ticks, shortened, text_width

# Columns by name: how they are drawn from a generator, their classes, and where their days start.
_DAY = 86_400.0
COLUMNS = {
    "fixed acidity": (lambda rng, n: rng.normal(7.2, 1.3, n).round(1), None, None),
    "quality": (lambda rng, n: rng.normal(6, 0.9, n).round(), None, None),
    "income per household and year, before taxes and transfers": (
        lambda rng, n: rng.lognormal(10.5, 1, n).round(), None, None,
    ),
    "born": (lambda rng, n: rng.normal(4000, 2500, n).round(), None, -3650 * _DAY),
    "last seen": (lambda rng, n: rng.uniform(0, 200, n), None, 18_000 * _DAY),
    "forty classes": (
        lambda rng, n: rng.integers(0, 40, n), [f"{i}, a class with a long name" for i in range(40)], None,
    ),
    "smokes": (lambda rng, n: rng.integers(0, 2, n), ("no", "yes"), None),
    "one class": (lambda _, n: np.zeros(n), ("the only one",), None),
    "price ($) per $": (lambda rng, n: rng.normal(-5e6, 1e6, n), None, None),
    "constant": (lambda _, n: np.full(n, 3.7), None, None),
    "all missing": (lambda _, n: np.full(n, np.nan), None, None),
    "classes, all missing": (lambda _, n: np.full(n, np.nan), ("a", "b"), None),
    "W" * 60: (lambda rng, n: rng.normal(1e6, 0.3, n), None, None),
    "small": (lambda rng, n: rng.lognormal(-12, 1, n), None, None),
}  # fmt: skip


def table(num_columns, num_rows, seed):
    """The columns over and over, a tenth missing, and their names, classes and dates."""
    rng = np.random.default_rng(seed)
    chosen = list(itertools.islice(itertools.cycle(COLUMNS.items()), num_columns))
    matrix = np.stack([draw(rng, num_rows) for _, (draw, _, _) in chosen], axis=1).astype("float32")
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    names, kinds = zip(*chosen, strict=True)
    return matrix, names, [each[1] for each in kinds], [each[2] for each in kinds]


def marginals(num_columns, num_rows=200):
    data, names, classes, dates = table(num_columns, num_rows, seed=0)
    samples = table(num_columns, 50, seed=1)[0]
    distances = [
        marginal_distance(a, b, each is not None)
        for a, b, each in zip(data.T, samples.T, classes, strict=True)
    ]
    return plots.plot_marginals(data, samples, names, distances, classes, dates)


def columns(num_columns, num_rows=200):
    data, names, classes, dates = table(num_columns, num_rows, seed=0)
    kinds = ["real" if each is None else "category" for each in classes]
    return plots.plot_columns(data, names, kinds, classes, dates)


def correlation_matrices(num_columns):
    data, names, *_ = table(num_columns, 200, seed=0)
    return plots.plot_correlations(data, table(num_columns, 50, seed=1)[0], names)


def panels(figure):
    return [axes for axes in figure.axes if axes.axison]


@pytest.mark.parametrize("num_columns", [1, 2, 5, 14, 60])
@pytest.mark.parametrize("plot", [marginals, columns, correlation_matrices])
def test_no_text_is_cut_or_lies_on_another(plot, num_columns):
    figure = plot(num_columns)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    drawn = figure.get_tightbbox(renderer).transformed(figure.dpi_scale_trans)
    width, height = canvas.get_width_height()
    assert min(drawn.x0, drawn.y0) >= -1
    assert drawn.x1 <= width + 1
    assert drawn.y1 <= height + 1
    texts = list(figure.texts)
    for axes in panels(figure):
        texts += [axes.title, axes._left_title, axes.xaxis.get_offset_text(), *axes.texts]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            texts += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    boxes = [
        (each.get_text(), each.get_window_extent(renderer).padded(-0.75))
        for each in texts
        if each.get_text() and each.get_visible()
    ]
    for (text, box), (other, other_box) in itertools.combinations(boxes, 2):
        assert not box.overlaps(other_box), (text, other)


@pytest.mark.parametrize("plot", [marginals, columns])
@pytest.mark.parametrize("num_columns", [1, 7, 60])
def test_there_is_a_panel_for_each_of_at_most_thirty_columns(plot, num_columns):
    figure = plot(num_columns)
    assert len(panels(figure)) == min(30, num_columns)
    title = figure.get_suptitle()
    assert title == ("30 of 60 columns" if num_columns == 60 else "")
    names = [axes.get_title("left") for axes in panels(figure)]
    assert names[0] == "fixed acidity"
    assert all(len(name) < 60 for name in names)


@pytest.mark.parametrize("plot", [marginals, columns])
def test_a_table_without_rows_has_no_values(plot):
    for axes in panels(plot(14, num_rows=0))[10:11]:
        assert [text.get_text() for text in axes.texts][-1] == "no values"


def test_a_histogram_holds_shares_and_what_is_clipped():
    data = np.arange(100.0)[:, None]
    samples = np.array([[-1e6], [1e6], [50.0], [np.nan]])
    figure = plots.plot_marginals(data, samples, ["x"], [0.4])
    (axes,) = figure.axes
    filled, line = (patch.get_data() for patch in axes.patches)
    np.testing.assert_array_equal(filled.edges, line.edges)
    assert filled.values.sum() == pytest.approx(1)
    assert line.values[[0, -1]] == pytest.approx(1 / 3)
    assert [text.get_text() for text in axes.texts] == ["KS 0.40"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["data", "samples"]


def test_bars_are_the_shares_of_the_most_frequent_classes():
    counts = [1] * 10 + [20] * 5 + [7] * 5
    data = np.repeat(np.arange(20.0), counts)[:, None]
    samples = np.array([[0.0], [10.0]])
    names = [f"class {i}" for i in range(20)]
    figure = plots.plot_marginals(data, samples, ["x"], [0.5], [names])
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    # The first class is rare in the data, and half of the samples.
    assert labels == ["class 0", *names[10:20], "other (9)"]
    widths = np.array([patch.get_width() for patch in axes.patches]).reshape(2, 12)
    np.testing.assert_allclose(widths[0] * sum(counts), [1, *[20] * 5, *[7] * 5, 9])
    np.testing.assert_allclose(widths[1], [0.5, 0.5, *[0] * 10])
    assert axes.texts[0].get_text() == "TV 0.50"


@pytest.mark.parametrize(
    ("gaps", "note"),
    [(0, "count"), (1, "count, under 1 % missing"), (120, "count, 12 % missing"), (999, "over 99 %")],
)
def test_the_share_missing_is_told(gaps, note):
    values = np.arange(1000.0)
    values[:gaps] = np.nan
    figure = plots.plot_columns(values[:, None], ["x"], ["count"])
    assert note in figure.axes[0].texts[0].get_text()
    told = plots.plot_columns(values[:, None], ["x"], ["count"], missing=[0.5]).axes[0].texts[0]
    assert told.get_text() == "count, 50 % missing"


def test_days_are_shown_as_years():
    start = np.datetime64("2000-01-01", "s").astype("float64")
    figure = plots.plot_columns(np.arange(3653.0)[:, None], ["x"], ["date"], dates=[start])
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2000", "2005", "2010"]
    assert axes.get_xticks()[1] == np.datetime64("2005-01-01", "D").astype(int)


@pytest.mark.parametrize("span", [0.01, 0.5, 1.5, 3, 20, 70, 300, 700, 1500, 1e4, 1e5, 1e6, 3e6])
@pytest.mark.parametrize("low", [-700_000.3, -0.2, 0.0, 16.2, 19_000.7])
def test_dates_have_few_ticks_in_range(low, span):
    ticks, labels = date_ticks(low, low + span)
    assert len(ticks) <= 5
    assert len(ticks) >= 2 or span < 3
    assert len(set(labels)) == len(labels) == len(ticks)
    assert all(low <= tick <= low + span for tick in ticks)


@pytest.mark.parametrize("step", [1, 0.1, 0.01, 7])
def test_bins_hold_equally_many_possible_values(step):
    values = (np.arange(1000) * step).astype("float32")
    edges = bin_edges(values)
    assert len(edges) <= 34
    counts = np.histogram(values, edges)[0]
    if step < 7:
        assert len(set(counts[2:-2])) == 1
    assert counts[1:-1].min() > 0


@pytest.mark.parametrize("value", [0.0, -3.0, 0.1, 1e-7, 123456.789, 1e30])
def test_bins_of_a_constant_have_a_width(value):
    edges = bin_edges(np.full(5, value))
    assert (np.diff(edges) > 0).all()
    assert edges[0] < value < edges[-1]


def test_texts_are_shortened_to_fit():
    assert shortened("pH", 1.0, 9) == "pH"
    short = shortened("income of the\n household per year", 1.0, 9)
    assert short.startswith("income of the")
    assert short.endswith("…")
    assert text_width(short, 9) <= 1.0
    assert shortened("", 1.0, 9) == ""


def test_correlations_are_pearsons_over_complete_pairs():
    data = table(9, 300, seed=2)[0]
    data = np.concatenate([data, 2 * data[:, :1] + 1e4], axis=1)
    found = correlations(data)
    for i, j in itertools.product(range(data.shape[1]), repeat=2):
        both = ~np.isnan(data[:, i]) & ~np.isnan(data[:, j])
        a, b = data[both][:, [i, j]].T.astype("float64")
        expected = 0.0 if 0 in (np.ptp(a), np.ptp(b)) else stats.pearsonr(a, b).statistic
        assert found[i, j] == pytest.approx(expected, abs=1e-6)
    assert found[0, 9] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("num_rows", [0, 1, 2])
def test_correlations_of_hardly_any_rows_are_numbers(num_rows):
    assert np.isfinite(correlations(table(14, num_rows, seed=0)[0])).all()


def test_correlations_that_are_constant_where_both_are_known_are_zero():
    a = np.array([0.1, 0.1, 0.1, 5.0])
    b = np.array([1.0, 2.0, 3.0, np.nan])
    np.testing.assert_allclose(correlations(np.stack([a, b], axis=1)), [[1, 0], [0, 1]])


def test_the_title_says_how_far_correlations_differ():
    x = np.array([1.0, 2.0, 3.0])
    up, down = np.stack([x, x], axis=1), np.stack([x, -x], axis=1)
    figure = plots.plot_correlations(up, down, ["a", "b"])
    assert figure.get_suptitle() == "correlations, 2.000 apart on average"
    left, right = (axes.images[0].get_array() for axes in figure.axes[:2])
    np.testing.assert_allclose(left, [[1, 1], [1, 1]])
    np.testing.assert_allclose(right, [[1, -1], [-1, 1]])
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["a", "b"]
    assert not correlation_matrices(31).axes[0].get_xticklabels()


@pytest.mark.parametrize("decimals", [0, 1, 6])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_distances_of_numbers_are_scipys(decimals, dtype):
    rng = np.random.default_rng(decimals)
    a = rng.normal(0, 2, 300).round(decimals).astype(dtype)
    b = rng.normal(0.5, 1, 70).round(decimals).astype(dtype)
    gaps = np.full(9, np.nan, dtype)
    found = marginal_distance(np.concatenate([gaps, a]), np.concatenate([b, gaps]), is_class=False)
    assert found == pytest.approx(stats.ks_2samp(a, b).statistic, abs=1e-12)


def test_distances_of_classes_are_the_total_variation():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 5, 200).astype("float32"), rng.integers(3, 9, 90).astype("float32")
    shares = [np.bincount(each.astype(int), minlength=9) / len(each) for each in (a, b)]
    found = marginal_distance(np.append(a, np.nan), b, is_class=True)
    assert found == pytest.approx(np.abs(shares[0] - shares[1]).sum() / 2)
    assert marginal_distance(a, a, is_class=True) == 0
    assert marginal_distance(a, a + 10, is_class=True) == pytest.approx(1)


@pytest.mark.parametrize("is_class", [False, True])
def test_there_is_no_distance_from_nothing(is_class):
    assert np.isnan(marginal_distance(np.array([np.nan]), np.array([1.0]), is_class))
