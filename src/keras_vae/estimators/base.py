"""What the two estimators share: their settings, what they take, and how they are pickled."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from keras_vae import recipes
from keras_vae.arguments import positive_integer
from keras_vae.errors import DataError
from keras_vae.estimators.artefact import from_bytes, to_bytes
from keras_vae.estimators.composition import check_support, compose, encoded, train
from keras_vae.runs import Settings
from keras_vae.vae import VAE

_LARGEST = float(np.finfo("float32").max)
_NUM_SEEDS = 2**31
# Small tables are better learned by one hidden layer and in twice the recipe's passes: the bound of rows
# held out says so, see benchmarks/anomalies_tables.py.
_RECIPE = replace(recipes.get("table"), epochs=200)


class VAEEstimator(BaseEstimator):
    """A VAE of the rows of a numeric table; its arguments and attributes are told by `VAETransformer`.

    A pickle holds the bytes of `model.keras` in the place of the model, from which it is rebuilt.
    """

    model_: VAE
    n_iter_: int

    def __init__(
        self,
        latent_dim: int = 8,
        *,
        hidden_units: Sequence[int] = (64,),
        likelihood: str = "normal:scale=learned_each",
        stretch: str | None = "standardize",
        beta: float = 1.0,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float = 1e-3,
        random_state: Any = None,
    ) -> None:
        self.latent_dim = latent_dim
        self.hidden_units = hidden_units
        self.likelihood = likelihood
        self.stretch = stretch
        self.beta = beta
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "model_" in state:
            state["model_"] = to_bytes(self.model_)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "model_" in state:
            state = {**state, "model_": from_bytes(state["model_"])}
        super().__setstate__(state)

    def _training_rows(self, X: Any) -> np.ndarray:
        """Rows to train on, checked: `(n, num_columns)`, float64 or float32. Sets `n_features_in_`."""
        return self._checked(X, ensure_min_samples=2)

    def _train(self, X: np.ndarray, seed: int) -> None:
        """Make `model_`, and train it on rows that are checked."""
        settings = self._settings(len(X), seed)
        units = [positive_integer("hidden_units", _plain(each)) for each in self.hidden_units]
        model = compose(X, getattr(self, "feature_names_in_", None), settings, units, self.stretch)
        self.n_iter_ = train(model, encoded(X, model.preprocessing.schema), settings)
        self.model_ = model

    def _rows(self, X: Any) -> np.ndarray:
        """Rows as `model_` takes them, `(n, num_columns)`, float32."""
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        check_support(X, self.model_.likelihood)
        return encoded(X, self.model_.preprocessing.schema)

    def _checked(self, X: Any, **options: Any) -> np.ndarray:
        X = validate_data(self, X, dtype=["float64", "float32"], ensure_all_finite="allow-nan", **options)
        largest = np.abs(X[~np.isnan(X)]).max(initial=0.0)
        if largest > _LARGEST:
            raise DataError(
                f"X holds numbers up to {largest:g}, and models calculate in float32, which ends at "
                f"{_LARGEST:.1e}: give that column in another unit."
            )
        return X

    def _settings(self, num_rows: int, seed: int) -> Settings:
        names = ("latent_dim", "likelihood", "beta", "epochs", "batch_size", "learning_rate")
        given = {name: _plain(getattr(self, name)) for name in names}
        for name in ("latent_dim", "epochs", "batch_size"):
            if given[name] is not None:
                positive_integer(name, given[name])
        sized = _RECIPE.sized_for(num_rows, given["batch_size"])
        own = {"epochs": sized.epochs, "batch_size": sized.batch_size}
        given |= {name: each for name, each in own.items() if given[name] is None}
        return Settings(recipe=_RECIPE.name, seed=seed, **given).resolved()


def new_seed(random_state: Any) -> int:
    """A seed, by what scikit-learn calls a random state: an integer, a `RandomState`, or `None`.

    Example:
        >>> new_seed(0) == new_seed(0), new_seed(0) == new_seed(1)
        (True, False)
    """
    return int(check_random_state(random_state).randint(_NUM_SEEDS))


def _plain(value: Any) -> Any:
    """A number of Python's for one of NumPy's, as searches over parameters give them."""
    return value.item() if isinstance(value, np.generic) else value
