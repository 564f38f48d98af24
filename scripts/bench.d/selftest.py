"""That the bench finds out what is wrong, and that its figures are those of the contestant."""

import resource
from types import SimpleNamespace
from xml.etree import ElementTree

from contestant import Turn, peer
from growth import FILES, line
from measure import Failed, measure


def fails(what, action):
    """Fails unless `action` does."""
    try:
        action()
    except Failed:
        return
    raise Failed(f"the bench takes {what} for a result")


def contestants(work, workload):
    """A tree that lacks a file, has one too many or one that is too short, and a program that fails."""
    unpack = 'mkdir out; for i; do bsdtar -xf "$i" -C out; done'
    for number, (what, harm) in enumerate(
        (("a missing file", "rm -f out/.discinfo"), ("a file too many", "echo > out/more"), ("a short file", ": > out/.discinfo"), ("a failure", "false"))
    ):
        place = work / str(number)
        place.mkdir()
        turn = Turn(place, workload, workload.images, "false")
        fails(what, lambda turn=turn, harm=harm: list(peer("bsdtar", f"{unpack}; {harm}")(turn)))


def figures(work):
    """Memory is not this process's, CPU time is that of all descendants."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    small = measure("true", [], work)
    if small.peak_kib >= own / 2:
        raise Failed(f"the peak of a shell is {small.peak_kib} KiB: that is this process's")
    busy = measure("sh -c 'n=0; while [ $n -lt 100000 ]; do n=$((n + 1)); done'", [], work)
    if not 0.01 <= busy.cpu <= busy.seconds + 0.02:
        raise Failed(f"a loop in a shell within a shell took {busy.cpu} s of CPU in {busy.seconds} s")


def reports(out):
    """The line that fits is found, and the plots are XML."""
    steps = {count: SimpleNamespace(seconds=0.5 + count * 0.001) for count in (10, 1000, 100_000)}
    cases = {("disk", FILES, f"{count}x4096", "ext4", "import", 2): case for count, case in steps.items()}
    fitted = line(SimpleNamespace(cases=cases), "disk", FILES, "import")
    if abs(fitted.fixed - 0.5) > 1e-6 or abs(fitted.price - 0.001) > 1e-9 or fitted.worst() > 1.0001:
        raise Failed(f"the line through exact points is {fitted}")
    for name in ("bench.svg", "growth.svg"):
        ElementTree.parse(out / name)
    if "### Targets" not in (out / "bench.md").read_text():
        raise Failed("bench.md has no targets")
