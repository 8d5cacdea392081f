"""Locate cases, each by the edition that was in force when it was reported."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.domain.areas.edition import Edition, editions_at, first_edition
from gridmgmt.domain.cases.case import CaseLocation, Share, UnlocatedReason
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.moments import as_utc64
from gridmgmt.geometry.locating.disc import cell_shares, crosses_border
from gridmgmt.geometry.locating.locate import Located, Locator, locate
from gridmgmt.services.judging.edition_locators import EditionLocators
from gridmgmt.services.judging.trial_editions import TrialEdition
from gridmgmt.store.areas.editions import list_editions


class CaseLocator:
    """Locates many cases at the leaf level of their editions; reads each edition once.

    ``trials`` are as those of `Judge`.
    """

    def __init__(
        self,
        conn: Connection,
        rules: JudgingRules,
        trials: Mapping[int, TrialEdition | None] | None = None,
    ) -> None:
        self._rules = rules
        self._editions = list_editions(conn)
        self._locators = EditionLocators(conn, rules.home, trials)

    @property
    def first_edition(self) -> Edition | None:
        """Return the edition that was in force first, or None without any edition."""
        return first_edition(self._editions)

    def editions_of(self, reported_at: Sequence[datetime]) -> IntArray:
        """Return for each time the number of the edition in force, -1 before the first."""
        return editions_at(self._editions, as_utc64(reported_at))

    def prepare(self, editions: IntArray) -> list[int]:
        """Read the areas of editions, -1 for none; return, once each, those that have any."""
        different = np.unique(editions[editions >= 0]).tolist()
        return [edition for edition in different if self._locators.get(edition) is not None]

    def share_inside(self, editions: IntArray, lon: FloatArray, lat: FloatArray) -> float:
        """Return the share of positions in an area (or near enough to snap).

        It is NaN if no position could be in an area: no positions, or no area in force.
        """
        inside, usable = self.count_inside(editions, lon, lat)
        return inside / usable if usable else float("nan")

    def count_inside(
        self, editions: IntArray, lon: FloatArray, lat: FloatArray
    ) -> tuple[int, int]:
        """Count positions in an area (or near enough to snap), and all that could be."""
        inside = usable = 0
        for _, _, at, index in self._groups(editions, np.isfinite(lon) & np.isfinite(lat)):
            found = self._locate(index, lon[at], lat[at])
            inside += int(np.count_nonzero(found.cell >= 0))
            usable += len(at)
        return inside, usable

    def locate(
        self,
        editions: IntArray,
        lon: FloatArray,
        lat: FloatArray,
        *,
        border: bool = True,
        accuracy_m: FloatArray | None = None,
        has_address: BoolArray | None = None,
    ) -> list[CaseLocation]:
        """Locate cases at their positions, without rounding these.

        Only areas are on the storage grid. Rounding positions as well would move those beside a
        border onto it.

        Parameters
        ----------
        editions : (n,) numbers, -1 before the first
        lon, lat : (n,) degrees, EPSG:4326; NaN for a case without a position
        border : whether to measure the distance to the nearest border too
        accuracy_m : (n,) metres, NaN if not stated; None: not stated for any case
        has_address : (n,) whether an address is known; None: for no case

        Returns
        -------
        n locations
        """
        has_position = np.isfinite(lon) & np.isfinite(lat)
        if has_address is None:
            has_address = np.zeros(len(lon), dtype=bool)
        locations = dict.fromkeys(range(len(lon)), CaseLocation())
        nowhere = np.ones(len(lon), dtype=bool)
        for edition, level, at, index in self._groups(editions, has_position):
            found = self._locate(index, lon[at], lat[at], border=border)
            shares: Mapping[int, tuple[Share, ...]] = {}
            if accuracy_m is not None:
                shares = _shares(index, found.border_m, lon[at], lat[at], accuracy_m[at])
            some = _located(found, index, edition, level, lon[at], lat[at], shares)
            locations.update(zip(at.tolist(), some, strict=True))
            nowhere[at] = False
        rest = np.flatnonzero(nowhere)
        columns = (editions, lon, lat, has_position, has_address)
        facts = zip(*(column[rest].tolist() for column in columns), strict=True)
        locations.update(zip(rest.tolist(), (_nowhere(*one) for one in facts), strict=True))
        return [*locations.values()]

    def _groups(
        self, editions: IntArray, usable: np.ndarray
    ) -> Iterator[tuple[int, str, IntArray, Locator]]:
        """Yield positions by edition and level; those without areas are left out."""
        # Edition by edition: locating is fast for many positions at a time, and each has a
        # locator of its own.
        for edition in np.unique(editions[usable & (editions >= 0)]).tolist():
            areas = self._locators.get(edition)
            if areas is not None:
                level, index = areas
                yield edition, level, np.flatnonzero(usable & (editions == edition)), index

    def _locate(
        self, index: Locator, lon: FloatArray, lat: FloatArray, *, border: bool = False
    ) -> Located:
        return locate(
            index,
            lon,
            lat,
            candidate_m=self._rules.candidate_m,
            snap_m=self._rules.snap_m,
            border=border,
        )


def _shares(
    index: Locator,
    border_m: FloatArray | None,
    lon: FloatArray,
    lat: FloatArray,
    accuracy_m: FloatArray,
) -> dict[int, tuple[Share, ...]]:
    """Compute for the cases whose disc crosses a border how much lies in each area."""
    borders = np.full(len(lon), np.nan) if border_m is None else border_m
    # Most discs lie within one area, and shares are expensive to compute.
    at = np.flatnonzero(crosses_border(borders, accuracy_m))
    parts = cell_shares(index, lon[at], lat[at], accuracy_m[at])
    shares = [
        Share(str(index.codes[cell]), share, x, y)
        for cell, share, x, y in zip(
            parts.cell.tolist(),
            parts.share.tolist(),
            parts.lon.tolist(),
            parts.lat.tolist(),
            strict=True,
        )
    ]
    starts = np.searchsorted(parts.row, np.arange(len(at) + 1)).tolist()
    return {
        i: tuple(shares[first:last])
        for i, (first, last) in zip(at.tolist(), pairwise(starts), strict=True)
    }


def _nowhere(
    edition: int, lon: float, lat: float, has_position: bool, has_address: bool
) -> CaseLocation:
    if not has_position:
        reason = UnlocatedReason.NO_POSITION
        # With an address, a person can find the place and put the case on the map.
        if has_address:
            reason = UnlocatedReason.ADDRESS_ONLY
        return CaseLocation(edition=edition if edition >= 0 else None, unlocated_reason=reason)
    if edition < 0:
        return CaseLocation(lon, lat, unlocated_reason=UnlocatedReason.BEFORE_FIRST_EDITION)
    return CaseLocation(lon, lat, edition, unlocated_reason=UnlocatedReason.OUTSIDE)


def _located(
    found: Located,
    index: Locator,
    edition: int,
    level: str,
    lon: FloatArray,
    lat: FloatArray,
    shares: Mapping[int, tuple[Share, ...]],
) -> Iterator[CaseLocation]:
    # Python numbers and not numpy's: they go into JSON and into the database one by one.
    codes = [str(code) for code in index.codes]
    cells, offsets = found.cell.tolist(), found.offsets.tolist()
    candidates = [codes[k] for k in found.candidates.tolist()]
    candidate_m = found.candidate_m.tolist()
    on_boundary, snapped = found.on_boundary.tolist(), found.snapped.tolist()
    distances = found.distance_m.tolist()
    borders = [None] * len(cells) if found.border_m is None else found.border_m.tolist()
    xs, ys = lon.tolist(), lat.tolist()
    for i, cell in enumerate(cells):
        area = None if cell < 0 else codes[cell]
        near = slice(offsets[i], offsets[i + 1])
        parts = shares.get(i, ())
        # Without another area in reach there is nothing to compute.
        if [part.code for part in parts] == [area]:
            parts = ()
        yield CaseLocation(
            lon=xs[i],
            lat=ys[i],
            edition=edition,
            level=level,
            area_code=area,
            candidates=tuple(candidates[near]),
            candidate_m=tuple(candidate_m[near]),
            on_boundary=on_boundary[i],
            snapped=snapped[i],
            distance_m=None if area is None else distances[i],
            border_m=borders[i],
            unlocated_reason=UnlocatedReason.OUTSIDE if area is None else None,
            shares=parts,
        )
