"""Tables as LaTeX: booktabs, numbers aligned by siunitx, the best in bold; figures as PDF beside it.

The file is a document of its own; to copy a table into a paper, take its ``table`` environment and the lines of the
preamble. pdfLaTeX sets Latin letters; names in other scripts need LuaLaTeX and a font that has them.
"""

import re
from itertools import pairwise

from reports.article import Article, Command, Section
from reports.grid import DAGGER, MINUS, Cell, Column, Grid

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,landscape,margin=12mm]{geometry}
\usepackage[T1]{fontenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage{array,booktabs,graphicx,siunitx}
\sisetup{detect-all, retain-explicit-plus, group-separator={,}, group-minimum-digits=4}
\providecommand{\best}{\bfseries}
\begin{document}
"""
SPECIALS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    MINUS: r"$-$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "·": r"\textperiodcentered{}",
    "…": r"\dots{}",
    "—": r"\textemdash{}",
    DAGGER: r"\textdagger{}",
    "-": r"{-}",  # two in a row would become one longer dash
    "[": r"{[}",  # after a line's end it would be an option
    "]": r"{]}",
    **{mark: f"\\{mark}" for mark in "&%$#_"},
}
NUMBER = re.compile(r"[+-]?\d[\d,]*(\.\d+)?")
WIDE = 8  # a table of more columns is set smaller
NAMES = -1  # the place of the rows' names among the columns
LONG = 36  # letters: a column of text that is longer breaks its lines
LINE_MM, LETTER_MM, GAP_MM = (
    270,
    1.9,
    4.5,
)  # a page's line; a small letter, about; between two columns


def latex_article(article: Article) -> str:
    """Return the whole report as a LaTeX document; figures are ``figures/<stem>.pdf``."""
    blocks = [f"\\section*{{{escaped(article.title)}}}", escaped(article.facts)]
    for section in article.sections:
        blocks += _section(section)
    return PREAMBLE + "\n\n".join(blocks) + "\n\\end{document}\n"


def escaped(words: object) -> str:
    """Return text in one line with every character escaped that LaTeX could take for markup."""
    return "".join(SPECIALS.get(letter, letter) for letter in " ".join(str(words).split()))


def _section(section: Section) -> list[str]:
    blocks = [f"\\subsection*{{{escaped(section.heading)}}}"]
    blocks += map(escaped, section.paragraphs)
    blocks += map(table, section.grids)
    blocks += [
        f"\\begin{{figure}}[htbp]\n\\centering\n\\includegraphics{{figures/{each.stem}.pdf}}\n"
        f"\\caption{{{escaped(each.title)}}}\n\\end{{figure}}"
        for each in section.drawings
    ]
    if section.notes:
        items = "\n".join(f"\\item {escaped(each)}" for each in section.notes)
        blocks.append(f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}")
    blocks += map(_command, section.commands)
    return blocks + [_code(each) for each in section.code]


def _command(command: Command) -> str:
    words = escaped(f"[{command.number}] {command.purpose}")
    if command.line is None:
        return f"{words}: {escaped(command.reason)}"
    return f"{words}:\n\n{_code(command.line)}"


def _code(line: str) -> str:
    return f"{{\\small\\raggedright\\ttfamily {escaped(line)}\\par}}"


def table(grid: Grid) -> str:
    """Return a grid as a ``table`` environment; intervals stand in a row of their own below the numbers."""
    widths = _text_widths_mm(grid)
    kinds = "".join(
        widths.get(place, _column_type(grid, place)) for place in range(len(grid.columns))
    )
    size = "\\scriptsize\\setlength{\\tabcolsep}{2.5pt}" if len(grid.columns) > WIDE else "\\small"
    headings = [escaped(grid.corner), *(f"{{{escaped(each.heading)}}}" for each in grid.columns)]
    rows = [
        *_group_row(grid.columns),
        " & ".join(headings) + r" \\",
        r"\midrule",
        *(line for place in range(len(grid.rows)) for line in _rows(grid, place)),
    ]
    body = "\n".join([r"\toprule", *rows, r"\bottomrule"])
    return (
        f"\\begin{{table}}[htbp]\n\\centering{size}\n\\caption{{{escaped(grid.caption)}}}\n"
        f"\\begin{{tabular}}{{{widths.get(NAMES, 'l')}{kinds}}}\n{body}\n\\end{{tabular}}\n\\end{{table}}"
    )


def _rows(grid: Grid, place: int) -> list[str]:
    cells = grid.rows[place]
    starts = grid.grouped and place and grid.names[place] != grid.names[place - 1]
    repeated = grid.grouped and place and not starts
    name = "" if repeated else escaped(grid.names[place])
    lines = [r"\addlinespace"] if starts else []
    numbers = [_cell(cell, column) for cell, column in zip(cells, grid.columns, strict=True)]
    lines.append(" & ".join([name, *numbers]) + r" \\")
    if any(cell.interval for cell in cells):
        intervals = [
            f"{{\\tiny {escaped(cell.interval)}}}" if cell.interval else "" for cell in cells
        ]
        lines.append(" & ".join(["", *intervals]) + r" \\")
    return lines


def _cell(cell: Cell, column: Column) -> str:
    plain = cell.text.replace(MINUS, "-").replace(",", "")
    mark = f"\\rlap{{\\textsuperscript{{{escaped(cell.mark)}}}}}" if cell.mark else ""
    if column.unit == "text" or not NUMBER.fullmatch(plain):
        return f"{{{escaped(cell.text)}{mark}}}" if cell.text else ""
    shown = f"{plain} {{{mark}}}" if mark else plain
    return f"\\best {shown}" if cell.best else shown


def _text_widths_mm(grid: Grid) -> dict[int, str]:
    """Return the column types of long texts, which break their lines: they share what the others leave of the page."""
    lengths = {NAMES: max(map(len, (*grid.names, grid.corner)))}
    for place, column in enumerate(grid.columns):
        longest = max((len(row[place].text) for row in grid.rows), default=0)
        lengths[place] = max(longest, len(column.heading))
    long = {
        place: length
        for place, length in lengths.items()
        if length > LONG and (place == NAMES or grid.columns[place].unit == "text")
    }
    others = sum(LETTER_MM * length for place, length in lengths.items() if place not in long)
    left = max(LINE_MM - others - GAP_MM * len(lengths), 30.0 * len(long))
    if not long or left >= LETTER_MM * sum(long.values()):
        return {}
    return {
        place: f">{{\\raggedright\\arraybackslash}}p{{{left * length / sum(long.values()):.0f}mm}}"
        for place, length in long.items()
    }


def _column_type(grid: Grid, place: int) -> str:
    if grid.columns[place].unit == "text":
        return "l"
    texts = [row[place].text.replace(MINUS, "-").replace(",", "") for row in grid.rows]
    numbers = [text for text in texts if NUMBER.fullmatch(text)]
    whole = max((len(text.lstrip("+-").partition(".")[0]) for text in numbers), default=1)
    decimals = max((len(text.partition(".")[2]) for text in numbers), default=0)
    sign = "+" if any(text[0] in "+-" for text in numbers) else ""
    return f"S[table-format={sign}{whole}.{decimals}]"


def _group_row(columns: tuple[Column, ...]) -> list[str]:
    if not any(column.group for column in columns):
        return []
    edges = [i for i in range(1, len(columns)) if columns[i].group != columns[i - 1].group]
    cells = [""]
    for start, end in pairwise([0, *edges, len(columns)]):
        cells.append(f"\\multicolumn{{{end - start}}}{{c}}{{{escaped(columns[start].group)}}}")
    return [" & ".join(cells) + r" \\"]
