"""What the browser's side of the maps knows, read from its source."""

import re
from pathlib import Path

FRAME = Path(__file__).parents[2] / "web" / "static" / "js" / "map" / "frame.js"


def styles_drawn_by_the_scripts() -> set[str]:
    block = re.search(r"maps\.STYLES = \{(.*?)\n  \};", FRAME.read_text("utf-8"), re.DOTALL)
    assert block
    return set(re.findall(r"^    (\w+): \{", block[1], re.MULTILINE))
