"""Why a run did not begin. Nothing was changed then."""

from __future__ import annotations

from console.actions.plan import Need, Plan, Right
from console.actions.protocol import Refused


class PlanChanged(Refused):
    """What would be done now is not what was approved. `plan` is the new one, `differences` a line each."""

    def __init__(self, plan: Plan, differences: tuple[str, ...]) -> None:
        said = f": {'; '.join(differences[:3])}" if differences else ""
        super().__init__(
            f"the plan has changed since it was approved{said}",
            next_step=f"look at the new plan, and approve its digest {plan.digest}",
        )
        self.plan = plan
        self.differences = differences


class NotApproved(Refused):
    """The plan asks for `text` to be typed, and it was not."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{why}: it runs only when {text} is typed", next_step=f"--confirm {text}")
        self.text = text


class NotPermittedYet(Refused):
    """The cluster is read-only here, or may only be probed."""


class RightsMissing(Refused):
    """The API server, or a cloud, says that these rights are not given to us; REMEDY mends that in a cloud."""

    def __init__(self, denied: tuple[Right, ...], user: str, *, remedy: str = "") -> None:
        ours = [str(right) for right in denied if isinstance(right, Need)]
        others = [str(right) for right in denied if not isinstance(right, Need)]
        said = [f"{user or 'you'} may not {', '.join(ours)}"] if ours else []
        said += [f"you lack the right to {', '.join(others)}"] if others else []
        role = "ask for a Role that allows it; docs/actions.md has one" if ours else ""
        super().__init__("; ".join(said), next_step="; ".join(step for step in (role, remedy) if step))
        self.denied = denied


class DryRunRefused(Refused):
    """The API server would not take what the plan sends."""

    def __init__(self, refusals: tuple[str, ...]) -> None:
        super().__init__(f"the API server would refuse it: {'; '.join(refusals[:3])}")
        self.refusals = refusals


class Locked(Refused):
    """Somebody else acts on the same hub."""
