"""Clients of AWS's own library for one place: ordinary credentials, bounded calls, and never a prompt."""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from providers.errors import ProviderError
from providers.filestores.aws_efs.errors import in_our_words
from providers.filestores.aws_efs.guard import Guard
from providers.filestores.aws_efs.place import Place

if TYPE_CHECKING:
    import botocore.session
    from botocore.loaders import Loader

    from providers.kubernetes.permission import Permission


class CallBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How long one request may take, and how often it may be tried in all."""

    connect_timeout_s: float = 4.0
    read_timeout_s: float = 8.0
    attempts: int = 2


class Clients:
    """Clients of one place, made when first asked for; several threads may use them. What they send passes the guard:
    only questions, unless PERMISSION lets out more. `renew` is the command that renews the credentials."""

    def __init__(self, place: Place, bounds: CallBounds, permission: Permission | None = None) -> None:
        """Imports the library. Raises ProviderError where it or the profile is missing."""
        try:
            import boto3
            import botocore.session
        except ImportError as error:
            raise ProviderError("internal", f"{place}: boto3 is missing", next_step="pip install boto3") from error
        self.place, self._bounds = place, bounds
        self._guard = Guard(permission)
        self._making = threading.Lock()
        self._made: dict[tuple[str, bool], Any] = {}
        with in_our_words(place, right="", renew=_renew(place.profile, {})):
            core = botocore.session.Session(profile=place.profile or None)
            core.register_component("data_loader", _loader())
            self.renew = _renew(core.profile or "", core.full_config.get("profiles", {}))
            self._session = boto3.Session(botocore_session=core, region_name=place.region)
            _never_prompt(core)

    def of(self, service: str, *, once: bool = False) -> Any:
        """The client of efs, ec2, eks or sts; ONCE: it never sends a request again by itself. Raises what botocore
        raises."""
        from botocore.config import Config

        bounds = self._bounds
        with self._making:
            if (service, once) not in self._made:
                config = Config(
                    connect_timeout=bounds.connect_timeout_s,
                    read_timeout=bounds.read_timeout_s,
                    retries={"total_max_attempts": 1 if once else bounds.attempts, "mode": "standard"},
                )
                client = self._made[service, once] = self._session.client(service, config=config)
                self._guard.watch(client)
            return self._made[service, once]


@cache
def _loader() -> Loader:
    """The library's descriptions of services, half a second to read, are kept for every session."""
    from botocore.loaders import create_loader

    return create_loader(os.environ.get("AWS_DATA_PATH"))


def _never_prompt(core: botocore.session.Session) -> None:
    """A profile with an MFA device would ask for its code on the terminal that the console draws on."""
    from botocore.exceptions import CredentialRetrievalError

    def refuse(_prompt: str) -> NoReturn:
        raise CredentialRetrievalError(provider="assume-role", error_msg="an MFA code is asked for")

    # The library has no public way to give a session another prompter.
    core.get_component("credential_provider").get_provider("assume-role")._prompter = refuse


def _renew(profile: str, profiles: Mapping[str, Mapping[str, Any]]) -> str:
    """The command that renews the credentials of PROFILE, by what the configuration says of it."""
    if not profile and "AWS_ACCESS_KEY_ID" in os.environ:
        return "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN anew"
    name = profile or "default"
    for _ in profiles:
        config = profiles.get(name, {})
        if "sso_session" in config or "sso_start_url" in config:
            return f"aws sso login{_option(name)}"
        if "login_session" in config:
            return f"aws login{_option(name)}"
        if "mfa_serial" in config:
            return f'eval "$(aws configure export-credentials{_option(name)} --format env)"'
        source = config.get("source_profile")
        if not isinstance(source, str) or source == name:
            break
        name = source
    return f"aws configure{_option(name)}" if name in profiles else f"aws configure sso{_option(name)}"


def _option(profile: str) -> str:
    return "" if profile == "default" else f" --profile {shlex.quote(profile)}"
