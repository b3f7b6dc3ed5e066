"""What can be changed in a line of C++ so that a test ought to notice."""
import re

FLIPS = [(" == ", " != "), (" != ", " == "), (" < ", " <= "), (" <= ", " < "), (" > ", " >= "),
         (" >= ", " > "), (" && ", " || "), (" || ", " && "), ("return true;", "return false;"),
         ("return false;", "return true;"), (" + ", " - "), (" - ", " + ")]
CONDITION = re.compile(r"^(\s*(?:\} else )?if \()(?!constexpr)([^;{}]*)(\)(?: \{| .*;)?)$")
CALL = re.compile(r"^\s+(?!return|throw|delete|co_)[A-Za-z_][\w.:>\[\]-]*(?<!\bif)(?<!\bfor)\([^{}]*\);$")
NUMBER = re.compile(r"(?<![\w.'\"])(0x[0-9A-Fa-f]+|0[0-7]+|\d+)(?=[uUlL]*\b)")
NOT_CODE = re.compile(r"^\s*(#|//|\*|template|using|static_assert|namespace)")


def _outside_text(line):
    """The line with what is in quotes or a comment blanked out, character for character."""
    blank = re.sub(r'"(?:\\.|[^"\\])*"' + r"|'(?:\\.|[^'\\])'",
                   lambda found: " " * len(found.group()), line)
    comment = blank.find("//")
    return blank if comment < 0 else blank[:comment] + " " * (len(blank) - comment)


def _balanced(text):
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def _number(text):
    if text.startswith("0x"):
        return hex(int(text, 16) ^ 1)
    if text.startswith("0") and text != "0":
        return "0" + oct(int(text, 8) ^ 0o2)[2:]
    return str(int(text) + 1)


def of_line(line):
    """All (kind, new line) of one line without its newline."""
    if NOT_CODE.match(line):
        return
    code = _outside_text(line)
    for old, new in FLIPS:
        start = code.find(old)
        while start >= 0:
            yield "flip", line[:start] + new + line[start + len(old):]
            start = code.find(old, start + 1)
    condition = CONDITION.match(line)
    if condition and _balanced(condition.group(2)):
        yield "negate", condition.group(1) + "!(" + condition.group(2) + ")" + condition.group(3)
    if CALL.match(line) and _balanced(code):
        yield "call", re.match(r"\s*", line).group() + ";"
    for number in NUMBER.finditer(code):
        yield "constant", line[:number.start()] + _number(number.group(1)) + line[number.end(1):]


def of_file(text):
    """All (line number from 1, kind, new line)."""
    for number, line in enumerate(text.splitlines(), 1):
        for kind, changed in of_line(line):
            yield number, kind, changed
