"""Ironlaw predicts how fast, how costly, how dirty and how reliable a machine-learning system will be, from closed-form equations.

    import ironlaw
    ironlaw.solve("single_node", workload="ResNet50", hardware=["A100", "H100"], batch_size=range(1, 65))

Numbers that come back are in SI units, which `Result.units` names. Quantities go in as text ("2 TB/s"), or as those of pint or
astropy. What the host refuses is an exception with its own line.
"""

from __future__ import annotations

from . import solvers
from ._core import Hardware, Workload, version as __version__
from ._errors import Error, InputError, PluginError, Refusal
from ._result import Result
from ._session import Session, default_session
from ._zoo import Zoo

TYPE_CHECKING = False  # typing's own, which takes longer to import than this package
if TYPE_CHECKING:
    from typing import Any

    from ._solver import Bounds as Bounds, Precision as Precision, demand as demand

zoo = Zoo(default_session)


def solve(solver: str, **inputs: Any) -> Result:
    return default_session().solve(solver, **inputs)


def run(config: Any, **options: Any) -> Result:
    return default_session().run(config, **options)


def study(study: str, target: Any, **options: Any) -> Result:
    return default_session().study(study, target, **options)


def explain(config: Any, **options: Any) -> Any:
    return default_session().explain(config, **options)


def report(config: Any, file: Any = None, **options: Any) -> Any:
    return default_session().report(config, file, **options)


def roofline(hardware: Any, workload: Any, *batch_size: Any, **options: Any) -> Any:
    return default_session().roofline(hardware, workload, *batch_size, **options)


def solver(function: Any = None, *, name: str = "", source: str = "") -> Any:
    """Makes a function a solver, beside those of plugins: in chains, sweeps, studies and reports.

    It takes a dataclass of inputs and returns one of outputs. A field is float, int, bool, a Literal, Precision, Hardware or
    Workload; Annotated[float, "GB/s", "what it is"] gives it a unit, in which the function has and gives its numbers. Every
    value is a column: an array of NumPy with a number for each row, or objects whose facts are such arrays, in SI units. The
    solver's name is the function's, its description the first paragraph of the docstring.

    Its rows are evaluated on one thread, and in this process alone: `isolate` is refused.
    """
    return default_session().solver(function, name=name, source=source)


for _function in (solve, run, study, explain, report, roofline):
    _function.__doc__ = getattr(Session, _function.__name__).__doc__
del _function


def __getattr__(name: str) -> Any:
    if name in ("Bounds", "Precision", "demand"):  # with NumPy, which takes longer to import than all else
        from . import _solver

        return getattr(_solver, name)
    raise AttributeError(f"module 'ironlaw' has no attribute '{name}'")


__all__ = [
    "Bounds", "Error", "Hardware", "InputError", "PluginError", "Precision", "Refusal", "Result", "Session", "Workload", "Zoo",
    "default_session", "demand", "explain", "report", "roofline", "run", "solve", "solver", "solvers", "study", "zoo",
]
