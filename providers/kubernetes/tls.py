"""TLS to one API server: what is trusted, who we are, and in words what is wrong with a certificate."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from providers.errors import ProviderError
from providers.kubernetes.contexts import Access
from providers.kubernetes.credentials import Credential, certificate_authority


def tls_context(access: Access, credential: Credential) -> ssl.SSLContext:
    """Trusts the cluster's authority, or the system's where it names none. Raises ProviderError no_context, tls."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Authorities of managed clusters lack extensions that newer Pythons insist on; kubectl does not.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if access.cluster.fields.get("insecure-skip-tls-verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust(context, access)
    if credential.certificate and credential.key:
        _identify(context, access, credential.certificate + b"\n" + credential.key)
    return context


def _trust(context: ssl.SSLContext, access: Access) -> None:
    authority = certificate_authority(access)
    if authority is None:
        context.load_default_certs()
        return
    try:
        context.load_verify_locations(cadata=authority.decode("ascii"))
    except (ssl.SSLError, UnicodeDecodeError, ValueError):
        raise _unusable(access, "certificate-authority is no certificate") from None


def _identify(context: ssl.SSLContext, access: Access, certificate_and_key: bytes) -> None:
    """OpenSSL reads a certificate with its key only from a file: one in memory where there are such, else removed."""
    try:
        if hasattr(os, "memfd_create") and Path("/proc/self/fd").exists():
            file = os.memfd_create("client-certificate", os.MFD_CLOEXEC)
            try:
                os.write(file, certificate_and_key)
                context.load_cert_chain(f"/proc/self/fd/{file}")
            finally:
                os.close(file)
            return
        with tempfile.NamedTemporaryFile() as named:
            named.write(certificate_and_key)
            named.flush()
            context.load_cert_chain(named.name)
    except ssl.SSLError:
        raise _unusable(access, "the client certificate and its key do not fit, or are none") from None


def _unusable(access: Access, cause: str) -> ProviderError:
    return ProviderError(
        "tls",
        f"context {access.context}, kubeconfig {access.cluster.file}, cluster {access.cluster_name}: {cause}",
        next_step="write the context again with your cloud's tool",
    )


def tls_error(access: Access, error: ssl.SSLError | ssl.CertificateError, host: str) -> ProviderError:
    """Why the certificate of HOST is not taken, naming the kubeconfig entry that decides."""
    cause, next_step = _cause(error)
    return ProviderError(
        "tls",
        f"context {access.context}: {host}: {cause} (cluster {access.cluster_name} in {access.cluster.file})",
        next_step=next_step,
    )


_AGAIN = "write the context again with your cloud's tool: its certificate-authority may be older than the cluster"


def _cause(error: ssl.SSLError | ssl.CertificateError) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        code, words = error.verify_code, error.verify_message
        if code == 10:
            return "its certificate has expired", "have the API server's certificate renewed"
        if code == 9:
            return "its certificate is not valid yet", "compare the clocks of this host and the API server"
        if code in (62, 64):
            return f"its certificate is for another host ({words})", "set tls-server-name, or the right server address"
        if code in (18, 19):
            return "its certificate is self-signed, and not trusted", _AGAIN
        if code in (20, 21):
            return "its certificate is by an authority that is not trusted", _AGAIN
        return f"its certificate cannot be verified: {words}", _AGAIN
    reason = (error.reason or "").lower().replace("_", " ")
    if "wrong version number" in reason or "http request" in reason:
        return "it does not speak TLS", "look at the server address and the port"
    if "alert" in reason:
        return f"it refused the TLS handshake ({reason})", "look at the client certificate of the kubeconfig's user"
    return f"the TLS handshake failed ({reason or 'no reason given'})", "look at the server address and the port"
