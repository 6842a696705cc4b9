"""Writes solvers.pyi: a method for each solver, its ports as arguments. Run where the package is built."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ._session import Session

HEAD = '''"""Every solver by its name. Written from the ports of the plugins that the package carries."""

from typing import Any, Literal, Mapping, Sequence

from ._result import Result as Result

Object = str | Mapping[str, Any]
Number = float | str | Any

'''

TYPES = {"number": "Number", "integer": "int | Any", "boolean": "bool", "object": "Object", "series": "Sequence[Any]", "text": "str"}


def argument(port: dict[str, Any]) -> str:
    kind = TYPES.get(port["type"]) or "Literal[" + ", ".join(repr(c) for c in port["choices"]) + "]"
    several = f"{kind} | Sequence[{kind}] | Mapping[str, Any]"
    return f"    {port['name']}: {several}" + ("" if port["required"] else " | None = ...") + ","


def stub(session: Session, name: str) -> str:
    doc, inputs, _ = session.core.ports(name)
    lines = [f"def {name}(", "    *,", *(argument(p) for p in inputs if "." not in p["name"])]
    lines += ["    set: Mapping[str, Any] | None = ...,", "    profile: str | None = ...,", "    threads: int | None = ...,"]
    lines += [") -> Result:", f'    """{doc}.', ""]
    for port in inputs:
        lines.append(f"    {port['name']}: {port['doc']} [{port['accepted']}]".replace("\\", "\\\\"))
    return "\n".join([*lines, '    """', "", ""])


def main(folder: str) -> None:
    session = Session()
    text = HEAD + "\n".join(stub(session, name) for name in session.names() if name.isidentifier())
    (Path(folder) / "solvers.pyi").write_text(text)


if __name__ == "__main__":
    main(sys.argv[1])
