"""What is made of the measurements: docs/bench.md, the plots, and the short tables of README.md."""

import re

import plot
import target
import title
import volume
from growth import BYTES, FILES, line
from record import Figures

MEDIUM = {"memory": "Volumes in memory", "disk": "Volumes on disk"}
SHORT = ["extract", "7zz", "bsdtar", "xorriso", "cp", "import", "7zz+sync", "bsdtar+sync"]
AGAIN = ["import-checked", "import", "refresh-unchanged", "again-checked", "again", "refresh-one-checked", "refresh-one"]


def base_of(figures, key):
    """What a case is compared with: with as many threads, or what has no such choice."""
    medium, unit, workload, fs, what, jobs = key
    base = title.BASE[what]
    # Peers read and write on XFS: what clones is compared with those.
    for place, of in ((fs, unit), ("xfs-plain", "pair/xfs-plain")) if fs in volume.CLONES else ((fs, unit),):
        for threads in (jobs, 2, 0):
            found = base and figures.get(medium, of, workload, place, base, threads)
            if found:
                return found
    return None


def table(figures, medium, unit, workload, fs):
    """All cases of one workload on one file system."""
    rows = ["| what | threads | seconds | range | ratio to | | CPU s | peak MiB |", "| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |"]
    keys = [key for key in figures.cases if key[:4] == (medium, unit, workload, fs)]
    order = list(title.BASE)
    for key in sorted(keys, key=lambda key: (order.index(key[4]), -key[5])):
        case, base, what = figures.cases[key], base_of(figures, key), key[4]
        against = title.BASE[what] if base else ""
        ratio = f"{case.seconds / base.seconds:.4f}" if base and case.seconds < base.seconds / 100 else f"{case.seconds / base.seconds:.2f}" if base else ""
        digits = 4 if case.seconds < 0.1 else 2
        rows.append(
            f"| {title.what(what)} | {key[5] or '-'} | {case.seconds:.{digits}f} | {case.low:.{digits}f}-{case.high:.{digits}f} | "
            f"{against} | {ratio} | {case.cpu:.{digits}f} | {case.peak_mib:.1f} |"
        )
    return rows


def growth_table(figures, medium, unit):
    """Steps of growth, with what a file or a GiB takes."""
    kind, scale = ("file, µs", 1e6) if unit == FILES else ("GiB, s", float(1 << 30))
    rows = [f"| {'files of 4 KiB' if unit == FILES else 'one file of'} | what | seconds | by the line | a {kind} | CPU s | peak MiB |"]
    rows.append("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for what in ("import", "extract"):
        fitted = line(figures, medium, unit, what)
        for count, seconds in fitted.points if fitted else []:
            case = next(c for k, c in figures.cases.items() if k[:2] == (medium, unit) and k[4] == what and count_of(k[2], unit) == count)
            label = f"{count:,}" if unit == FILES else title.size(count)
            rows.append(f"| {label} | {what} | {seconds:.3f} | {fitted.at(count):.3f} | {seconds / count * scale:.3f} | {case.cpu:.2f} | {case.peak_mib:.1f} |")
    return rows


def count_of(workload, unit):
    """Files, or bytes of the one file."""
    files, size = map(int, workload.split("x"))
    return files if unit == FILES else size


def runs_of(figures, medium, unit):
    """How many runs a unit's medians are of."""
    return min(case.runs for key, case in figures.cases.items() if key[:2] == (medium, unit))


def conditions(figures, medium, unit):
    """When, where and how a unit was measured."""
    session = figures.sessions[medium, unit]
    return session[:10], f"{figures.machines[session]}; page cache warm, median of {runs_of(figures, medium, unit)}"


def section(figures, medium):
    """All of one medium."""
    lines = [f"## {MEDIUM[medium]}", ""]
    for sessions in sorted({figures.sessions[medium, unit] for unit in figures.units(medium)}):
        units = [unit for unit in figures.units(medium) if figures.sessions[medium, unit] == sessions]
        runs = ", ".join(f"{unit} (median of {runs_of(figures, medium, unit)})" for unit in units)
        lines += [f"- {sessions}, {figures.machines[sessions]}: {runs}"]
    targets = target.evaluate(figures, medium)
    lines += ["", "### Targets", "", "| what | limit | value | reached |", "| --- | ---: | ---: | --- |"]
    lines += [one.row() for one in targets]
    seen = []
    for key in figures.cases:
        place = key[:4]
        if key[0] == medium and key[1] not in (FILES, BYTES) and place not in seen:
            seen.append(place)
            lines += ["", f"### {title.workload(place[2])}, {volume.TITLE[place[3]]}", "", *table(figures, *place)]
    for unit in (FILES, BYTES):
        if unit in figures.units(medium):
            lines += ["", f"### Growth with {'files' if unit == FILES else 'bytes'}", "", *growth_table(figures, medium, unit)]
    return [*lines, ""]


HEAD = """# Speed in full

Made by `scripts/bench --report` of the measurements in [bench.tsv](bench.tsv), which `scripts/bench` took. Each contestant wrote to a file system of its own, in turns
with the others; the images were in the page cache, volumes in memory had all of theirs, and the memory that was free
had been touched. Seconds are those of the clock; CPU seconds are of the program and what it starts, not of the kernel's own
threads; peak memory is that of the largest process (pages of files that it maps, as b3sum does, count too), the most of all runs. Each tree was compared with the discs by name and size.
An unchanged `refresh` and `inspect` are means of ten in a row.
"""


def write(out):
    """Makes all that is made of `out/bench.tsv`."""
    figures = Figures(out / "bench.tsv")
    media = figures.media()
    lines = [HEAD]
    for name, draw in (("bench", plot.bars), ("growth", plot.growth)):
        for medium in media:
            # The first that has it is what README shows.
            if draw(figures, medium, out / f"{name}.svg"):
                lines += [f"![{'The DVD pair' if name == 'bench' else 'Growth'}: {MEDIUM[medium].lower()}]({name}.svg)", ""]
                break
    for medium in media:
        lines += section(figures, medium)
    (out / "bench.md").write_text("\n".join(lines), encoding="utf-8")


def short(figures, medium, whats, columns):
    """A table for README, of the pair on ext4 with two threads, after a line that says how it was taken."""
    unit = "pair/ext4"
    fs = "ext4" if figures.get(medium, unit, "pair", "ext4", "read") else "place"
    when, machine = conditions(figures, medium, unit)
    lines = [f"{when}, {machine.split(';')[0]}, fresh ext4 for each run{', in memory' if medium == 'memory' else ''};{machine.rsplit(';', 1)[1]}:", ""]
    if fs == "place":
        lines[0] = lines[0].replace("fresh ext4 for each run", "in place")
    lines += ["| what | seconds | " + " | ".join(columns) + " |", "| --- | ---: |" + " ---: |" * len(columns)]
    for what in whats:
        case = plot.measured(figures, medium, unit, fs, what)
        if case:
            lines.append(f"| {title.what(what)} | {case.seconds:.3f} | " + " | ".join(column(figures, medium, fs, what, case) for column in columns.values()) + " |")
    return "\n".join(lines)


def ratio(figures, medium, fs, what, case):
    """To 7zz, with a sync after it where ours is durable."""
    return f"{case.seconds / plot.measured(figures, medium, 'pair/ext4', fs, title.BASE[what]).seconds:.2f}"


def of_first(figures, medium, fs, _, case):
    """To a first import."""
    return f"{case.seconds / plot.measured(figures, medium, 'pair/ext4', fs, 'import-checked').seconds:.4f}"


SPEED = {"ratio": ratio, "CPU s": lambda *args: f"{args[-1].cpu:.2f}", "peak MiB": lambda *args: f"{args[-1].peak_mib:.0f}"}
REFRESH = {"ratio": of_first, "bytes written": lambda *args: args[-1].written}


def update_readme(out, readme):
    """Puts the short tables between their marks."""
    figures = Figures(out / "bench.tsv")
    medium = next((medium for medium in figures.media() if "pair/ext4" in figures.units(medium)), None)
    if medium is None:
        raise OSError(f"{out / 'bench.tsv'}: has no pair/ext4 to put into README")
    text = readme.read_text(encoding="utf-8")
    for mark, whats, columns in (("bench", SHORT, SPEED), ("figures", AGAIN, REFRESH)):
        new = f"<!-- {mark} begin -->\n{short(figures, medium, whats, columns)}\n<!-- {mark} end -->"
        text, count = re.subn(rf"<!-- {mark} begin -->\n.*?<!-- {mark} end -->", lambda _: new, text, flags=re.S)
        if count != 1:
            raise OSError(f"{readme}: has not just one place for the table {mark}")
    readme.write_text(text, encoding="utf-8")
