"""What has been promised of the figures, and whether it holds."""

from dataclasses import dataclass

import title
from growth import FILES, BYTES, line
from volume import CLONES

MIB = 1 << 20


@dataclass
class Target:
    """One promise: a value that is to be at most, or at least, its limit."""

    text: str
    value: float
    limit: float | None
    at_least: bool = False

    def reached(self):
        """Whether it holds."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def row(self):
        """As a line of a table."""
        if self.limit is None:
            return f"| {self.text} | - | {self.value:.4g} | - |"
        sign = "≥" if self.at_least else "≤"
        return f"| {self.text} | {sign} {self.limit:g} | {self.value:.4g} | {'yes' if self.reached() else '**no**'} |"


# Text, what, the case that it is divided by, limit: on each file system where both have been measured.
RATIOS = [
    ("import to `7zz x` + sync", "import", "7zz+sync", 0.85),
    ("import to `bsdtar` + sync", "import", "bsdtar+sync", 0.65),
    ("import, MD5 checked, to `7zz x` + sync (no target)", "import-checked", "7zz+sync", None),
    ("import to import through the page cache (no target)", "import", "import-cached", None),
    ("extract to `7zz x`", "extract", "7zz", 0.85),
    ("unchanged refresh to import", "refresh-unchanged", "import", 0.002),
    ("refresh of one changed file to reading the images", "refresh-one", "read", 1),
    ("refresh of one changed file to `b3sum` of the images (no target)", "refresh-one", "b3sum-images", None),
]
PLACES = {
    "ext4": ("ext4", "pair/ext4"),
    "xfs-plain": ("XFS without reflink", "pair/xfs-plain"),
    "xfs": ("XFS by cloning", "pair/xfs"),
    "xfs-2k": ("XFS with blocks of 2 KiB by cloning", "pair/xfs-2k"),
    "tmpfs": ("tmpfs", "pair/tmpfs"),
    "place": ("in place", "pair/ext4"),
}
# Discs of many files, and of one.
SINGLE = [("small/ext4", "50000x4096"), ("huge/ext4", f"1x{6 << 30}")]
JOBS = {"7zz": 2, "7zz+sync": 2, "bsdtar+sync": 0, "read": 0}


def evaluate(figures, medium):
    """All targets that the figures of this medium tell something of."""
    targets = []
    for fs, (name, unit) in PLACES.items():

        def get(what, jobs=2, fs=fs, unit=unit):
            return figures.get(medium, unit, "pair", fs, what, jobs)

        for text, what, base, limit in RATIOS:
            one, other = get(what), get(base, JOBS.get(base, 2))
            if other is None and base in ("read", "b3sum-images"):
                # Reading what is in the page cache has nothing to do with where the tree goes.
                other = get(base, JOBS.get(base, 2), "ext4", "pair/ext4")
            if one and other:
                targets.append(Target(f"{name}: {text}", one.seconds / other.seconds, limit))
        for jobs in (1, 2):
            if get("check", jobs) and get("b3sum-tree", jobs):
                text = f"{name}: speed of `check` to that of `b3sum`, {jobs} thread{'s' if jobs > 1 else ''}"
                targets.append(Target(text, get("b3sum-tree", jobs).seconds / get("check", jobs).seconds, 0.9, True))
    for unit, workload in SINGLE:
        ours, theirs = (figures.get(medium, unit, workload, "ext4", what, 2) for what in ("check", "b3sum-tree"))
        if ours and theirs:
            text = f"{title.workload(workload)}: speed of `check` to that of `b3sum`, 2 threads"
            targets.append(Target(text, theirs.seconds / ours.seconds, 0.9, True))
    for fs in CLONES:
        clone = figures.get(medium, f"pair/{fs}", "pair", fs, "import", 2)
        for what, how in (("import", "past"), ("import-cached", "through")):
            plain = figures.get(medium, "pair/xfs-plain", "pair", "xfs-plain", what, 2)
            if clone and plain:
                text = f"{PLACES[fs][0]}: import to import by reading and writing {how} the page cache"
                targets.append(Target(text, clone.seconds / plain.seconds, 0.5))
    inspect = figures.get(medium, "pair/ext4", "pair", "ext4", "inspect") or figures.get(medium, "pair/ext4", "pair", "place", "inspect")
    if inspect:
        targets.append(Target("`inspect` of a DVD, milliseconds", inspect.seconds * 1000, 50))
    targets += peak(figures, medium)
    for kind, unit in ((FILES, "a file"), (BYTES, "a byte")):
        for what in ("import", "extract"):
            fitted = line(figures, medium, kind, what)
            if fitted and len(fitted.points) > 2:
                text = f"growth of {what}: most that a point lies above or below the line of one price {unit}, ratio"
                targets.append(Target(text, fitted.worst(), 1.25))
    return targets


def peak(figures, medium):
    """The case of ours that comes closest to its limit of memory."""
    worst = None
    for (on, _, workload, fs, what, jobs), case in figures.cases.items():
        if on == medium and what in title.OURS:
            limit = 64 + 300 * title.files(workload) / MIB
            if worst is None or case.peak_mib / limit > worst[0]:
                worst = case.peak_mib / limit, f"{title.workload(workload)}, {fs}, {what}: {case.peak_mib:.1f} MiB of {limit:.1f}"
    return [Target(f"peak memory to 64 MiB + 300 bytes a file, the worst case ({worst[1]})", worst[0], 1)] if worst else []
