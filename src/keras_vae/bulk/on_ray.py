"""The engine of many processes, on Ray Data."""

import contextlib
import dataclasses
import json
import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

from keras_vae.bulk.job import Done, Job, part_of
from keras_vae.bulk.parts import Part
from keras_vae.bulk.work import Worker
from keras_vae.errors import DataError, KerasVaeError
from keras_vae.optional import optional
from keras_vae.tasks import report

# What travels are the descriptions of parts; Ray takes no less than about this for them.
_STORE_BYTES = 100 * 2**20
# A part that takes its worker with it would do so for ever.
_MOST_RETRIES = 3
_THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def done_on_ray(job: Job, parts: Sequence[Part], workers: int | None = None) -> Iterator[Done]:
    """Each part as soon as a worker has written it, in whatever order.

    A worker holds one model and takes one CPU. Where one dies, Ray starts another, which does its part
    again. The cluster is the one that RAY_ADDRESS names, and otherwise made here and for this.

    Args:
        job: what is to be done.
        parts: of which parts.
        workers: how many there are; else one a CPU, and never more than parts.

    Raises:
        PackageMissingError: if Ray is not installed.
        DataError: if a worker cannot go on.
    """
    ray = _ray()
    before, total = 0, sum(part.rows for part in parts)
    with _cluster(ray, workers):
        count = min(len(parts), workers or int(ray.cluster_resources().get("CPU", 1)))
        for row in _dataset(ray, job, parts, count).iter_rows():
            if row["error"]:
                raise DataError(row["error"])
            done = Done.from_json(row["done"])
            before += done.part.rows
            report(before, total)
            yield done


def check_ray() -> None:
    """Refuse to go on without Ray Data.

    Raises:
        PackageMissingError: which says how to install it.
    """
    _ray()


class RayWorker:
    """A `Worker` among Ray's, which says what it cannot do instead of raising it: Ray would try again.

    Args:
        job: of the worker, as a dict.
    """

    def __init__(self, job: dict[str, Any]) -> None:
        import pyarrow as pa

        pa.set_cpu_count(1)
        self._job = Job(**job)
        self._worker: Worker | None = None

    def __call__(self, rows: dict[str, Any]) -> dict[str, list[str]]:
        found = [self._attempt(text) for text in rows["part"]]
        return {"done": [done for done, _ in found], "error": [error for _, error in found]}

    def _attempt(self, text: str) -> tuple[str, str]:
        try:
            self._worker = self._worker or Worker(self._job)
            return self._worker.do(part_of(json.loads(text))).to_json(), ""
        except (KerasVaeError, OSError) as error:
            return "", str(error)


def _dataset(ray: Any, job: Job, parts: Sequence[Part], workers: int) -> Any:
    """A block for each part, so that each is a task of its own."""
    items = [{"part": json.dumps(dataclasses.asdict(part))} for part in parts]
    return ray.data.from_items(items, override_num_blocks=len(items)).map_batches(
        RayWorker,
        fn_constructor_kwargs={"job": dataclasses.asdict(job)},
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=1,
        max_task_retries=_MOST_RETRIES,
        runtime_env={"env_vars": dict.fromkeys(_THREADS, "1")},
    )


@contextlib.contextmanager
def _cluster(ray: Any, workers: int | None) -> Iterator[None]:
    """Inside it there is a cluster, which says nothing."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    if ray.is_initialized():
        yield
        return
    address = os.environ.get("RAY_ADDRESS")
    own = {} if address else {"num_cpus": workers, "object_store_memory": _STORE_BYTES}
    ray.init(
        address=address or "local",
        include_dashboard=None if address else False,
        logging_level=logging.ERROR,
        log_to_driver=False,
        configure_logging=True,
        **own,
    )
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield
    finally:
        ray.shutdown()


def _ray() -> Any:
    for module in ("ray", "ray.data"):
        optional(module, "--engine ray", "ray", "ray[data]")
    import ray

    return ray
