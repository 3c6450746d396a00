"""What an action needs permitted next on its cluster: asked for by a key, counted down, given back."""

from __future__ import annotations

from console.actions.plan import Permission
from console.chain.model import ClusterState
from console.tui.jobs import Job, Jobs
from console.tui.screens.asking import AskingScreen
from providers.kubernetes.permission import Granted, covers


class Permitting(AskingScreen):
    """JOB is planned, or run, within what is permitted. `expired`: what it needs was permitted, and that has ended."""

    def __init__(self, jobs: Jobs, job: Job) -> None:
        super().__init__()
        self.jobs = jobs
        self.job = job
        self.expired = False
        self._had: Permission = "none"

    def cluster_in_view(self) -> ClusterState | None:
        return self.cluster_named(self.job.target.cluster)

    @property
    def _granted(self) -> Granted | None:
        """What is permitted on the cluster now; None while that is not known."""
        preview = self.job.preview
        if preview is not None and preview.context.permission is not None:
            return preview.context.permission.granted
        cluster = self.cluster_in_view()
        return cluster.permission if cluster else None

    @property
    def needed(self) -> Permission:
        """What has to be permitted next: for the plan's steps, or for planning itself."""
        preview = self.job.preview
        if preview is not None:
            return "none" if preview.plan.empty else preview.plan.permission
        return "probe" if self.jobs.offers.probes(self.job.target.action) else "none"

    @property
    def permitted(self) -> bool:
        """Whether what is needed next is let out now."""
        needed, granted = self.needed, self._granted
        if needed == "none":
            return True
        return granted is not None and covers(granted.level(self.console_app.clock.now()), needed)

    @property
    def permission_turned(self) -> bool:
        """Whether what is needed next has been permitted, or has ended, since that was last drawn."""
        return self.needed != "none" and (self._had == self.needed) != self.permitted

    def see_permission(self) -> None:
        """Keep what is permitted now, to tell when it ends. What another step needed says nothing of this one."""
        ended = self.permission_turned and not self.permitted
        self._had = self.needed if self.permitted else "none"
        self.expired = (self.expired or ended) and not self.permitted

    def minutes(self) -> float:
        granted = self.console_app.settings.permissions
        return granted.probe_minutes if self.needed == "probe" else granted.write_minutes

    def action_permit(self) -> None:
        """Permit what is needed next for some minutes on this cluster; then plan, or ask again."""
        cluster, level = self.job.target.cluster, self.needed
        if self.job.phase not in ("new", "planned"):
            return
        if level == "none" or self.permitted:
            self.console_app.say("all that it needs is permitted" if level != "none" else "it needs no permission")
            return
        self.console_app.fleet.grant(cluster, level)
        what = "writing" if level == "write" else "looking inside"
        self.console_app.say(f"{what} is permitted on {cluster} for {self.minutes():g} min; P gives it back")
        self.jobs.plan(self.job)

    def action_give_back(self) -> None:
        """Back to read-only, now. What runs already goes on as far as it is let."""
        self.console_app.fleet.revoke(self.job.target.cluster)
        self._had, self.expired = "none", False
        self.console_app.say(f"{self.job.target.cluster} is read-only again")
