"""The Chinese fonts of the machine, of which a document embeds the characters it uses."""

from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTCollection

from gridmgmt.errors import FontError
from gridmgmt.sentence import Sentence

_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
)
# Regular and bold, the best first: the name of the package on Debian is in the comment.
_FILES = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),  # fonts-noto-cjk
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("SourceHanSansCN-Regular.otf", "SourceHanSansCN-Bold.otf"),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"),  # fonts-wqy-microhei
    ("wqy-zenhei.ttc", "wqy-zenhei.ttc"),  # fonts-wqy-zenhei
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),  # fonts-droid-fallback
)
# The face of a collection that has the forms of the mainland.
_MAINLAND = " SC"


@dataclass(frozen=True)
class FontFace:
    """A face of a font file; ``number`` is its place in a collection."""

    path: Path
    number: int


def chinese_fonts(folders: tuple[Path, ...] = _FOLDERS) -> tuple[FontFace, FontFace]:
    """Return the regular and the bold Chinese face that this machine has.

    Raises
    ------
    FontError
        when it has none
    """
    there: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            there.setdefault(path.name, path)
    for regular, bold in _FILES:
        if regular in there:
            return _face(there[regular]), _face(there.get(bold, there[regular]))
    raise FontError(
        Sentence(
            "this server has no Chinese font that a PDF could embed; an administrator installs"
            " one (on Debian the package fonts-noto-cjk)"
        )
    )


def _face(path: Path) -> FontFace:
    if path.suffix != ".ttc":
        return FontFace(path, 0)
    with TTCollection(path, lazy=True) as collection:
        names = [str(one["name"].getDebugName(1)) for one in collection.fonts]
    mainland = (n for n, name in enumerate(names) if name.endswith(_MAINLAND))
    return FontFace(path, next(mainland, 0))
