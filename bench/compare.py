#!/usr/bin/env python3
# Compares two runs (run.py --json): how the second stands beside the first, figure by figure.
import json
import sys

SCHEMA = "sshpermd.bench/1"


def read(path):
    with open(path) as file:
        document = json.load(file)
    if document.get("schema") != SCHEMA:
        sys.exit(f"compare.py: {path} is not a {SCHEMA} document")
    return document


def judged(figure):
    """What stands for the figure on another machine, too: its ratio, where it has one."""
    return figure["value"] if figure["ratio"] is None else figure["ratio"]


def line(old, new):
    before, after = judged(old), judged(new)
    change = "" if not before else f"{after / before:.2f}x"
    better = ""
    if before and after != before:
        is_better = (after > before) == (new["better"] == "higher")
        if not 1 / 1.1 <= after / before <= 1.1:  # what two runs of the same build differ by
            better = "better" if is_better else "WORSE"
    goals = [figure["goal"] and ("reached" if figure["goal"]["reached"] else "MISSED") for figure in (old, new)]
    goal = "" if goals[1] is None else goals[1] if goals[0] == goals[1] else f"{goals[0]} -> {goals[1]}"
    unit = new["unit"] if new["ratio"] is None else "x faster" if new["better"] == "higher" else "x"
    return f"{new['id']:40} {before:>10} {after:>10} {unit:9} {change:>8} {better:7} {goal}".rstrip()


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: compare.py OLD.json NEW.json")
    old, new = (read(path) for path in sys.argv[1:])
    if old["machine"]["processor"] != new["machine"]["processor"] or old["run"]["kind"] != new["run"]["kind"]:
        print("not the same kind of machine or run: only the ratios tell something\n")
    print(f"{'':40} {'old':>10} {'new':>10} {'':9} {'new/old':>8}")
    before = {figure["id"]: figure for figure in old["figures"]}
    for figure in new["figures"]:
        if figure["id"] in before:
            print(line(before.pop(figure["id"]), figure))
        else:
            print(f"{figure['id']:40} {'':>10} {judged(figure):>10} {figure['unit']:9} new")
    for figure in before.values():
        print(f"{figure['id']:40} {judged(figure):>10} {'':>10} {figure['unit']:9} gone")


main()
