"""The plan of a sample city: its size, its seed, its codes and its eighteen months."""

import zlib
from dataclasses import dataclass

import numpy as np

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

FIRST_DAY = np.datetime64("2025-05-01")
END_DAY = np.datetime64("2026-11-01")  # the first day after the eighteen months
DAYS = int((END_DAY - FIRST_DAY).astype(int))


@dataclass(frozen=True)
class CityPlan:
    """The size of a sample city; everything else follows from it and the seed.

    ``width_m`` and ``height_m`` are those of the district before its roads are bent;
    ``columns`` and ``rows`` count the blocks that main roads cut it into; ``communities``
    holds the numbers for the north-western, north-eastern and southern street.
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
