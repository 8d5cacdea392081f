from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gridmgmt.errors import SettingsError
from gridmgmt.settings import Settings


def test_nothing_set_gives_the_defaults() -> None:
    settings = Settings.from_env({"GRIDMGMT_SNAP_M": " "})
    assert settings.snap_m == 30
    assert settings.tz == ZoneInfo("Asia/Shanghai")
    assert settings.database_url is None


def test_variables_become_values() -> None:
    settings = Settings.from_env(
        {"GRIDMGMT_SNAP_M": "0", "GRIDMGMT_TZ": "America/Chicago", "GRIDMGMT_HOME": "/srv/g"}
    )
    assert settings.snap_m == 0
    assert settings.tz.key == "America/Chicago"
    assert settings.home == Path("/srv/g")


def test_two_rates_make_three_classes() -> None:
    assert Settings.from_env({}).on_time_classes == (90, 95)
    settings = Settings.from_env({"GRIDMGMT_ON_TIME_CLASSES": "70, 85.5"})
    assert settings.on_time_classes == (70, 85.5)


@pytest.mark.parametrize("text", ["90", "95,90", "90,90", "0,50", "90,101", "a,b", "1,2,3"])
def test_two_rates_are_ascending_percentages(text: str) -> None:
    with pytest.raises(SettingsError, match="two ascending percentages"):
        Settings.from_env({"GRIDMGMT_ON_TIME_CLASSES": text})


def test_everything_wrong_is_listed_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(
            {
                "GRIDMGMT_SNAP_M": "far",
                "GRIDMGMT_CANDIDATE_M": "-1",
                "GRIDMGMT_TZ": "Mars/Base",
                "GRIDMGMT_DATABASE_URL": "mysql://there/it",
                "GRIDMGMT_CRS_TABLE": "/nowhere/crs.csv",
            }
        )
    assert set(caught.value.problems) == {
        "GRIDMGMT_SNAP_M='far': give metres, a number between 0 and 100000",
        "GRIDMGMT_CANDIDATE_M='-1': give metres, a number between 0 and 100000",
        "GRIDMGMT_TZ='Mars/Base': no such time zone; write one like Asia/Shanghai",
        "GRIDMGMT_DATABASE_URL='mysql://there/it': write postgresql://user@host/database",
        "GRIDMGMT_CRS_TABLE='/nowhere/crs.csv': there is no such file",
    }


@pytest.mark.parametrize("text", ["1_0", "nan", "inf", "1e400", "１０"])
def test_a_number_has_digits_and_one_point(text: str) -> None:
    with pytest.raises(SettingsError, match="give metres, a number between"):
        Settings.from_env({"GRIDMGMT_CANDIDATE_M": text})
