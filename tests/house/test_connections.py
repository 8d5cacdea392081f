"""No test leaves a connection to the garbage collector, which would tell another test of it."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def calls_of(node: ast.AST, name: str) -> list[ast.Call]:
    calls = [found for found in ast.walk(node) if isinstance(found, ast.Call)]
    return [call for call in calls if ast.unparse(call.func).rpartition(".")[2] == name]


def is_disposed_of(call: ast.Call, function: ast.FunctionDef) -> bool:
    """Whether the function binds what the call makes to a name, and disposes of that name."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and call in ast.walk(node.value):
            disposed = {ast.unparse(found.func) for found in calls_of(function, "dispose")}
            # Handed to a stack of contexts, it is named and not called.
            named = {
                ast.unparse(arg)
                for found in ast.walk(function)
                if isinstance(found, ast.Call)
                for arg in found.args
            }
            return f"{ast.unparse(node.targets[0])}.dispose" in disposed | named
    return False


def leaks_of(source: str) -> list[int]:
    """Lines where an engine is made and not disposed of in the same function."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    closed = {
        id(call)
        for function in functions
        for call in calls_of(function, "make_engine")
        if is_disposed_of(call, function)
    }
    return [call.lineno for call in calls_of(tree, "make_engine") if id(call) not in closed]


def test_every_engine_of_a_test_is_disposed_of_where_it_was_made() -> None:
    leaks = {
        str(path.relative_to(TESTS)): lines
        for path in sorted(TESTS.rglob("*.py"))
        if "benchmarks" not in path.parts
        if (lines := leaks_of(path.read_text("utf-8")))
    }
    assert leaks == {}


def test_an_engine_without_a_name_or_an_end_is_seen() -> None:
    assert leaks_of(
        "def test():\n    with make_engine(url).begin() as conn:\n        pass"
    ) == [2]
    assert leaks_of("def test():\n    engine = make_engine(url)\n    use(engine)") == [2]
    assert leaks_of("def test():\n    engine = make_engine(url)\n    engine.dispose()") == []
