"""The picture of the table: bars, drawn by hand. Colours of middle lightness, so that it reads on white and on dark."""
import statistics
from xml.sax.saxutils import escape

from .table import is_fovea, number

WIDTH, LABELS, BARS, ROW, GAP = 860, 150, 480, 20, 34
TEXT, OURS, THEIRS = "#7d8590", "#2f81f7", "#9aa4b0"

# Which rows of which sections, and what stands above them.
PICTURE = [
    ("article", "epoch, ", "Training the article's network, one epoch (s, shorter is better): "),
    ("vgg", "step, ", "CIFAR VGG, one training step (ms, shorter is better): "),
    ("latency", "batch 1, ", "Inference of one image (us, shorter is better): "),
    ("throughput", "batch 256, ", "Inference of 256 images (images/s, longer is better): "),
]


def bar_groups(sections, missing):
    """(title, [(label, value)]) for each row in the picture; adds to `missing` who should be in it and is not."""
    by_name = {section.name: section for section in sections}
    for name, prefix, title in PICTURE:
        section = by_name.get(name)
        for row in section.rows() if section else []:
            if not row.startswith(prefix):
                continue
            cells = [section.best(row, column) for column in section.columns()]
            missing |= {cell.column: None for cell in cells if cell and not cell.values}
            bars = [(cell.column, statistics.median(cell.values)) for cell in cells if cell and cell.values]
            if bars:
                yield title + row.removeprefix(prefix), sorted(bars, key=lambda bar: bar[1],
                                                               reverse=section.higher_is_better)


def text(x, y, words, anchor="start", weight="normal", colour=TEXT):
    return (f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{escape(words)}</text>")


def draw(sections, caption):
    parts, y, missing = [], 8, {}
    for title, bars in bar_groups(sections, missing):
        y += GAP - ROW + 12
        parts.append(text(8, y, title, weight="bold"))
        y += 8
        longest = max(value for _, value in bars)
        for label, value in bars:
            ours = is_fovea(label)
            length = max(1, BARS * value / longest)
            parts.append(text(LABELS - 8, y + 14, label, "end", "bold" if ours else "normal", OURS if ours else TEXT))
            parts.append(f'<rect x="{LABELS}" y="{y + 3}" width="{length:.1f}" height="{ROW - 6}" rx="2" '
                         f'fill="{OURS if ours else THEIRS}"/>')
            parts.append(text(LABELS + length + 6, y + 14, number(value)))
            y += ROW
    y += 28
    parts.append(text(8, y, caption + (f"; missing: {', '.join(missing)}" if missing else "")))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 12}" width="{WIDTH}" height="{y + 12}" '
            f'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="13">\n'
            + "\n".join(parts) + "\n</svg>\n")
