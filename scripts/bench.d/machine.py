"""The machine and the programs that are measured, in words."""

import os
import re
import subprocess
from pathlib import Path
from shutil import which

VERSION = {"7zz": ["7zz"], "bsdtar": ["bsdtar", "--version"], "xorriso": ["xorriso", "-version"], "b3sum": ["b3sum", "--version"], "cp": ["cp", "--version"]}


def version(name):
    """The version in what the program says of itself."""
    words = VERSION[name]
    if which(words[0]) is None:
        return None
    said = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    number = re.search(r"\d+\.\d+(\.\d+)*", said.stdout + said.stderr)
    return f"{name} {number[0]}" if number else name


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
