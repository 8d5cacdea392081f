"""Execute the notebooks and keep in them what a reader on a forge may see.

``python notebooks/keep_outputs.py`` after a change of a notebook, with the real files beside the
clone. Outputs of cells tagged ``stays-here`` are left out: maps that load from the internet, and
shapes whose owner did not allow to pass them on (DECISIONS).
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
TAG = "stays-here"


def keep(path: Path) -> None:
    """Execute a notebook and write it with the outputs that may be kept."""
    book = nbformat.read(path, as_version=4)
    NotebookClient(book, timeout=1_800, resources={"metadata": {"path": str(HERE)}}).execute()
    for number, cell in enumerate((c for c in book.cells if c.cell_type == "code"), start=1):
        cell.metadata.pop("execution", None)
        cell.execution_count = number
        if TAG in cell.metadata.get("tags", []):
            cell.outputs = []
        for output in cell.outputs:
            # What a program says of how it runs is nothing to read.
            if output.output_type == "execute_result":
                output.execution_count = number
        cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    # The version of Python is that of whoever ran it.
    book.metadata = {
        "kernelspec": book.metadata.kernelspec,
        "language_info": {"name": "python"},
    }
    nbformat.write(book, path)


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(str(path) for path in HERE.glob("*.ipynb")):
        keep(Path(name))
