"""Configuration: what could not be read, and what is there on one side only."""

from __future__ import annotations

from collections.abc import Iterator

from console.chain.model import Finding
from console.chain.rule import Rule
from console.chain.sight import HubSight
from console.inventory.model import Problem


def _rule(code: str, title: str, meaning: str, mends: str) -> Rule:
    return Rule(
        code=code,
        severity="warning",
        link="configuration",
        title=title,
        meaning=meaning,
        found_by="Reading the configuration tree.",
        mends=mends,
    )


UNREADABLE = _rule(
    "CFG01",
    "Configuration file cannot be read",
    "What it declares is not known: nothing is compared with it.",
    "Mend the file where the message points.",
)
MISSING_FILE = _rule(
    "CFG02",
    "Values file is missing",
    "The hub cannot be deployed, and what it declares is only partly known.",
    "Add the file, or take its name out of cluster.yaml.",
)
JSONNET = _rule(
    "CFG03",
    "values.jsonnet fails",
    "The hub cannot be deployed, and its computed values are not known.",
    "Mend values.jsonnet where the message points.",
)
MISSING_KEY = _rule(
    "CFG04",
    "cluster.yaml lacks a key",
    "The cluster or hub cannot be told from its declaration.",
    "Add the key that the message names.",
)
DUPLICATE = _rule(
    "CFG05",
    "Name is declared twice",
    "Two clusters or two hubs of one name: a deploy of one overwrites the other.",
    "Rename one of them.",
)
MISSING_CHART = _rule(
    "CFG06",
    "Chart is not in the tree",
    "Its defaults are not known: only what the hub's own files say is shown.",
    "Point --config at a checkout that holds the chart.",
)
WRONG_TYPE = _rule(
    "CFG07",
    "Value of the wrong kind",
    "The value cannot be used as it stands: the hub may not deploy.",
    "Correct the value where the message points.",
)
OTHER = _rule(
    "CFG08",
    "Something else is wrong with the configuration",
    "Part of what is declared is not known.",
    "See the file and line that the message names.",
)
NOT_DEPLOYED = Rule(
    code="CFG10",
    severity="info",
    link="configuration",
    title="Declared, not deployed",
    meaning="The configuration has this hub, the cluster has nothing of it.",
    found_by="No hub, volume, claim, share creator or user pod of its name on the cluster.",
    mends="Deploy it, or take it out of cluster.yaml.",
)
UNDECLARED = Rule(
    code="CFG11",
    severity="info",
    link="configuration",
    title="Live, not declared",
    meaning="The hub runs on the cluster; no cluster.yaml names it.",
    found_by="A Deployment and a Secret named hub in a namespace that no cluster.yaml names.",
    mends="Declare it, where it should be.",
)
RULES = (UNREADABLE, MISSING_FILE, JSONNET, MISSING_KEY, DUPLICATE, MISSING_CHART, WRONG_TYPE, OTHER,
         NOT_DEPLOYED, UNDECLARED)  # fmt: skip

_BY_KIND = {
    "unreadable": UNREADABLE,
    "yaml": UNREADABLE,
    "not-a-map": UNREADABLE,
    "missing-file": MISSING_FILE,
    "jsonnet": JSONNET,
    "missing-key": MISSING_KEY,
    "duplicate-cluster": DUPLICATE,
    "duplicate-hub": DUPLICATE,
    "missing-chart": MISSING_CHART,
    "wrong-type": WRONG_TYPE,
}


def problem_finding(problem: Problem) -> Finding:
    """A problem of the tree, as the finding that stands on its hub, its cluster or the tree."""
    return _BY_KIND.get(problem.kind, OTHER).finding(
        _with_place(problem),
        cluster=problem.cluster,
        hub=problem.hub,
        detail=(str(problem.origin),),
        next_step=problem.next_step,
        subject=problem.origin.file,
    )


def _with_place(problem: Problem) -> str:
    """The message with line and column; files of the cluster's own folder by their names, as its row says the rest."""
    file = problem.origin.file
    folder = file.rpartition("/")[0]
    own = f"{folder}/" if folder.rpartition("/")[2] == problem.cluster else ""
    message, place = (text.removeprefix(own) for text in (problem.message, str(problem.origin)))
    if file not in problem.message:
        return f"{message} ({place})" if problem.origin.line else message
    return message.replace(file.removeprefix(own), place, 1)


def findings(hub: HubSight, *, tree: bool) -> Iterator[Finding]:
    """`tree`: the cluster has a declared side, so that a hub without one is worth a word."""
    yield from (problem_finding(problem) for problem in hub.problems)
    if hub.absent:
        yield NOT_DEPLOYED.finding("declared, not deployed", cluster=hub.cluster, hub=hub.name)
    if hub.declared is None and tree:
        yield UNDECLARED.finding(
            "live, not declared", cluster=hub.cluster, hub=hub.name, subject=f"Deployment/{hub.namespace}/hub"
        )
