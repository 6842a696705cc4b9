"""Devices, workloads and records of the zoo."""

from __future__ import annotations

import json

from ._errors import InputError
from ._result import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ._session import Session


class Entries(list["dict[str, Any]"]):
    """Entries of the zoo, one dict each."""

    def to_pandas(self) -> Any:
        """A frame of pandas."""
        import pandas

        return pandas.DataFrame(list(self))

    def __repr__(self) -> str:
        return "\n".join(f"{e['key']:<28} {e['kind']:<20} {e['label']}" for e in self)

    def _repr_html_(self) -> str:
        from html import escape

        shown = ("key", "label", "kind", "vendor", "year")
        rows = ("".join(f"<td>{escape(str(e.get(c) or ''))}</td>" for c in shown) for e in self)
        head = "".join(f"<th>{c}</th>" for c in shown)
        return f"<table><thead><tr>{head}</tr></thead><tbody>" + "".join(f"<tr>{r}</tr>" for r in rows) + "</tbody></table>"


class Zoo:
    """The zoo: `zoo("hardware", where="year >= 2022")` lists entries, `zoo["H100"]` is one with the source of every number,
    `zoo.hardware` are the keys of a kind or of what it serves as."""

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session

    def __call__(self, kind: str = "", *, where: str = "") -> Entries:
        """Entries of a kind (accelerator) or of what it serves as (hardware), that meet a condition; all of them without."""
        session = self._session()
        return Entries(json.loads(session.core.zoo_list(kind, where, session.profile))["entries"])

    def __getitem__(self, key: str) -> dict[str, Any]:
        """An entry: its fields in SI units, each with its source."""
        session = self._session()
        return dict(json.loads(session.core.zoo_entry(key, session.profile, "json")))

    def show(self, key: str) -> Text:
        """The page of an entry, as the program prints it."""
        session = self._session()
        return Text(session.core.zoo_entry(key, session.profile, "text"))

    def _ipython_key_completions_(self) -> list[str]:
        return [e["key"] for e in self()]

    def __getattr__(self, kind: str) -> list[str]:
        if kind.startswith("_"):
            raise AttributeError(kind)
        try:
            return [e["key"] for e in self(kind)]
        except InputError as error:
            raise AttributeError(str(error)) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *sorted({e["kind"] for e in self()}), "hardware", "workload"]
