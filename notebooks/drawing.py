"""How the notebooks draw: one hand for all pictures, with Chinese letters."""

from collections.abc import Iterable

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, PALE, LINE = "#1f2a36", "#eef1f4", "#b7c0c9"
# Okabe and Ito's colours, which colour-blind eyes tell apart.
RED, BLUE, ORANGE, GREEN, PURPLE = "#d55e00", "#0072b2", "#e69f00", "#009e73", "#cc79a7"


def begin() -> None:
    """Set fonts, sizes and colours for every picture of a notebook."""
    plt.rcParams.update(
        {
            "figure.dpi": 88,
            "savefig.bbox": "tight",
            "font.family": [*_chinese_fonts(), "DejaVu Sans"],
            "font.size": 10,
            "text.color": INK,
            "axes.edgecolor": LINE,
            "axes.labelcolor": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 12,
            "axes.titleweight": "bold",
            "axes.unicode_minus": False,
            "xtick.color": INK,
            "ytick.color": INK,
            "legend.frameon": False,
        }
    )


def _chinese_fonts() -> list[str]:
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in ("Noto Sans CJK SC", "Noto Sans CJK JP") if name in installed][:1]


def plan(
    width: float = 9.0, height: float = 6.0, columns: int = 1
) -> tuple[Figure, list[Axes]]:
    """Return a picture for maps: without axes, as wide as high on the ground."""
    figure, axes = plt.subplots(1, columns, figsize=(width, height), squeeze=False)
    for ax in axes[0]:
        ax.set_axis_off()
    return figure, list(axes[0])


def ground(ax: Axes, areas: gpd.GeoDataFrame, **look: object) -> None:
    """Draw areas as the pale ground on which problems or cases are shown."""
    areas.plot(ax=ax, **{"facecolor": PALE, "edgecolor": LINE, "linewidth": 0.6, **look})
    # A degree of longitude is shorter than one of latitude.
    ax.set_aspect(1.0 / np.cos(np.deg2rad(np.mean(areas.total_bounds[[1, 3]]))))
    ax.set_axis_off()


def scale_bar(ax: Axes, metres: float, label: str) -> None:
    """Draw a length on the ground into the lower left corner of a map in degrees."""
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    per_degree = 111_320.0 * np.cos(np.deg2rad((south + north) / 2))
    x, y = west + 0.04 * (east - west), south + 0.04 * (north - south)
    ax.plot(
        [x, x + metres / per_degree], [y, y], color=INK, linewidth=2.5, solid_capstyle="butt"
    )
    ax.text(x, y + 0.012 * (north - south), label, fontsize=9, va="bottom")


def close_up(ax: Axes, bounds: Iterable[float], around: float = 0.25) -> None:
    """Show only what lies around (west, south, east, north)."""
    west, south, east, north = bounds
    more = around * max(east - west, north - south)
    ax.set_xlim(west - more, east + more)
    ax.set_ylim(south - more, north + more)


def interval(hits: np.ndarray, of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where shares lie with 95 % confidence (Wilson); NaN where ``of`` is 0."""
    z = 1.96
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / of
        middle = (share + z**2 / (2 * of)) / (1 + z**2 / of)
        half = z * np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2)) / (1 + z**2 / of)
    return middle - half, middle + half
