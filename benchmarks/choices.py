"""What each choice of a part does to a model of MNIST: one choice changed at a time.

    python benchmarks/choices.py run                  (every choice that has no result yet; hours)
    python benchmarks/choices.py run iwae-4 beta-4     (some of them)
    python benchmarks/choices.py table > docs/choices-table.md

Each trains the network of the `conv` recipe, 16 latents, for 10 epochs on the 60,000 digits with seed 0,
and is measured on the 10,000 test digits. What is not changed is the plainest there is, whatever the recipe
has: a standard normal prior, and Adam at 1e-3 throughout. Precision is that of `--precision auto`; rows in
float32 are marked †.
"""

import argparse
import json
import tempfile
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "choices"
DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data" / "mnist.npz"
COMMON = {
    "recipe": "conv",
    "latent_dim": 16,
    "prior": "standard_normal",
    "epochs": 10,
    "batch_size": 128,
    "learning_rate": 1e-3,
    "learning_rate_schedule": "constant",
    "seed": 0,
}
# For the importance-weighted estimate of log p(x).
NUM_IMAGES, NUM_SAMPLES = 1000, 100

BASELINE = "baseline"
CHOICES = {
    "likelihood": {
        "continuous-bernoulli": {"likelihood": "continuous_bernoulli"},
        "normal-1": {"likelihood": "normal"},
        "normal-learned": {"likelihood": "normal:scale=learned"},
        "normal-per-element": {"likelihood": "normal:scale=per_element"},
        "laplace-learned": {"likelihood": "laplace:scale=learned"},
        "student-t-learned": {"likelihood": "student_t:scale=learned"},
        "discretized-logistic": {"likelihood": "discretized_logistic"},
        "discretized-logistic-mixture": {"likelihood": "discretized_logistic_mixture"},
    },
    "posterior": {
        "full-normal": {"posterior": "full_normal"},
        "inverse-autoregressive-flow": {"posterior": "inverse_autoregressive_flow"},
        "planar-flow": {"posterior": "planar_flow"},
        "sphere": {"posterior": "von_mises_fisher", "prior": "uniform_sphere"},
    },
    "prior": {
        "mixture-of-normals": {"prior": "mixture_of_normals"},
        "vamp": {"prior": "vamp_prior:range=(0, 1)"},
        "real-nvp": {"prior": "real_nvp"},
        "conditional-normal": {"prior": "conditional_normal", "conditions": ("label",)},
    },
    "objective": {
        "beta-0.5": {"beta": 0.5},
        "beta-4": {"beta": 4.0},
        "warm-up": {"schedules": ("beta:start=0,epochs=5",)},
        "cyclic": {"schedules": ("beta:start=0,epochs=10,cycles=2",)},
        "free-bits-0.5": {"objective": "elbo:free_bits=0.5"},
        "capacity-15": {"objective": "elbo:beta=10,capacity=15"},
        "iwae-4": {"objective": "iwae:num_samples=4"},
        "iwae-4-doubly": {"objective": "iwae:num_samples=4,doubly_reparameterized=True"},
        "renyi-0.5": {"objective": "renyi:alpha=0.5,num_samples=4"},
        "beta-tc-4": {"objective": "beta_tc:beta=4"},
        "dip-1": {"objective": "dip:kind=1"},
        "dip-2": {"objective": "dip:kind=2"},
        "mmd": {"objective": "mmd"},
    },
    "network": {"dense": {"recipe": "dense"}, "residual": {"recipe": "residual"}},
    "condition": {"label": {"conditions": ("label",)}},
    "precision": {"float32": {"precision": "float32"}},
}
ALL = {BASELINE: {}} | {name: change for group in CHOICES.values() for name, change in group.items()}


def run(name, data):
    import numpy as np

    from keras_vae import runs, tasks
    from keras_vae.data import take

    settings = runs.Settings(**(COMMON | ALL[name]))
    with tempfile.TemporaryDirectory() as folder:
        finished = runs.train(data, Path(folder), settings)
        inputs = data.inputs("test", finished.model.condition_names)
        some = tasks.evaluate(finished.model, take(inputs, slice(NUM_IMAGES)), NUM_SAMPLES)
        error = tasks.reconstruct(finished.model, inputs) - data.x_test.astype("float32")
        result = {
            "choice": name,
            "settings": COMMON | ALL[name],
            "dtype_policy": finished.description["dtype_policy"],
            **finished.metrics,
            "log_likelihood": some.log_likelihood,
            "log_likelihood_standard_error": some.log_likelihood_standard_error,
            "elbo_of_the_same_images": some.elbo,
            "rmse": float(np.sqrt(np.mean(np.square(error, dtype="float64")))),
            "val_loss": finished.history["val_loss"],
            "command": f"python benchmarks/choices.py run {name}",
        }
    RESULTS.mkdir(parents=True, exist_ok=True)
    # Where the data lie on this machine is nobody's business.
    text = json.dumps(result, indent=1).replace(json.dumps(data.name), json.dumps(Path(data.name).name))
    (RESULTS / f"{name}.json").write_text(text + "\n")
    return result


def row(result):
    test, diagnosis = result["test"], result["diagnosis"]
    options = {key: value for key, value in ALL[result["choice"]].items() if key != "conditions"}
    conditions = [f"condition {each}" for each in ALL[result["choice"]].get("conditions", ())]
    spelt = [value if isinstance(value, str) else f"{key}={value}" for key, value in options.items()]
    schedule = [each for value in options.values() if isinstance(value, tuple) for each in value]
    texts = [each for each in spelt if not each.startswith("schedules=")] + schedule + conditions
    name = ", ".join(f"`{each}`" for each in texts) or "nothing"
    if result["dtype_policy"] == "float32":
        name += " †"
    return (
        f"| {name} | {test['elbo']:.1f} | {test['reconstruction']:.1f} | {test['kl']:.1f} | "
        f"{result['log_likelihood']:.1f} | {diagnosis['active_units']} | {result['rmse']:.1f} |"
    )


def table():
    results = {path.stem: json.loads(path.read_text()) for path in RESULTS.glob("*.json")}
    for axis, names in CHOICES.items():
        print(f"## {axis.capitalize()}\n")
        print("| choice | test ELBO | −log p(x\\|z) | KL | log p(x) | active of 16 | RMSE |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for name in (BASELINE, *names):
            if name in results:
                print(row(results[name]))
        print()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run")
    runner.add_argument("choices", nargs="*", metavar="CHOICE", help=", ".join(ALL))
    runner.add_argument("--data", type=Path, default=DEFAULT_DATA)
    commands.add_parser("table")
    arguments = parser.parse_args()
    if arguments.command == "table":
        return table()

    from keras_vae.data import load

    data = load(arguments.data)
    for name in arguments.choices or [name for name in ALL if not (RESULTS / f"{name}.json").exists()]:
        result = run(name, data)
        print(name, f"{result['test']['elbo']:.2f}", result["diagnosis"]["state"], flush=True)
    return None


if __name__ == "__main__":
    main()
