"""`vae serve` beside a plain FastAPI server that calls Keras's `predict`, under 1, 8 and 64 clients.

    vae train mnist-5k --recipe conv --epochs 3 --out runs/served
    python benchmarks/serving.py load runs/served
    python benchmarks/serving.py overload runs/served

Clients are connections of one process that send one digit a request, as JSON, and compare every answer with
the code that Keras gives. Server and clients share the machine's cores.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "serving.json"
SECONDS = 10.0
CLIENTS = (1, 8, 64)


def plain_server(run, port):
    """What one writes in a quarter of an hour."""
    import keras
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel

    import keras_vae

    model = keras_vae.load(Path(run, "model.keras"))
    inputs = keras.Input(model.likelihood.event_shape)
    encoder = keras.Model(inputs, model.posterior(model.encoder(model.preprocessing(inputs)))["mu"])

    class Image(BaseModel):
        image: list

    app = FastAPI()

    @app.post("/encode")
    def encode(asked: Image):
        x = np.array(asked.image, "uint8").reshape(1, *model.likelihood.event_shape)
        return {"latents": encoder.predict(x, verbose=0)[0].tolist()}

    uvicorn.run(app, port=port, log_level="error")


class Digits:
    """Requests for both servers, and what the answers must be."""

    def __init__(self, run, count=64):
        import keras_vae

        model = keras_vae.load(Path(run, "model.keras"))
        self.x = keras_vae.data.load("mnist-5k").x_test[:count]
        self.codes = keras_vae.tasks.embed(model, self.x)
        self.scores = keras_vae.tasks.score(model, self.x).score
        self.largest = 0.0

    def ours(self, i):
        image = {"name": "image", "datatype": "UINT8", "shape": [1, *self.x.shape[1:]]}
        content = {"inputs": [image | {"data": self.x[i].ravel().tolist()}]}
        return "/v2/models/encode/infer", json.dumps(content).encode()

    def scored(self, i):
        return "/v2/models/score/infer", self.ours(i)[1]

    def plain(self, i):
        return "/encode", json.dumps({"image": self.x[i].ravel().tolist()}).encode()

    def check(self, i, content):
        answer = json.loads(content)
        found = answer["latents"] if "latents" in answer else answer["outputs"][0]["data"]
        self._compare(found, self.codes[i])

    def check_score(self, i, content):
        self._compare(json.loads(content)["outputs"][0]["data"][0] / self.scores[i], 1.0)

    def _compare(self, found, expected):
        self.largest = max(self.largest, float(np.abs(np.array(found) - expected).max()))


async def client(port, requests, check, until, found):
    """One connection that asks again as soon as it is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    i = np.random.default_rng().integers(len(requests))
    while time.perf_counter() < until:
        i = (i + 1) % len(requests)
        path, body = requests[i]
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        started = time.perf_counter()
        writer.write(head.encode() + body)
        status, content = await answer(reader)
        found.append((status, time.perf_counter() - started))
        if status == 200 and check:
            check(i, content)
    writer.close()


async def answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lengths = [line for line in head.lower().split("\r\n") if line.startswith("content-length:")]
    content = await reader.readexactly(int(lengths[0].partition(":")[2]))
    return int(head.split()[1]), content


def crowd(port, clients, requests, check=None, seconds=SECONDS):
    """The figures of so many clients for some seconds."""
    found = []

    async def all_of_them():
        until = time.perf_counter() + seconds
        await asyncio.gather(*(client(port, requests, check, until, found) for _ in range(clients)))

    started = time.perf_counter()
    asyncio.run(all_of_them())
    took = time.perf_counter() - started
    times = np.array([each for status, each in found if status == 200]) * 1000
    return {
        "clients": clients,
        "answers a second": round(len(times) / took, 1),
        "p50 ms": round(float(np.percentile(times, 50)), 2),
        "p99 ms": round(float(np.percentile(times, 99)), 2),
        "answers": dict(Counter(str(status) for status, _ in found)),
    }


class Started:
    """A server in a process of its own."""

    def __init__(self, command, port, path):
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        self.port, self.path = port, path

    def __enter__(self):
        import urllib.error
        import urllib.request

        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self.path}")
                return self
            except urllib.error.HTTPError:
                return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("The server did not come up.")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)

    @property
    def peak_mb(self):
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return round(int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024)


def ours(run, port, *options):
    command = [sys.executable, "-m", "keras_vae", "serve", run, "--port", str(port), "--quiet", *options]
    return Started(command, port, "/v2/health/ready")


def load(run):
    digits = Digits(run)
    rows = []
    for name, server, request in (
        ("keras-vae", ours(run, 8101), digits.ours),
        (
            "FastAPI, predict",
            Started([sys.executable, __file__, "plain", run], 8102, "/docs"),
            digits.plain,
        ),
    ):
        requests = [request(i) for i in range(len(digits.x))]
        with server:
            crowd(server.port, 4, requests, seconds=2.0)  # warm
            for clients in CLIENTS:
                found = crowd(server.port, clients, requests, digits.check)
                rows.append({"server": name, **found, "peak MB": server.peak_mb})
                print(rows[-1], flush=True)
    return {"rows": rows, "largest difference of a code from Keras's": digits.largest}


def overload(run):
    digits = Digits(run)
    requests = [digits.scored(i) for i in range(len(digits.x))]
    with ours(run, 8103, "--max-batch", "16", "--max-waiting", "32") as server:
        found = crowd(server.port, 256, requests, digits.check_score)
        alone = crowd(server.port, 1, requests, seconds=2.0)
    print(found, alone, digits.largest)
    return {
        "256 clients, 32 may wait": found,
        "one client afterwards": alone,
        "largest difference of a score from Keras's": f"{digits.largest:.1e} of it",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["load", "overload", "plain"])
    parser.add_argument("run")
    asked = parser.parse_args()
    if asked.what == "plain":
        plain_server(asked.run, 8102)
        return
    found = {"load": load, "overload": overload}[asked.what](asked.run)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[asked.what] = {
        "command": f"python benchmarks/serving.py {asked.what} RUN",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        **found,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
