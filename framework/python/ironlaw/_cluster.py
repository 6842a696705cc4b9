"""Runs on many machines: the host's own shards, mapped over a cluster, and its merge."""

from __future__ import annotations

import json
import os
import tempfile
from functools import lru_cache
from typing import Any, Callable

from . import _core
from ._errors import InputError
from ._session import Session


@lru_cache(maxsize=8)
def _session(settings: str) -> Session:
    """One for each process that works."""
    return Session(**json.loads(settings))


def run_part(settings: str, solvers: list[tuple[Any, ...]], bundle: str, profile: str, threads: int, shard: int, shards: int) -> bytes:
    """The bytes of one shard: what a worker does."""
    session = _session(settings)
    for function, name, source in solvers:
        session.solver(function, name=name, source=source)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, f"{shard}.part")
        how = _core.How(profile, threads)
        session.core.run_shard(_core.Config.of_bundle(bundle), how, file, shard, shards)
        with open(file, "rb") as part:
            return part.read()


def _dask(client: Any, tasks: list[tuple[Any, ...]]) -> list[bytes]:
    futures = [client.submit(run_part, *task, pure=False) for task in tasks]
    try:
        return list(client.gather(futures))
    finally:
        client.cancel(futures)


def _ray(ray: Any, tasks: list[tuple[Any, ...]]) -> list[bytes]:
    remote = ray.remote(run_part)
    futures = [remote.remote(*task) for task in tasks]
    try:
        return list(ray.get(futures))
    except BaseException:
        for future in futures:
            ray.cancel(future)
        raise


def _executor(executor: Any, tasks: list[tuple[Any, ...]]) -> list[bytes]:
    futures = [executor.submit(run_part, *task) for task in tasks]
    try:
        return [future.result() for future in futures]
    finally:
        for future in futures:
            future.cancel()


def _ways_of(cluster: Any) -> tuple[Callable[[Any, list[tuple[Any, ...]]], list[bytes]], int]:
    """How tasks are given to a cluster, and how many it works on at once."""
    if hasattr(cluster, "gather") and hasattr(cluster, "nthreads"):
        return _dask, sum(cluster.nthreads().values())
    if getattr(cluster, "__name__", "") == "ray":
        return _ray, int(cluster.cluster_resources().get("CPU", 1))
    if hasattr(cluster, "submit") and hasattr(cluster, "shutdown"):
        return _executor, int(getattr(cluster, "_max_workers", os.cpu_count() or 1))
    raise InputError("on: takes a client of Dask, the module ray, or an executor with submit()")


def run_on(session: Session, config: _core.Config, profile: str, threads: int, cluster: Any, shards: int | None) -> _core.Result:
    """Evaluates a config's rows on a cluster. The result is that of a run here, row by row."""
    give, at_once = _ways_of(cluster)
    count = shards or max(1, at_once)
    bundle, provenance = session.core.bundle(config, profile)
    settings = json.dumps(session.settings)
    used = [name for plugin in json.loads(provenance)["plugins"] for name in plugin.get("solvers", ())]
    own = [session.python_solvers[name] for name in used]
    parts = give(cluster, [(settings, own, bundle, profile, threads, i, count) for i in range(1, count + 1)])
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, f"{i}.part") for i in range(1, count + 1)]
        for file, part in zip(files, parts):
            with open(file, "wb") as out:
                out.write(part)
        return session.core.merge(files)
