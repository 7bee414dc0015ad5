"""`vae compare`, and what `vae evaluate` says for it."""

import json
import shutil

import numpy as np
import pytest

from keras_vae import tasks
from keras_vae.runs.json_file import read_json, write_json


@pytest.fixture
def two_runs(blobs_run, tmp_path):
    """A run, and a copy of it that claims a worse bound and another β."""
    other = shutil.copytree(blobs_run.folder, tmp_path / "other")
    metrics = read_json(other / "metrics.json")
    metrics["test"]["elbo"] -= 1000
    write_json(other / "metrics.json", metrics)
    description = read_json(other / "run.json")
    description["settings"]["beta"] = 7.5
    write_json(other / "run.json", description)
    return other, blobs_run.folder


def test_runs_are_ranked_in_a_table(vae, two_runs):
    other, best = two_runs
    code, out, err = vae("compare", other, best)
    assert (code, err) == (0, "")
    assert "By ELBO, in nats, of 32 test examples; cross-entropy" in out
    ranked = [line.split("│")[1].strip() for line in out.splitlines() if line.startswith("│ ")]
    assert [each for each in ranked if each] == ["1", "2"]
    assert "beta=7.5" in out
    assert "1000.00 ± " in out
    assert "Ties share a rank" in out


def test_the_comparison_as_json_has_all_of_it(vae, two_runs):
    code, out, _ = vae("compare", *two_runs, "--json", "--num-samples", 3, "--seed", 4)
    found = json.loads(out)
    assert code == 0
    assert (found["ranked_by"], found["is_paired"]) == ("log_likelihood", True)
    # The models are the same: evaluated again, they tie.
    assert [each["rank"] for each in found["runs"]] == [1, 1]
    assert {each["settings"]["beta"] for each in found["runs"]} == {1.0, 7.5}
    for each in found["runs"]:
        assert each["test"]["num_samples"] == 3
        assert {"fingerprint", "binarization", "measure", "seed"} <= set(each["test"]["protocol"])
    assert vae("compare", *two_runs, "--quiet") == (0, "", "")


def test_unlike_runs_and_single_ones_get_one_message_and_exit_code_2(vae, blobs_run, conditional_run):
    code, out, err = vae("compare", blobs_run.folder, conditional_run.folder)
    assert (code, out) == (2, "")
    assert "not measured alike" in err
    assert f"conditions: none ({blobs_run.folder}), label, shift ({conditional_run.folder})" in err
    assert "Traceback" not in err
    code, out, err = vae("compare", blobs_run.folder)
    assert (code, out, "At least 2 runs" in err) == (2, "", True)


def test_evaluate_prints_what_it_measured(vae, blobs_run):
    code, out, err = vae("evaluate", blobs_run.folder, "--num-samples", 5)
    assert (code, err) == (0, "")
    text = " ".join(out.replace("│", " ").split())
    assert "log p(x), 5 samples" in text
    assert "for other examples, ± " in text
    assert " of 5 on average; a tenth of the examples has fewer than " in text
    assert ", by log p(x)" in text
    assert "measure cross-entropy The Bernoulli cross-entropy of grey values" in text
    assert "the ELBO of 32 training examples is " in text
    assert "of 32 samples from test images" in text
    assert "never with published FIDs" in text
    assert "Fréchet" not in vae("evaluate", blobs_run.folder, "--no-frechet")[1]


def test_evaluate_as_json_is_what_the_tasks_return(vae, blobs_run, blobs):
    figures = json.loads(vae("evaluate", blobs_run.folder, "--json", "--num-samples", 5)[1])
    assert set(figures) == {"test", "train", "gap", "frechet", "diagnosis"}
    found = tasks.evaluate(blobs_run.model, blobs.x_test, 5)
    assert figures["test"]["log_likelihood"] == pytest.approx(found.log_likelihood)
    assert figures["test"]["effective_sample_size"] == pytest.approx(found.effective_sample_size, rel=1e-4)
    assert figures["gap"] == pytest.approx(blobs_run.metrics["gap"])
    distance = tasks.frechet(blobs_run.model, blobs.x_test, blobs.x_train, blobs.value_range)
    assert figures["frechet"]["distance"] == pytest.approx(distance.distance, rel=1e-4)
    assert figures["frechet"]["reference"] == pytest.approx(distance.reference, rel=1e-4)


def test_other_data_have_no_gap_and_small_images_no_distance(vae, blobs_run, blobs, tmp_path):
    arrays = {name: getattr(blobs, name)[5:] for name in ("x_train", "y_train", "x_test", "y_test")}
    np.savez(tmp_path / "others.npz", **arrays)
    figures = json.loads(vae("evaluate", blobs_run.folder, tmp_path / "others.npz", "--json")[1])
    assert set(figures) == {"test", "frechet", "diagnosis"}
    np.savez(
        tmp_path / "small.npz",
        **{name: each[:, :7] if name[0] == "x" else each for name, each in arrays.items()},
    )
    train = ("train", tmp_path / "small.npz", "--recipe", "dense", "--epochs", 1, "--quiet")
    assert vae(*train, "--out", tmp_path / "run")[0] == 0
    assert set(json.loads(vae("evaluate", tmp_path / "run", "--json")[1])) == {
        "test",
        "train",
        "gap",
        "diagnosis",
    }
