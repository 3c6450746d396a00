"""What has to be typed before a plan may run."""

from __future__ import annotations

from collections.abc import Iterable

from console.actions.plan import Plan
from console.actions.refusals import NotApproved
from console.chain.model import HubState


def approval_needed(plan: Plan, hubs: Iterable[HubState]) -> str | None:
    """The text to type: the hub's name (the cluster's where no hub is named) for what is destructive, or touches one
    of HUBS that is production; None where a yes is enough, and for an empty plan."""
    return (plan.hub or plan.cluster) if _reason(plan, hubs) else None


def check_approval(plan: Plan, hubs: Iterable[HubState], *, confirmed: str) -> None:
    """Raises NotApproved where something has to be typed and CONFIRMED is not it; cluster/hub is taken, too."""
    reason = _reason(plan, hubs)
    text = plan.hub or plan.cluster
    if reason and confirmed not in (text, plan.place):
        raise NotApproved(text, reason)


def _reason(plan: Plan, hubs: Iterable[HubState]) -> str:
    if plan.empty:
        return ""
    touched = {plan.place, *plan.affects.hubs}
    production = sorted(hub.key for hub in hubs if hub.production and hub.key in touched)
    if production:
        return f"{', '.join(production)} {'is' if len(production) == 1 else 'are'} production"
    return "it takes something away for good" if plan.destructive else ""
