"""Reads a configuration tree into an Inventory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from console.inventory.collector import collector_at_rest
from console.inventory.model import Inventory
from console.inventory.snapshot import cache_file, load_snapshot, now_ns, save_snapshot
from console.inventory.tree import Tree, layout

if TYPE_CHECKING:
    from console.inventory.assembly import JobId, TreeReader
    from console.inventory.jsonnet import Evaluation, Evaluations, Job


def read_inventory(root: Path, *, cache_dir: Path | None) -> Inventory:
    """What the tree around the folder of clusters ROOT declares.

    A file that is broken or missing is a Problem, and the rest stands; nothing is raised for it. With CACHE_DIR None
    nothing is kept between runs.
    """
    tree = layout(root)
    kept = _kept(tree, cache_dir)
    if kept is not None:
        return kept
    with collector_at_rest():
        return _read(tree, cache_dir)


def read_outline(root: Path, *, cache_dir: Path | None) -> Inventory:
    """What can be said of the tree at once: all of it where that is kept and nothing has changed since; else only
    which clusters and hubs it has, as cluster.yaml names them, and `evaluated` is False."""
    tree = layout(root)
    kept = _kept(tree, cache_dir)
    if kept is not None:
        return kept
    from console.inventory.outline import outline

    with collector_at_rest():
        return outline(tree)


def _kept(tree: Tree, cache_dir: Path | None) -> Inventory | None:
    return load_snapshot(cache_file(cache_dir, tree.root, "inventory")) if cache_dir else None


def _read(tree: Tree, cache_dir: Path | None) -> Inventory:
    # Late: a tree that did not change needs neither a YAML parser nor what follows it.
    from console.inventory.assembly import TreeReader
    from console.inventory.files import Files
    from console.inventory.jsonnet import Evaluations

    taken_ns = now_ns()
    files = Files()
    evaluations = Evaluations(files, cache_file(cache_dir, tree.root, "jsonnet") if cache_dir else None)
    reader = TreeReader(tree, files)
    results = results_of(reader, evaluations)
    inventory = reader.inventory(results)
    if cache_dir and all(result.lasting for result in results.values()):
        snapshot = cache_file(cache_dir, tree.root, "inventory")
        save_snapshot(snapshot, inventory, files.consulted(), taken_ns=taken_ns)
    return inventory


def results_of(reader: TreeReader, evaluations: Evaluations) -> dict[JobId, Evaluation]:
    """What every job gave, now or in an earlier run. Values are parsed while workers evaluate."""
    jobs = reader.jobs
    results = {job_id: found for job_id, job in jobs.items() if (found := evaluations.cached(job))}
    missing = {job_id: job for job_id, job in jobs.items() if job_id not in results}
    if not missing:
        reader.parse_values()
        return results
    fresh = _evaluated(list(missing.values()), meanwhile=reader.parse_values)
    evaluations.take(missing.values(), fresh)
    return results | dict(zip(missing, fresh, strict=True))


def _evaluated(jobs: Sequence[Job], *, meanwhile: Callable[[], None]) -> list[Evaluation]:
    from concurrent.futures import ThreadPoolExecutor

    from console.inventory.workers import run_jobs

    with ThreadPoolExecutor(1, thread_name_prefix="jsonnet") as executor:
        future = executor.submit(run_jobs, jobs)
        meanwhile()
        return future.result()
