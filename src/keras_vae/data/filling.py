"""Gaps of a table, filled."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from keras_vae.data.schema import Schema
from keras_vae.data.table import Table
from keras_vae.data.table_source import TableSource


def fill_gaps(source: TableSource, schema: Schema, matrix: np.ndarray) -> pa.Table:
    """The table of that source with what is missing from a matrix, in its own types and order.

    What is known stays exactly as it is, also categories that the schema does not know; columns that the
    schema does not have stay as they are.

    Args:
        source: the table.
        schema: what the columns of the matrix are.
        matrix: `(n, num_columns)`.

    Example:
        >>> from keras_vae.data import open_table, read_table
        >>> holes = {"size": [1, None, 3], "pet": ["cat", "dog", None]}
        >>> source, schema = open_table(holes), read_table(holes).schema
        >>> fill_gaps(source, schema, np.array([[9, 9], [2.2, 0], [9, 1]], "float32")).to_pydict()
        {'size': [1, 2, 3], 'pet': ['cat', 'dog', 'dog']}
    """
    arrow = pa.Table.from_batches(list(source.batches()), source.types)
    filled = schema.decode(matrix)
    for place, name in enumerate(arrow.column_names):
        if name in schema.names:
            known = arrow[name]
            values = pc.cast(filled[name], known.type, safe=False)
            whole = pc.if_else(pc.is_null(known, nan_is_null=True), values, known)
            arrow = arrow.set_column(place, name, whole)
    return arrow


def doubts(table: Table, uncertainty: np.ndarray) -> pa.Table:
    """How uncertain the filled entries of a table are, as numbers; null where an entry was known.

    Args:
        table: with its gaps.
        uncertainty: `(n, num_columns)`, as `tasks.impute` gives it.
    """
    is_known = ~np.isnan(table.matrix[:])
    return pa.table(
        {
            name: pa.array(uncertainty[:, i].astype("float64"), mask=is_known[:, i])
            for i, name in enumerate(table.schema.names)
        }
    )
