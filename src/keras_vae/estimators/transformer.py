"""Rows → codes, and back: a VAE as a step of a pipeline."""

from typing import Any

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from keras_vae import tasks
from keras_vae.errors import InvalidArgumentError
from keras_vae.estimators.base import VAEEstimator, new_seed
from keras_vae.estimators.composition import decoded
from keras_vae.tasks.batching import map_batches

# Always so many rows: what is multiplied in batches of another size is rounded otherwise.
_BATCH_SIZE = 512


class VAETransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, VAEEstimator):
    r"""A transformer of scikit-learn's: rows of a numeric table → the means of q(z|x), and back.

    Columns are stretched inside the model, as in `vae train TABLE`, so that no scaler is needed before it.
    Entries may be missing, NaN: they add nothing to log p(x|z), and the encoder is told of them (Nazabal et
    al., 2020, "Handling incomplete heterogeneous data using VAEs"). A row has the same code alone and among
    others.

    Args:
        latent_dim: the number of latent units.
        hidden_units: widths of the encoder's dense layers; the decoder's are their mirror.
        likelihood: of every column: a name from `keras_vae.likelihoods`, with options.
        stretch: of every column, see `data.TableTransform.of`: "standardize", "log", "quantile" or "none";
            `None` for what makes each look normal. Not where the likelihood is for numbers of another kind,
            such as counts, which are taken as they are.
        beta: the weight of the KL.
        epochs: passes over the rows. If left out, 200, and fewer where rows are many: 4,000 steps at most.
        batch_size: rows a step; 16 to 256 by their number if left out.
        learning_rate: of Adam.
        random_state: an integer makes fits repeatable: the same weights each time, to the bit on a CPU.

    Attributes:
        model_: the trained `keras_vae.VAE`, for `keras_vae.tasks` and `model_.save`.
        n_iter_: passes over the rows.
        n_features_in_: the number of columns.
        feature_names_in_: what they are called, where they came with names.

    Raises:
        InvalidArgumentError: by `fit`, if a number is out of its range.
        UnknownNameError: by `fit`, if there is no such likelihood or stretch.
        DataError: if a column is missing in every row, or numbers are too large for float32 or outside the
            likelihood's support.
        TrainingDivergedError: by `fit`, if the loss becomes NaN or infinite.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> X = load_iris(as_frame=True).data
        >>> transformer = VAETransformer(latent_dim=2, epochs=1, batch_size=32, random_state=0)
        >>> transformer.set_output(transform="pandas").fit_transform(X).shape
        (150, 2)
        >>> list(transformer.get_feature_names_out())
        ['vaetransformer0', 'vaetransformer1']
    """

    def fit(self, X: Any, y: Any = None) -> "VAETransformer":
        """Train on rows, `(n, num_columns)`, at least two; `y` is not looked at."""
        X = self._training_rows(X)
        self._train(X, new_seed(self.random_state))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The mean of q(z|x) for each row, `(n, latent_dim)`, float32."""
        x = self._rows(X)
        padded = np.pad(x, ((0, -len(x) % _BATCH_SIZE), (0, 0)), mode="edge")
        return map_batches(lambda batch: self.model_.encode(batch).mean, padded, _BATCH_SIZE)[: len(x)]

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The mean of p(x|z) for each code, `(n, latent_dim)` → `(n, num_columns)`, float64, in raw units.

        Raises:
            InvalidArgumentError: if the codes are of another length.
        """
        check_is_fitted(self)
        codes = check_array(X, dtype="float32")
        if codes.shape[1] != self._n_features_out:
            raise InvalidArgumentError(
                f"A code of this transformer holds {self._n_features_out} numbers. "
                f"Received: an array of shape {codes.shape}"
            )
        return decoded(tasks.decode(self.model_, codes), self.model_.preprocessing.schema)

    @property
    def _n_features_out(self) -> int:
        return self.model_.latent_dim

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
