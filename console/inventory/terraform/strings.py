"""What strings of HCL mean: escapes in quotes, and heredocs."""

from __future__ import annotations

import json
import re

MARKED = {"$${": "\ufdd0\ufdd1\ufdd2", "%%{": "\ufdd3\ufdd4\ufdd5"}
"""What stands for doubled marks while a quoted string is parsed: code points that no text has."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ONE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_TEMPLATE_MARK = re.compile(r"\$\$\{|%%\{|(\$\{|%\{)")


def quoted(text: str) -> str:
    """TEXT between quotes: nothing in it is a template."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def unescaped(text: str) -> str:
    """What stood between quotes, its backslashes and doubled marks resolved.

    Raises ValueError for an escape that HCL does not have.
    """

    def character(found: re.Match[str]) -> str:
        digits = found[1] or found[2]
        if digits is not None:
            number = int(digits, 16)
            if 0xD800 <= number < 0xE000 or number > 0x10FFFF:
                raise ValueError("no character")
            return chr(number)
        if found[3] not in _ONE:
            raise ValueError("an unknown escape")
        return _ONE[found[3]]

    resolved = _ESCAPE.sub(character, text)
    return resolved.replace(MARKED["$${"], "${").replace(MARKED["%%{"], "%{")


def holds_template(text: str) -> bool:
    """Whether TEXT has `${` or `%{` that is not doubled."""
    return any(found[1] for found in _TEMPLATE_MARK.finditer(text))


def heredoc(token: str) -> str:
    """The value of a whole heredoc, marks included in TOKEN: with `<<-`, the lines' common indentation is taken off.

    Blank lines count for nothing in that, and keep their own spaces.
    """
    first, *lines = token.rstrip("\r\n").splitlines(keepends=True)
    lines = lines[:-1]
    if first.startswith("<<-"):
        indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
        indent = min(indents, default=0)
        lines = [line[indent:] if line.strip() else line for line in lines]
    return "".join(lines).replace("$${", "${").replace("%%{", "%{")
