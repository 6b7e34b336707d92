"""Why nothing was fetched, in words, by the codes of `Unreached`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

PROBLEMS: dict[str, Any] = {
    "address_refused": gettext_lazy("The address leads into a network that the portal does not enter."),
    "bad_address": gettext_lazy("The address cannot be read. Check how it is written."),
    "bad_answer": gettext_lazy("The server answers in a way that cannot be read."),
    "folder_missing": gettext_lazy("There is no such folder. The operator of the portal makes it."),
    "host_key_changed": gettext_lazy("The server shows another host key than the one that is kept here."),
    "no_secret": gettext_lazy("The secret that is kept cannot be opened any more. Enter it again."),
    "nothing_there": gettext_lazy("There is no file whose name fits."),
    "not_found": gettext_lazy("The server does not know this address."),
    "sign_in_refused": gettext_lazy("The server refuses the user name, the password or the key."),
    "server_error": gettext_lazy("The server reports an error of its own. It is tried again."),
    "too_large": gettext_lazy("The file is larger than a feed may bring. Have it written in parts."),
    "too_slow": gettext_lazy("The server is too slow, or silent. It is tried again."),
    "too_many_files": gettext_lazy("The place holds more files than can be looked through. Move old ones away."),
    "too_many_redirects": gettext_lazy("The address leads from one place to the next without end."),
    "tls_failed": gettext_lazy("The server cannot prove who it is: its certificate is not valid."),
    "unreachable": gettext_lazy("The server cannot be reached. It is tried again."),
}


def problem_words(code: str) -> str:
    return str(PROBLEMS.get(code) or code)
