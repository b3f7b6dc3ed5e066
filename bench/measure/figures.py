# What a measurement says in the end: a value, mostly beside a reference, and whether it is good enough.
import math


def median(values):
    return percentile(values, 50)


def percentile(values, percent):
    """The smallest value that at least `percent` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def ratio_of_turns(these, those):
    """The median of the ratios taken turn by turn: noise that hits both of a turn alike is gone."""
    return median([a / b for a, b in zip(these, those)])


def figure(key, what, value, unit, reference=None, reference_value=None, ratio=None, faster=False, at_most=None,
           at_least=None, goal_of=None):
    """`ratio` is value / reference, or with `faster` reference / value. A goal is about the ratio, and
    about the value where there is none, or where `goal_of` says so."""
    goal_of = goal_of or ("value" if ratio is None else "ratio")
    judged = value if goal_of == "value" else ratio
    goal = None
    if at_most is not None:
        goal = {"of": goal_of, "at_most": at_most, "reached": judged <= at_most}
    elif at_least is not None:
        goal = {"of": goal_of, "at_least": at_least, "reached": judged >= at_least}
    return {"id": key, "what": what, "value": rounded(value), "unit": unit, "reference": reference,
            "reference_value": rounded(reference_value), "ratio": rounded(ratio),
            "ratio_is": None if ratio is None else "times faster" if faster else "times the reference",
            "better": "higher" if faster else "lower", "goal": goal}


def rounded(value):
    """Four significant digits."""
    if value is None or value == 0:
        return value
    return round(value, 3 - math.floor(math.log10(abs(value))))
