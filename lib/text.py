"""What people may type as a name or a telephone that others read: on pages, in mail, in the audit trail."""

from __future__ import annotations

import re
import unicodedata
from functools import partial
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
# As written in registers: two numbers, an extension, a country, in half or full width.
TELEPHONE = re.compile(r"(?:[\d\s+()\-‐-―−./,;:、#*]|ext|x|分机|转|轉)*\Z", re.IGNORECASE)
FEWEST_DIGITS = 5
LINK = re.compile(r"://|www\.", re.IGNORECASE)


def said(text: str) -> str:
    """What somebody wrote, without what stands around it; "" where nobody could see any of it.

    >>> said(" No. "), said("\u200b \u200b")
    ('No.', '')
    """
    return text.strip() if count_seen(text) else ""


def count_seen(text: str) -> int:
    """Of how many characters somebody sees something."""
    return sum(map(_is_seen, text))


def validate_words(text: str) -> None:
    """Refuse a reason, an answer, a message that says nothing to anybody."""
    if not said(text):
        raise ValidationError(_("Write something that can be read."), code="blank")


def validate_seen(text: str) -> None:
    """Refuse characters that nobody sees, or that turn round what stands behind them."""
    if any(unicodedata.category(char) in INVISIBLE for char in text):
        raise ValidationError(_("This contains characters that nobody can see. Type it anew."), code="invisible")


def validate_name(text: str) -> None:
    """Refuse what looks like nothing, or like something else than it is."""
    validate_seen(text)
    validate_words(text)


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


def validate_telephone(text: str) -> None:
    """Refuse what nobody can call. Which numbers exist is not known here.

    >>> for number in ("0592-1234567转8", "13800000000/13900000000", "+86 (0)592 555 0100 ext. 8", "９５５９８"):
    ...     validate_telephone(number)
    """
    validate_seen(text)
    written = unicodedata.normalize("NFKC", text)
    if not TELEPHONE.match(written) or sum(char.isdigit() for char in written) < FEWEST_DIGITS:
        raise ValidationError(_("Enter a telephone number, for example 0592-1234567转8."), code="telephone")


def is_no_telephone(text: str) -> bool:
    """Whether nobody could mean it as one, whatever words stand beside a number in tables of others.

    >>> [is_no_telephone(text) for text in ("暂无", "<b>1</b>", "0592-1234567 王工")]
    [True, True, False]
    """
    return "<" in text or ">" in text or not any(char.isdigit() for char in text)


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
    """A form some of whose fields are names that others read, or telephones that they call.

    A telephone that stands as it was, from a table of old, keeps nobody from changing what is beside it.
    """

    names: ClassVar[tuple[str, ...]] = ()
    telephones: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in self.names:
            self.fields[name].validators.append(validate_name)
        for name in self.telephones:
            kept = self.get_initial_for_field(self.fields[name], name)
            self.fields[name].validators.append(partial(_validate_other_telephone, kept))


def _validate_other_telephone(kept: str | None, text: str) -> None:
    if text != kept:
        validate_telephone(text)


def sought(written: str, longest: int) -> str:
    """What somebody looks for, as the database can be asked for it.

    >>> sought(" peak\\0s ", 5)
    'peaks'
    """
    return written.replace("\0", "").strip()[:longest]


def with_scheme(written: str) -> str:
    """An address of a page as people write it, with the scheme that browsers need.

    >>> with_scheme("www.example.cn"), with_scheme("http://example.cn"), with_scheme("")
    ('https://www.example.cn', 'http://example.cn', '')
    """
    address = unicodedata.normalize("NFKC", written).strip()
    return f"https://{address}" if address and "://" not in address else address
