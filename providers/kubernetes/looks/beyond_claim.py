"""Where a claim is what is broken: what a look goes on to ask of the export, and what the two add up to."""

from __future__ import annotations

import msgspec

from providers.kubernetes.looks.protocol import DirectoryLook, LookRequest


def may_go_on(request: LookRequest) -> bool:
    """Whether the look that is asked for goes on through the export where its claim leads nowhere."""
    return request.through == "claim" and bool(request.server and request.base_path)


def beyond_the_claim(request: LookRequest, look: DirectoryLook) -> LookRequest | None:
    """The look at the export that follows the LOOK through the claim which failed; None where none would tell more.

    Where the claim leads nowhere: it is not bound, or what its volume points to is not there, or was replaced. Also
    where it hangs: on EFS a directory that is not there does, while its base path answers; that is waited for half as
    long. A server that refuses says the same to whoever asks, and one that fell silent midway would be silent again.
    """
    failure = look.failure
    if failure is None or look.hub is not None or not may_go_on(request):
        return None
    onward = msgspec.structs.replace(request, through="export", claim="")
    if failure.symptom == "hanging":
        return msgspec.structs.replace(onward, silence_s=request.silence_s / 2)
    leads_nowhere = failure.kind == "unbound" or failure.symptom in ("missing-directory", "stale")
    return onward if leads_nowhere else None


def went_on(claim: DirectoryLook, export: DirectoryLook) -> DirectoryLook:
    """What was seen through the EXPORT once the CLAIM had failed; the claim's failure where that saw nothing, too."""
    if export.failure is not None and export.hub is None:
        return not_further(claim, export.failure.message)
    return msgspec.structs.replace(export, looked_at=claim.looked_at, claim=claim.claim, claim_failure=claim.failure)


def not_further(claim: DirectoryLook, why: str) -> DirectoryLook:
    """The failed look through the CLAIM, and WHY the export could not be looked at either."""
    failure = claim.failure
    assert failure is not None  # noqa: S101 - only a failure leads on
    words = "; ".join(filter(None, (failure.words, f"through the export: {why}")))
    return msgspec.structs.replace(claim, failure=msgspec.structs.replace(failure, words=words))
