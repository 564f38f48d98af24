"""The measurements as lines of tab-separated values, one a figure, below the session that they are from."""

import csv
from collections import defaultdict
from statistics import median

FIELDS = ["session", "medium", "unit", "workload", "fs", "what", "jobs", "run", "seconds", "cpu", "peak_kib", "written"]
HEAD = "# "


def append(path, session, machine, rows):
    """Adds a unit's rows, all at once: what has been interrupted is not there."""
    new = not path.exists()
    lines = [] if not new else ["\t".join(FIELDS)]
    if new or f"{HEAD}{session}\t" not in path.read_text():
        lines.append(f"{HEAD}{session}\t{machine}")
    for row in rows:
        figure = row["figure"]
        values = {**row, "session": session, "seconds": f"{figure.seconds:.5f}", "cpu": f"{figure.cpu:.3f}", "peak_kib": figure.peak_kib}
        lines.append("\t".join(str(values[field]) for field in FIELDS))
    with open(path, "a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


class Figures:
    """Medians of what has been measured last, unit by unit."""

    def __init__(self, path):
        self.machines, rows, latest = {}, [], {}
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in lines:
            if line.startswith(HEAD):
                session, machine = line[len(HEAD) :].split("\t")
                self.machines[session] = machine
        for row in csv.DictReader((line for line in lines if not line.startswith(HEAD)), delimiter="\t"):
            rows.append(row)
            unit = row["medium"], row["unit"]
            latest[unit] = max(latest.get(unit, ""), row["session"])
        self.sessions = latest
        cases = defaultdict(list)
        for row in rows:
            unit = row["medium"], row["unit"]
            if row["session"] == latest[unit]:
                cases[(*unit, row["workload"], row["fs"], row["what"], int(row["jobs"]))].append(row)
        self.cases = {case: Median(rows) for case, rows in cases.items()}

    def units(self, medium):
        """The units that have been measured on `medium`."""
        return [unit for on, unit in self.sessions if on == medium]

    def media(self):
        """What has been measured on; memory first, where programs are compared and not the disk."""
        return sorted({medium for medium, _ in self.sessions}, key=["memory", "disk"].index)

    def get(self, medium, unit, workload, fs, what, jobs=0):
        """One case's median, if it has been measured."""
        return self.cases.get((medium, unit, workload, fs, what, jobs))


class Median:
    """Of several runs of one case. The first run of several has warmed up and is not counted."""

    def __init__(self, rows):
        counted = [row for row in rows if row["run"] != "0"]
        self.runs = len(counted)
        self.seconds = median(float(row["seconds"]) for row in counted)
        self.low = min(float(row["seconds"]) for row in counted)
        self.high = max(float(row["seconds"]) for row in counted)
        self.cpu = median(float(row["cpu"]) for row in counted)
        self.peak_mib = max(int(row["peak_kib"]) for row in counted) / 1024
        self.written = counted[-1]["written"]
