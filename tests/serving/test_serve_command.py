"""`vae serve` as its users run it: a process that is asked to stop."""

import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import keras
import pytest

pytest.importorskip("onnxruntime")
pytest.importorskip("prometheus_client")
if keras.config.backend() != "tensorflow":
    pytest.skip("exporting takes TensorFlow", allow_module_level=True)
pytest.importorskip("tf2onnx")


def ask(address, path, content=None):
    body = None if content is None else json.dumps(content).encode()
    with urllib.request.urlopen(f"{address}/{path}", body, timeout=30) as answer:
        return json.load(answer)


def test_a_run_is_served_without_tensorflow_and_what_was_taken_is_answered_at_the_end(blobs_run):
    command = [sys.executable, "-m", "keras_vae", "serve", str(blobs_run.folder), "--port", "0", "--quiet"]
    command += ["--endpoint", "score", "--max-waiting", "600"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().strip()
        assert ask(address, "health/ready") == {"ready": True}
        with open(f"/proc/{server.pid}/maps") as maps:  # noqa: PTH123
            loaded = maps.read()
        assert "onnxruntime" in loaded
        assert "tensorflow" not in loaded
        pixels = [7] * (144 * 200)
        request = {
            "inputs": [{"name": "image", "datatype": "UINT8", "shape": [200, 12, 12, 1], "data": pixels}]
        }
        answers = []

        def client():
            try:
                answers.append(len(ask(address, "models/score/infer", request)["outputs"][0]["data"]))
            except urllib.error.HTTPError as error:
                answers.append(error.code)
            except (urllib.error.URLError, ConnectionError):
                answers.append("not taken")

        clients = [threading.Thread(target=client) for _ in range(12)]
        for each in clients:
            each.start()
        while not answers:
            time.sleep(0.01)
        server.send_signal(signal.SIGTERM)
        for each in clients:
            each.join()
        _, said = server.communicate(timeout=60)
    finally:
        server.kill()
    assert set(answers) <= {200, 503, "not taken"}
    assert answers.count(200) >= 3
    assert (server.returncode, said) == (0, "")


def test_bad_requests_get_one_message(vae, tmp_path, blobs_run):
    code, _, said = vae("serve", tmp_path)
    assert (code, said) == (2, f"vae: {tmp_path} holds neither a finished run nor an export.\n")
    code, _, said = vae("serve", blobs_run.folder, "--max-batch", "9", "--max-waiting", "5")
    assert (code, said.count("\n")) == (2, 1)
