"""What is timed: each contestant gets a fresh directory and yields its figures, one or several, by name."""

import re
import shlex
from pathlib import Path

from measure import Failed, forget, measure, quietly
from workload import file_sizes

SERVER = "192.168.4.6"


class Turn:
    """One contestant's turn."""

    def __init__(self, work, workload, images, program):
        self.work, self.workload, self.images = Path(work), workload, [str(image) for image in images]
        self.program = shlex.quote(str(program))

    def images_beside(self):
        """Whether the images lie on the volume: they and their tree in the page cache are more than fits."""
        return Path(self.images[0]).parent == self.work.parent

    def time(self, script, repeat=1, args=None):
        """Times a shell script in the directory; "$@" are the images."""
        return measure(script, self.images if args is None else args, self.work, repeat)

    def ours(self, words, jobs, repeat=1, args=None):
        """Times pxe-import."""
        return self.time(f"{self.program} --jobs {jobs} {words}", repeat, args)

    def written(self):
        """Bytes written by the report in `report.json`; of several reports the first."""
        found = re.search(r'"written": (\d+)', (self.work / "report.json").read_text())
        return int(found[1]) if found else 0


def row(what, figure, jobs=0, written=""):
    """A figure under its name; 0 jobs: the program has no such option."""
    return {"what": what, "jobs": jobs, "figure": figure, "written": written}


def floor(turn):
    """Reading the images and no more, hashing them, and what `inspect` takes."""
    yield row("read", turn.time('cat "$@"'))
    for jobs in (1, 2):
        yield row("b3sum-images", turn.time(f'b3sum --num-threads {jobs} "$@"'), jobs)
    yield row("inspect", turn.time(f'{turn.program} inspect "$1"', repeat=10))


def extract(jobs):
    """Ours without hash, menu and sync."""

    def run(turn):
        figure = turn.ours('--quiet extract "$@" --to out', jobs)
        turn.workload.verify(turn.work / "out")
        yield row("extract", figure, jobs)

    return run


def peer(what, script, jobs=0):
    """Another program's way; then the sync that makes it as durable as our import."""

    def run(turn):
        figure = turn.time(script)
        sync = turn.time("sync -f out")
        if what == "cp":
            for image in turn.images:
                if (turn.work / "out" / Path(image).name).stat().st_size != Path(image).stat().st_size:
                    raise Failed(f"cp: {image} is not whole")
        else:
            turn.workload.verify(turn.work / "out")
        yield row(what, figure, jobs)
        yield row(f"{what}+sync", figure + sync, jobs)

    return run


PEERS = {
    "7zz": lambda jobs=2: peer("7zz", f'for i; do 7zz x -y -bso0 -bsp0 -mmt={jobs} -oout "$i"; done', jobs),
    "bsdtar": lambda: peer("bsdtar", 'mkdir out; for i; do bsdtar -xf "$i" -C out; done'),
    "xorriso": lambda: peer("xorriso", 'for i; do xorriso -abort_on FATAL -report_about FATAL -osirrox on -indev "stdio:$i" -extract / out; done'),
    "cp": lambda: peer("cp", 'mkdir out; cp "$@" out/'),
}


def snapshot(root):
    """Name, times and inode of all that is below."""
    return sorted(quietly("find", root, "-printf", "%p %T@ %C@ %i\n").splitlines())


def import_words(turn, flag):
    """What is asked of our import."""
    return f'--json --root root --server {SERVER} {flag} {turn.workload.import_name} "$@" >report.json'


def imported(turn):
    """The tree that an import has reported, if it is whole."""
    target = re.search(r'"target": "([^"]+)"', (turn.work / "report.json").read_text())
    tree = turn.work / "root" / target[1]
    turn.workload.verify(tree, imported=True)
    return tree


def importing(jobs, media_check=False, then=()):
    """Our import, hashed and durable, and what can follow on its root: "check", "refresh", "again"."""

    def run(turn):
        suffix = "-checked" if media_check else ""
        words = import_words(turn, "" if media_check else "--no-media-check")
        figure = turn.ours(words, jobs)
        tree = imported(turn)
        yield row(f"import{suffix}", figure, jobs, turn.written())
        if "check" in then:
            yield from checking(turn, tree, jobs)
        if "refresh" in then:
            yield from refreshing(turn, tree, jobs, media_check, words if "again" in then else None)

    run.is_import = True
    run.rewrites = "refresh" in then
    return run


def through_the_cache(jobs):
    """Our import that finds no block device to write to past the page cache."""

    def run(turn):
        ours = f"exec {turn.program} --jobs {jobs} {import_words(turn, '--no-media-check')}"
        hidden = f"mount -t tmpfs tmpfs /sys/dev/block; {ours}"
        figure = turn.time(f'unshare --mount sh -ec {shlex.quote(hidden)} sh "$@"')
        imported(turn)
        yield row("import-cached", figure, jobs, turn.written())

    return run


def checking(turn, tree, jobs):
    """Our check, and b3sum over the same files."""
    files = f"cd {shlex.quote(str(tree))}; find . -type f -print0"
    if turn.images_beside():
        for image in turn.images:
            forget(image)
    turn.time(f"{files} | xargs -0 cat", args=[])  # warm the page cache
    yield row("check", turn.ours(f"--quiet --root root check {turn.workload.import_name}", jobs, args=[]), jobs)
    hashed = turn.time(f"{files} | xargs -0 b3sum --num-threads {jobs}", args=[])
    yield row("b3sum-tree", hashed, jobs)


def refreshing(turn, tree, jobs, media_check, again):
    """Refreshing with nothing changed, importing the same again, and refreshing after a byte has changed."""
    suffix = "-checked" if media_check else ""
    root = turn.work / "root"
    images = ", ".join(f'"{image}"' for image in turn.images)
    option = "" if media_check else "no-media-check = true\n"
    media = f'[[media]]\nname = "{turn.workload.import_name}"\nserver = "{SERVER}"\nimages = [{images}]\n{option}'
    (root / "pxe-import.toml").write_text(media)
    refresh = "--json --root root refresh --settle 0s >report.json"
    turn.ours(refresh, jobs, args=[])  # the entry's options are the record's from here on
    before = snapshot(root)
    figure = turn.ours(refresh, jobs, repeat=10, args=[])
    if snapshot(root) != before:
        raise Failed("an unchanged refresh has written")
    yield row(f"refresh-unchanged{suffix}", figure, jobs, 0)
    if again is not None:
        figure = turn.ours(again, jobs)
        turn.workload.verify(tree, imported=True)
        yield row(f"again{suffix}", figure, jobs, turn.written())
    # Whoever finds this mark knows that the images are no more what they were.
    turn.workload.changed.touch()
    image = turn.images[-1]
    path, at = turn.workload.flip(image, tree, media_check)
    was = byte_at(tree / path, at)
    if turn.images_beside():
        for file in file_sizes(tree):
            forget(tree / file)
    turn.time('cat "$@"')
    figure = turn.ours(refresh, jobs, args=[])
    turn.workload.verify(tree, imported=True)
    if byte_at(tree / path, at) != was ^ 1:
        raise Failed(f"refresh: {path} has not changed as its disc has")
    yield row(f"refresh-one{suffix}", figure, jobs, turn.written())
    turn.workload.flip(image, tree, media_check)
    turn.workload.changed.unlink()


def byte_at(path, offset):
    """One byte of a file."""
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(1)[0]
