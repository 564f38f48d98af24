"""The two plots: the DVD pair against its peers, and growth."""

import math

import title
import volume
from growth import BYTES, FILES, line
from svg import INK, Svg

OURS, PEER, FLOOR = "#1f6fb2", "#a6a6a6", "#d9b45b"
EXTRACT = "#c4581d"
PLACES = [("ext4", "pair/ext4"), ("xfs", "pair/xfs"), ("xfs-2k", "pair/xfs-2k"), ("xfs-plain", "pair/xfs-plain"), ("tmpfs", "pair/tmpfs"), ("place", "pair/ext4")]
GROUPS = [
    ("made durable", ["import", "import-checked", "7zz+sync", "bsdtar+sync", "xorriso+sync", "cp+sync"]),
    ("without sync", ["extract", "7zz", "bsdtar", "xorriso", "cp", "read"]),
]


def measured(figures, medium, unit, fs, what):
    """The case with the most threads that has been measured."""
    cases = (figures.get(medium, unit, "pair", fs, what, jobs) for jobs in (2, 1, 0))
    return next(filter(None, cases), None)


def bars(figures, medium, path):
    """Horizontal bars, one panel a file system."""
    panels = []
    for fs, unit in PLACES:
        groups = [(name, [(what, measured(figures, medium, unit, fs, what)) for what in whats]) for name, whats in GROUPS]
        groups = [(name, [(what, case) for what, case in cases if case]) for name, cases in groups]
        groups = [(name, cases) for name, cases in groups if cases]
        if groups:
            panels.append((fs, groups))
    if not panels:
        return False
    longest = max(case.high for _, groups in panels for _, cases in groups for _, case in cases)
    left, width, step = 300, 560, 22
    height = 110 + sum(40 + sum(24 + step * len(cases) for _, cases in groups) for _, groups in panels)
    svg = Svg(960, height)
    svg.text(20, 30, "Both CentOS 6.8 DVDs into one tree", 18, weight="bold")
    svg.text(20, 50, f"seconds, median and range, less is better; 2 threads where there is a choice; volumes {'in memory' if medium == 'memory' else 'on disk'}", 12)
    y, tick = 70, nice(longest / 6)
    top = y
    for second in range(int(longest / tick) + 1):
        x = left + width * second * tick / longest
        svg.line([(x, top), (x, height - 40)])
        svg.text(x, height - 24, f"{second * tick:g}", 11, "middle")
    svg.text(left + width / 2, height - 8, "seconds", 12, "middle")
    for fs, groups in panels:
        y += 24
        svg.text(20, y, volume.TITLE[fs], 14, weight="bold")
        y += 16
        for name, cases in groups:
            svg.text(left - 8, y, name, 11, "end", fill="#666666")
            y += 8
            for what, case in cases:
                colour = OURS if what in title.OURS else FLOOR if what == "read" else PEER
                svg.rect(left, y, width * case.seconds / longest, step - 6, colour)
                middle = y + (step - 6) / 2
                svg.line([(left + width * case.low / longest, middle), (left + width * case.high / longest, middle)], INK, 1.2)
                label = title.what(what).replace("`", "").replace(" NAME ISO...", "").replace(" (hashed, durable), --no-media-check", " (hashed)")
                svg.text(left - 8, y + 12, label, 12, "end")
                svg.text(left + width * case.high / longest + 6, y + 12, f"{case.seconds:.2f}", 12, weight="bold" if what in title.OURS else "normal")
                y += step
            y += 16
    svg.write(path)
    return True


def nice(least):
    """The next of 1, 2, 5, 10, ..."""
    power = 10 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)


def growth(figures, medium, path):
    """Seconds against files and against bytes, both logarithmic, with fitted lines."""
    panels = [
        (FILES, "files of 4 KiB", lambda count: f"{count // 1000}k", lambda price: f"{price * 1e6:.1f} µs a file"),
        (BYTES, "bytes in one file", title.size, lambda price: f"{price * (1 << 30):.2f} s a GiB"),
    ]
    drawn = [(panel, [(what, line(figures, medium, panel[0], what)) for what in ("import", "extract")]) for panel in panels]
    drawn = [(panel, [(what, fitted) for what, fitted in lines if fitted]) for panel, lines in drawn]
    drawn = [(panel, lines) for panel, lines in drawn if lines]
    if not drawn:
        return False
    svg = Svg(60 + 480 * len(drawn), 470)
    svg.text(20, 30, "Growth with files and bytes", 18, weight="bold")
    svg.text(20, 50, "medians and lines fitted to them (a fixed part, and a price for each), on ext4; both axes logarithmic", 12)
    for number, ((_, label, say, price), lines) in enumerate(drawn):
        panel(svg, 70 + 480 * number, label, say, price, lines)
    svg.write(path)
    return True


def panel(svg, left, label, say, price, lines):
    """One pair of axes."""
    top, width, height = 80, 390, 310
    xs = [x for _, fitted in lines for x, _ in fitted.points]
    ys = [y for _, fitted in lines for y in (*(y for _, y in fitted.points), fitted.at(min(xs)), fitted.at(max(xs)))]
    low_x, high_x = math.log(min(xs)) - 0.2, math.log(max(xs)) + 0.2
    low_y, high_y = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))

    def place(x, y):
        across = (math.log(x) - low_x) / (high_x - low_x)
        up = (math.log10(y) - low_y) / (high_y - low_y)
        return left + width * across, top + height * (1 - up)

    for power in range(low_y, high_y + 1):
        y = place(min(xs), 10.0**power)[1]
        svg.line([(left, y), (left + width, y)])
        svg.text(left - 6, y + 4, f"{10.0 ** power:g}", 11, "end")
    for x in sorted(set(xs)):
        across = place(x, 10.0**low_y)[0]
        svg.line([(across, top), (across, top + height)])
        svg.text(across, top + height + 16, say(x), 11, "middle")
    svg.line([(left, top), (left, top + height), (left + width, top + height)], INK)
    svg.text(left + width / 2, top + height + 36, label, 12, "middle")
    svg.text(left - 44, top + height / 2, "seconds", 12, "middle", turn=-90)
    for number, (what, fitted) in enumerate(lines):
        colour = OURS if what == "import" else EXTRACT
        between = [math.exp(low_x + (high_x - low_x) * step / 60) for step in range(61)]
        svg.line([place(x, max(fitted.at(x), 10.0**low_y)) for x in between], colour, 1.5)
        for x, y in fitted.points:
            svg.dot(*place(x, y), colour)
        svg.rect(left + 12, top + 10 + 20 * number, 12, 12, colour)
        name = "import, hashed and durable" if what == "import" else "extract"
        svg.text(left + 30, top + 20 + 20 * number, f"{name}: {fitted.fixed:.3f} s + {price(fitted.price)}", 12)
