"""Reports of xfs_quota and showmount, in the form in which they print them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from providers.kubernetes.looks.protocol import QuotaRow
from providers.kubernetes.looks.quotas import parse_exports, parse_report

_NAMES = st.binary(min_size=1, max_size=255).filter(lambda raw: not set(raw) & set(b"/\0\n"))
_KIB = st.integers(0, 2**44)


def printed(name: bytes, used: int, soft: int, hard: int, grace: bytes = b"[--------]") -> bytes:
    """A line as xfsprogs prints it: "%-10s %10llu %10llu %10llu     %02d %9s"."""
    return b"%-10s %10d %10d %10d     %02d %9s\n" % (name, used, soft, hard, 0, grace)


@given(rows=st.lists(st.tuples(_NAMES, _KIB, _KIB, _KIB, st.sampled_from((b"[--------]", b"[-none-]", b"[6 days]")))))
def test_any_report_is_read_as_it_was_printed(rows: list[tuple[bytes, int, int, int, bytes]]) -> None:
    report = b"".join(printed(b"/export/prod/" + row[0], *row[1:]) for row in rows)
    expected = tuple(
        QuotaRow(directory=name, used_bytes=used * 1024, soft_bytes=soft * 1024, hard_bytes=hard * 1024)
        for name, used, soft, hard, _ in rows
    )
    assert parse_report(report, below=b"/export/prod") == (expected, 0)


def test_projects_without_a_name_are_left_out_and_other_lines_counted() -> None:
    report = (
        printed(b"#0", 12, 0, 0)
        + printed(b"#1007", 44, 0, 10485760)
        + printed(b"ana", 1024, 0, 10485760)
        + b"Project quota on /export (/dev/sdb)\n\n"
    )
    rows, unread = parse_report(report, below=b"/export/prod")
    assert rows == (QuotaRow(directory=b"ana", used_bytes=2**20, soft_bytes=0, hard_bytes=10 * 2**30),)
    assert unread == 1


def test_exports_are_named_without_their_clients() -> None:
    assert parse_exports(b"Export list for 0.0.0.0:\n/export *\n/my disk   10.0.0.0/8,*.local\n") == (
        "/export",
        "/my disk",
    )
