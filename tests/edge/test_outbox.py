# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The outbox: on disk until a receipt, bounded, and whole after whatever happens to the process."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bezet import wire
from bezet.errors import OutboxFull
from bezet.model import Kind, Reading
from edge.outbox import Held, Outbox, Released

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOOT = "00000000000000aa"
OTHER_BOOT = "00000000000000bb"
T_MS = 1_790_000_000_000


def batch(number: int, boot: str = BOOT, readings: int = 1) -> wire.Batch:
    """A message with readings that tell it apart."""
    return wire.Batch(
        site="townhall",
        device="pi-1",
        space="1.04",
        boot=boot,
        seq=1,
        clock=wire.Clock.TRUSTED,
        readings=tuple(
            Reading(T_MS + number * 1000 + n, "co2", Kind.CO2_PPM, 500.0) for n in range(readings)
        ),
    )


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """An empty outbox with room for a few small messages."""
    with closing(Outbox(tmp_path / "outbox.db", max_bytes=100_000)) as made:
        yield made


def test_numbers_and_carries_what_was_put(outbox: Outbox) -> None:
    """Each message gets the next number, and what comes out is the contract's bytes with it."""
    outbox.put([batch(1), batch(2)], {})

    letters = [outbox.load(seq) for seq in outbox.waiting(10)]
    assert [wire.decode(*letter).seq for letter in letters if letter] == [1, 2]  # type: ignore[union-attr]


def test_survives_being_closed(tmp_path: Path) -> None:
    """A new start finds the messages, what was kept, and numbers that do not begin again."""
    with closing(Outbox(tmp_path / "outbox.db")) as first:
        first.put([batch(1)], {"zone 1.04": "belief"})
    with closing(Outbox(tmp_path / "outbox.db")) as second:
        second.put([batch(2, OTHER_BOOT)], {})

        assert second.waiting(10) == [1, 2]
        assert second.kept("zone 1.04") == "belief"
        assert second.queued == 2


def test_numbers_do_not_begin_again_when_empty(tmp_path: Path) -> None:
    """A number is never given twice, even after everything before was committed and forgotten."""
    with closing(Outbox(tmp_path / "outbox.db")) as first:
        first.put([batch(1)], {})
        first.forget(BOOT, [(1, 1)])
    with closing(Outbox(tmp_path / "outbox.db")) as second:
        second.put([batch(2)], {})

        assert second.waiting(10) == [2]


@pytest.mark.parametrize(
    ("boot", "ranges", "left"),
    [
        (BOOT, [(1, 2)], [3]),
        (BOOT, [(2, 2), (3, 9)], [1]),
        (BOOT, [(1, 2**53)], []),
        (BOOT, [], [1, 2, 3]),
        (OTHER_BOOT, [(1, 3)], [1, 2, 3]),
    ],
)
def test_forgets_what_a_receipt_names(
    outbox: Outbox, boot: str, ranges: list[tuple[int, int]], left: list[int]
) -> None:
    """Exactly the messages of that boot in those ranges are forgotten, and none of another boot."""
    outbox.put([batch(1), batch(2), batch(3)], {})
    outbox.forget(boot, ranges)

    assert outbox.waiting(10) == left
    assert outbox.queued == len(left)


def test_parks_what_was_refused(outbox: Outbox) -> None:
    """A refused message is set aside, not forgotten, and waits again after `unpark`."""
    outbox.put([batch(1), batch(2)], {})
    outbox.park(BOOT, [(1, 1)])

    assert (outbox.waiting(10), outbox.queued) == ([2], 2)
    outbox.unpark()
    assert outbox.waiting(10) == [1, 2]


def test_refuses_the_oldest_at_its_bound(outbox: Outbox) -> None:
    """At the bound the oldest messages go first, they are counted, and the newest is always there."""
    put = 0
    evicted: list[int] = []
    while not evicted:
        put += 1
        evicted = outbox.put([batch(put, readings=20)], {})

    waiting = outbox.waiting(1000)
    assert evicted == list(range(1, len(evicted) + 1))
    assert waiting == list(range(len(evicted) + 1, put + 1))
    assert outbox.refused == len(evicted)


def test_what_is_released_goes_with_the_messages_made_of_it(outbox: Outbox) -> None:
    """Of what was held the oldest of this start of the kernel go with the messages, and the others stay."""
    outbox.hold([Held(n, "1.04", "pir", "motion", 1.0) for n in range(10)], "kernel-1")
    outbox.put([batch(1)], {}, releases=Released("kernel-0", 5))
    outbox.put([batch(2)], {}, releases=Released("kernel-1", 7))

    assert [row.monotonic_ms for row in outbox.held("kernel-1")] == [7, 8, 9]


def test_the_count_of_refused_messages_survives(tmp_path: Path) -> None:
    """How much was refused is not forgotten at a restart."""
    with closing(Outbox(tmp_path / "outbox.db", max_bytes=10_000)) as first:
        for number in range(30):
            first.put([batch(number, readings=20)], {})
        refused = first.refused
    with closing(Outbox(tmp_path / "outbox.db")) as second:
        assert second.refused == refused > 0


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    """An outbox that cannot be read is kept for people to look at, and the agent starts with an empty one."""
    path = tmp_path / "outbox.db"
    path.write_bytes(b"this is no database" * 100)
    with closing(Outbox(path)) as outbox:
        outbox.put([batch(1)], {})

        assert outbox.queued == 1
    assert (tmp_path / "outbox.db.damaged").read_bytes().startswith(b"this is no database")


def _with_damage(path: Path, first_byte: int, count: int) -> None:
    """An outbox of fifty long messages of which some bytes were overwritten."""
    with closing(Outbox(path)) as outbox:
        for number in range(50):
            outbox.put([batch(number, readings=200)], {})
    whole = bytearray(path.read_bytes())
    whole[first_byte : first_byte + count] = b"\xee" * count
    path.write_bytes(whole)


def test_a_file_that_is_damaged_in_its_middle_is_set_aside(tmp_path: Path) -> None:
    """Damage that opening does not meet is found at the start all the same, and does not end every start."""
    path = tmp_path / "outbox.db"
    _with_damage(path, 8 * 1024, 600 * 1024)
    with closing(Outbox(path)) as outbox:
        outbox.put([batch(1)], {})

        assert outbox.waiting(10) == [1]
    assert (tmp_path / "outbox.db.damaged").exists()


def test_a_message_that_cannot_be_read_holds_up_no_other(tmp_path: Path) -> None:
    """A message whose pages were damaged is passed over, and all the others are carried."""
    path = tmp_path / "outbox.db"
    _with_damage(path, 100 * 1024, 1024)
    with closing(Outbox(path)) as outbox:
        loaded = [outbox.load(seq) for seq in outbox.waiting(100)]
        outbox.put([batch(51)], {})

        assert loaded.count(None) == 1
        assert len(outbox.waiting(100)) == 50


WRITER = """
import sys
from pathlib import Path
from edge.outbox import Outbox
from tests.edge.test_outbox import batch
outbox = Outbox(Path(sys.argv[1]))
for number in range(100_000):
    outbox.put([batch(number)], {"last": str(number)})
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 40])
def test_what_was_put_survives_sigkill(tmp_path: Path, after: int) -> None:
    """Whatever `put` returned from is there after a SIGKILL, with what was kept beside it."""
    path = tmp_path / "outbox.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, env=os.environ
    ) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(after)]
        writer.send_signal(signal.SIGKILL)
        said += [int(line) for line in writer.stdout if line.endswith("\n")]
    with closing(Outbox(path)) as outbox:
        assert outbox.queued >= len(said)
        assert outbox.kept("last") == str(outbox.queued - 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of four megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
    )
    if not made or made.returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_refuses_the_oldest(small_disk: Path) -> None:
    """When the disk itself is full the newest messages find a place as long as there are older ones."""
    with closing(Outbox(small_disk / "outbox.db", max_bytes=10**9)) as outbox:
        taken = 0
        for number in range(800):
            try:
                outbox.put([batch(number, readings=100)], {})
                taken += 1
            except OutboxFull:
                continue

        assert outbox.refused > 0
        assert outbox.queued == taken - outbox.refused
        assert all(outbox.load(seq) for seq in outbox.waiting(1000))


def test_a_disk_that_others_filled(small_disk: Path) -> None:
    """When something else fills the disk the newest messages still find a place, and all is well later."""
    with closing(Outbox(small_disk / "outbox.db")) as outbox:
        outbox.put([batch(1)], {})
        hog = small_disk / "hog"
        _fill(hog)
        for number in range(2, 400):
            outbox.put([batch(number, readings=100)], {})
        hog.unlink()
        outbox.put([batch(900)], {})
        newest = outbox.load(outbox.waiting(1000)[-1])

        assert outbox.refused > 0
        assert newest is not None
        assert b"1790000900000" in newest.payload


def test_what_could_not_be_refused_is_not_counted(small_disk: Path) -> None:
    """On a disk without room even for deleting, nothing is refused, and the count of it does not grow."""
    with closing(Outbox(small_disk / "outbox.db")) as outbox:
        for number in range(100):
            outbox.put([batch(number, readings=50)], {})
        (small_disk / "outbox.db.ballast").unlink()
        _fill(small_disk / "hog")
        put, full = 100, 0
        for number in range(100, 150):
            try:
                outbox.put([batch(number, readings=100)], {})
                put += 1
            except OutboxFull:
                full += 1
                _fill(small_disk / f"hog-{number}")

        assert full > 0
        assert outbox.refused == put - outbox.queued
        assert outbox.queued == len(outbox.waiting(1_000))


def test_a_receipt_counts_on_a_full_disk(small_disk: Path) -> None:
    """On a disk that is full to the last byte, what a receipt names is forgotten all the same."""
    with closing(Outbox(small_disk / "outbox.db")) as outbox:
        for number in range(100):
            outbox.put([batch(number, readings=50)], {})
        _fill(small_disk / "hog")

        assert len(outbox.forget(BOOT, [(1, 90)])) == 90
        assert outbox.waiting(100) == list(range(91, 101))


def _fill(hog: Path) -> None:
    with hog.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
