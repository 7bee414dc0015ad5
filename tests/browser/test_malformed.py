"""Whatever is sent to the page, it answers, and never with an error of its own."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from keras_vae.explorer import Workspace, create_app

schemathesis = pytest.importorskip("schemathesis", reason="make test-browser installs schemathesis")


class _Idle(Workspace):
    """A workspace that begins no training: there would be many."""

    def train(self, data, options):
        return "idle"


@pytest.fixture(scope="module")
def api(tmp_path_factory, blobs_run, table_run):
    workspace = _Idle(tmp_path_factory.mktemp("fuzzed") / "runs")
    for run in (blobs_run, table_run):
        workspace.opened(workspace.add(run.folder)).prepared.wait("scores")
    app = create_app(workspace, hosts=("testserver",))
    return schemathesis.openapi.from_asgi("/api/openapi.json", app)


def test_nothing_that_is_sent_is_too_much(api):
    asked = 0
    for found in api.get_all_operations():
        operation = found.ok()

        @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(), run=strategies.sampled_from(["blobs", "run", None]))
        def check(case, run):
            if run and case.path.startswith("/api/runs/"):
                case.path_parameters["name"] = run
            # Numbers of items that are too large are refused though the schema allows them.
            case.call_and_validate(excluded_checks=[schemathesis.checks.positive_data_acceptance])

        check()
        asked += 1
    assert asked >= 20
