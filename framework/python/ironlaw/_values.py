"""Values of Python as the texts that a config has: one value, or the values of an axis."""

from __future__ import annotations

import json
import math

from ._errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping


def _unit_of(value: Any) -> str | None:
    """The unit of a quantity of pint or astropy; None for anything else."""
    if hasattr(value, "magnitude") and hasattr(value, "units"):
        unit = f"{value.units:~C}"
    elif hasattr(value, "unit") and hasattr(value, "to_value"):
        unit = value.unit.to_string()
    else:
        return None
    return unit.replace("**", "^").replace(" ", "")


def _number_of(value: Any) -> Any:
    return value.magnitude if hasattr(value, "magnitude") else value.value


def kind(value: Any) -> str:
    """What a value is, for a line that refuses it."""
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def name(value: Any, where: str) -> str:
    """A name. Raises InputError at `where` for what is no text."""
    if not isinstance(value, str):
        raise InputError(f"{where}: takes a name, not {kind(value)}")
    return value


def _plain(value: Any) -> Any:
    """What JSON knows."""
    if isinstance(value, float) and not math.isfinite(value):
        raise TypeError(f"{value} is no value of a config: give a finite number, or leave it out")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    unit = _unit_of(value)
    if unit is not None:
        number = _number_of(value)
        if hasattr(number, "tolist"):
            number = number.tolist()
        if isinstance(number, (list, tuple)):
            return [_with_unit(n, unit) for n in number]
        return _with_unit(number, unit)
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple, range)):
        return [_plain(v) for v in value]
    raise TypeError(f"{kind(value)} is no value of a config: give a number, a text with a unit, a list or a dict")


def _with_unit(number: Any, unit: str) -> Any:
    return f"{number!r} {unit}" if unit else number


def plain(value: Any, where: str) -> Any:
    """A value as JSON has it. Raises InputError at `where`."""
    try:
        return _plain(value)
    except TypeError as error:
        raise InputError(f"{where}: {error}") from None


def text(value: Any) -> str:
    """A plain value as the text that says it."""
    return value if isinstance(value, str) else json.dumps(value)


def is_axis(value: Any, port: Mapping[str, Any]) -> bool:
    """Whether a plain value lists several for a port: a list, a range in a dict, or, for what is no object or text, a text such as
    "1..8". Of a series and of a table one value is a list, and several are a list of lists."""
    if port.get("type") == "series" or port.get("interface") == "table":
        return isinstance(value, list) and bool(value) and isinstance(value[0], list)
    if isinstance(value, dict):
        if port.get("type") == "object":
            return not {"zoo", "table"}.isdisjoint(value)
        return {"kind", "based_on", "unit"}.isdisjoint(value)
    return isinstance(value, list) or (isinstance(value, str) and ".." in value and port.get("type") not in ("object", "text"))


def axis_texts(value: Any) -> list[str]:
    """The values of an axis, as texts."""
    return [text(v) for v in value] if isinstance(value, list) else [text(value)]
