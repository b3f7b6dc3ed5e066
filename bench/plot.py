#!/usr/bin/env python3
# Draws two pictures of a run (run.py --json): how long a wrong mode lasts, and what a full look takes.
import json
import math
import os
import sys

STYLE = """<style>
text { font: 13px sans-serif; fill: #24292f } .title { font-weight: bold; font-size: 15px } .small { font-size: 11px; fill: #57606a }
.ours { fill: #1a7f37 } .theirs { fill: #8c959f } .grid { stroke: #d0d7de } .tail { stroke: #24292f }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .small { fill: #9198a1 } .ours { fill: #3fb950 } .theirs { fill: #6e7681 } .grid { stroke: #30363d } .tail { stroke: #e6edf3 } }
</style>"""
WIDTH, LEFT, RIGHT, BAR, GAP = 760, 250, 110, 20, 10


def text_of(value, unit):
    if unit == "us":
        value, unit = (value / 1000, "ms") if value >= 1000 else (value, "µs")
    elif value >= 1000:
        value, unit = value / 1000, "s"
    return f"{value:.3g} {unit}"


def chart(title, subtitle, rows, unit):
    """Rows of (name, value, tail or None, is ours); the scale is logarithmic."""
    low = 10 ** math.floor(math.log10(min(row[1] for row in rows)) - 0.3)
    high = 10 ** math.ceil(math.log10(max(row[2] or row[1] for row in rows)))

    def x(value):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(value / low) / math.log10(high / low)

    height = 60 + len(rows) * (BAR + GAP) + 24
    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img">',
           f"<title>{title}</title>", STYLE, f'<text class="title" x="8" y="20">{title}</text>',
           f'<text class="small" x="8" y="38">{subtitle}</text>']
    tick = low
    while tick <= high * 1.001:
        svg.append(f'<line class="grid" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="50" y2="{height - 22}"/>'
                   f'<text class="small" text-anchor="middle" x="{x(tick):.1f}" y="{height - 6}">{text_of(tick, unit)}</text>')
        tick *= 10
    for number, (name, value, tail, ours) in enumerate(rows):
        y = 56 + number * (BAR + GAP)
        middle, end = y + BAR / 2, x(tail or value)
        svg.append(f'<text text-anchor="end" x="{LEFT - 8}" y="{middle + 4.5}">{name}</text>'
                   f'<rect class="{"ours" if ours else "theirs"}" x="{LEFT}" y="{y}" width="{x(value) - LEFT:.1f}" height="{BAR}" rx="2"/>')
        if tail:
            svg.append(f'<line class="tail" x1="{x(value):.1f}" x2="{end:.1f}" y1="{middle}" y2="{middle}"/>'
                       f'<line class="tail" x1="{end:.1f}" x2="{end:.1f}" y1="{y + 5}" y2="{y + BAR - 5}"/>')
        svg.append(f'<text x="{end + 6:.1f}" y="{middle + 4.5}">{text_of(value, unit)}</text>')
    return "\n".join(svg + ["</svg>", ""])


def latency(document):
    rows = {(row["side"], row["broken"]): row["us"]
            for row in document["measurements"]["latency"]["details"]["rows"] if not row["with"]}
    order = [("minimal loop", "a loop that looks at nothing"), ("safe loop", "a small loop that is safe"),
             ("sshpermd", "sshpermd"), ("inotifywait script", "inotifywait script"), ("incron", "incron and a script")]
    return chart("chmod 644 authorized_keys: how long it stays wrong",
                 "median, and the whisker to p99; each step of the scale is ten times as long",
                 [(text, rows[side, "authorized_keys 0644"]["p50"], rows[side, "authorized_keys 0644"]["p99"],
                   side == "sshpermd") for side, text in order if (side, "authorized_keys 0644") in rows], "us")


def full_check(document):
    details, run = document["measurements"]["check"]["details"], document["run"]
    many, some = details[str(run["many"])], details[str(run["check_homes"])]
    scale = run["many"] / run["check_homes"]

    def middle(took):
        return sorted(took)[(len(took) - 1) // 2]

    rows = [("sshpermctl check", middle(many["check"]), None, True),
            ("sshpermd, start to READY", middle(many["ready"]), None, True),
            ("openat and fstat, nothing else", middle(many["chain"]), None, False),
            ("find, numbers", middle(many["find"]), None, False),
            ("systemd-tmpfiles", middle(many["tmpfiles"]), None, False),
            (f"find, names ({scale:.0f} x {run['check_homes']:,} homes)", middle(some["find_names"]) * scale, None, False)]
    return chart(f"a full look at {run['many']:,} homes", "whole processes, warm, median; each step of the scale is ten times as long", rows, "ms")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: plot.py RUN.json DIRECTORY")
    with open(sys.argv[1]) as file:
        document = json.load(file)
    for name, draw in (("latency", latency), ("check", full_check)):
        if name in document["measurements"]:
            with open(os.path.join(sys.argv[2], f"bench_{name}.svg"), "w") as file:
                file.write(draw(document))


main()
