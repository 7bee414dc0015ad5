"""Gaps of a table, filled."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from keras_vae.columns.column import missing_in
from keras_vae.columns.column_type import name_of
from keras_vae.columns.schema import Schema
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
    for column, numbers in zip(schema.columns, matrix.T, strict=True):
        known = arrow[column.name]
        type_ = _type_to_fill(known.type, column.decode(numbers[:0]).type)
        own = replace(column, type=name_of(type_, column.plain_type))
        values = pc.cast(own.decode(numbers), type_, safe=False)
        whole = pc.if_else(pa.array(missing_in(known)), values, pc.cast(known, type_, safe=False))
        arrow = arrow.set_column(arrow.column_names.index(column.name), column.name, whole)
    return arrow


def doubts(source: TableSource, schema: Schema, uncertainty: np.ndarray) -> pa.Table:
    """How uncertain the filled entries of a table are, as numbers; null where an entry was known.

    Args:
        source: the table, with its gaps.
        schema: what the columns of the numbers are.
        uncertainty: `(n, num_columns)`, as `tasks.impute` gives it.
    """
    arrow = pa.Table.from_batches(list(source.batches()), source.types)
    return pa.table(
        {
            name: pa.array(uncertainty[:, i].astype("float64"), mask=~missing_in(arrow[name]))
            for i, name in enumerate(schema.names)
        }
    )


def _type_to_fill(known: pa.DataType, filled: pa.DataType) -> pa.DataType:
    """The table's own type, unless that cannot hold what is filled in: no values at all, or fractions."""
    has_fractions = pa.types.is_floating(filled) or pa.types.is_decimal(filled)
    return filled if pa.types.is_null(known) or (pa.types.is_integer(known) and has_fractions) else known
