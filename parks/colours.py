"""The accent family of a park, worked out from the one colour it chose.

Source: WCAG 2.2, definitions of "relative luminance" and "contrast ratio", success criteria 1.4.3 (text, 4.5:1) and
1.4.11 (parts, 3:1).
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LEAST_CONTRAST = 4.5
LEAST_CONTRAST_OF_PARTS = 3.0
HEX = re.compile(r"#[0-9a-f]{6}")
WHITE, BLACK = "#ffffff", "#000000"
# The grounds of the tokens on which the accent is text.
LIGHT_SURFACE, LIGHT_CANVAS = "#ffffff", "#f6f8f7"
DARK_SURFACE, DARK_CANVAS = "#141b1a", "#0d1312"
STEPS = 100
# In the dark text is lightened beyond the least, to the contrast that the default accent has there.
DARK_CONTRAST = 6.0
MOST_SATURATION_IN_THE_DARK = 0.5


@dataclass(frozen=True, slots=True)
class Palette:
    """The six accent tokens of one theme."""

    accent: str
    fill: str
    fill_hover: str
    on_accent: str
    soft: str
    line: str


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255.

    >>> channels("#0b5e59")
    (11, 94, 89)
    """
    if not HEX.fullmatch(colour):
        raise ValueError(f"{colour!r} is not written as # and six digits")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance, 0 for black to 1 for white.

    >>> luminance("#ffffff"), luminance("#000000"), round(luminance("#ff0000"), 4)
    (1.0, 0.0, 0.2126)
    """
    linear = [_linear(channel / 255) for channel in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21, whichever is lighter.

    >>> contrast("#000000", "#ffffff"), round(contrast("#767676", "#ffffff"), 2)
    (21.0, 4.54)
    """
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, ground: str, share: float) -> str:
    """The colour laid over the ground, `share` of it (0 to 1).

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    mixed = (
        round(over * share + under * (1 - share))
        for over, under in zip(channels(colour), channels(ground), strict=True)
    )
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def light_palette(accent: str) -> Palette:
    return Palette(
        accent=accent,
        fill=accent,
        fill_hover=mix(BLACK, accent, 0.2),
        on_accent=WHITE,
        soft=mix(accent, LIGHT_SURFACE, 0.11),
        line=mix(accent, LIGHT_SURFACE, 0.35),
    )


def dark_palette(accent: str) -> Palette:
    """In the dark text and ground differ: the text is lightened until it can be read, the fill while white stays so."""
    for text in _muted_and_lightened(accent):
        soft = mix(text, DARK_SURFACE, 0.16)
        if _passes(text, (DARK_SURFACE, DARK_CANVAS, soft), DARK_CONTRAST):
            break
    fill = _fill_in_the_dark(accent)
    return Palette(
        accent=text,
        fill=fill,
        fill_hover=mix(BLACK, fill, 0.12),
        on_accent=WHITE,
        soft=soft,
        line=mix(text, DARK_SURFACE, 0.4),
    )


def _fill_in_the_dark(accent: str) -> str:
    """Lightened until a button stands off the dark ground (3:1, criterion 1.4.11), as far as white on it allows."""
    readable = [shade for shade in _lightened(accent) if contrast(WHITE, shade) >= LEAST_CONTRAST]
    distinct = (shade for shade in readable if contrast(shade, DARK_SURFACE) >= LEAST_CONTRAST_OF_PARTS)
    return next(distinct, accent)


def _lightened(colour: str) -> list[str]:
    """The colour in even steps up to white."""
    return [mix(WHITE, colour, step / STEPS) for step in range(STEPS + 1)]


def _muted_and_lightened(colour: str) -> Iterator[str]:
    """The hue in even steps of lightness up to white, calm enough for a dark ground."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in channels(colour)))
    for step in range(STEPS + 1):
        lighter = lightness + (1 - lightness) * step / STEPS
        shade = colorsys.hls_to_rgb(hue, lighter, min(saturation, MOST_SATURATION_IN_THE_DARK))
        yield "#{:02x}{:02x}{:02x}".format(*(round(channel * 255) for channel in shade))


def _passes(text: str, grounds: Iterable[str], least: float) -> bool:
    return all(contrast(text, ground) >= least for ground in grounds)


def least_contrast(accent: str) -> float:
    """The lowest contrast that the accent has as text on any ground, or under white text, in either theme.

    >>> round(least_contrast("#0b5e59"), 2), round(least_contrast("#ffcc00"), 2)
    (5.81, 1.42)
    """
    light, dark = light_palette(accent), dark_palette(accent)
    on_light = [contrast(light.accent, ground) for ground in (LIGHT_SURFACE, LIGHT_CANVAS, light.soft)]
    on_dark = [contrast(dark.accent, ground) for ground in (DARK_SURFACE, DARK_CANVAS, dark.soft)]
    fills = (light.fill, light.fill_hover, dark.fill, dark.fill_hover)
    return min(*on_light, *on_dark, *(contrast(WHITE, fill) for fill in fills))


def is_readable(accent: str) -> bool:
    """Whether a park may have this accent.

    >>> is_readable("#0b5e59"), is_readable("#ffcc00")
    (True, False)
    """
    return least_contrast(accent) >= LEAST_CONTRAST


def readable_shade(accent: str) -> str:
    """The nearest darker shade of the colour that a park may have.

    >>> readable_shade("#ffcc00"), readable_shade("#0b5e59")
    ('#826800', '#0b5e59')
    """
    shades = (mix(BLACK, accent, step / STEPS) for step in range(STEPS + 1))
    return next(shade for shade in shades if is_readable(shade))


def stylesheet(accent: str) -> str:
    """The accent family for both themes: the tokens and nothing else."""
    light, dark = _declarations(light_palette(accent)), _declarations(dark_palette(accent))
    return (
        f":root {{ {light} }}\n"
        f'[data-bs-theme="dark"] {{ {dark} }}\n'
        f'@media (prefers-color-scheme: dark) {{ [data-bs-theme="auto"] {{ {dark} }} }}\n'
    )


def _declarations(palette: Palette) -> str:
    return (
        f"--pz-accent: {palette.accent}; --pz-accent-fill: {palette.fill}; --pz-accent-fill-2: {palette.fill_hover}; "
        f"--pz-on-accent: {palette.on_accent}; --pz-accent-soft: {palette.soft}; --pz-accent-line: {palette.line};"
    )
