"""What a question gave."""

from __future__ import annotations

import json
import os

from . import _core
from ._errors import InputError, PluginError, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STATUS = ("ok", "infeasible", "refused", "failed", "skipped")
_SHOWN_ROWS = 20


def _cells(line: str) -> list[str]:
    """The cells of a line of a Markdown table."""
    import re

    return [re.sub(r"\\(.)", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _html_table(markdown: str) -> str:
    """The table that the host wrote as Markdown, for a notebook."""
    from html import escape

    lines = markdown.split("\n")
    table = [line for line in lines if line.startswith("|")]
    rest = [line for line in lines if line and not line.startswith("|")]
    head, rows = _cells(table[0]), [_cells(line) for line in table[2:]]
    html = "<table><thead><tr>" + "".join(f"<th>{escape(c)}</th>" for c in head) + "</tr></thead><tbody>"
    for row in rows:
        html += "<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>"
    return html + "</tbody></table>" + "".join(f"<p>{escape(line)}</p>" for line in rest)


class Result:
    """Rows of an answer, a table or a study. Numbers are in SI units, which `units` names.

    It speaks Arrow's PyCapsule protocol: pyarrow, Polars and DuckDB read it without a copy of its numbers.
    """

    def __init__(self, core: _core.Result) -> None:
        self._core = core
        self._columns: dict[str, tuple[int, dict[str, Any]]] = {c["name"]: (i, c) for i, c in enumerate(core.columns())}

    # What is in it

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._columns)

    @property
    def units(self) -> dict[str, str]:
        """The unit of each column that has one."""
        return {name: c["unit"] for name, (_, c) in self._columns.items() if c["unit"]}

    @property
    def is_answer(self) -> bool:
        """Whether it is the one answer of a question without axes."""
        return bool(self._core.is_answer)

    @property
    def status(self) -> Any:
        """How each row ended, or the answer: ok, infeasible, refused, failed or skipped."""
        names = [_STATUS[code] for code in self._core.status()]
        return names[0] if self.is_answer else names

    @property
    def summary(self) -> dict[str, Any]:
        """How many rows ended how, what constraints took out, and what a study says beside its table."""
        counts = dict(self._core.summary())
        if self.is_answer:
            counts["rows"] = counts[self.status] = 1
        return counts

    @property
    def notes(self) -> list[str]:
        """What a study says beside its table."""
        return list(self._core.summary()["notes"])

    @property
    def violated(self) -> list[str]:
        """Assertions of the config that do not hold for the answer."""
        return list(self._core.violated())

    @property
    def exit_status(self) -> int:
        """What the program would end with: 0 fine, 2 infeasible, 3 an assertion violated ..."""
        return int(self._core.exit_status())

    @property
    def provenance(self) -> dict[str, Any]:
        """Which program, profile and plugins it comes from. Solvers in Python have no manifest there."""
        return dict(json.loads(self._core.provenance()))

    def __len__(self) -> int:
        return len(self._core)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def _ipython_key_completions_(self) -> list[str]:
        return self.columns

    def __getitem__(self, name: str) -> Any:
        """A column as an array of NumPy, absent numbers as NaN; of an answer, its value."""
        if name not in self._columns:
            raise KeyError(f"no column '{name}'; there are {', '.join(self._columns)}")
        index, column = self._columns[name]
        import numpy

        values: Any = None
        if column["type"] == "object":
            values = numpy.array(self._core.names(index), dtype=object)
        elif column["type"] in ("series", "text"):
            values = self._core.lists(index)
        elif column["type"] == "choice":
            codes: Any = self._core.values(index)
            names = numpy.array([*column["choices"], None], dtype=object)
            values = names[numpy.where(numpy.isnan(codes), len(column["choices"]), codes).astype(int)]
        else:
            values = self._core.values(index)
            if column["type"] == "boolean" and not numpy.isnan(values).any():
                values = values != 0
        if not self.is_answer:
            return values
        value = values[0]
        return value.item() if getattr(value, "ndim", None) == 0 else value

    # For other libraries

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._core.arrow_stream(requested_schema)

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return self._core.arrow_array(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self._core.arrow_schema()

    def to_arrow(self) -> Any:
        """A table of pyarrow; the unit and the meaning of a column are in its metadata."""
        import pyarrow

        return pyarrow.table(self)

    def _named(self, units: bool) -> dict[str, str]:
        return {name: f"{name} [{unit}]" for name, unit in self.units.items()} if units else {}

    def to_pandas(self, units: bool = False) -> Any:
        """A frame of pandas (needs pyarrow). `units`: columns say their unit, as in "latency [s]"."""
        frame = self.to_arrow().to_pandas()
        frame.attrs["units"] = self.units
        return frame.rename(columns=self._named(units))

    def to_polars(self, units: bool = False) -> Any:
        """A frame of Polars. `units`: columns say their unit, as in "latency [s]"."""
        import polars

        return polars.DataFrame(self).rename(self._named(units))

    def pint(self, name: str, registry: Any = None) -> Any:
        """A column with its unit, as a quantity of pint. Units that `registry` lacks are defined in it."""
        import pint

        registry = registry or pint.get_application_registry()  # type: ignore[no-untyped-call, unused-ignore]
        for unit in ("FLOP", "USD", "kgCO2e", "token", "request"):
            if unit not in registry:
                registry.define(f"{unit} = [{unit}]")
        return registry.Quantity(self[name], self.units.get(name, ""))

    def astropy(self, name: str) -> Any:
        """A column with its unit, as a quantity of astropy."""
        from astropy import units

        own = [units.def_unit(unit) for unit in ("FLOP", "USD", "kgCO2e", "token", "request")]
        with units.add_enabled_units(own):
            return units.Quantity(self[name], self.units.get(name, ""))

    # For people

    def text(self, format: str = "text", *, explain: bool = False, all: bool = False, rows: int | None = None) -> str:
        """As the program prints it: text, json, jsonl, csv or markdown. `explain` shows the working of an answer."""
        import shutil

        width = shutil.get_terminal_size((100, 24)).columns
        return str(self._core.text(format, width, len(self) if rows is None else rows, explain, all))

    def explain(self) -> Text:
        """The answer with the working of every number."""
        return Text(self.text(explain=True))

    def write(self, file: str | os.PathLike[str]) -> None:
        """Writes a file, whole or not at all; its ending says the format: .csv, .json, .jsonl, .arrow, .arrows, .md, .txt,
        and .parquet where pyarrow is installed."""
        name = os.fspath(file)
        if not name.endswith(".parquet"):
            self._core.write(name)
            return
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise InputError(f"{name}: Parquet is written by pyarrow, which is not installed; .arrow needs nothing") from None
        sink = pyarrow.BufferOutputStream()
        pyarrow.parquet.write_table(self.to_arrow(), sink)
        _core.write_file(name, sink.getvalue().to_pybytes())

    def plot(
        self,
        kind: str = "",
        *,
        x: str = "",
        y: str | list[str] = (),  # type: ignore[assignment]
        facet: str = "",
        log: str | list[str] = (),  # type: ignore[assignment]
        goals: list[str] = (),  # type: ignore[assignment]
        parts: list[str] = (),  # type: ignore[assignment]
    ) -> _core.Chart:
        """A picture: "sweep" (lines over an axis), "pareto" (two `goals`, as "min latency"), "breakdown" (`parts` of a sum),
        "tornado" (of a study of sensitivity)."""
        kind = kind or ("sweep" if self._core.has_axes else "tornado")
        listed = [[v] if isinstance(v, str) else list(v) for v in (y, log)]
        return self._core.chart(kind, x, listed[0], facet, listed[1], [*goals, *parts])

    def __repr__(self) -> str:
        shown = self.text(rows=_SHOWN_ROWS).rstrip("\n")
        more = len(self) - _SHOWN_ROWS
        return f"{shown}\n{more} more rows" if more > 0 else shown

    def _repr_html_(self) -> str:
        from html import escape

        if self.is_answer:
            return f"<pre>{escape(self.text())}</pre>"
        more = len(self) - _SHOWN_ROWS
        return _html_table(self.text("markdown", rows=_SHOWN_ROWS)) + (f"<p>{more} more rows</p>" if more > 0 else "")


class Text(str):
    """A text for people, which a notebook shows as it is."""

    def __repr__(self) -> str:
        return str(self)


def checked(core: _core.Result) -> Result:
    """A result, unless it is an answer that could not be given."""
    if core.is_answer:
        status = _STATUS[core.status()[0]]
        line = "; ".join(core.errors())
        if status == "failed":
            raise PluginError(line)
        if status in ("refused", "skipped"):
            raise Refusal(line)
    return Result(core)
