"""Reads a configuration tree into an Inventory."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from console.inventory.model import Inventory
from console.inventory.snapshot import cache_file, load_snapshot, now_ns, save_snapshot
from console.inventory.tree import layout

if TYPE_CHECKING:
    from console.inventory.jsonnet import Evaluation, Evaluator, Job


def read_inventory(root: Path, *, cache_dir: Path | None, evaluate: bool = True) -> Inventory:
    """What the tree around the folder of clusters ROOT declares.

    A file that is broken or missing is a Problem, and the rest stands; nothing is raised for it. With EVALUATE False
    no jsonnet is evaluated: results that are in the cache are used, and hubs without one are not `resolved`. With
    CACHE_DIR None nothing is kept between runs.
    """
    tree = layout(root)
    snapshot = cache_file(cache_dir, tree.root, "inventory") if cache_dir else None
    if snapshot and (kept := load_snapshot(snapshot)):
        return kept
    # Late: a tree that did not change needs neither a YAML parser nor what follows it.
    from console.inventory.assembly import TreeReader
    from console.inventory.files import Files
    from console.inventory.jsonnet import Evaluator

    taken_ns = now_ns()
    files = Files()
    evaluator = Evaluator(files, cache_file(cache_dir, tree.root, "jsonnet") if cache_dir else None)
    reader = TreeReader(tree, files)
    jobs = reader.jobs()
    results = {job_id: found for job_id, job in jobs.items() if (found := evaluator.cached(job))}
    missing = [job_id for job_id in jobs if job_id not in results]
    future = evaluator.start([jobs[job_id] for job_id in missing]) if evaluate and missing else None
    reader.parse_values()
    if future is not None:
        results.update(_taken(evaluator, future, [jobs[job_id] for job_id in missing], missing))
        evaluator.save()
    inventory = reader.inventory(results)
    if snapshot and (evaluate or not missing) and all(result.lasting for result in results.values()):
        save_snapshot(snapshot, inventory, files.consulted(), taken_ns=taken_ns)
    return inventory


def _taken(
    evaluator: Evaluator, future: Future[list[Evaluation]], jobs: Sequence[Job], job_ids: Sequence[tuple[str, str, str]]
) -> dict[tuple[str, str, str], Evaluation]:
    evaluations = future.result()
    evaluator.finish(jobs, evaluations)
    return dict(zip(job_ids, evaluations, strict=True))
