"""Chinese names that sound like a city and are marked as invented."""

import numpy as np

_FIRST = "青云临望兰柳松竹梅桂枫荷霞晨星泉溪湖岭芦沧澄碧翠锦瑞安和"
_SECOND = "禾溪亭岸涛韵苑坪湾岗浦渡桥园塘堤林川陵泽阳屏"
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗"


def place_names(rng: np.random.Generator, count: int) -> list[str]:
    """Return different two-character names.

    Raises
    ------
    ValueError
        when more are wanted than the two lists can make
    """
    pairs = [first + second for first in _FIRST for second in _SECOND if first != second]
    if count > len(pairs):
        message = f"{count} names wanted, {len(pairs)} can be made"
        raise ValueError(message)
    return [pairs[i] for i in rng.permutation(len(pairs))[:count]]


def person_names(rng: np.random.Generator, count: int) -> list[str]:
    """Return surnames with 某某 for the rest, as notices do when nobody is meant."""
    return [_SURNAMES[i] + "某某" for i in rng.integers(0, len(_SURNAMES), count)]
