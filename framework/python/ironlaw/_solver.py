"""A solver in Python: dataclasses of inputs and outputs, and a function over columns."""

from __future__ import annotations

import dataclasses
import inspect
import math
import types
import typing
from typing import TYPE_CHECKING, Any, Callable

import numpy

from . import _core
from ._errors import InputError

if TYPE_CHECKING:
    from ._session import Session

Precision = typing.Literal["fp64", "tf32", "fp32", "bf16", "fp16", "fp8", "fp6", "fp4", "int8", "int4", "mxint4"]
"""A number format, as an input of a solver in Python."""

_INTERFACES = {_core.Hardware: "hardware", _core.Workload: "workload"}


@dataclasses.dataclass(frozen=True)
class Bounds:
    """The range that a port allows, in its unit; `above`: its low end is outside."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False


class Choices(numpy.ndarray[Any, Any]):
    """Choices as texts, row by row."""

    codes: Any = None

    def __array_finalize__(self, _: Any) -> None:
        self.codes = None


def _without_none(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        kinds = [k for k in typing.get_args(hint) if k is not type(None)]
        if len(kinds) == 1:
            return kinds[0], True
    return hint, False


def _port(where: str, field: dataclasses.Field[Any], hint: Any, is_input: bool) -> _core.Port:
    hint, optional = _without_none(hint)
    words: list[str] = []
    bounds = Bounds()
    if typing.get_origin(hint) is typing.Annotated:
        hint, *metadata = typing.get_args(hint)
        hint, inner = _without_none(hint)
        optional |= inner
        words = [m for m in metadata if isinstance(m, str)]
        bounds = next((m for m in metadata if isinstance(m, Bounds)), bounds)
    choices: list[str] = []
    interface = ""
    if hint in _INTERFACES:
        kind, interface = "object", _INTERFACES[hint]
    elif typing.get_origin(hint) is typing.Literal:
        kind, choices = "choice", [str(c) for c in typing.get_args(hint)]
    elif hint in (float, int, bool):
        kind = {float: "number", int: "integer", bool: "boolean"}[hint]
    else:
        raise InputError(f"{where}.{field.name}: takes float, int, bool, Literal, Hardware or Workload, not {hint}")
    if not is_input and kind in ("object", "choice"):
        raise InputError(f"{where}.{field.name}: an output is float, int or bool")
    has_default = field.default is not dataclasses.MISSING
    fallback = field.default if has_default else None
    required = is_input and not has_default and not optional
    unit, doc = (words + ["", ""])[:2]
    return _core.Port(
        field.name, doc, kind, unit, interface, choices, optional, required, fallback, bounds.low, bounds.high, bounds.above
    )


def _choices(names: list[str]) -> Callable[[Any], Any]:
    texts = numpy.array(names)
    as_precision = names == _core.precisions

    def of(codes: Any) -> Any:
        column = texts[codes.astype(numpy.intp)].view(Choices)
        if as_precision:
            column.codes = codes
        return column

    return of


def _reader(hint: Any) -> Callable[[Any], Any] | None:
    """How a column of numbers becomes what the dataclass says; None: it is that already."""
    hint, optional = _without_none(hint)
    if typing.get_origin(hint) is typing.Annotated:
        hint, inner = _without_none(typing.get_args(hint)[0])
        optional |= inner
    if typing.get_origin(hint) is typing.Literal:
        return _choices([str(c) for c in typing.get_args(hint)])
    if hint is bool:
        return lambda column: column != 0
    if hint is int and not optional:
        return lambda column: column.astype(numpy.int64)
    return None


def _described(function: Callable[..., Any]) -> tuple[type, type]:
    """The dataclasses of a function's one argument and of what it returns."""
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters)
    where = function.__name__
    if len(parameters) != 1 or not dataclasses.is_dataclass(hints.get(parameters[0])):
        raise InputError(f"{where}: takes one argument, annotated with a dataclass of its inputs")
    if not dataclasses.is_dataclass(hints.get("return")):
        raise InputError(f"{where}: returns a dataclass of its outputs; annotate it")
    return hints[parameters[0]], hints["return"]


def add(core: _core.Session, function: Callable[[Any], Any], name: str, source: str) -> None:
    """Gives the host a solver whose equations are `function`."""
    inputs, outputs = _described(function)
    in_hints = typing.get_type_hints(inputs, include_extras=True)
    out_hints = typing.get_type_hints(outputs, include_extras=True)
    in_fields = dataclasses.fields(inputs)
    out_names = [f.name for f in dataclasses.fields(outputs)]
    in_ports = [_port(name, f, in_hints[f.name], True) for f in in_fields]
    out_ports = [_port(name, f, out_hints[f.name], False) for f in dataclasses.fields(outputs)]
    objects_at = [_without_none(in_hints[f.name])[0] in _INTERFACES for f in in_fields]
    readers = [_reader(in_hints[f.name]) for f in in_fields]
    plain = not any(objects_at) and not any(readers)

    def call(columns: Any, objects: list[Any], out: Any) -> None:
        if plain:
            values = list(columns)
        else:
            left = iter(objects)
            values = [
                next(left) if is_obj else (reader(column) if reader else column)
                for column, is_obj, reader in zip(columns, objects_at, readers)
            ]
        with numpy.errstate(all="ignore"):
            answer = function(inputs(*values))
        for row, port in zip(out, out_names):
            value = getattr(answer, port)
            row[...] = math.nan if value is None else value

    doc = (inspect.getdoc(function) or name).split("\n\n")[0].replace("\n", " ")
    core.add_solver(name, doc, source, in_ports, out_ports, call)


def register(session: Session, function: Callable[[Any], Any], name: str, source: str) -> Callable[[Any], Any]:
    """Gives a session a solver."""
    name = name or function.__name__
    add(session.core, function, name, source)
    session.python_solvers[name] = (function, name, source)
    return function


def demand(workload: _core.Workload, *, batch: Any = 1.0, new_tokens: Any = 1.0, cached_tokens: Any = 0.0,
           phase: str = "forward", precision: Any = "fp16") -> dict[str, Any]:
    """What a pass asks of the machine, part by part, as columns: operations (linear, logits, attention) [FLOP], weights_read,
    weights_resident, activations, cache_read, cache_write, cache_resident [byte], launches."""
    rows = len(workload)
    members, new, cached = (numpy.ascontiguousarray(numpy.broadcast_to(v, rows), float) for v in (batch, new_tokens, cached_tokens))
    return dict(workload._demand(phase, members, new, cached, precision))
