"""The file system that a contestant writes to: fresh each time, for one that has just had a tree deleted creates files more slowly."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from measure import quietly

MAKE = {
    # All of it is initialised before anything is timed, and no block is given back.
    "ext4": ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard"],
    "xfs": ["mkfs.xfs", "-q", "-f", "-K", "-m", "reflink=1"],
    "xfs-2k": ["mkfs.xfs", "-q", "-f", "-K", "-m", "reflink=1", "-b", "size=2048"],
    "xfs-plain": ["mkfs.xfs", "-q", "-f", "-K", "-m", "reflink=0"],
}
# Where the images lie on the same volume, and their blocks can be shared.
CLONES = ("xfs", "xfs-2k")
TITLE = {
    "ext4": "ext4",
    "xfs": "XFS, images on the same volume (clones)",
    "xfs-2k": "XFS with blocks of 2 KiB, images on the same volume (clones)",
    "xfs-plain": "XFS without reflink, images elsewhere",
    "tmpfs": "tmpfs",
    "place": "in place",
}


def may_mount():
    """Whether volumes can be made and mounted here."""
    return os.geteuid() == 0 and Path("/dev/loop-control").exists()


def medium(directory):
    """What the volumes of this directory lie on."""
    kind = quietly("stat", "-f", "-c", "%T", directory).strip()
    return "memory" if kind == "tmpfs" else "disk"


class Volumes:
    """Makes volumes in one directory, one at a time, all in one file.

    The file keeps its blocks from one volume to the next of the same size: whoever writes first is not to pay for
    them, least of all in memory, which a virtual machine has to get from its host.
    """

    def __init__(self, directory):
        self.image = Path(directory, f"pxe-import-bench-{os.getpid()}.img")
        self.mount = Path(directory, f"pxe-import-bench-{os.getpid()}")

    @contextmanager
    def fresh(self, kind, size):
        """An empty directory on a new file system of this kind, with room for files and names of so many bytes."""
        gib = max(1, -(-(size * 11 // 10 + (1 << 29)) >> 30))
        self.mount.mkdir()
        try:
            if kind == "tmpfs":
                self.image.unlink(missing_ok=True)
                quietly("mount", "-t", "tmpfs", "-o", f"size={gib}G", "tmpfs", self.mount)
            elif kind != "place":
                self.make(kind, gib << 30)
                quietly("mount", "-o", "loop", self.image, self.mount)
            work = self.mount / "w"
            work.mkdir()
            yield work
        finally:
            self.remove()

    def make(self, kind, size):
        """The file, with a new file system and without a hole."""
        if not self.image.exists() or self.image.stat().st_size != size:
            self.image.unlink(missing_ok=True)
            with open(self.image, "wb") as image:
                image.truncate(size)
        quietly(*MAKE[kind], self.image)
        with open(self.image, "r+b") as image:
            os.posix_fallocate(image.fileno(), 0, size)
        quietly("sync", "-f", self.image)

    def remove(self):
        """The work of one run is not to fall into the time of the next: hence the sync."""
        if os.path.ismount(self.mount):
            quietly("umount", self.mount)
        shutil.rmtree(self.mount, ignore_errors=True)
        quietly("sync", "-f", self.mount.parent)

    def close(self):
        """Leaves nothing."""
        self.image.unlink(missing_ok=True)
