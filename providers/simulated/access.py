"""Who asks the simulated API server, what they may do, and how it refuses."""

from __future__ import annotations

import msgspec

EVERYTHING = ("*",)
READING = ("get", "list", "watch")


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A right, as RBAC gives it. `namespace` "" is the whole cluster; `names` empty: objects of every name."""

    namespace: str = ""
    verbs: tuple[str, ...] = READING
    groups: tuple[str, ...] = EVERYTHING
    resources: tuple[str, ...] = EVERYTHING
    names: tuple[str, ...] = ()

    def allows(self, verb: str, group: str, resource: str, namespace: str, name: str) -> bool:
        return (
            self.namespace in ("", namespace)
            and _covers(self.verbs, verb)
            and _covers(self.groups, group)
            and _covers(self.resources, resource)
            and (not self.names or name in self.names)
        )


class Denial(msgspec.Struct, frozen=True, kw_only=True):
    """A hole in the rights. "*" is any verb, resource or namespace; namespace "" is only the whole cluster at once."""

    verb: str = "*"
    resource: str = "*"
    namespace: str = "*"

    def forbids(self, verb: str, resource: str, namespace: str) -> bool:
        return self.verb in ("*", verb) and self.resource in ("*", resource) and self.namespace in ("*", namespace)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The user behind the credentials. Without grants of its own it may do everything, less the denials."""

    user: str = "viewer"
    groups: tuple[str, ...] = ("system:authenticated",)
    grants: tuple[Grant, ...] = (Grant(verbs=EVERYTHING),)
    denials: tuple[Denial, ...] = ()

    def may(self, verb: str, group: str, resource: str, namespace: str, name: str = "") -> bool:
        if any(denial.forbids(verb, resource, namespace) for denial in self.denials):
            return False
        return any(grant.allows(verb, group, resource, namespace, name) for grant in self.grants)

    def rules(self, namespace: str) -> list[dict[str, list[str]]]:
        """What a SelfSubjectRulesReview tells for NAMESPACE."""
        rules = []
        for grant in self.grants:
            if grant.namespace in ("", namespace):
                rule = {"verbs": list(grant.verbs), "apiGroups": list(grant.groups), "resources": list(grant.resources)}
                rules.append(rule | ({"resourceNames": list(grant.names)} if grant.names else {}))
        return rules


def _covers(granted: tuple[str, ...], asked: str) -> bool:
    return "*" in granted or asked in granted
