"""The plan of a sample city: its size, its seed, its codes and its eighteen months."""

import zlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from gridmgmt.domain.moments import EARLIEST_YEAR

# No district of the People's Republic has a GB/T 2260 code in 99, so these codes can never be
# mistaken for those of a real place.
DISTRICT_CODE = "990101"
DISTRICT_NAME = "示例区（合成数据）"
SYNTHETIC = "（合成）"
NOTE = (
    "SYNTHETIC DATA 合成数据: made by a program. "
    "No place, person, number or event in it is real."
)

# A position in the interior plain, where there is no such city.
CENTRE_LON, CENTRE_LAT = 112.86, 30.42

DAYS = 549  # eighteen months
# Components were recorded up to so many years before the year of the first day. All these lie
# in years that can be stored.
YEARS_OF_RECORDS = 6
EARLIEST_LAST_DAY = date(EARLIEST_YEAR + YEARS_OF_RECORDS, 1, 1) + timedelta(days=DAYS - 1)
_DAY = np.timedelta64(1, "D")
# The last day of the cities of tests, whose answers are kept (tests/real_data/golden).
_FIXED = np.datetime64("2026-10-31", "D")


@dataclass(frozen=True)
class CityPlan:
    """The size of a sample city; everything else follows from it and the seed.

    ``width_m`` and ``height_m`` are those of the district before its roads are bent;
    ``columns`` and ``rows`` count the blocks that main roads cut it into; ``communities``
    holds the numbers for the north-western, north-eastern and southern street. The cases fill
    the ``DAYS`` that end with ``last_day``. With ``now``, a moment of the last day, nothing has
    happened after it, and its desk holds something for everybody (``desk``); without, the last
    day is over and the desk is empty. All of them are on the bureau's clock.
    """

    seed: int = 20_260_501
    width_m: float = 3860.0
    height_m: float = 3640.0
    columns: int = 6
    rows: int = 6
    communities: tuple[int, int, int] = (9, 9, 8)
    cell_m2: float = 10_000.0
    grid_members: int = 193
    beats: int = 14
    chiefs: int = 17
    cases: int = 60_000
    demolitions: int = 448
    components: int = 840
    last_day: np.datetime64 = _FIXED
    now: np.datetime64 | None = None

    @property
    def first_day(self) -> np.datetime64:
        """Return the first day with cases."""
        first: np.datetime64 = self.last_day - (DAYS - 1) * _DAY
        return first

    @property
    def end(self) -> np.datetime64:
        """Return the second at which everything ends: ``now``, or the end of the last day."""
        moment = self.last_day + _DAY if self.now is None else self.now
        end: np.datetime64 = moment.astype("datetime64[s]")
        return end

    @property
    def end_text(self) -> str:
        """Return the end as people write it: 2026-11-01 00:00:00."""
        return str(self.end).replace("T", " ")

    @property
    def founded_on(self) -> np.datetime64:
        """Return the day from which borders and duties hold: a first of January."""
        return np.datetime64(f"{self.year}-01-01", "D")

    @property
    def year(self) -> int:
        """Return the year of ``founded_on``."""
        return int(str(self.first_day)[:4])

    def days_before_end(self, days: int) -> str:
        """Return the date that many days before the last one."""
        return str(self.last_day - days * _DAY)

    def ending_with(self, last_day: date) -> "CityPlan":
        """Return the plan of the same city whose last day is another one, and over.

        Examples
        --------
        >>> str(CityPlan().ending_with(date(2026, 2, 28)).end)
        '2026-03-01T00:00:00'
        """
        return replace(self, last_day=np.datetime64(last_day, "D"), now=None)

    def ending_at(self, now: datetime) -> "CityPlan":
        """Return the plan of the same city in the middle of work; ``now`` is a local time.

        Examples
        --------
        >>> plan = CityPlan().ending_at(datetime(2026, 3, 1, 9, 30))
        >>> str(plan.end), str(plan.first_day), str(plan.founded_on)
        ('2026-03-01T09:30:00', '2024-08-30', '2024-01-01')
        """
        moment = np.datetime64(now.replace(tzinfo=None, microsecond=0), "s")
        return replace(self, last_day=moment.astype("datetime64[D]"), now=moment)

    def rng(self, noun: str) -> np.random.Generator:
        """Return the noun's own stream of numbers, so that one noun never shifts another."""
        return np.random.default_rng([self.seed, zlib.crc32(noun.encode())])


FULL = CityPlan()
SMALL = CityPlan(
    width_m=1700.0,
    height_m=1600.0,
    columns=3,
    rows=3,
    communities=(2, 2, 2),
    grid_members=24,
    beats=4,
    chiefs=5,
    cases=3_000,
    demolitions=60,
    components=210,
)
