"""Train a recipe on a data set into a run folder."""

import contextlib
import dataclasses
import math
import platform
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import keras

from keras_vae import recipes, specs, tasks
from keras_vae.callbacks import Guard, LearningRate, Schedule, Snapshot
from keras_vae.data import Batches, Dataset, TableData, batch_shape, remove_partials, spread, take
from keras_vae.errors import InvalidArgumentError, RunError, UnknownNameError
from keras_vae.optimizers import Adam
from keras_vae.runs.checkpoints import Checkpoints, State, decoded, encoded
from keras_vae.runs.collapse import CollapseWatch
from keras_vae.runs.engines import Engine
from keras_vae.runs.figures import measured
from keras_vae.runs.folder import Run, ordinary_examples
from keras_vae.runs.history import HistoryWriter
from keras_vae.runs.json_file import write_json
from keras_vae.runs.keeper import INTERVAL, Keeper
from keras_vae.runs.lock import locked
from keras_vae.runs.names import CHECKPOINTS, DESCRIPTION, HISTORY, METRICS, MODEL, PICTURES
from keras_vae.runs.one_training import fit_from
from keras_vae.runs.pictures import draw_pictures
from keras_vae.runs.precision import resolve_precision
from keras_vae.runs.report import write_report
from keras_vae.runs.stopping import stop_requests
from keras_vae.runs.tracking import Tracking
from keras_vae.runs.unfinished import check_begun, check_new, check_same, how_to_go_on
from keras_vae.runs.written import written
from keras_vae.scan import steps_a_call
from keras_vae.vae import VAE

LEARNING_RATE_SCHEDULES = ("constant", "cosine")
_VALIDATION_BATCH = 500
# Enough examples to see which latent units carry information.
_WATCHED = 500


@dataclasses.dataclass(frozen=True)
class Settings:
    """How to train. What is `None` is the recipe's own.

    Args:
        recipe: the name of a recipe.
        latent_dim: the number of latent units.
        beta: the weight of the KL; the objective's own default where one is named.
        likelihood: the name of a likelihood, as in `"normal:scale=0.1"`.
        posterior: likewise; so the next two.
        prior: as in `"mixture_of_normals:num_components=50"`.
        objective: as in `"iwae:num_samples=50"`.
        conditions: columns of the data, as in `("label", "age=real")`; none by default.
        schedules: weights of the objective and how they move, as in `("beta:start=0,epochs=10",)`; the
            options are those of `callbacks.Schedule`.
        epochs: passes over the training data.
        batch_size: examples a step.
        learning_rate: of Adam.
        learning_rate_schedule: "constant", or "cosine": up to `learning_rate` in the first twentieth of all
            steps, and down to nothing along half a cosine.
        seed: of the initial weights, the order of the data and the samples of z.
        precision: "auto", "float32" or "bfloat16".

    Raises:
        UnknownNameError: if there is no such recipe, schedule or precision.
        InvalidArgumentError: if a number is out of its range.

    Example:
        >>> Settings(latent_dim=10).resolved().epochs
        30
    """

    recipe: str = "conv"
    latent_dim: int | None = None
    beta: float | None = None
    likelihood: str | None = None
    posterior: str | None = None
    prior: str | None = None
    objective: str | None = None
    conditions: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    learning_rate_schedule: str | None = None
    seed: int = 0
    precision: str = "auto"

    def resolved(self, num_train: int | None = None) -> "Settings":
        """The same with the recipe's own settings filled in, which may depend on `num_train`, checked."""
        recipe = recipes.get(self.recipe)
        if num_train is not None:
            recipe = recipe.sized_for(num_train, self.batch_size)
        own = {
            field.name: getattr(recipe, field.name)
            for field in dataclasses.fields(self)
            if getattr(self, field.name) is None
        }
        if self.objective is not None:
            own.pop("beta", None)
        filled = dataclasses.replace(self, **own)
        for name, least in (("latent_dim", 1), ("epochs", 1), ("batch_size", 1), ("seed", 0)):
            if getattr(filled, name) < least:
                raise InvalidArgumentError(
                    f"{name} must be at least {least}. Received: {name}={getattr(filled, name)}"
                )
        rate = filled.learning_rate
        if rate is None or not (math.isfinite(rate) and rate > 0):
            raise InvalidArgumentError(
                f"learning_rate must be a positive number. Received: learning_rate={rate}"
            )
        shape = filled.learning_rate_schedule
        if shape not in LEARNING_RATE_SCHEDULES:
            raise UnknownNameError("schedule of the learning rate", str(shape), LEARNING_RATE_SCHEDULES)
        return filled


def train(
    data: Dataset,
    folder: str | Path,
    settings: Settings | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    *,
    resume: bool = False,
    notify: Callable[[str], None] | None = None,
    checkpoint_seconds: float = INTERVAL,
    command: str | None = None,
    engine: Engine | None = None,
) -> Run:
    """Train, measure, draw, and write it all into `folder`.

    Everything is checked before the folder is made. It then holds `model.keras` (the whole model),
    `run.json`, `history.csv`, `metrics.json`, `pictures/` and `report.html`; and `checkpoints/` while it is
    trained.

    A training that is killed, or stopped by Ctrl-C, goes on with `resume=True`, and comes to the weights
    and the history that it would have come to, to the bit. A bad batch, or a step that is too large, is
    undone (see `callbacks.Guard`); of that, and of a collapse, `notify` is told.

    Args:
        data: what to train and test on.
        folder: a new or an empty folder; to resume, that of the training.
        settings: how to train; to resume, the same as before.
        callbacks: more Keras callbacks. What they hold themselves begins anew when a training is resumed,
            but a `callbacks.Tracker` goes on.
        resume: whether to go on with a training that did not come to its end.
        notify: is told in a sentence what one should know while it trains; a warning by default.
        checkpoint_seconds: the time between two checkpoints, at least.
        command: what to call to resume; errors say it.
        engine: where to train: `runs.distributed()`, or this process on one device by default. With several
            processes the first one writes and notifies; callbacks are called there, and see a copy of the
            model, as it is after each epoch.

    Returns:
        The finished run; in every process, so that all must see its folder.

    Raises:
        RunExistsError: if the folder holds something; to resume, if it holds a finished run.
        RunNotFoundError: if there is no training to resume.
        RunBusyError: if another process trains there.
        TrainingDivergedError: if the loss becomes NaN, infinite or far too large again and again.
        TrainingStoppedError: after the step, or the call of several, in which SIGINT or SIGTERM came.
        TrackerError: if one of the trackers among the callbacks cannot begin.
        ProcessLostError: out of `with engine:`, if another process is gone.
        KerasVaeError: for settings or data that do not fit, or if something cannot be written.
    """
    folder = Path(folder)
    engine = engine or Engine()
    started = time.perf_counter()
    notify = engine.notifier(notify or (lambda text: warnings.warn(text, stacklevel=3)))
    settings = (settings or Settings()).resolved(len(data.x_train))
    policy = resolve_precision(settings.precision)
    with dtype_policy(policy), contextlib.ExitStack() as held:
        with engine.scope():
            model = _build(data, settings)
            schedules = _schedules(model, settings)
        own = model if engine.is_alone else _build(data, settings)
        data = data.conditioned_on(settings.conditions)
        description = _describe(data, settings, policy) | ({"command": command} if command else {})
        engine.check_alike(description)
        checkpoints, tracking = Checkpoints(folder / CHECKPOINTS), Tracking(callbacks, folder)

        def begin() -> State | None:
            if resume:
                check_begun(folder)
            else:
                _make(folder)
            held.enter_context(locked(folder))
            if resume:
                remove_partials(folder)
                state = _state(folder, description, checkpoints, notify)
            else:
                check_new(folder)
                state = None
            held.enter_context(tracking.following(description, notify, resume))
            if not resume:
                write_json(folder / DESCRIPTION, description)
            return state

        state = engine.from_first(begin, encoded, decoded)
        engine.last_words(how_to_go_on(folder))
        keeping = _Keeping(checkpoints, state, notify, checkpoint_seconds, engine)
        watch = CollapseWatch(_watched(data, model.condition_names), notify)
        seen = engine.aside([watch, *callbacks, tracking], own)
        with engine.scope():
            _fit(model, data, folder, settings, [*schedules, *seen], keeping)
        if engine.is_first:
            if own is not model:
                Snapshot.of(model).restore(own)
            run = _finish(own, data, folder, settings)
            description["seconds"] = round(_seconds_before(state) + time.perf_counter() - started, 2)
            write_json(folder / DESCRIPTION, description)
            write_report(run, data, model=own)
            tracking.conclude(run)
            checkpoints.remove()
        engine.wait()
    return Run(folder)


class _Keeping(NamedTuple):
    """How a training is kept, where it begins, who is told of what happens, and where it runs."""

    checkpoints: Checkpoints
    state: State | None
    notify: Callable[[str], None]
    interval: float
    engine: Engine


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"The run folder {folder} cannot be made: {error}") from error


def _state(
    folder: Path, description: dict[str, Any], checkpoints: Checkpoints, notify: Callable[[str], None]
) -> State | None:
    """Where a training stopped; `None` if it had not come to its first checkpoint."""
    for text in check_same(folder, description):
        notify(text)
    state, damaged = checkpoints.newest()
    for path, why in damaged.items():
        older = "The training begins anew." if state is None else "The one before it is used."
        notify(f"The checkpoint {path} is damaged: {why}. {older}")
    return state


def _seconds_before(state: State | None) -> float:
    if state is None:
        return 0.0
    history = state.notes["history"]
    return history["seconds"] + sum(float(row[-1]) for row in history["rows"])


def _finish(model: VAE, data: Dataset, folder: Path, settings: Settings) -> Run:
    """All that comes after the training."""
    x_test = data.inputs("test", model.condition_names)
    tasks.calibrate(model, ordinary_examples(data, model.condition_names))
    with written(folder / MODEL) as partial:
        model.save(partial)
    run = Run(folder)
    metrics = {
        **measured(model, data, seed=settings.seed),
        "diagnosis": dataclasses.asdict(tasks.diagnose(model, x_test)),
    }
    write_json(folder / METRICS, metrics)
    draw_pictures(folder / PICTURES, model, data, run.history, settings.seed)
    return run


@contextlib.contextmanager
def dtype_policy(policy: str) -> Iterator[None]:
    """Keras's global dtype policy set to `policy`, and put back afterwards."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _build(data: Dataset, settings: Settings) -> VAE:
    model = recipes.get(settings.recipe).model(
        data,
        latent_dim=settings.latent_dim,
        beta=settings.beta,
        likelihood=settings.likelihood,
        posterior=settings.posterior,
        prior=settings.prior,
        objective=settings.objective,
        conditions=settings.conditions,
        seed=settings.seed,
    )
    full_batches = len(data.x_train) // settings.batch_size  # type: ignore[operator]
    batch_elements = settings.batch_size * math.prod(data.event_shape)  # type: ignore[operator]
    model.compile(
        optimizer=Adam(settings.learning_rate),
        steps_per_execution=steps_a_call(full_batches, batch_elements),
    )
    x_train = data.conditioned_on(settings.conditions).inputs("train", model.condition_names)
    model.build(batch_shape(x_train))
    model.optimizer.build(model.trainable_variables)
    return model


def _schedules(model: VAE, settings: Settings) -> list[keras.callbacks.Callback]:
    schedules: list[keras.callbacks.Callback] = []
    if settings.learning_rate_schedule == "cosine":
        schedules.append(LearningRate(settings.epochs))  # type: ignore[arg-type]
    for text in settings.schedules:
        weight, _, options = text.partition(":")
        schedule = specs.make(Schedule, f"schedule {weight!r}", options, weight=weight)
        schedule.variable_of(model.objective)
        schedules.append(schedule)
    return schedules


def _watched(data: Dataset, conditions: tuple[str, ...]) -> Any:
    return take(data.inputs("test", conditions), spread(len(data.x_test), _WATCHED))


def _fit(
    model: VAE,
    data: Dataset,
    folder: Path,
    settings: Settings,
    callbacks: Sequence[keras.callbacks.Callback],
    keeping: _Keeping,
) -> None:
    x_train, x_test = (data.inputs(split, model.condition_names) for split in ("train", "test"))
    batches = Batches(x_train, settings.batch_size, settings.seed)  # type: ignore[arg-type]
    engine = keeping.engine
    guard = Guard(batches, notify=keeping.notify)
    history = HistoryWriter(folder / HISTORY if engine.is_first else None, guard)
    with stop_requests() as stop:
        keeper = Keeper(
            keeping.checkpoints if engine.is_first else None,
            guard,
            history,
            stop,
            keeping.state,
            keeping.interval,
            engine.agreed,
        )
        epoch, step = keeper.position
        fit_from(
            model,
            batches,
            settings.epochs,  # type: ignore[arg-type]
            [guard, history, *callbacks, keeper],
            epoch,
            step,
            validation_data=Batches(x_test, _VALIDATION_BATCH, shuffle=False),
        )


def _describe(data: Dataset, settings: Settings, policy: str) -> dict[str, Any]:
    backend = keras.config.backend()
    return {
        "settings": dataclasses.asdict(settings),
        "data": {
            "name": data.name,
            "kind": "table" if isinstance(data, TableData) else "images",
            "fingerprint": data.fingerprint,
            "num_train": len(data.x_train),
            "num_test": len(data.x_test),
            "reading": dict(data.reading),
            "columns": sorted(data.columns("train")),
            "event_shape": list(data.event_shape),
            "dtype": str(data.x_train.dtype),
            "value_range": list(data.value_range),
        },
        "dtype_policy": policy,
        "versions": {
            "keras-vae": version("keras-vae"),
            "keras": keras.version(),
            backend: _backend_version(backend),
            "numpy": version("numpy"),
            "python": platform.python_version(),
        },
    }


def _backend_version(backend: str) -> str:
    for distribution in (backend, f"{backend}-cpu"):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return "unknown"
