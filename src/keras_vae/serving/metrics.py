"""What a server counts, as Prometheus reads it."""

from collections.abc import Callable

from keras_vae.optional import optional

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_EXAMPLES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """Requests, how long they took, how many examples were computed together, and how many wait.

    Raises:
        PackageMissingError: if Prometheus's client is not installed.
    """

    def __init__(self) -> None:
        prometheus = optional("prometheus_client", "Serving", "serve")
        self._registry = prometheus.CollectorRegistry()
        self._write = prometheus.generate_latest
        self.content_type = prometheus.CONTENT_TYPE_LATEST
        of_model = {"labelnames": ["model"], "registry": self._registry}
        self._requests = prometheus.Counter(
            "vae_requests",
            "Answers to inferences, by status.",
            ["model", "status"],
            registry=self._registry,
        )
        self._seconds = prometheus.Histogram(
            "vae_request_seconds", "How long answers took.", buckets=_SECONDS, **of_model
        )
        self._examples = prometheus.Counter("vae_examples", "Examples that were computed.", **of_model)
        self._batches = prometheus.Histogram(
            "vae_batch_examples", "Examples that were computed together.", buckets=_EXAMPLES, **of_model
        )
        self._waiting = prometheus.Gauge(
            "vae_waiting_examples", "Examples that wait or are being computed.", **of_model
        )

    def answered(self, model: str, status: int, seconds: float) -> None:
        """Somebody got an answer."""
        self._requests.labels(model, str(status)).inc()
        self._seconds.labels(model).observe(seconds)

    def computed(self, model: str, count: int) -> None:
        """So many examples were computed together."""
        self._examples.labels(model).inc(count)
        self._batches.labels(model).observe(count)

    def watch_waiting(self, model: str, count: Callable[[], float]) -> None:
        """Ask for the number of waiting examples whenever somebody reads."""
        self._waiting.labels(model).set_function(count)

    def text(self) -> bytes:
        """All of it, in Prometheus's text format."""
        return self._write(self._registry)
