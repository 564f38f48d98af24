"""How time grows with files and bytes: a fixed part and a price for each."""

from dataclasses import dataclass

FILES, BYTES = "files/ext4", "bytes/ext4"


@dataclass
class Line:
    """seconds = fixed + price * count."""

    points: list
    fixed: float
    price: float

    def at(self, count):
        """Seconds by the line."""
        return self.fixed + self.price * count

    def worst(self):
        """The largest ratio between a measured point and the line, either way round."""
        return max(max(seconds / self.at(count), self.at(count) / seconds) for count, seconds in self.points)


def points(figures, medium, unit, what):
    """(count, seconds) of each step, in order."""
    found = []
    for (on, of, workload, _, name, _), case in figures.cases.items():
        if (on, of, name) == (medium, unit, what):
            files, size = map(int, workload.split("x"))
            found.append((files if unit == FILES else size, case.seconds))
    return sorted(found)


def line(figures, medium, unit, what):
    """The line that fits best, all steps counting alike: least squares of what it is off in proportion."""
    steps = points(figures, medium, unit, what)
    if len(steps) < 2:
        return None
    weights = [1 / seconds**2 for _, seconds in steps]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, steps)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, steps)) / total
    over = sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, steps))
    price = max(over / sum(w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, steps)), 0)
    fixed = mean_y - price * mean_x
    if fixed < 0:
        # No work takes less than no time: the line through the origin.
        price = sum(w * x * y for w, (x, y) in zip(weights, steps)) / sum(w * x * x for w, (x, _) in zip(weights, steps))
        fixed = 0.0
    return Line(steps, fixed, price)
