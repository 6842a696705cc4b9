"""Every solver of the default session by its name: `ironlaw.solvers.single_node(workload="ResNet50", hardware="A100")`."""

from __future__ import annotations

from ._result import Result
from ._session import Session, default_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    import inspect
    from typing import Any


class SolverHandle:
    """A solver to be called; its signature and its help are those of its ports."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self._doc, self.inputs, self.outputs = session.core.ports(name)
        self.__name__ = self.__qualname__ = name

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return str(self._session.core.page("solver", self.__name__, "text", False))

    @property
    def __signature__(self) -> inspect.Signature:
        import inspect

        parameters = []
        for port in self.inputs:
            default = inspect.Parameter.empty if port["required"] else _default_of(port)
            parameters.append(inspect.Parameter(port["name"], inspect.Parameter.KEYWORD_ONLY, default=default))
        return inspect.Signature(parameters)

    def __call__(self, **inputs: Any) -> Result:
        return self._session.solve(self.__name__, **inputs)

    def __repr__(self) -> str:
        return f"<solver {self.__name__}: {self._doc}>"


class _Shown:
    """A default as people read it, in a signature."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _default_of(port: dict[str, Any]) -> Any:
    fallback = port["fallback"]
    if port["type"] == "object" or fallback != fallback:
        return None
    if port["type"] == "choice":
        return port["choices"][int(fallback)]
    if port["type"] == "boolean":
        return bool(fallback)
    text = str(port["accepted"])
    return _Shown(text.removeprefix("default ").split(";")[0]) if text.startswith("default ") else fallback


def __getattr__(name: str) -> SolverHandle:
    if name.startswith("_"):
        raise AttributeError(name)
    from ._errors import InputError

    try:
        return SolverHandle(default_session(), name)
    except InputError as error:
        raise AttributeError(str(error)) from None


def __dir__() -> list[str]:
    return default_session().names()
