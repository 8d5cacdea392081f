"""One process of the pages: ``serve`` runs this module.

The package of the pages loads nearly everything as soon as it is named, so what makes a start
light comes before.
"""

import importlib

from gridmgmt.gc_pause import collect_rarely
from gridmgmt.without_frames import start_without_frames

if __name__ == "__main__":
    collect_rarely()
    # No page reads a layer into a frame or draws one.
    start_without_frames("folium", "pyogrio")
    importlib.import_module("web.server.__main__").main()
