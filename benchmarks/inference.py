"""What a trained model costs to use: whole data sets, one code, and the command from the shell.

    python benchmarks/inference.py rates          (60,000 digits each way, in turn; 10 minutes on 2 cores)
    python benchmarks/inference.py memory         (of 60,000 digits and of four times as many; a minute)
    python benchmarks/inference.py latency        (one code decoded again and again; half a minute)
    python benchmarks/inference.py shell          (the command, from its start to its end; a minute)

The article's network, untrained: what it costs does not depend on what it learned. `rates` compares
`tasks.embed`, `reconstruct` and `score` with what Keras's `predict`, with its defaults, takes for the same:
the encoder; the whole model; and the whole model as often as `score` samples z. Ratios are of times in turn
within one run.
"""

import argparse
import collections
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "inference"
DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data" / "mnist.npz"
ROUNDS = 3
# `score` decodes many samples of z for each image.
SCORED = 6_000
DECODES = 2_000


def timed(function, examples):
    started = time.perf_counter()
    function()
    return examples / (time.perf_counter() - started)


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def article(data):
    from keras_vae import recipes

    model = recipes.get("article").model(data, seed=0)
    model.build((None, *data.event_shape))
    model.compile()
    return model


def rates(path):
    """In float32, and in what `vae train` takes on this machine if that is another."""
    import keras

    from keras_vae import runs

    found = {}
    for policy in dict.fromkeys(("float32", runs.resolve_precision("auto"))):
        keras.config.set_dtype_policy(policy)
        found[policy] = rates_of(path)
    return found


def rates_of(path):
    from keras_vae import tasks
    from keras_vae.data import load
    from keras_vae.tasks.score import NUM_SAMPLES

    data = load(path)
    model, x = article(data), data.x_train
    some, floats = x[:SCORED], x.astype("float32") / 255.0
    ways = {
        "embed": (len(x), lambda: tasks.embed(model, x), lambda: model.encoder.predict(floats, verbose=0)),
        "reconstruct": (len(x), lambda: tasks.reconstruct(model, x), lambda: model.predict(x, verbose=0)),
        "score": (
            len(some),
            lambda: tasks.score(model, some),
            lambda: [model.predict(some, verbose=0) for _ in range(NUM_SAMPLES)],
        ),
    }  # fmt: skip
    found = {}
    for name, (count, ours, predict) in ways.items():
        turns = [(timed(ours, count), timed(predict, count)) for _ in range(ROUNDS)]
        found[name] = {
            "images_per_second": statistics.median(own for own, _ in turns),
            "predict": statistics.median(other for _, other in turns),
            "ratios": [round(own / other, 2) for own, other in turns],
        }
        print(name, found[name], flush=True)
    return found


def memory(path):
    """Peak memory of a process that embeds, or scores, so many digits, which it holds besides."""
    call = [sys.executable, __file__, "peak", "--data", path, "--verb"]

    def of(verb, count):
        done = subprocess.run([*call, verb, "--count", str(count)], check=True, capture_output=True)
        return json.loads(done.stdout)

    counts = {"embed": (60_000, 240_000), "score": (2_000, 8_000)}
    return {verb: {count: of(verb, count) for count in counts[verb]} for verb in counts}


def peak(path, verb, count):
    from keras_vae import tasks
    from keras_vae.data import load

    data = load(path)
    x = np.resize(data.x_train, (count, *data.event_shape))
    batches = {"embed": tasks.embed_batches, "score": tasks.score_batches}[verb](article(data), x)
    collections.deque(batches, maxlen=0)
    print(json.dumps({"peak_mib": round(peak_mib()), "of_which_digits_mib": round(x.nbytes / 2**20)}))


def latency(path):
    from keras_vae import tasks
    from keras_vae.data import load

    model = article(load(path))
    decode = tasks.decoder(model)
    codes = np.random.default_rng(0).normal(size=(DECODES, 1, model.latent_dim)).astype("float32")
    for code in codes[:20]:
        decode(code)
    times = []
    for code in codes:
        started = time.perf_counter()
        decode(code)
        times.append(1e3 * (time.perf_counter() - started))
    return {f"p{share}_ms": float(np.percentile(times, share)) for share in (50, 90, 99)}


def shell(path):
    del path
    from keras_vae import runs
    from keras_vae.data import load

    program = Path(sys.executable).with_name("vae")
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        runs.train(load("mnist-5k"), run, runs.Settings(epochs=1))
        commands = {
            "vae --help": [program, "--help"],
            "python -c 'import tensorflow'": [sys.executable, "-c", "import tensorflow"],
            "vae sample": [program, "sample", run, "--out", Path(folder) / "samples.png"],
        }
        return {
            f"{name}, seconds": [seconds(command) for _ in range(ROUNDS)]
            for name, command in commands.items()
        }


def seconds(command):
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return round(time.perf_counter() - started, 2)


WHAT = {"rates": rates, "memory": memory, "latency": latency, "shell": shell}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=[*WHAT, "peak"])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--verb", help="for peak, which memory calls in processes of their own")
    parser.add_argument("--count", type=int)
    arguments = parser.parse_args()
    if arguments.what == "peak":
        return peak(arguments.data, arguments.verb, arguments.count)
    result = WHAT[arguments.what](arguments.data) | {
        "command": f"python benchmarks/inference.py {arguments.what}"
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{arguments.what}.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    return None


if __name__ == "__main__":
    main()
