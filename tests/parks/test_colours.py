import doctest
from itertools import product

import pytest

from parks import colours
from parks.models import DEFAULT_ACCENT


def test_examples_hold():
    outcome = doctest.testmod(colours)
    assert (outcome.failed, outcome.attempted) == (0, 7)


def test_default_accent_is_readable():
    assert colours.is_readable(DEFAULT_ACCENT)


@pytest.mark.parametrize("accent", ["#ffcc00", "#767676", "#ffffff", "#7fd39f", "#e57373"])
def test_too_light_accent_is_refused(accent):
    assert not colours.is_readable(accent)


def test_whatever_is_readable_passes_on_every_ground_of_both_themes():
    shades = ("00", "33", "66", "99", "cc")
    readable = [accent for parts in product(shades, repeat=3) if colours.is_readable(accent := "#" + "".join(parts))]
    assert len(readable) > 40
    for accent in readable:
        for palette, grounds in (
            (colours.light_palette(accent), (colours.LIGHT_SURFACE, colours.LIGHT_CANVAS)),
            (colours.dark_palette(accent), (colours.DARK_SURFACE, colours.DARK_CANVAS)),
        ):
            on_grounds = [colours.contrast(palette.accent, ground) for ground in (*grounds, palette.soft)]
            under_text = [colours.contrast(palette.on_accent, fill) for fill in (palette.fill, palette.fill_hover)]
            assert min(on_grounds + under_text) >= 4.5, accent


def test_stylesheet_has_the_three_blocks_and_nothing_else():
    lines = colours.stylesheet("#0b5e59").splitlines()
    assert [line.split(" {")[0] for line in lines] == [
        ":root",
        '[data-bs-theme="dark"]',
        "@media (prefers-color-scheme: dark)",
    ]
    assert lines[0] == (
        ":root { --pz-accent: #0b5e59; --pz-accent-fill: #0b5e59; --pz-accent-fill-2: #094b47; "
        "--pz-on-accent: #ffffff; --pz-accent-soft: #e4eded; --pz-accent-line: #aac7c5; }"
    )


@pytest.mark.parametrize("written", ["0b5e59", "#0B5E59", "#fff", "red", "#0b5e59;}"])
def test_other_notations_are_no_colours(written):
    with pytest.raises(ValueError, match="six digits"):
        colours.channels(written)
