"""A step of building the wheel: what is made and not written has to be there.

The browser libraries and the compiled catalogues are not in the repository. A wheel without
them would install, and serve pages without styles that speak English only.
"""

from pathlib import Path

from setuptools.command.build_py import build_py
from setuptools.errors import SetupError

_WEB = Path(__file__).parents[1] / "web"


def missing() -> list[str]:
    """Name the made files that the pages need and that are not there, by their paths."""
    needed = [_WEB / "static" / "vendor" / "stamp"]
    needed += [path.with_suffix(".mo") for path in _WEB.glob("translations/*/*/messages.po")]
    return [str(path.relative_to(_WEB.parent)) for path in needed if not path.exists()]


class WholeBuild(build_py):  # type: ignore[misc]
    """Copy the modules into the wheel, unless what the pages need has not been made."""

    def run(self) -> None:
        """Raise SetupError if something is missing, but not while a clone is being set up."""
        absent = missing()
        if absent and not self.editable_mode:
            message = f"{', '.join(absent)} is not there: type make setup, then build again"
            raise SetupError(message)
        super().run()
