"""As much of SVG as two plots need."""

from xml.sax.saxutils import escape

INK, FAINT = "#222222", "#d8d8d8"


class Svg:
    """A picture in points, from the top left; white below, so that it can be read on any page."""

    def __init__(self, width, height):
        self.width, self.height, self.parts = width, height, []

    def rect(self, x, y, width, height, fill):
        """A filled rectangle."""
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>')

    def line(self, points, stroke=FAINT, width=1.0):
        """Straight pieces through the points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="{width}"/>')

    def dot(self, x, y, fill):
        """A point that has been measured."""
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{fill}"/>')

    def text(self, x, y, words, size=12, anchor="start", weight="normal", fill=INK, turn=0):
        """Words whose base line starts, ends or has its middle at the point."""
        turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="{fill}"{turned}>{escape(words)}</text>'
        )

    def write(self, path):
        """Makes the file."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}" font-family="sans-serif">'
        white = f'<rect width="{self.width}" height="{self.height}" fill="#ffffff"/>'
        path.write_text("\n".join([head, white, *self.parts, "</svg>", ""]), encoding="utf-8")
