"""The file system that a contestant writes to: fresh each time, for one that has just had a tree deleted creates files more slowly."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from measure import quietly

MAKE = {
    # All of it is initialised before anything is timed.
    "ext4": ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"],
    "xfs": ["mkfs.xfs", "-q", "-f", "-m", "reflink=1"],
    "xfs-plain": ["mkfs.xfs", "-q", "-f", "-m", "reflink=0"],
}
TITLE = {
    "ext4": "ext4",
    "xfs": "XFS, images on the same volume (clones)",
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
    """Makes volumes in one directory, one at a time."""

    def __init__(self, directory, gib):
        self.image = Path(directory, f"pxe-import-bench-{os.getpid()}.img")
        self.mount = Path(directory, f"pxe-import-bench-{os.getpid()}")
        self.gib = gib

    @contextmanager
    def fresh(self, kind):
        """An empty directory on a new file system of this kind."""
        self.mount.mkdir()
        try:
            if kind == "tmpfs":
                quietly("mount", "-t", "tmpfs", "-o", f"size={self.gib}G", "tmpfs", self.mount)
            elif kind != "place":
                with open(self.image, "wb") as image:
                    image.truncate(self.gib << 30)
                quietly(*MAKE[kind], self.image)
                quietly("mount", "-o", "loop", self.image, self.mount)
            work = self.mount / "w"
            work.mkdir()
            yield work
        finally:
            self.remove()

    def remove(self):
        """Freeing the blocks of one run is not to fall into the time of the next: hence the sync."""
        if os.path.ismount(self.mount):
            quietly("umount", self.mount)
        shutil.rmtree(self.mount, ignore_errors=True)
        self.image.unlink(missing_ok=True)
        quietly("sync", "-f", self.mount.parent)
