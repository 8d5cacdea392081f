import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from web.words.sentences import CATALOGUE, catalogue

ROOT = Path(__file__).parents[2]
# They take templates from elsewhere: from another process, or out of a sentence.
MAKERS = {
    "gridmgmt/sentence.py",
    "gridmgmt/exchange/reading/sentences.py",
    "web/words/sentences.py",
}
FILES = sorted(
    path
    for folder in ("gridmgmt", "web")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts and str(path.relative_to(ROOT)) not in MAKERS
)


def templates(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from templates(one)
            yield from templates(other)
        case _:
            pytest.fail(f"line {node.lineno}: a template is to be written out where it is used")


def said_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="Sentence"), args=[template, *_]):
                yield from templates(template)


def unknown(clause: str) -> Iterator[str]:
    """Yield what has words in it and no translation, as pages take a clause apart."""
    if clause in catalogue() or not re.search("[a-z]{2}", clause):
        return
    for joint in ("\n", "; ", ": "):
        first, found, rest = clause.partition(joint)
        if found:
            yield from unknown(first)
            yield from unknown(re.sub(r"^\s*(?:- )?", "", rest))
            return
    yield clause


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_is_also_said_in_chinese(path: Path) -> None:
    found = {part for template in said_by(path) for part in unknown(template)}
    assert sorted(found) == [], f"add these to {CATALOGUE.relative_to(ROOT)}"


def test_sentences_are_found() -> None:
    assert len({template for path in FILES for template in said_by(path)}) > 15
