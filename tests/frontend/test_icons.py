import re
from pathlib import Path

import pytest

from lib.icons import ICON_LIST, UnknownIcon, icon_names, icon_svg

ROOT = ICON_LIST.parent.parent
APPS = ("accounts", "config", "energy", "enterprises", "incentives", "lib", "parks", "reports")
IN_TEMPLATES = (
    re.compile(r"{%\s*icon\s+[\"']([\w-]+)[\"']"),
    re.compile(r"{%\s*badge\s+\S+\s+(?:_\([^)]*\)|\S+)\s+[\"']([\w-]+)[\"']\s*%}"),
    re.compile(r"{%[^%]*\bicon=[\"']([\w-]+)[\"']"),
)
IN_CODE = (re.compile(r"[\"']icon[\"']:\s*[\"']([\w-]+)[\"']"), re.compile(r"\bicon=[\"']([\w-]+)[\"']"))


def names_in(files, patterns):
    return {
        (name, str(file.relative_to(ROOT)))
        for file in files
        for pattern in patterns
        for name in pattern.findall(file.read_text(encoding="utf-8"))
    }


def test_icons_of_templates_and_code_are_in_the_list():
    used = names_in((ROOT / "templates").rglob("*.html"), IN_TEMPLATES)
    used |= names_in((file for app in APPS for file in (ROOT / app).rglob("*.py")), IN_CODE)
    assert len(used) > 50
    assert {(name, file) for name, file in used if name not in icon_names()} == set()


def test_icon_list_is_sorted_and_without_doubles():
    lines = ICON_LIST.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))


def test_sprite_holds_every_icon_of_the_list():
    sprite = (ROOT / "frontend" / "dist" / "icons.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'<symbol id="([\w-]+)"', sprite)) == icon_names()


def test_unknown_icon_is_refused_loudly():
    with pytest.raises(UnknownIcon, match='"no-such-icon" is not listed'):
        icon_svg("no-such-icon")


def test_icon_with_a_label_is_an_image_and_without_one_is_hidden():
    assert 'role="img" aria-label="Locked"' in icon_svg("lock", "Locked")
    assert 'aria-hidden="true"' in icon_svg("lock")


def test_icon_label_is_escaped():
    assert "&lt;b&gt;" in icon_svg("lock", "<b>")


def test_lock_file_names_no_host():
    lock = (Path(ROOT) / "frontend" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved": "http' not in lock
