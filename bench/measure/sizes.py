# How much is measured, by the kind of run.
from types import SimpleNamespace


def sizes_of(chosen):
    """`homes` for latency, `many` where their number is the question, `check_homes` beside slow references."""
    if chosen.quick:
        return SimpleNamespace(homes=60, many=400, check_homes=100, changes=40, batch=20, runs=2, cold_runs=1,
                               accident_homes=[200], accident_runs=1, entries=2000, idle_seconds=3, questions=50,
                               walk_files=500, walk_turns=1, slow_one_of=20)
    return SimpleNamespace(homes=1000, many=100_000, check_homes=10_000, changes=2000, batch=250, runs=7, cold_runs=3,
                           accident_homes=[10_000] + ([100_000] if chosen.large else []), accident_runs=3,
                           entries=1_000_000 if chosen.large else 100_000, idle_seconds=60, questions=2000,
                           walk_files=100_000, walk_turns=3, slow_one_of=10)
