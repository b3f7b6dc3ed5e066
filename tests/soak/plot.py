"""Draws what soak.py measured. usage: plot.py REPORT.json > REPORT.svg"""
import json
import sys

WIDTH, HEIGHT, LEFT, GAP = 760, 130, 90, 50
ROWS = [("memory_kb", "memory, kB"), ("fds", "descriptors"), ("watches", "watches"), ("users", "accounts")]


def row(samples, key, title, top):
    most = max(one[key] for one in samples) or 1
    end = samples[-1]["at"] or 1

    def column(at):
        return LEFT + round((WIDTH - LEFT - 10) * at / end)

    highest = {}  # of those that are drawn in one column
    for one in samples:
        highest[column(one["at"])] = max(one[key], highest.get(column(one["at"]), 0))
    points = " ".join(f"{x},{top + HEIGHT * (1 - value / most):.1f}" for x, value in highest.items())
    starts = {column(after["at"]) for before, after in zip(samples, samples[1:]) if before["start"] != after["start"]}
    lines = "".join(f'<path d="M{x} {top}V{top + HEIGHT}" stroke="#ddd"/>' for x in sorted(starts))
    return (f'<text x="5" y="{top - 8}">{title}</text><text x="5" y="{top + 10}">{most}</text>'
            f'<text x="5" y="{top + HEIGHT}">0</text>{lines}'
            f'<path d="M{LEFT} {top}V{top + HEIGHT}H{WIDTH - 10}" fill="none" stroke="#888"/>'
            f'<polyline points="{points}" fill="none" stroke="#06c"/>')


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    height = len(ROWS) * (HEIGHT + GAP) + 30
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
          f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>')
    for number, (key, title) in enumerate(ROWS):
        print(row(report["samples"], key, title, GAP / 2 + 10 + number * (HEIGHT + GAP)))
    print(f'<text x="{LEFT}" y="{height - 8}">{report["seconds"]:.0f} s, {report["starts"]} starts (grey), '
          f'seed {report["seed"]}</text></svg>')


if __name__ == "__main__":
    main()
