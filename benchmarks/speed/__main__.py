"""Every way to train the article's network, in turn and several times, as ratios within one run.

    make bench-peers
    python -m benchmarks.speed                        (3 rounds of 300 steps each; half an hour on 2 cores)
    python -m benchmarks.speed --arms keras-vae article --rounds 5
    python -m benchmarks.speed --table                (the last results again, in Markdown)

The same network, batch size, images, optimiser and number of steps for all; see `turn.py` for what is
measured. Peers live in `.venv-peers`; one that is not there is left out by name.
"""

import argparse
import datetime
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.speed.turn import ARMS, DATA, FLOP_AN_IMAGE

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "speed.json"
PEERS = ROOT / ".venv-peers" / "bin" / "python"
OURS = "keras-vae"
NEEDS = {"torch_arms": "torch", "jax_arm": "jax"}


def cpu():
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    fields = {name.strip(): value.strip() for name, value in lines.items()}
    flags = set(fields.get("flags", "").split())
    return {
        "cpu": fields.get("model name", platform.processor()),
        "vectors": next((each for each in ("avx512f", "avx2", "avx") if each in flags), "unknown"),
        "bfloat16": bool(flags & {"avx512_bf16", "amx_bf16"}),
        "cores": len([line for line in text.splitlines() if line.startswith("processor")]),
    }


def python_of(arm):
    return sys.executable if ARMS[arm][0] == "keras_arms" else str(PEERS)


def is_there(arm):
    if ARMS[arm][0] == "keras_arms":
        return True
    needed = "pythae" if arm == "pythae" else NEEDS[ARMS[arm][0]]
    return PEERS.exists() and not subprocess.run([PEERS, "-c", f"import {needed}"], capture_output=True).returncode  # fmt: skip  # noqa: E501


def last_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(arms, rounds, steps, batch_size, data, machine):
    turns, products = {arm: [] for arm in arms}, []
    precisions = ["float32", "bfloat16"] if machine["bfloat16"] else ["float32"]
    for number in range(rounds):
        product = {
            each: last_line(sys.executable, "-m", "benchmarks.speed.matrix_product", each)[
                "flop_per_second"
            ]
            for each in precisions
        }
        products.append(product)
        for arm in arms:
            found = last_line(
                python_of(arm), "-m", "benchmarks.speed.turn", arm, "--data", data, "--steps", str(steps),
                "--batch-size", str(batch_size),
            )  # fmt: skip
            turns[arm].append(found)
            print(number + 1, arm, f"{found['images_per_second']:.0f} images/s", flush=True)
    return turns, products


def summary(turns, products):
    """For each arm: medians, the ratio of our rate to its by rounds, and the share of the machine's."""
    found = {}
    for arm, own in turns.items():
        precision = "bfloat16" if "bfloat16" in arm else "float32"
        ratios = [
            ours["images_per_second"] / each["images_per_second"]
            for ours, each in zip(turns.get(OURS, own), own, strict=True)
        ]
        shares = [
            each["images_per_second"] * FLOP_AN_IMAGE / product[precision]
            for each, product in zip(own, products, strict=True)
            if precision in product
        ]
        found[arm] = {
            name: statistics.median(each[name] for each in own) for name in own[0] if name != "arm"
        } | {
            "ours_over_it": statistics.median(ratios),
            "lowest_ratio": min(ratios),
            "highest_ratio": max(ratios),
            "share_of_matrix_product": statistics.median(shares) if shares else None,
        }
    return found


def table(result):
    rows = [
        "| way | images/s | ours over it | of the matrix product | first step | peak memory | test loss |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for arm, each in sorted(result["arms"].items(), key=lambda pair: -pair[1]["images_per_second"]):
        share = each["share_of_matrix_product"]
        rows.append(
            f"| {arm} | {each['images_per_second']:.0f} | {each['ours_over_it']:.2f} "
            f"({each['lowest_ratio']:.2f} … {each['highest_ratio']:.2f}) | "
            f"{'–' if share is None else f'{share:.0%}'} | {each['first_step_seconds']:.1f} s | "
            f"{each['peak_memory_mb']:.0f} MB | {each['test_loss']:.1f} |"
        )
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--arms", nargs="+", choices=ARMS, metavar="ARM", help=", ".join(ARMS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    if arguments.table:
        return print(table(json.loads(RESULTS.read_text())))
    machine = cpu()
    asked = arguments.arms or [arm for arm in ARMS if machine["bfloat16"] or "bfloat16" not in arm]
    arms = [arm for arm in asked if is_there(arm)]
    left_out = sorted(set(asked) - set(arms))
    if left_out:
        print("not installed, left out:", ", ".join(left_out), "(make bench-peers)")
    turns, products = measure(
        arms, arguments.rounds, arguments.steps, arguments.batch_size, arguments.data, machine
    )
    result = {
        "machine": machine,
        "matrix_product_flop_per_second": products,
        "date": datetime.date.today().isoformat(),
        "batch_size": arguments.batch_size,
        "steps": arguments.steps,
        "rounds": arguments.rounds,
        "left_out": left_out,
        "arms": summary(turns, products),
        "command": f"python -m benchmarks.speed --rounds {arguments.rounds} --steps {arguments.steps}",
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(table(result))
    return None


if __name__ == "__main__":
    main()
