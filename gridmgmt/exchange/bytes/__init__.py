"""Bytes of files: unpacked within limits, decoded, and written completely or not at all."""
