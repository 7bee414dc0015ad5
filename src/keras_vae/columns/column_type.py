"""Arrow's types by name, and what can be written in them."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_DECIMAL = re.compile(r"decimal(128|256)\((\d+), (-?\d+)\)")
_ZONED = re.compile(r"timestamp\[(s|ms|us|ns), tz=(.+)\]")
# The first day of year 1, the last of 9999, and what nanoseconds reach, in seconds since 1970.
_FIRST, _LAST = -62_135_596_800.0, 253_402_214_400.0
_LAST_OF_NANOSECONDS = 9_223_372_036.0


def type_named(name: str) -> pa.DataType:
    """The type that Arrow writes so; of dictionaries and nested types it knows none.

    Raises:
        ValueError: if there is none.

    Example:
        >>> type_named("decimal128(10, 2)"), type_named("int16")
        (Decimal128Type(decimal128(10, 2)), DataType(int16))
    """
    if found := _DECIMAL.fullmatch(name):
        make = pa.decimal128 if found[1] == "128" else pa.decimal256
        return make(int(found[2]), int(found[3]))
    if found := _ZONED.fullmatch(name):
        return pa.timestamp(found[1], found[2])
    return pa.type_for_alias(name)


def name_of(type_: pa.DataType, plain: pa.DataType) -> str:
    """What `type_named` knows a type by; "" if it is `plain`, or values of `plain` cannot become it.

    Example:
        >>> name_of(pa.int8(), pa.int64()), name_of(pa.int64(), pa.int64())
        ('int8', '')
    """
    name = str(type_).replace("date32[day]", "date32").replace("date64[ms]", "date64")
    try:
        if type_ == plain or type_named(name) != type_:
            return ""
        pc.cast(pa.array([], plain), type_)
    except (ValueError, pa.ArrowNotImplementedError):
        return ""
    return name


def ends_of(type_: pa.DataType) -> tuple[float, float]:
    """The smallest and the largest number that fits, of dates in seconds since 1970.

    Example:
        >>> ends_of(pa.int8()), ends_of(pa.decimal128(4, 2))
        ((-128.0, 127.0), (-99.99, 99.99))
    """
    if pa.types.is_integer(type_):
        info = np.iinfo(type_.to_pandas_dtype())
        high = float(info.max)
        return float(info.min), high if high < 2.0**53 else float(np.nextafter(high, 0.0))
    if pa.types.is_decimal(type_):
        high = (10.0**type_.precision - 1.0) / 10.0**type_.scale
        high = high if type_.precision <= 15 else high * (1.0 - 1e-15)
        return -high, high
    if pa.types.is_timestamp(type_) and type_.unit == "ns":
        return -_LAST_OF_NANOSECONDS, _LAST_OF_NANOSECONDS
    return (_FIRST, _LAST) if pa.types.is_temporal(type_) else (-np.inf, np.inf)
