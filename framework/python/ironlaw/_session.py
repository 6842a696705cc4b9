"""A session: plugins and a zoo, and the questions that are asked of them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from types import MappingProxyType

from . import _core, _values
from ._errors import InputError
from ._result import Result, Text, checked
from ._zoo import Zoo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def plugin_folders() -> list[str]:
    """Folders of plugins that other packages bring: packages named by entry points of the group "ironlaw.plugins"."""
    import importlib.util
    from importlib.metadata import entry_points

    folders: list[str] = []
    for point in entry_points(group="ironlaw.plugins"):
        spec = importlib.util.find_spec(point.value)  # finds a package without running it
        found = (spec.submodule_search_locations if spec else None) or []
        folders += [folder for folder in found if folder not in folders]
    return folders


def _is_solver(target: Any) -> bool:
    return isinstance(target, str) and not target.endswith((".json", ".yaml", ".yml"))


class Session:
    """Opens plugins and zoo once. Any number of threads may ask it at the same time.

    plugins       files of plugins, each with a folder in it
    plugin_paths  folders of plugins
    zoo           folders of one's own zoo entries, over the others
    profile       whose physics: native, or a profile of the zoo
    threads       of a table; 0: as many as the machine has
    default_plugins  whether to look for plugins elsewhere too: in this package, the user's data folder and other packages
    """

    def __init__(
        self,
        *,
        plugins: list[str] | tuple[str, ...] = (),
        plugin_paths: list[str] | tuple[str, ...] = (),
        zoo: list[str] | tuple[str, ...] = (),
        profile: str = "",
        threads: int = 0,
        default_plugins: bool = True,
    ) -> None:
        self.settings: dict[str, Any] = {
            "plugins": [os.fspath(p) for p in plugins],
            "plugin_paths": [os.fspath(p) for p in plugin_paths],
            "zoo": [os.fspath(z) for z in zoo],
            "profile": profile,
            "threads": threads,
            "default_plugins": default_plugins,
        }
        self._folders = [*self.settings["plugin_paths"], *(plugin_folders() if default_plugins else [])]
        self.core = self._opened(None)
        self.profile = profile
        self.threads = threads
        self.zoo = Zoo(lambda: self)
        self.python_solvers: dict[str, tuple[Any, ...]] = {}

    # Questions

    def _opened(self, row_timeout: float | None) -> _core.Session:
        settings = self.settings
        return _core.Session(settings["plugins"], self._folders, settings["zoo"], settings["default_plugins"], row_timeout)

    def _isolated(self, row_timeout: float) -> _core.Session:
        """One whose rows are evaluated in processes of their own. It knows the solvers in Python, to say why it refuses them."""
        core = self._opened(row_timeout)
        if self.python_solvers:
            from ._solver import add

            for own in self.python_solvers.values():
                add(core, *own)
        return core

    def _how(self, profile: str | None = None, threads: int | None = None) -> _core.How:
        profile = _values.name(self.profile if profile is None else profile, "profile")
        threads = self.threads if threads is None else threads
        if not isinstance(threads, int) or threads < 0:
            raise InputError(f"threads: takes a whole number from 0, not {threads!r}")
        return _core.How(profile, threads)

    def _give(self, config: _core.Config, name: str, value: Any, where: str, port: Mapping[str, Any] = MappingProxyType({})) -> None:
        plain = _values.plain(value, where)
        if _values.is_axis(plain, port):
            config.add_axis(name, _values.axis_texts(plain), where)
        else:
            config.set(name, _values.text(plain), where)

    def _settle(self, config: _core.Config, settings: Mapping[str, Any] | None) -> _core.Config:
        for name, value in (settings or {}).items():
            self._give(config, name, value, f"set {name}")
        return config

    def config(self, target: Any, set: Mapping[str, Any] | None = None) -> _core.Config:
        """The config in a file or a dict, with other values."""
        if isinstance(target, _core.Config):
            return self._settle(target, set)
        if isinstance(target, Mapping):
            return self._settle(_core.Config.parse(json.dumps(_values.plain(dict(target), "config")), "config"), set)
        if not isinstance(target, (str, os.PathLike)):
            raise InputError(f"config: takes a path or a dict, not {_values.kind(target)}")
        return self._settle(_core.Config.read(target), set)

    def config_of_solver(self, solver: str, inputs: Mapping[str, Any], set: Mapping[str, Any] | None = None) -> _core.Config:
        """A config of one solver: lists, ranges and arrays among its inputs are axes, in their order."""
        ports = {p["name"]: p for p in self.core.ports(_values.name(solver, "solver"))[1]}
        stage = solver.rsplit("/", 1)[-1]
        config = _core.Config.of_solver(solver)
        for name, value in inputs.items():
            self._give(config, f"{stage}.{name}", value, name, ports.get(name, {}))
        for name, value in (set or {}).items():
            self._give(config, f"{stage}.{name}", value, f"set {name}")
        return config

    def solve(
        self,
        solver: str,
        *,
        set: Mapping[str, Any] | None = None,
        profile: str | None = None,
        threads: int | None = None,
        isolate: bool = False,
        row_timeout: float = 1.0,
        walls: bool = False,
        **inputs: Any,
    ) -> Result:
        """Asks one solver. Inputs are values; lists, ranges and arrays are axes, and the result is a table then.

        set      values of fields of objects: {"hardware.memory_bandwidth": "2 TB/s"}
        isolate  evaluates rows in processes of their own: a plugin that crashes, or takes longer than `row_timeout` seconds over a
                 row, costs that row
        """
        config = self.config_of_solver(solver, inputs, set)
        if walls:
            config.report_walls()
        core = self._isolated(row_timeout) if isolate else self.core
        return checked(core.run(config, True, self._how(profile, threads)))

    def run(
        self,
        config: Any,
        *,
        set: Mapping[str, Any] | None = None,
        profile: str | None = None,
        threads: int | None = None,
        isolate: bool = False,
        row_timeout: float = 1.0,
        walls: bool = False,
        on: Any = None,
        shards: int | None = None,
    ) -> Result:
        """Runs a config: a file, or a dict that says the same.

        set     other values, by name: {"batch": 8, "device": ["A100", "H100"]}
        isolate, row_timeout  as in solve
        on      a client of Dask, the module ray, or an executor: the rows are evaluated there, in as many shards as asked
        """
        asked = self.config(config, set)
        if walls:
            asked.report_walls()
        if on is None:
            core = self._isolated(row_timeout) if isolate else self.core
            return checked(core.run(asked, False, self._how(profile, threads)))
        if isolate:
            raise InputError("isolate: does not go with on: the rows are in other processes already")
        from ._cluster import run_on

        return Result(run_on(self, asked, self.profile if profile is None else profile, threads or 1, on, shards))

    def study(
        self,
        study: str,
        target: Any,
        *,
        set: Mapping[str, Any] | None = None,
        with_: Any = (),
        seed: int | None = None,
        profile: str | None = None,
        threads: int | None = None,
        **options: Any,
    ) -> Result:
        """Runs a study of a solver or a config: what moves an answer, what it takes, what is best.

        options  those of the study, and the inputs of the solver
        with_    other designs to compare with: a file, or values as {"hardware": "H100"}
        """
        known = self.core.study_options(_values.name(study, "study"))
        inputs = {k: v for k, v in options.items() if k not in known}
        if _is_solver(target):
            config = self.config_of_solver(target, inputs, set)
        elif inputs:
            name = next(iter(inputs))
            raise InputError(f"{name}: is no option of the study '{study}', which takes {', '.join(known)}")
        else:
            config = self.config(target, set)
        config.use_study(study)
        for name in known:
            if name in options:
                value = _values.plain(options[name], name)
                config.set_study_option(name, _values.axis_texts(value), name)
        if seed is not None:
            config.set_study_option("seed", [str(seed)], "seed")
        for design in [with_] if isinstance(with_, (str, os.PathLike, Mapping)) else with_:
            if isinstance(design, Mapping):
                for name, value in design.items():
                    config.compare_with_value(name, _values.text(_values.plain(value, name)), f"with {name}")
            else:
                config.compare_with_file(design, f"with {os.fspath(design)}")
        return checked(self.core.run(config, _is_solver(target), self._how(profile, threads)))

    def explain(self, config: Any, *, set: Mapping[str, Any] | None = None, format: str = "text") -> Text:
        """The plan of a config, without running it: text, mermaid or dot."""
        return Text(self.core.plan(self.config(config, set), self.profile, format, 100))

    def report(
        self, config: Any, file: str | os.PathLike[str] | None = None, *, set: Mapping[str, Any] | None = None, title: str = ""
    ) -> Text | None:
        """A page (.html) or Markdown (.md) with the answer, what binds, the working, the facts and their sources; without a
        file, the Markdown itself."""
        source = "Python" if isinstance(config, (Mapping, _core.Config)) else os.fspath(config)
        name = "" if file is None else os.fspath(file)
        text = self.core.document(self.config(config, set), self.profile, title, source, name, file is not None)
        return Text(text) if file is None else None

    def roofline(
        self, hardware: Any, workload: Any, batch_size: Any = (1, 2, 4, 8, 16, 32, 64, 128, 256), *, set: Mapping[str, Any] | None = None
    ) -> _core.Chart:
        """Devices as roofs, models as points that move with the batch."""
        names = [
            _values.axis_texts(v if isinstance(v, list) else [v])
            for v in (_values.plain(hardware, "hardware"), _values.plain(workload, "workload"), _values.plain(batch_size, "batch_size"))
        ]
        config = _core.Config.of_roofline(*names)
        for name, value in (set or {}).items():
            self._give(config, f"node.{name}", value, f"set {name}")
        return self.core.run(config, False, self._how()).chart("roofline", "", [], "", [], [])

    # What there is

    def names(self, what: str = "solver") -> list[str]:
        """Names of solvers, studies, kinds, observers or guards."""
        return list(self.core.names(what))

    def profiles(self) -> list[str]:
        """Names of the profiles."""
        return list(self.core.profiles())

    def plugins(self) -> list[dict[str, Any]]:
        """Every file that was looked at, the refused ones with the reason."""
        return list(json.loads(self.core.plugins_page())["plugins"])

    def solver(self, function: Any = None, *, name: str = "", source: str = "") -> Any:
        """Makes a function a solver of this session; see ironlaw.solver."""
        from ._solver import register

        if function is None:
            return lambda f: register(self, f, name, source)
        return register(self, function, name, source)


_lock = threading.Lock()
_default: Session | None = None


def default_session() -> Session:
    """The session of the functions of this module, opened when first needed."""
    global _default
    with _lock:
        if _default is None:
            _default = Session()
        return _default
