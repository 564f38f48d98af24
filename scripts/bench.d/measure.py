"""One timed command: wall seconds, CPU seconds and peak memory, of the command and all that it starts."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which


class Failed(Exception):
    """A command that did not do what it is timed for."""


@dataclass
class Figure:
    """What a command took. The peak is that of the largest of its processes."""

    seconds: float
    cpu: float
    peak_kib: int

    def __add__(self, then):
        """Both, one after the other."""
        return Figure(self.seconds + then.seconds, self.cpu + then.cpu, max(self.peak_kib, then.peak_kib))


def measure(script, args, cwd, repeat=1):
    """Times the shell's `script`, with `args` as "$@"; of several repetitions the mean.

    time(1) starts it, not this process: the kernel counts the memory of what calls exec for what is started, and
    Python is larger than some of the contestants.
    """
    if repeat > 1:
        script = f"n=0; while [ $n -lt {repeat} ]; do n=$((n + 1)); {script}; done"
    usage, errors = Path(cwd, ".usage"), Path(cwd, ".errors")
    command = [which("time"), "-q", "-o", usage, "-f", "%U %S %M", "sh", "-ec", script, "sh", *args]
    with open(errors, "wb") as stderr:
        start = time.perf_counter()
        started = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr, start_new_session=True)
        try:
            status = started.wait()
        except BaseException:
            end(started)
            raise
        seconds = time.perf_counter() - start
    if status != 0:
        raise Failed(f"exit status {status} of: {script}\n{errors.read_text(errors='replace')[-2000:]}")
    user, system, peak = usage.read_text().split()
    return Figure(seconds / repeat, (float(user) + float(system)) / repeat, int(peak))


def end(started):
    """Ends a command that nobody waits for any more, with all that it has started: its volume is to be unmounted."""
    with suppress(ProcessLookupError):
        while True:
            os.killpg(started.pid, signal.SIGKILL)
            started.poll()
            time.sleep(0.05)


def forget(path):
    """Drops a file from the page cache: with its copy, and a volume in memory below that, it is more than fits."""
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def quietly(*command, cwd=None):
    """Runs what is not timed."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise Failed(f"exit status {done.returncode} of: {' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return done.stdout
