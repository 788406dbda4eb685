"""From cells to tables: the best variant of each column, medians with their spread, ratios."""
import dataclasses
import math
import statistics


@dataclasses.dataclass
class Section:
    name: str
    title: str
    cells: list
    references: tuple = ()  # columns of which the better is what fovea is compared with
    higher_is_better: bool = False
    notes: list = dataclasses.field(default_factory=list)
    details: bool = False  # too long for the terminal: rows go to the file alone
    seconds: float = 0
    stolen: float = 0  # share of CPU time that the host gave to somebody else

    def rows(self):
        return list(dict.fromkeys(cell.row for cell in self.cells))

    def columns(self):
        return list(dict.fromkeys(cell.column for cell in self.cells))

    def best(self, row, column):
        """The cell of the best variant; None if the contestant does not take part in this row."""
        cells = [cell for cell in self.cells if (cell.row, cell.column) == (row, column)]
        measured = [cell for cell in cells if cell.values]
        if not measured:
            return cells[0] if cells else None
        return (max if self.higher_is_better else min)(measured, key=lambda cell: statistics.median(cell.values))

    def reference(self, row):
        """The best cell of the reference columns; None if none was measured."""
        cells = [self.best(row, column) for column in self.references]
        cells = [cell for cell in cells if cell and cell.values]
        best = max if self.higher_is_better else min
        return best(cells, key=lambda cell: statistics.median(cell.values)) if cells else None

    def ratio(self, row, column, of=statistics.median):
        """This column's median (or `of`) to the reference's."""
        cell, reference = self.best(row, column), self.reference(row)
        if not (cell and cell.values and reference):
            return None
        return of(cell.values) / of(reference.values)

    def ratio_text(self, row, column):
        """And in brackets that of the best repetitions, which a busy machine disturbs less."""
        ratio = self.ratio(row, column)
        if ratio is None:
            return ""
        repetitions = len(self.best(row, column).values)
        of_bests = self.ratio(row, column, max if self.higher_is_better else min)
        return f"{ratio:.3f}" + (f" ({of_bests:.3f})" if repetitions > 1 else "")

    def full_title(self):
        if not self.references:
            return self.title
        rival = "the better of " * (len(self.references) > 1) + " and ".join(self.references)
        return f"{self.title}; ratio: fovea's median to that of {rival} (and of the best repetitions)"


def is_fovea(column):
    return column.split()[0] == "fovea"


def number(value):
    """Three significant digits, thousands with commas."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(0, digits)}f}"


def cell_text(cell):
    if cell is None:
        return ""
    if not cell.values:
        return cell.text
    text = number(statistics.median(cell.values))
    if len(cell.values) > 1:
        text += f" ({number(min(cell.values))}-{number(max(cell.values))})"
    return " ".join(filter(None, [text, cell.variant]))


def grid(section):
    """The table as lists of texts, the heading first."""
    columns = section.columns()
    compared = [column for column in columns if is_fovea(column)] if section.references else []
    heading = ["", *columns, *(f"ratio{column.removeprefix('fovea')}" for column in compared)]
    lines = [heading]
    for row in section.rows():
        cells = [section.best(row, column) for column in columns]
        unit = next((cell.unit for cell in cells if cell and cell.unit), "")
        lines.append([f"{row}, {unit}" if unit else row, *map(cell_text, cells),
                      *(section.ratio_text(row, column) for column in compared)])
    return lines


def plain(section):
    """For a terminal."""
    parts = ["", section.full_title()]
    if section.details:
        parts.append(f"  ({len(section.rows())} rows, see the file)")
    elif section.cells:
        lines = grid(section)
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        for line in lines:
            texts = [text.rjust(width) for text, width in zip(line[1:], widths[1:])]
            parts.append("  " + "  ".join([line[0].ljust(widths[0]), *texts]))
    parts += [f"  {note}" for note in section.notes]
    return "\n".join(parts)


def markdown(section):
    parts = [f"\n## {section.full_title()}\n"]
    parts += [f"{note}\n" for note in section.notes]
    if section.cells:
        heading, *lines = grid(section)
        parts.append("| " + " | ".join(heading) + " |")
        parts.append("|---" + "|---:" * (len(heading) - 1) + "|")
        parts += ["| " + " | ".join(line) + " |" for line in lines]
    if section.stolen >= 0.01:
        parts.append(f"\nThe host took {section.stolen:.0%} of the CPU time away meanwhile.")
    return "\n".join(parts)


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))
