"""The machine and the programs that are measured, in words."""

import mmap
import os
import re
import subprocess
from pathlib import Path
from shutil import which

MADV_POPULATE_WRITE = 23  # since Linux 5.14, madvise(2); Python has no name for it

VERSION = {"7zz": ["7zz"], "bsdtar": ["bsdtar", "--version"], "xorriso": ["xorriso", "-version"], "b3sum": ["b3sum", "--version"], "cp": ["cp", "--version"]}


def version(name):
    """The version in what the program says of itself."""
    words = VERSION[name]
    if which(words[0]) is None:
        return None
    said = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    number = re.search(r"\d+\.\d+(\.\d+)*", said.stdout + said.stderr)
    return f"{name} {number[0]}" if number else name


def wake_memory(most):
    """Touches what memory is free, up to so many bytes.

    A virtual machine gives memory that it has freed back to its host within seconds, and getting it again takes
    longer than what is timed: whoever comes after an idle moment, or after one that needs little, would pay for it.
    """
    free = int(re.search(r"MemFree:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) << 10
    size = min(free - (1 << 30), most)
    if size <= 0:
        return
    with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        if hasattr(mmap, "MADV_HUGEPAGE"):
            memory.madvise(mmap.MADV_HUGEPAGE)
        try:
            memory.madvise(MADV_POPULATE_WRITE)
        except OSError:
            # A kernel before 5.14.
            for page in range(0, size, mmap.PAGESIZE):
                memory[page] = 1


def describe():
    """One line: cores, memory, distribution, kernel, versions."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    parts = [
        f"{os.cpu_count()} cores" + (f" ({' '.join(model[1].split())})" if model else ""),
        f"{memory:.0f} GiB of memory",
        release.get("PRETTY_NAME", "Linux").strip('"'),
        "Linux " + os.uname().release.split("-")[0],
    ]
    return ", ".join(parts) + "; " + ", ".join(filter(None, map(version, VERSION)))
