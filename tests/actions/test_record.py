"""The record: lines that only grow, several processes at once, torn ends, and a chain that shows every change."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.actions.attachments import Attachments, read_attachment, unsealed
from console.actions.entries import Attached, Ended, StepBegun
from console.actions.processes import Process, life, this_process
from console.actions.record import FILE, HEAD, Record, RecordFailed, checked

REPOSITORY = Path(__file__).parents[2]


def filled(folder: Path, lines: int = 5) -> Record:
    record = Record(folder)
    for number in range(lines):
        record.append(StepBegun(run="r", key=f"step {number} – é\n"))
    return record


def contents(record: Record) -> tuple[bytes, bytes]:
    return record.file.read_bytes(), (record.folder / HEAD).read_bytes()


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    record = filled(tmp_path / "state")
    reading = record.read()
    assert [line.number for line in reading.lines] == [1, 2, 3, 4, 5]
    assert (reading.bad, reading.torn) == (None, False)
    assert reading.lines[2].entry == StepBegun(run="r", key="step 2 – é\n")


def test_no_record_is_no_lines(tmp_path: Path) -> None:
    assert Record(tmp_path / "none").read().lines == ()


def test_it_is_its_owners_alone(tmp_path: Path) -> None:
    record = filled(tmp_path / "a" / "state")
    assert stat.S_IMODE(record.file.stat().st_mode) == 0o600
    assert stat.S_IMODE((record.folder / HEAD).stat().st_mode) == 0o600
    assert stat.S_IMODE(record.folder.stat().st_mode) == 0o700


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    return contents(filled(tmp_path_factory.mktemp("chain") / "state", 6))


@given(data=st.data())
@settings(max_examples=300)
def test_every_changed_byte_shows(chain: tuple[bytes, bytes], data: st.DataObject) -> None:
    content, head = chain
    place = data.draw(st.integers(0, len(content) - 2))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    changed = content[:place] + bytes([other]) + content[place + 1 :]
    reading = checked(changed, head)
    assert reading.bad is not None
    assert abs(reading.bad.number - (content[:place].count(b"\n") + 1)) <= 1


@given(data=st.data())
@settings(max_examples=200)
def test_every_line_taken_away_doubled_or_moved_shows(chain: tuple[bytes, bytes], data: st.DataObject) -> None:
    content, head = chain
    rows = content.splitlines(keepends=True)
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=len(rows) + 2))
    kept = [rows[index] for index in chosen]
    assert (checked(b"".join(kept), head).bad is None) == (kept == rows)


@given(length=st.integers(1, 400))
@settings(max_examples=60)
def test_a_torn_end_is_left_out_and_said(chain: tuple[bytes, bytes], length: int) -> None:
    content, head = chain
    rows = content.splitlines(keepends=True)
    fragment = rows[-1][: min(length, len(rows[-1]) - 3)]
    reading = checked(content + fragment, head)
    assert (len(reading.lines), reading.bad, reading.torn) == (6, None, True)


def test_behind_a_torn_end_it_goes_on_and_stays_whole(tmp_path: Path) -> None:
    record = filled(tmp_path / "state", 2)
    with record.file.open("ab") as stream:
        stream.write(b'{"number":3,"at":"2026')
    record.append(Ended(run="r", outcome="done"))
    reading = record.read()
    assert [line.number for line in reading.lines] == [1, 2, 3]
    assert (reading.bad, reading.torn) == (None, False)
    content, head = contents(record)
    fragment_changed = content.replace(b'{"number":3,"at":"2026\n', b'{"number":3,"at":"2027\n')
    assert checked(fragment_changed, head).bad is not None
    fragment_gone = content.replace(b'{"number":3,"at":"2026\n', b"")
    assert checked(fragment_gone, head).bad is not None


def test_a_line_that_lacks_only_its_end_stands(tmp_path: Path) -> None:
    record = filled(tmp_path / "state", 2)
    record.file.write_bytes(record.file.read_bytes()[:-1])
    record.append(Ended(run="r", outcome="done"))
    assert [line.number for line in record.read().lines] == [1, 2, 3]
    assert record.read().bad is None


def test_a_crash_between_a_line_and_the_head_is_no_change(tmp_path: Path) -> None:
    record = filled(tmp_path / "state", 2)
    head = (record.folder / HEAD).read_bytes()
    record.append(Ended(run="r", outcome="done"))
    assert checked(record.file.read_bytes(), head).bad is None


def test_lines_cut_off_at_the_end_are_missed(tmp_path: Path) -> None:
    record = filled(tmp_path / "state", 4)
    rows = record.file.read_bytes().splitlines(keepends=True)
    record.file.write_bytes(b"".join(rows[:2]))
    bad = record.read().bad
    assert bad is not None
    assert (bad.number, bad.why) == (3, "lines are missing at the end: there were 4")


def test_a_later_versions_line_is_left_out_and_keeps_the_chain(tmp_path: Path) -> None:
    record = filled(tmp_path / "state", 1)
    record.append(StepBegun(run="r", key="k"))
    first, second = record.file.read_bytes().splitlines()
    body = second.rpartition(b',"hash":"')[0].replace(b'"step-begun"', b'"of-tomorrow"')
    own = hashlib.sha256(body).hexdigest()
    content = first + b"\n" + body + b',"hash":"' + own.encode() + b'"}\n'
    reading = checked(content, json.dumps({"number": 2, "hash": own}).encode())
    assert (len(reading.lines), reading.bad) == (1, None)


def test_several_processes_write_one_chain(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    program = (
        "import sys; from pathlib import Path; from console.actions.record import Record; "
        "from console.actions.entries import StepBegun; record = Record(Path(sys.argv[1])); "
        "[record.append(StepBegun(run=sys.argv[2], key=str(n))) for n in range(20)]"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(folder), str(number)], cwd=REPOSITORY)
        for number in range(4)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    reading = Record(folder).read()
    assert len(reading.lines) == 80
    assert reading.bad is None
    assert {line.entry.run for line in reading.lines} == {"0", "1", "2", "3"}


def test_a_record_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(RecordFailed, match=FILE) as failed:
        Record(tmp_path / "state").append(Ended(run="r", outcome="done"))
    assert "HUBHOMES_STATE" in failed.value.next_step


def test_an_attachment_is_on_disk_before_its_entry_and_its_change_shows(tmp_path: Path) -> None:
    entries: list[Attached] = []
    attachments = Attachments(tmp_path, "run", "step", attached=entries.append)
    with attachments.create("owners.jsonl") as file:
        file.write(b"1000:1000 0755 a\n")
        file.sync()
        file.write(b"0:0 0700 b\n")
        assert entries == []
    (attached,) = entries
    assert (attached.size_bytes, attached.key) == (28, "step")
    assert b"".join(read_attachment(tmp_path, attached)) == b"1000:1000 0755 a\n0:0 0700 b\n"
    (path,) = unsealed(tmp_path, "run")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"0:0 0700 a\n")
    with pytest.raises(RecordFailed, match="was changed"):
        list(read_attachment(tmp_path, attached))


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "a\0b"])
def test_an_attachment_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    attachments = Attachments(tmp_path, "run", "step", attached=lambda entry: None)
    with pytest.raises(ValueError, match="no name"), attachments.create(name):
        pass


def test_a_process_is_known_by_more_than_its_number() -> None:
    ours = this_process()
    assert life(ours) == "alive"
    assert life(Process(host=ours.host, pid=ours.pid, started="another boot/1")) == "gone"
    assert life(Process(host="elsewhere", pid=ours.pid)) == "elsewhere"
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert life(Process(host=ours.host, pid=child.pid, started="x/1")) == "gone"
