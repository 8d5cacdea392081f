"""Read a file of cases once as a whole, before anything is stored."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray
from gridmgmt.domain.cases.case_rows import DATES
from gridmgmt.domain.exchanged_days import ExchangedDays
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.case_files import CaseFile, CaseFileReader
from gridmgmt.exchange.content.given_positions import PositionShares, in_china
from gridmgmt.exchange.reading.files import read_table_chunks
from gridmgmt.exchange.tables.spools import Spool
from gridmgmt.exchange.tables.tables import Rejected, Table, blank_rows
from gridmgmt.gc_pause import gc_paused
from gridmgmt.geometry.crs.china_datum import gcj02_to_wgs84
from gridmgmt.geometry.crs.position_signs import PositionSigns
from gridmgmt.progress import Progress
from gridmgmt.sentence import Sentence
from gridmgmt.services.case_imports.options import CaseImport
from gridmgmt.services.case_imports.positions import CasePositions, read_positions
from gridmgmt.services.case_imports.repeats import (
    Digests,
    FirstOfEach,
    HeapCounter,
    heap_least,
    number_digests,
    position_digests,
)
from gridmgmt.services.judging.judge import Judge


@dataclass(frozen=True)
class ReadChunk:
    """Some rows of a file: those to be imported, and what was wrong with the others.

    ``kept`` are the positions, in ``positions.rows``, of the first row of each number.
    """

    file: CaseFile
    positions: CasePositions
    kept: list[int]
    rejected: list[Rejected]


@dataclass
class _Inside:
    """How many positions lie in an area, of how many that could."""

    inside: int = 0
    usable: int = 0

    def add(self, counted: tuple[int, int]) -> None:
        self.inside += counted[0]
        self.usable += counted[1]

    @property
    def share(self) -> float:
        return self.inside / self.usable if self.usable else float("nan")


@dataclass
class _Seen:
    """What the positions of a file show, summed over its chunks."""

    signs: PositionSigns = field(default_factory=PositionSigns)
    as_given: _Inside = field(default_factory=_Inside)
    as_gcj02: _Inside = field(default_factory=_Inside)
    positions: int = 0
    in_china: int = 0


class CaseSurvey:
    """The properties of a whole file of cases, and its rows again, chunk by chunk.

    Making a survey reads the file once, onto the spool. In memory it keeps 16 bytes of each
    row, and all rows of repeated numbers.

    Raises
    ------
    InputError, LayerError, CRSError
        when the file as a whole cannot be used
    """

    def __init__(
        self, conn: Connection, asked: CaseImport, spool: Spool, progress: Progress
    ) -> None:
        self._asked = asked
        self._spool = spool
        self._reader = CaseFileReader(
            asked.path, mapping=asked.mapping, dates=asked.dates, now=asked.now
        )
        self.judge = Judge(conn, asked.rules)
        self._seen = _Seen()
        self._exchanged = {name: ExchangedDays(asked.dates.of(name)) for name in DATES}
        self._numbers, self._places = Digests(), Digests()
        self.rows = self.readable = 0
        self.encoding = ""
        self.columns_not_stored: tuple[str, ...] = ()
        self.notes: list[str] = []
        self._read(progress)
        self.warnings = [*self._doubts(), *self._exchanged_days()]
        least = heap_least(self.readable)
        self.first_of_each = FirstOfEach(self._numbers.more_than(1))
        self.heaps = HeapCounter(self._places.more_than(least - 1), least)

    @gc_paused()
    def _read(self, progress: Progress) -> None:
        asked, blank = self._asked, 0
        chunks = read_table_chunks(
            asked.path, asked.rows_at_once, encoding=asked.encoding, sheet=asked.sheet
        )
        for table in chunks:
            # Judged from this copy later, so that what is stored is what was checked, even if
            # somebody replaces the file meanwhile (DECISIONS 37).
            self._spool.add(table)
            self._look_at(self._reader.read(table))
            self._describe(table)
            blank += table.blank
            progress("reading", self.rows, 0)
        self.notes += blank_rows(blank)
        if not self.rows:
            raise LayerError(asked.path, Sentence("has a header and no rows"))

    def _describe(self, table: Table) -> None:
        self.rows += len(table) + len(table.rejected)
        self.readable += len(table)
        self.encoding = table.encoding
        self.columns_not_stored = self._reader.columns_not_stored(table.columns)
        self.notes += table.notes

    def _look_at(self, file: CaseFile) -> None:
        positions = read_positions(file, self._asked.datum, self._asked.path)
        given, seen = positions.given, self._seen
        for name, doubt in self._exchanged.items():
            if name in file.columns:
                doubt.add(file.table.values[file.columns[name]])
        seen.signs += positions.everything.signs()
        # Only digests stay in memory, so that a file of any length can be checked for repeats.
        self._numbers.add(number_digests(positions.rows))
        there = np.isfinite(given.x)
        self._places.add(position_digests(given.x[there], given.y[there]))
        seen.as_given.add(self._inside(positions, positions.lon, positions.lat))
        # Only if nobody stated the datum: a stated one is believed.
        if positions.reading.may_be_gcj02:
            moved = gcj02_to_wgs84(positions.lon, positions.lat)
            seen.positions += int(np.count_nonzero(np.isfinite(positions.lon)))
            seen.in_china += in_china(positions.lon, positions.lat, moved)
            seen.as_gcj02.add(self._inside(positions, *moved))

    def _inside(
        self, positions: CasePositions, lon: FloatArray, lat: FloatArray
    ) -> tuple[int, int]:
        editions = self.judge.locator.editions_of(
            [row.case.reported_at for row in positions.rows]
        )
        return self.judge.locator.count_inside(editions, lon, lat)

    def _doubts(self) -> list[str]:
        seen = self._seen
        reading = next(self._positions()).reading
        reading.refuse_other_numbers(seen.signs)
        shares = PositionShares(
            as_given=seen.as_given.share,
            mostly_in_china=2 * seen.in_china > seen.positions,
            # A function: it reads the spool again, which is only worth it if something looks
            # wrong.
            swapped=self._share_swapped,
            as_gcj02=lambda: seen.as_gcj02.share,
        )
        return reading.doubts(shares)

    def _exchanged_days(self) -> list[str]:
        found = (doubt.found() for doubt in self._exchanged.values())
        return [warning for warning in found if warning]

    def _share_swapped(self) -> float:
        seen = _Inside()
        for positions in self._positions():
            seen.add(self._inside(positions, *positions.given.lonlat_swapped()))
        return seen.share

    def _positions(self) -> Iterator[CasePositions]:
        for table in self._spool.chunks():
            file = self._reader.read(table)
            yield read_positions(file, self._asked.datum, self._asked.path)

    def chunks(self) -> Iterator[ReadChunk]:
        """Yield the rows again, with the first row of each number separated from the others.

        After the last chunk ``first_of_each`` and ``heaps`` have seen the whole file.
        """
        for table in self._spool.chunks():
            file = self._reader.read(table)
            positions = read_positions(file, self._asked.datum, self._asked.path)
            kept, repeated = self.first_of_each.of(file, positions.rows)
            self.heaps.add(positions, kept)
            rejected = [*table.rejected, *positions.rejected, *repeated]
            yield ReadChunk(file, positions, kept, rejected)
