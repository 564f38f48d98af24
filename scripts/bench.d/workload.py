"""The images of a workload, and the tree that every contestant has to make of them."""

import mmap
import os
from pathlib import Path

from measure import Failed, quietly

PAIR = ["CentOS-6.8-x86_64-bin-DVD1.iso", "CentOS-6.8-x86_64-bin-DVD2.iso"]
# A disc may have 500,000 files and directories: more go onto two.
FILES_PER_DISC = 250_000


def file_sizes(tree):
    """The regular files below a directory, with their sizes."""
    found, left = {}, [(str(tree), "")]
    while left:
        directory, path = left.pop()
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    left.append((entry.path, f"{path}{entry.name}/"))
                elif entry.is_file(follow_symlinks=False):
                    found[f"{path}{entry.name}"] = entry.stat().st_size
    return found


class Workload:
    """`pair`, or `FILESxBYTES`."""

    def __init__(self, name, directory, full):
        self.name = name
        self.directory = Path(directory, name if full else f"{name}-small")
        self.full = full
        self.changed = self.directory / "changed"
        if name == "pair":
            self.import_name = "centos6.8"
            self.images = [self.directory / image for image in PAIR]
            self.wanted = [*(["--full-size"] if full else []), "--only", "centos6.8-dvd1", "--only", "centos6.8-dvd2"]
        else:
            self.import_name = "uniform"
            files, size = map(int, name.split("x"))
            discs = -(-files // FILES_PER_DISC)
            self.images = [self.directory / f"uniform{disc + 1}.iso" for disc in range(discs)]
            self.wanted = []
            for disc in range(discs):
                part = files * (disc + 1) // discs - files * disc // discs
                self.wanted += ["--uniform", f"{part}x{size}"]

    def prepare(self, fixtures):
        """Writes the images unless an earlier run has left them, sound, and lists them."""
        complete = self.directory / "complete"
        if not complete.exists() or self.changed.exists():
            complete.unlink(missing_ok=True)
            quietly(fixtures, *self.wanted, self.directory)
            self.changed.unlink(missing_ok=True)
            quietly("sync", "-f", self.directory)
            complete.touch()
        self.listing = {}
        for image in self.images:
            for line in quietly("bsdtar", "-tvf", image).splitlines():
                fields = line.split(None, 8)
                if fields[0].startswith("-"):
                    self.listing[fields[8]] = int(fields[4])
        if not self.listing:
            raise Failed(f"{self.images}: no file on them")

    def bytes(self):
        """Bytes of all files."""
        return sum(self.listing.values())

    def verify(self, tree, imported=False):
        """Fails unless all files are there, by name and size; gives their number."""
        found = file_sizes(tree)
        wanted = self.listing
        if imported:
            # Lists of a disc's long names for systems without Rock Ridge; no tree needs them.
            wanted = {path: size for path, size in wanted.items() if path.rsplit("/", 1)[-1] != "TRANS.TBL"}
        for path, size in wanted.items():
            if found.get(path) != size:
                raise Failed(f"{tree}: {path} has {found.get(path, 'no')} bytes of {size}")
        # 7zz writes what firmware boots as files of its own.
        more = [path for path in found.keys() - wanted.keys() if not path.startswith("[BOOT]/")]
        if more:
            raise Failed(f"{tree}: {len(more)} files too many, {more[0]} is one")
        return len(wanted)

    def flip(self, image, tree, implant):
        """Changes a byte in a file of middling size on `image`, and its implanted sum if asked to; doing so
        twice undoes it. Gives the file and where in it."""
        names = quietly("bsdtar", "-tf", image).splitlines()
        files = sorted((self.listing[name], name) for name in names if self.listing.get(name, 0) >= 64 and not name.endswith("TRANS.TBL"))
        size, path = files[len(files) // 2]
        with open(Path(tree, path), "rb") as file:
            head = file.read(min(size // 2, 4096))
        with open(image, "r+b") as file, mmap.mmap(file.fileno(), 0) as bytes_of:
            at = bytes_of.find(head)
            if at < 0 or bytes_of.find(head, at + 1) >= 0:
                raise Failed(f"{image}: cannot tell where {path} lies")
            bytes_of[at + size - 1] ^= 1
            bytes_of.flush()
        if implant:
            quietly("implantisomd5", "--force", image)
        quietly("sync", "-f", image)
        return path, size - 1
