"""Runs, ranked: by what they say of themselves, by evaluating them again, or not at all."""

import shutil

import pytest
from scipy import stats

from keras_vae import runs, tasks
from keras_vae.data import spread
from keras_vae.errors import InvalidArgumentError, RunError
from keras_vae.runs.json_file import read_json, write_json
from keras_vae.runs.protocol import fingerprint


@pytest.fixture
def copied(blobs_run, tmp_path):
    """Copies of a run, in which figures, protocol or settings are others."""

    def copy(name, protocol=None, settings=None, **test):
        folder = shutil.copytree(blobs_run.folder, tmp_path / name)
        metrics = read_json(folder / "metrics.json")
        metrics["test"] |= test
        metrics["test"]["protocol"] |= protocol or {}
        write_json(folder / "metrics.json", metrics)
        description = read_json(folder / "run.json")
        description["settings"] |= settings or {}
        write_json(folder / "run.json", description)
        return folder

    return copy


def ranks(comparison):
    return [(each.run.rsplit("/", 1)[-1], each.rank) for each in comparison.runs]


def test_a_run_s_figures_say_how_they_were_measured(blobs_run, blobs):
    protocol = blobs_run.metrics["test"]["protocol"]
    assert protocol == {
        "data": blobs_run.description["data"]["name"], "split": "test", "num_examples": 32,
        "fingerprint": fingerprint(blobs.x_test), "conditions": [], "binarization": "none",
        "measure": "cross-entropy", "units": "", "num_samples": 0, "seed": 0,
        "version": blobs_run.description["versions"]["keras-vae"],
    }  # fmt: skip


def test_a_fingerprint_is_of_the_examples_in_their_order_and_their_conditions(blobs):
    x, labels = blobs.x_test, blobs.y_test
    different = [x, x[::-1], x[1:], x.astype("float32")]
    different += [{"x": x, "label": labels}, {"x": x, "label": labels + 1}, {"x": x, "shift": labels}]
    prints = [fingerprint(each) for each in different]
    assert len(set(prints)) == 7
    assert fingerprint({"x": x}) == fingerprint(x.copy()) == prints[0]


def test_a_conditional_run_says_so(conditional_run, blobs):
    protocol = conditional_run.metrics["test"]["protocol"]
    assert protocol["conditions"] == ["label", "shift"]
    assert protocol["fingerprint"] == fingerprint(blobs.inputs("test", ("label", "shift")))


def test_the_gap_is_that_of_as_many_training_examples(blobs_run, blobs):
    metrics = blobs_run.metrics
    rows = spread(96, 32)
    train = tasks.evaluate(blobs_run.model, blobs.x_train[rows])
    assert metrics["train"]["elbo"] == pytest.approx(train.elbo, rel=1e-6)
    assert metrics["train"]["protocol"]["fingerprint"] == fingerprint(blobs.x_train[rows])
    assert metrics["train"]["protocol"]["split"] == "train"
    assert metrics["gap"] == pytest.approx(train.elbo - metrics["test"]["elbo"])


def test_runs_are_ranked_by_their_elbo_and_ties_share_a_rank(copied):
    """The error of a difference of two figures ± 1 is √2, and what is below 2√2 = 2.83 a tie."""
    scores = {"c": -102.5, "a": -100.0, "d": -105.0, "b": -101.0}
    folders = [copied(name, elbo=elbo, elbo_standard_error=1.0) for name, elbo in scores.items()]
    found = runs.compare(folders)
    # d is 5 behind a, and so no tie of a's, though it is 2.5 behind c.
    assert ranks(found) == [("a", 1), ("b", 1), ("c", 1), ("d", 4)]
    assert (found.ranked_by, found.is_paired) == ("elbo", False)
    assert [each.behind for each in found.runs] == [0.0, 1.0, 2.5, 5.0]
    assert [each.behind_standard_error for each in found.runs] == pytest.approx([0.0] + [2**0.5] * 3)


def test_a_comparison_tells_what_differs(copied, blobs_run):
    folders = [copied("a", settings={"beta": 4.0}), copied("b", settings={"latent_dim": 3})]
    found = {each.run[-1]: each for each in runs.compare(folders).runs}
    assert found["a"].settings == {"latent_dim": 2, "beta": 4.0}
    assert found["b"].settings == {"latent_dim": 3, "beta": 1.0}
    assert found["a"].recipe == "article"
    assert found["a"].seconds == pytest.approx(sum(blobs_run.history["seconds"]))
    assert found["a"].active_units == blobs_run.metrics["diagnosis"]["active_units"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("fingerprint", "0" * 64, r"examples, by their fingerprint: [0-9a-f]{12} \(.*a\), 000000000000 \("),
        ("binarization", "sampled, seed 0", r"binarisation: none \(.*a\), sampled, seed 0 \(.*b\)"),
        ("split", "train", r"split: test \(.*a\), train \("),
        ("num_examples", 31, r"number of examples: 32 \(.*a\), 31 \("),
        ("measure", "density", r"measure of the likelihood: cross-entropy \(.*a\), density \("),
        ("units", "values × 0.5", r"units of the density: none \(.*a\), values × 0.5 \("),
        ("conditions", ["label", "shift"], r"conditions: none \(.*a\), label, shift \("),
    ],
)
def test_runs_that_were_not_measured_alike_are_refused(copied, field, value, said):
    folders = copied("a"), copied("b", protocol={field: value})
    with pytest.raises(RunError, match=f"not measured alike.*\n  {said}"):
        runs.compare(folders)


def test_other_seeds_versions_and_names_are_no_reason_to_refuse(copied):
    other = {"seed": 5, "version": "0.0.9", "data": "the same by another name", "num_samples": 7}
    assert ranks(runs.compare([copied("a"), copied("b", protocol=other)])) == [("a", 1), ("b", 1)]


def test_a_run_of_an_older_release_is_evaluated_again(copied, blobs_run):
    folder = copied("old", elbo=-1.0)
    metrics = read_json(folder / "metrics.json")
    kept = ("num_examples", "elbo", "elbo_standard_error", "reconstruction", "kl")
    old = {"test": {name: metrics["test"][name] for name in kept}, "diagnosis": metrics["diagnosis"]}
    write_json(folder / "metrics.json", old)
    found = runs.compare([blobs_run.folder, folder])
    assert [each.rank for each in found.runs] == [1, 1]
    for each in found.runs:
        assert each.test["elbo"] == pytest.approx(blobs_run.metrics["test"]["elbo"])
        assert each.gap == pytest.approx(blobs_run.metrics["gap"])


def test_a_run_that_must_be_evaluated_and_cannot_is_named(copied):
    folder = copied("lost")
    description = read_json(folder / "run.json")
    description["data"]["name"] = "nowhere/else.npz"
    write_json(folder / "run.json", description)
    assert len(runs.compare([copied("a"), folder]).runs) == 2
    with pytest.raises(
        RunError, match=r"lost has to be evaluated again, and cannot be: .*nowhere/else\.npz"
    ):
        runs.compare([copied("b"), folder], num_samples=2)


def test_runs_are_compared_example_by_example_with_the_same_seed(copied, blobs_run, blobs):
    folder = copied("shifted")
    run = runs.Run(folder)
    projection = run.model.likelihood.projection.body
    kernel, bias = projection.get_weights()
    projection.set_weights([kernel, bias - 0.05])
    run.model.save(folder / "model.keras")

    found = runs.compare([folder, blobs_run.folder], num_samples=6, seed=2)
    assert (found.ranked_by, found.is_paired) == ("log_likelihood", True)
    values = {
        each.folder: tasks.importance_estimate(each.model, blobs.x_test, 6, _after_the_bound(each, blobs))
        for each in (runs.Run(folder), runs.Run(blobs_run.folder))
    }
    best, worse = (values[runs.Run(each.run).folder].log_likelihood for each in found.runs)
    assert found.runs[0].score == pytest.approx(best.mean())
    assert found.runs[1].behind == pytest.approx((best - worse).mean())
    assert found.runs[1].behind_standard_error == pytest.approx(stats.sem(best - worse), rel=1e-4)
    # Pair by pair far more is told apart than by figures on their own.
    assert found.runs[1].behind_standard_error < 0.5 * stats.sem(best)
    assert found.runs[0].test["protocol"]["num_samples"] == 6
    assert found.runs[0].test["protocol"]["seed"] == 2


def _after_the_bound(run, blobs):
    """The generator of seed 2 as it is once the bound is evaluated."""
    import keras

    generator = keras.random.SeedGenerator(2)
    run.model.log_weights(blobs.x_test, 1, seed=generator)
    return generator


def test_a_run_ties_with_itself(blobs_run):
    found = runs.compare([blobs_run.folder, blobs_run.folder], num_samples=3)
    assert [each.rank for each in found.runs] == [1, 1]
    assert found.runs[1].behind == found.runs[1].behind_standard_error == 0


def test_too_little_to_compare_is_refused(blobs_run):
    with pytest.raises(InvalidArgumentError, match=r"At least 2 runs are compared\. Received: 1"):
        runs.compare([blobs_run.folder])
    with pytest.raises(InvalidArgumentError, match="num_samples=-1"):
        runs.compare([blobs_run.folder] * 2, num_samples=-1)
