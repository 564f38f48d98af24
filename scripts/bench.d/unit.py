"""Units: what is measured together, in turns, so that its figures may be compared."""

from dataclasses import dataclass
from typing import Callable

import contestant as c
from volume import CLONES

FILES = [1_000, 10_000, 50_000, 100_000, 200_000, 500_000]
BYTES = [64 << 20, 256 << 20, 1 << 30, 3 << 30, 6 << 30]
SMALL = "50000x4096"
HUGE = f"1x{6 << 30}"
# Bytes of a volume without which ext4 makes too few inodes: one for 16 KiB.
A_FILE = 20 << 10


@dataclass
class Case:
    """One contestant on one file system."""

    workload: str
    fs: str
    run: Callable
    needs: tuple = ()

    def past_cache(self):
        """Whether most of what it writes goes past the page cache: an import onto a block device."""
        return getattr(self.run, "is_import", False) and self.fs not in ("tmpfs", "place")

    def room(self, workload):
        """Bytes that its volume has to have room for."""
        images = workload.bytes() if self.fs in CLONES else 0
        changed = max(workload.listing.values()) if getattr(self.run, "rewrites", False) else 0
        return workload.bytes() + images + changed + len(workload.listing) * A_FILE


def peers(workload, fs, names):
    """The other programs."""
    return [Case(workload, fs, c.PEERS[name](), () if name == "cp" else (name,)) for name in names]


def growth(workloads, then=(), needs=()):
    """Ours alone, on one file system."""
    ours = [(c.importing(2, then=then), needs), (c.extract(2), ())]
    return [Case(workload, "ext4", run, wants) for workload in workloads for run, wants in ours]


ALL = ("7zz", "bsdtar", "xorriso", "cp")
IMPLANT = ("implantisomd5",)
HASH = ("b3sum",)

# A DVD pair is 6 GB: about two minutes a run on ext4, less elsewhere.
UNITS = {
    "pair/ext4": [
        Case("pair", "ext4", c.floor, HASH),
        Case("pair", "ext4", c.importing(2, then=("check", "refresh", "again")), HASH),
        Case("pair", "ext4", c.importing(1, then=("check", "refresh")), HASH),
        Case("pair", "ext4", c.importing(2, True, then=("refresh", "again")), IMPLANT),
        Case("pair", "ext4", c.through_the_cache(2), ("unshare",)),
        Case("pair", "ext4", c.extract(2)),
        Case("pair", "ext4", c.extract(1)),
        *peers("pair", "ext4", ALL),
        Case("pair", "ext4", c.PEERS["7zz"](1), ("7zz",)),
    ],
    "pair/xfs": [
        Case("pair", "xfs", c.importing(2, then=("check", "refresh")), HASH),
        Case("pair", "xfs", c.importing(1)),
        Case("pair", "xfs", c.importing(2, True), IMPLANT),
        Case("pair", "xfs", c.extract(2)),
        Case("pair", "xfs", c.extract(1)),
        *peers("pair", "xfs", ("cp",)),
    ],
    "pair/xfs-2k": [
        Case("pair", "xfs-2k", c.importing(2, then=("check", "refresh")), HASH),
        Case("pair", "xfs-2k", c.importing(1)),
        Case("pair", "xfs-2k", c.extract(2)),
    ],
    # Apart from those, as its volumes are half as large: with the page cache, more is not in 24 GiB of memory.
    "pair/xfs-plain": [
        Case("pair", "xfs-plain", c.importing(2)),
        Case("pair", "xfs-plain", c.importing(1)),
        Case("pair", "xfs-plain", c.importing(2, True), IMPLANT),
        Case("pair", "xfs-plain", c.through_the_cache(2), ("unshare",)),
        Case("pair", "xfs-plain", c.extract(2)),
        Case("pair", "xfs-plain", c.extract(1)),
        *peers("pair", "xfs-plain", ALL),
    ],
    "pair/tmpfs": [
        Case("pair", "tmpfs", c.importing(2, then=("check", "refresh")), HASH),
        Case("pair", "tmpfs", c.importing(1)),
        Case("pair", "tmpfs", c.importing(2, True), IMPLANT),
        Case("pair", "tmpfs", c.extract(2)),
        Case("pair", "tmpfs", c.extract(1)),
        *peers("pair", "tmpfs", ALL),
    ],
    "small/ext4": [
        Case(SMALL, "ext4", c.importing(2, then=("check", "refresh")), HASH),
        Case(SMALL, "ext4", c.importing(1)),
        Case(SMALL, "ext4", c.extract(2)),
        *peers(SMALL, "ext4", ("7zz", "bsdtar")),
    ],
    "huge/ext4": [
        Case(HUGE, "ext4", c.floor, HASH),
        Case(HUGE, "ext4", c.importing(2, then=("check",)), HASH),
        Case(HUGE, "ext4", c.importing(1)),
        Case(HUGE, "ext4", c.extract(2)),
        *peers(HUGE, "ext4", ("7zz", "bsdtar")),
    ],
    # Memory grows most where there is an older tree beside the new one.
    "files/ext4": growth([f"{files}x4096" for files in FILES], ("check", "refresh", "again"), HASH),
    "bytes/ext4": growth([f"1x{size}" for size in BYTES]),
}

# The same kinds of contestants on discs of a few hundred KiB: that this tool works, and nothing else.
QUICK = {
    "pair/ext4": UNITS["pair/ext4"],
    "pair/xfs": [
        Case("pair", "xfs", c.importing(2, then=("check",)), HASH),
    ],
    "pair/xfs-2k": [
        Case("pair", "xfs-2k", c.importing(2)),
    ],
    "pair/xfs-plain": [
        Case("pair", "xfs-plain", c.importing(2)),
        *peers("pair", "xfs-plain", ("7zz",)),
    ],
    "pair/tmpfs": UNITS["pair/tmpfs"][:1],
    "files/ext4": growth(["10x4096", "100x4096"], ("check", "refresh", "again"), HASH),
    "bytes/ext4": growth([f"1x{1 << 20}", f"1x{4 << 20}"]),
}
