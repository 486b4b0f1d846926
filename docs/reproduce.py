"""Write the tables and pictures of docs/reproduction.md from the runs in results/.

``python docs/reproduce.py`` changes what stands between the marks; the words around the tables stay. results/make.sh
makes the runs.
"""

import re
from pathlib import Path

from reproduction.cells import RESULTS, made, table
from reproduction.cifar import draws, methods, network, sequences
from reproduction.claims import claims
from reproduction.imagenet import photographs, photographs_by_corruption, photographs_perturbed
from reproduction.papers import table_1, table_4, write_figures

DOCUMENT = Path(__file__).parent / "reproduction.md"
MARKED = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Replace the document's tables and pictures."""
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    write_figures()


def filled(text: str) -> str:
    """Return a text with the tables that its marks ask for."""
    makers = (
        claims, network, draws, sequences, methods, table_1, table_4, photographs, photographs_by_corruption,
        photographs_perturbed, runs,
    )  # fmt: skip
    by_name = {make.__name__: make for make in makers}
    return MARKED.sub(lambda found: f"{found[1]}{by_name[found[2]]()}\n{found[3]}", text)


def runs() -> str:
    """Return where each run was made: hardware, time and command."""
    rows = []
    for path in sorted(RESULTS.rglob("run.json")):
        run = str(path.parent.relative_to(RESULTS))
        hardware, time, command = made(run)
        rows.append((f"`{run}`", time, hardware, f"`{command}`"))
    return table(("run", "time", "computed with", "command"), rows)


if __name__ == "__main__":
    main()
