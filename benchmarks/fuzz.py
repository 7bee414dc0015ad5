"""Broken, absurd and hostile files: every reader says what is wrong in a line, and does no more.

    python benchmarks/fuzz.py                      (2,000 inputs)
    python benchmarks/fuzz.py --inputs 200 --seed 7

Each input is a valid file of one of the formats that is damaged at random (bytes changed, cut out, put in,
cut off), or one that was made to hurt: headers that promise more than memory holds, archives and images
that inflate, numbers that are none. Tables, arrays and folders of images are given to `vae inspect`, and
some of them to a command that applies a trained model to them; models are given to `keras_vae.load`; and
finished runs one of whose files is damaged, to a command that reads runs. A failure is anything but exit
code 0 or 2 with one message, more than five seconds, or more than 1 GB.
"""

import argparse
import contextlib
import gzip
import io
import json
import random
import resource
import shutil
import struct
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

RESULTS = Path(__file__).parent / "results" / "fuzz.json"
FIXTURE = Path(__file__).parents[1] / "tests" / "fixtures" / "0.1.0.keras"
MOST_SECONDS = 5.0
MOST_MEMORY = 1_000_000  # kilobytes
STRANGE_NAMES = ("plain", "two words", "čšž 日本 🙂", "a'b\"c", "-dash", "semi;colon", "%s %d", "new\nline")
HERE = "fuzzed"
PICTURES = (".png", ".jpeg", ".webp", ".bmp", ".tiff", ".gif")
APPLY = ("score", "embed", "map", "reconstruct", "evaluate", "interpolate", "traverse", "disentangle")
OUTPUTS = {"score": ".csv", "embed": ".npy", "map": ".png", "impute": ".csv"}
# The two finished runs by the data they have, and what stands before the name of a damaged file of one.
TABLE, IMAGES, RUN = ".csv", ".npz", "a run's "


def written(write):
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def valid_files():
    """Endings and the bytes of a valid file of each format."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (30, 9, 7), dtype="uint8")
    labels = np.arange(30) % 3
    split = {"x_train": images[:20], "y_train": labels[:20], "x_test": images[20:], "y_test": labels[20:]}
    idx = struct.pack(">HBB3I", 0, 8, 3, *images.shape) + images.tobytes()
    rows = "\n".join(
        f"{i * i % 50},{i / 7:.3f},{'abc'[i % 3]},2020-01-{i % 28 + 1:02d},{i % 2 == 0}" for i in range(60)
    )
    table = f"number,share,kind,day,yes\n{rows}\n".encode()
    picture = Image.fromarray(generator.integers(0, 256, (12, 10, 3), dtype="uint8"))
    files = {
        f".{name.lower()}": written(lambda file, name=name: picture.save(file, name))
        for name in ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
    }
    return files | {
        ".npy": written(lambda file: np.save(file, images)),
        ".npz": written(lambda file: np.savez(file, **split)),
        "-ubyte": idx,
        "-ubyte.gz": gzip.compress(idx),
        ".csv": table,
        ".csv.gz": gzip.compress(table),
        ".tsv": table.replace(b",", b"\t"),
        ".parquet": written(lambda file: write_parquet(file)),
        ".keras": FIXTURE.read_bytes(),
    }


def write_parquet(file):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": np.arange(60.0), "b": [f"t{i % 4}" for i in range(60)]}), file)


def png(width, height, content=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(content))
        + chunk(b"IEND", b"")
    )


def npy(descr, shape, content=b""):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header + b"\n" + content


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    def write(file):
        with zipfile.ZipFile(file, "w", compression) as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    return written(write)


def hostile_files():
    """Endings and the bytes of files that were made to hurt."""
    zeros = bytes(100_000_000)
    return [
        (".png", png(100_000, 100_000)),
        (".png", png(2**31 - 1, 2**31 - 1)),
        (".png", png(0, 0)),
        (".png", png(30_000, 5_000, bytes(3 * 30_000 * 5_000 + 5_000))),
        (".bmp", b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0)),  # noqa: E501
        (".gif", b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b";"),
        (".npy", npy("|u1", "(1000000000000, 28, 28)")),
        (".npy", npy("|u1", "(-5, 28, 28)")),
        (".npy", npy("|u1", "(30, 0, 7)")),
        (".npy", npy("<f4", "(30, 4, 4)", np.full(480, np.nan, "float32").tobytes())),
        (".npy", npy("<f4", "(30, 4, 4)", np.full(480, np.inf, "float32").tobytes())),
        (".npy", npy("|O", "(3,)", b"cos\nsystem\n(S'echo'\ntR.")),
        (".npy", npy("<c16", "(30, 2, 2)", bytes(30 * 4 * 16))),
        (".npz", zipped({"x_train.npy": npy("|u1", "(1000, 28, 28)", zeros)})),
        (".npz", zipped({f"{n}.npy": npy("|u1", "(100000000000,)") for n in ("x_train", "y_train", "x_test", "y_test")})),  # noqa: E501
        (".npz", zipped({"../../x_train.npy": b""})),
        (".npz", zipped({})),
        ("-ubyte", struct.pack(">HBB3I", 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1)),
        ("-ubyte", struct.pack(">HBB", 0, 8, 255)),
        ("-ubyte.gz", gzip.compress(struct.pack(">HBB3I", 0, 8, 3, 10, 28, 28) + zeros)),
        (".csv.gz", gzip.compress(b"a,b\n" + zeros)),
        (".csv", b"a,b\n" + b"nan,inf\n-inf,NaN\n1e999,-1e999\n" * 20),
        (".csv", b"a\n" * 3),
        (".csv", b"a,a,a\n1,2,3\n" * 9),
        (".csv", b",,,\n,,,\n" * 9),
        (".csv", b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") * 9),
        (".csv", b"a,b\n" + b"1,2\n" * 9 + b"1,2,3,4\n"),
        (".csv", b'a,b\n"never closed,1\n' * 20),
        (".csv", b"a,b\n" + b"x" * 5_000_000 + b",1\n" + b"y,2\n" * 20),
        (".csv", ",".join(f"c{i}" for i in range(20_000)).encode() + b"\n" + (b"1," * 19_999 + b"1\n") * 12),  # noqa: E501
        (".csv", b"\0" * 1000),
        (".parquet", b"PAR1" + b"\xff" * 100 + struct.pack("<I", 2**31 - 1) + b"PAR1"),
        *((ending, b"") for ending in (".png", ".npy", ".npz", "-ubyte", "-ubyte.gz", ".csv", ".csv.gz", ".tsv", ".parquet", ".keras")),  # noqa: E501
        (".keras", zipped({"config.json": b"{" * 100_000, "model.weights.h5": zeros})),
    ]  # fmt: skip


def damaged(content, generator):
    content = bytearray(content)
    for _ in range(generator.randint(1, 6)):
        place = (
            generator.randrange(len(content) + 1) if generator.random() < 0.5 else generator.randrange(64)
        )
        length = generator.choice([1, 1, 2, 4, 50])
        new = generator.choice([generator.randbytes(length), b"\xff" * length, b"\0" * length, b""])
        content[place : place + generator.choice([0, len(new), length])] = new
    if generator.random() < 0.2:
        del content[generator.randrange(len(content) + 1) :]
    return bytes(content)


def inputs(number, seed, place):
    """So many pairs of an ending and bytes: what was made to hurt first."""
    hostile = hostile_files()
    yield from hostile[:number]
    generator = random.Random(seed)
    members = ("run.json", "metrics.json", "history.csv", "model.keras")
    valid = list(valid_files().items())
    valid += [(f"{RUN}{name}", (place.runs[TABLE] / name).read_bytes()) for name in members]
    for _ in range(number - len(hostile)):
        ending, content = generator.choice(valid)
        is_noise = generator.random() < 0.1
        noise = generator.randbytes(generator.randrange(3000))
        yield ending, noise if is_noise else damaged(content, generator)


def command(*arguments):
    """The exit code of `vae`, and what it wrote to standard error."""
    from keras_vae.cli import main

    sys.argv = ["vae", *map(str, arguments)]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stopped:
            return stopped.code or 0, err.getvalue()
    return 0, err.getvalue()


class Place:
    """Where the inputs are put, beside good images and two finished runs, of a table and of images."""

    def __init__(self, folder):
        self.folder = folder
        files = valid_files()
        self.picture = files[".png"]
        self.runs = {}
        for ending in (TABLE, IMAGES):
            data, run = folder / f"data{ending}", folder / f"run{ending}"
            data.write_bytes(files[ending])
            small = ("--recipe", "table" if ending == TABLE else "dense", "--latent-dim", 2, "--epochs", 1)
            code, err = command("train", data, *small, "--out", run)
            assert code == 0, err
            self.runs[ending] = run

    def tried(self, ending, content, generator):
        """Give an input to what reads its kind: the exit code and the messages."""
        with tempfile.TemporaryDirectory(dir=self.folder) as here:
            path = Path(here, HERE, f"{generator.choice(STRANGE_NAMES)}{ending}")
            path.parent.mkdir()
            if ending.startswith(RUN):
                return self.of_a_run(ending.removeprefix(RUN), content, path.parent, generator)
            path.write_bytes(content)
            if ending == ".keras":
                return loaded(path)
            data = path
            if ending in PICTURES:
                data = path.parent
                for n in range(12):
                    (data / f"good-{n}.png").write_bytes(self.picture)
            if generator.random() < 0.7:
                return command("inspect", data, "--json")
            is_table = ending in (".csv", ".csv.gz", ".tsv", ".parquet")
            run = self.runs[TABLE if is_table else IMAGES]
            verb = generator.choice([*APPLY, "impute"] if is_table else APPLY)
            out = ("--out", data.parent / f"out{OUTPUTS[verb]}") if verb in OUTPUTS else ()
            what = (data, "--run", run) if verb == "impute" else (run, data)
            return command(verb, *what, *out)

    def of_a_run(self, member, content, folder, generator):
        run = folder / "run"
        shutil.copytree(self.runs[TABLE], run)
        (run / member).write_bytes(content)
        verb = generator.choice(["curves", "sample", "evaluate", "compare", "score", "grid", "train"])
        if verb == "train":
            return command("train", self.folder / f"data{TABLE}", "--out", run, "--resume")
        return command(verb, *[self.runs[TABLE]] * (verb == "compare"), run)


def loaded(path):
    from keras_vae import load
    from keras_vae.errors import ModelFileError

    try:
        load(path)
    except ModelFileError as error:
        return 2, f"vae: {error}\n"
    return 0, ""


def failure(place, ending, content, generator, most_seconds):
    """What is wrong with how an input was received, if anything is; and how long it took."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    try:
        code, err = place.tried(ending, content, generator)
        wrong = None if code in (0, 2) else f"exit code {code}: {err[-300:]}"
        if code == 2 and not (err.startswith("vae: ") and err.count("\n") <= 2):
            wrong = f"not one message: {err[:300]!r}"
    except Exception as error:  # whatever comes out of a command is a failure of it
        at = traceback.extract_tb(error.__traceback__)[-1]
        wrong = f"{type(error).__name__}: {str(error)[:300]} ({Path(at.filename).name}:{at.lineno})"
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if wrong is None and seconds > most_seconds:
        wrong = f"took {seconds:.1f} s"
    if wrong is None and memory > MOST_MEMORY:
        wrong = f"took {memory:,} kB"
    return wrong, seconds


def fuzz(number, seed=0, most_seconds=MOST_SECONDS):
    """Try so many inputs: how many, the failures, and the longest time."""
    failures, longest = [], 0.0
    choices = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        command("inspect", "mnist-5k", "--json")  # what is loaded once is nobody's
        for i, (ending, content) in enumerate(inputs(number, seed, place)):
            wrong, seconds = failure(place, ending, content, choices, most_seconds)
            longest = max(longest, seconds)
            if wrong is not None:
                failures.append({"input": i, "ending": ending, "bytes": len(content), "wrong": wrong})
                print(failures[-1], flush=True)
    return {"inputs": number, "seed": seed, "failures": failures, "longest_seconds": round(longest, 2)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    result = fuzz(arguments.inputs, arguments.seed)
    result["command"] = f"python benchmarks/fuzz.py --inputs {arguments.inputs} --seed {arguments.seed}"
    RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
