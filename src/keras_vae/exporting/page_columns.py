"""How a page writes the columns of a table."""

from typing import Any

import numpy as np
import pyarrow as pa

from keras_vae.columns.column import Column
from keras_vae.columns.column_type import ends_of, type_named

_DAY = 86_400.0


def column_for_page(column: Column) -> dict[str, Any]:
    """What `page/row.js` must know of a column to write its numbers as `Schema.texts` does.

    Example:
        >>> found = column_for_page(Column("age", "integer", type="int8"))
        >>> found["form"], found["low"], found["high"]
        ('whole', -128.0, 127.0)
    """
    own = type_named(column.type) if column.type else column.plain_type
    is_date = column.kind == "date"
    low, high = ends_of(pa.date32() if is_date and not pa.types.is_temporal(own) else own)
    found = {
        "name": column.name,
        "kind": column.kind,
        "form": _form(column, own),
        "classes": list(column.classes or ()),
        "decimals": own.scale if pa.types.is_decimal(own) else column.decimals,
        "start": column.start,
        "unit": _DAY if is_date else 1.0,
        "has_time": column.has_time,
    }
    return found | {"low": low if np.isfinite(low) else None, "high": high if np.isfinite(high) else None}


def _form(column: Column, own: pa.DataType) -> str:
    """What a value looks like in its own type."""
    if column.classes is not None:
        return "class"
    if column.kind == "date":
        return "time" if pa.types.is_timestamp(own) else "date"
    if pa.types.is_decimal(own):
        return "fixed"
    return "whole" if pa.types.is_integer(own) else "general"
