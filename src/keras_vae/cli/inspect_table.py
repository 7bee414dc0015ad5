"""What `vae inspect` and `vae train` print of a table."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_vae.data import ColumnInspection, TableInspection

_MOST_CLASSES = 4


def table_rows(found: "TableInspection") -> dict[str, str]:
    """What was found of the table as a whole."""
    share = f"{found.missing_share:.1%}".replace("%", " %") if found.missing_share else "none"
    return {
        "rows": f"{found.num_train:,} for training, {found.num_test:,} for testing",
        "columns": f"{len(found.columns):,}",
        "missing": f"{share} of all entries" if found.missing_share else share,
    }


def odd_columns(found: "TableInspection") -> dict[str, str]:
    """What a person should hear of the columns before training."""
    constant = [each.name for each in found.columns if each.is_constant]
    unknown = [f"{name} ({count:,})" for name, count in found.unknown.items()]
    rows = {"ignored": found.ignored, "constant": constant, "unknown categories": unknown}
    return {name: ", ".join(each) for name, each in rows.items() if each}


def column_rows(found: "TableInspection") -> list[list[str]]:
    """A row for each column, below a line of headings."""
    total = found.num_train + found.num_test
    rows = [["column", "kind", "missing", "values", "stretched by", "likelihood"]]
    for each in found.columns:
        missing = f"{each.missing / total:.0%}".replace("%", " %") if each.missing else ""
        stretch = "" if each.stretch == "none" else each.stretch
        rows.append([each.name, each.kind, missing, _values(each), stretch, each.likelihood])
    return rows


def _values(column: "ColumnInspection") -> str:
    if not column.classes:
        return f"{column.low} to {column.high}"
    named = [f"{name} ({count:,})" for name, count in list(column.classes.items())[:_MOST_CLASSES]]
    more = len(column.classes) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")
