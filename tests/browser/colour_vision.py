"""How different colours look to all eyes: Machado's simulation, the distance CIEDE2000."""

import numpy as np

from gridmgmt.arrays import FloatArray

# Machado, Oliveira and Fernandes, A physiologically-based model for simulation of color vision
# deficiency, IEEE TVCG 15 (2009), 1291-1298, table 1 at severity 1.0, on linear RGB.
EYES: dict[str, FloatArray] = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}

_XYZ_OF_RGB = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def lab_of(colours: list[str], eyes: FloatArray, *, opacity: float = 1.0) -> FloatArray:
    """Return CIELAB of colours like #1b2a3c over white as eyes see them, (n, 3)."""
    codes = [[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in colours]
    rgb = (opacity * np.array(codes) + (1 - opacity) * 255) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ eyes.T, 0, 1) @ _XYZ_OF_RGB.T / _WHITE
    edge = 6 / 29
    f = np.where(xyz > edge**3, np.cbrt(xyz), xyz / (3 * edge**2) + 4 / 29)
    x, y, z = f.T
    return np.column_stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def ciede2000(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return CIEDE2000 between pairs of CIELAB colours, (n, 3) each.

    Sharma, Wu and Dalal, The CIEDE2000 color-difference formula, Color Research and Application
    30 (2005), 21-30, whose numbers of the equations are not repeated here.
    """
    (l1, a1, b1), (l2, a2, b2) = one.T, other.T
    c_mean7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(c_mean7 / (c_mean7 + 25.0**7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1 = np.degrees(np.arctan2(b1, a1 * stretch)) % 360
    h2 = np.degrees(np.arctan2(b2, a2 * stretch)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0.0, (h2 - h1 + 180) % 360 - 180)
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    total = h1 + h2
    half = np.where(total < 360, total + 360, total - 360) / 2
    mean = np.where(grey, total, np.where(np.abs(h1 - h2) <= 180, total / 2, half))
    c_mean, l_mean = (c1 + c2) / 2, (l1 + l2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(mean - 30))
        + 0.24 * np.cos(np.radians(2 * mean))
        + 0.32 * np.cos(np.radians(3 * mean + 6))
        - 0.20 * np.cos(np.radians(4 * mean - 63))
    )
    away = (l_mean - 50) ** 2
    light = (l2 - l1) / (1 + 0.015 * away / np.sqrt(20 + away))
    chroma = (c2 - c1) / (1 + 0.045 * c_mean)
    hue = hue / (1 + 0.015 * c_mean * t)
    swing = np.sin(np.radians(60 * np.exp(-(((mean - 275) / 25) ** 2))))
    bend = -2 * swing * np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7))
    return np.sqrt(light**2 + chroma**2 + hue**2 + bend * chroma * hue)


def least_distance(colours: list[str], eyes: str, *, opacity: float = 1.0) -> float:
    """Return the smallest distance between two of some colours, as some eyes see them."""
    seen = lab_of(colours, EYES[eyes], opacity=opacity)
    first, second = np.triu_indices(len(colours), 1)
    return float(ciede2000(seen[first], seen[second]).min())
