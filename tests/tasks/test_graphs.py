"""A graph computes what its operations compute one by one."""

import numpy as np
import pytest

from keras_vae.data import spread
from keras_vae.tasks.batching import as_graph


@pytest.mark.parametrize("run", ["blobs_run", "table_run"])
def test_codes_and_reconstructions_are_the_same_in_a_graph(request, run, to_numpy):
    run = request.getfixturevalue(run)
    model, x_test = run.model, run.data().x_test
    x = np.asarray(x_test[spread(len(x_test), 30)])
    for function in (lambda x: model.encode(x).mean, model.reconstruct):
        np.testing.assert_allclose(
            to_numpy(as_graph(function)(x)), to_numpy(function(x)), rtol=1e-4, atol=1e-4, equal_nan=True
        )


def test_classes_reach_the_encoder_in_a_graph(table_run, to_numpy):
    """Beside a column that is divided by its scale, a class is no number a little below it."""
    model, schema = table_run.model, table_run.schema
    x = np.full((len(schema["kind"].categories), len(schema.columns)), np.nan, "float32")
    place = schema.names.index("kind")
    x[:, place] = np.arange(len(x))
    found = to_numpy(as_graph(model.preprocessing)(x))
    np.testing.assert_array_equal(found[:, place], x[:, place])
    codes = to_numpy(as_graph(lambda x: model.encode(x).mean)(x))
    assert np.ptp(codes, axis=0).max() > 1e-3
