"""Reads what the tests need out of a manual in mdoc(7): sections, list items, flags, literal lines."""

import re
import shlex

MACROS = {"Ar", "Cm", "Fl", "Ns", "Op", "Oo", "Oc", "Pq", "Pa", "Li", "Ev", "Ic", "Ql", "Xr", "Nm"}


def words_of(line):
    try:
        return shlex.split(line[1:])
    except ValueError:
        return line[1:].split()


def after(macro, words):
    """The arguments of a macro among the words of a line, without punctuation."""
    found = []
    inside = False
    for word in words:
        if word in MACROS:
            inside = word == macro
        elif inside and word not in {",", ".", "|", ":", ";", "(", ")"}:
            found.append(word)
    return found


def flags_in(words):
    return ["-" + flag for flag in after("Fl", words)]


def sections(text):
    """By name: the lines of each section."""
    parts = {}
    name = ""
    for line in text.splitlines():
        if line.startswith(".Sh "):
            name = " ".join(words_of(line)[1:])
        parts.setdefault(name, []).append(line)
    return parts


def items(lines):
    """(depth, words after .It, lines of the item without those of lists in it)."""
    found = []
    stack = []
    depth = 0
    for line in lines:
        words = words_of(line) if line.startswith(".") else []
        if words[:1] == ["Bl"]:
            depth += 1
            stack.append(None)
        elif words[:1] == ["El"]:
            depth -= 1
            stack.pop()
        elif words[:1] == ["It"]:
            found.append((depth, words[1:], []))
            stack[-1] = found[-1]
        elif stack and stack[-1] is not None:
            stack[-1][2].append(line)
    return found


def literal_blocks(text):
    return ["\n".join(block.splitlines())
            for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", text, re.S | re.M)]


def quoted(text):
    """The arguments of .Ql, as they are printed."""
    return [" ".join(shlex.split(rest.replace("'", "\\'"))) for rest in
            re.findall(r"^\.(?:Pq )?Ql (.*?)(?: [.,;:)])*$", text, re.M)]


def all_flags(text):
    return {flag for line in text.splitlines() if line.startswith(".")
            for flag in flags_in(words_of(line))}
