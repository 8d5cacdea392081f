"""Run the reading process: ``python -m gridmgmt.exchange.reading``; ``reader`` starts it."""

import importlib

from gridmgmt.without_frames import start_without_frames

start_without_frames()
importlib.import_module("gridmgmt.exchange.reading.server").main()
