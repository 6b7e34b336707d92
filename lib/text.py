"""What people may type as a name that others read: on pages, in mail, in the audit trail."""

from __future__ import annotations

import re
import unicodedata
from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Control, format (reordering, zero width), half of a character, end of line or paragraph.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Letters by category that nobody sees: fillers of Hangul, the blank of Braille.
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Names under which the portal itself stands in the trail, or nobody at all.
OF_THE_PORTAL = frozenset({"parkzero", "system", "not signed in", "系统", "未登录"})
# Scripts whose letters look like those of each other.
ALIKE = ("LATIN", "CYRILLIC", "GREEK")
DOUBLE_STOP = re.compile(r"(?<=\w)\.\.(?=\s|$)")
LINK = re.compile(r"://|www\.", re.IGNORECASE)


def validate_name(text: str) -> None:
    """Refuse what looks like nothing, or like something else than it is."""
    if any(unicodedata.category(char) in INVISIBLE for char in text):
        raise ValidationError(_("This contains characters that nobody can see. Type it anew."), code="invisible")
    if not any(_is_seen(char) for char in text):
        raise ValidationError(_("Write something that can be read."), code="blank")


def validate_person_name(text: str) -> None:
    """A name stands in mail of the portal: it must not be a message of its own."""
    validate_name(text)
    if LINK.search(unicodedata.normalize("NFKC", text)):
        raise ValidationError(_("A name contains no address of a page."), code="link")


def validate_full_name(text: str) -> None:
    """Of an account: beside what a person decides, so it is neither that of the portal nor a picture of another's."""
    validate_person_name(text)
    if spoken(text) in OF_THE_PORTAL:
        raise ValidationError(_("The portal itself goes by this name. Write your own."), code="portal")
    if any(len(_scripts(word)) > 1 for word in unicodedata.normalize("NFKC", text).split()):
        raise ValidationError(_("Write each word in the letters of one alphabet."), code="scripts")


def spoken(name: str) -> str:
    """A name as people tell it from others: by neither case nor width nor blanks.

    >>> spoken("  Ｌi   NA ")
    'li na'
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def one_stop(text: str) -> str:
    """A sentence that ends with a name that ends in a stop, as names of companies do, has that one only.

    >>> one_stop("Joined to Dawn Co., Ltd.. Read on."), one_stop("Wait..."), one_stop("../up")
    ('Joined to Dawn Co., Ltd. Read on.', 'Wait...', '../up')
    """
    return DOUBLE_STOP.sub(".", text)


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(char, "") for char in word)
    return {script for name in names for script in ALIKE if name.startswith(script)}


def _is_seen(char: str) -> bool:
    return unicodedata.category(char)[0] not in "CMZ" and char not in BLANK


class NamesForm(forms.BaseForm):
    """A form some of whose fields are names that others read."""

    names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in self.names:
            self.fields[name].validators.append(validate_name)


def with_scheme(written: str) -> str:
    """An address of a page as people write it, with the scheme that browsers need.

    >>> with_scheme("www.example.cn"), with_scheme("http://example.cn"), with_scheme("")
    ('https://www.example.cn', 'http://example.cn', '')
    """
    address = unicodedata.normalize("NFKC", written).strip()
    return f"https://{address}" if address and "://" not in address else address
