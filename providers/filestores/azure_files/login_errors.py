"""Why there is no login, from what the links of Azure's chain say of it."""

from __future__ import annotations

import re

from providers.errors import ProviderError
from providers.filestores.azure_files.place import Place

_ATTEMPT = re.compile(r"^\t(\w+): (.*(?:\n(?!\t).*)*)", re.MULTILINE)
"""One link's name and words, in the list that the chain ends with."""
_CODE = re.compile(r"AADSTS(\d+)")
_SERVER = (
    "HTTPSConnectionPool", "Failed to resolve", "Max retries exceeded", "Failed to establish", "Connection aborted",
)  # fmt: skip
_PROBES = ("ManagedIdentityCredential",)
"""Links that ask an address which answers on Azure's own machines only: silence says nothing."""
_SAYS_NOTHING = (
    "not on path", "not found on path", "az login", "unavailable", "not fully configured", "not installed",
    "no accounts", "requires the", "please run", "not configured",
)  # fmt: skip
_EXPIRED = {"50078", "50089", "50132", "50133", "50173", "70008", "70043", "70044", "700082", "700084"}
_MFA = {"50072", "50074", "50076", "50079", "50158"}
_SECRET = {"7000215": "the service principal's secret is not accepted",
           "7000222": "the service principal's secret has expired",
           "700024": "the service principal's assertion is out of date",
           "700027": "the service principal's certificate is not accepted"}  # fmt: skip
_TENANT = {"90002", "900023"}


def login_refused(said: str, place: Place) -> ProviderError:
    """SAID is the whole text of the chain's error; nothing of it is quoted but a code."""
    attempts = _ATTEMPT.findall(said)
    code = _CODE.search(said)
    if code is not None:
        return _of_code(code[1], place)
    words = "\n".join(text for name, text in attempts if name not in _PROBES) if attempts else said
    if any(mark in words for mark in _SERVER):
        return ProviderError("unreachable", f"{place}: no login: Azure's login service does not answer")
    if "Failed to invoke the Azure CLI" in words:
        return ProviderError("timeout", f"{place}: no login: az did not answer", next_step=place.login)
    broken = [name for name, text in attempts if not any(mark in text.lower() for mark in _SAYS_NOTHING)]
    tried = f" ({', '.join(broken)} failed)" if broken else ""
    return ProviderError("unauthorized", f"{place}: there is no Azure login here{tried}", next_step=place.login)


def _of_code(code: str, place: Place) -> ProviderError:
    if code in _EXPIRED:
        return ProviderError("unauthorized", f"{place}: the Azure login has expired", next_step=place.login)
    if code in _MFA:
        message = f"{place}: Azure asks for a second factor"
        return ProviderError("unauthorized", message, next_step=place.login)
    if code in _SECRET:
        return ProviderError(
            "unauthorized",
            f"{place}: {_SECRET[code]} (AADSTS{code})",
            next_step="renew the credentials of the service principal AZURE_CLIENT_ID",
        )
    if code in _TENANT:
        message = f"{place}: there is no such tenant (AADSTS{code})"
        return ProviderError("unauthorized", message, next_step="az account list --query [].tenantId")
    return ProviderError(
        "unauthorized", f"{place}: the Azure login is not accepted (AADSTS{code})", next_step=place.login
    )
