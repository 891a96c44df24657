#!/usr/bin/python3
"""Which branches of the rulebook do random timelines reach, and how often?

coverage.py [--seed N] [--cases N] [--kind wild|realistic] [--least N] [--all]
prints how often each branch was taken (limit by limit with --all), then as TAP whether every branch that the table of
limits makes possible was taken at least N times.
"""

import argparse
import collections
import os
import shutil
import sys
import tempfile

import facts
from counting import parse_day
from lifecycle import NEVER_DISCHARGED_ON_START_DAY
from naive import evaluate
from timelines import generate
from wild import VOCABULARY

STATES = "on_track at_risk breached met met_late excepted void missed".split()
ENDS = {"request": {"case_closed", "request_withdrawn", "moved_out"},
        "plan": {"case_closed", "plan_ceased", "plan_transferred_out"}, "case": {"case_closed"}}


def count_branches(seed, cases, kind):
    """One run as of the date and one more as known at the time that the generator chose."""
    rulebook = facts.Rulebook()
    folder = tempfile.mkdtemp(prefix="ehcw.oracle.")
    facts.branches = collections.Counter()
    left, rows = cases, 0
    try:
        while left > 0:
            part = min(left, 250)
            as_of, known_at = generate(seed, part, kind, folder)
            paths = [os.path.join(folder, name + ".csv") for name in ("cases", "events", "exceptions")]
            found = evaluate(rulebook, facts.load(rulebook, *paths), parse_day(as_of))
            note_edges(rulebook, found)
            rows += len(found)
            evaluate(rulebook, facts.load(rulebook, *paths, known_at), parse_day(as_of))
            left -= part
            seed += 1
    finally:
        shutil.rmtree(folder)
    return rulebook, facts.branches, rows


def expected_states(limit):
    if limit.kind == "floor":
        return ["on_track", "met", "void", "missed"]
    if limit.count == "notice_weeks":
        return ["on_track", "at_risk", "breached", "met", "met_late", "void", "missed"]
    states = ["on_track", "at_risk", "breached", "met", "met_late", "void", "missed"]
    if limit.requires and limit.discharged_by.subjects == limit.requires.subjects:
        # no_plan_notice_16w and order_no_plan_10w are shown only once discharged
        states = ["met", "met_late"]
    return states + (["excepted"] if limit.exceptions != "none" else [])


def expected_branches(limit):
    """The branches that the row of the table makes possible."""
    found = ["state %s %s" % (limit.id, state) for state in expected_states(limit)]

    def add(text):
        found.append(limit.id + " " + text)

    edges = {"on_track": "last day on track", "met": "met on the due date", "met_late": "met the day after",
             "breached": "breached the day after", "void": "void, closed on the due date",
             "missed": "missed by a day"}
    for state in expected_states(limit):
        if state in edges and not (limit.kind == "floor" and state == "met"):
            add("edge: " + edges[state])
    if "at_risk" in expected_states(limit):
        add("edge: first day at risk")
        add("edge: at risk on the due date")

    add("opened")
    add("not opened: not in force")
    add("several starts of one day")
    if limit.applies:
        add("not opened: under_five" if limit.applies == "under_five" else "not opened: " + limit.applies)
    if limit.requires:
        add("shown by requires")
        add("hidden by requires")
    if limit.early_days:
        add("early window cut by previous start")
    if limit.life == "plan":
        add("starts in a new life")
    if limit.backward:
        for text in ("opened in the future", "not yet opened", "left open", "lapsed at end of life",
                     "not opened: life over", "not opened: life over till the due date",
                     "discharged before the start", "discharged on the start",
                     "discharged before opening day, before the start"):
            add(text)
        if limit.count != "notice_weeks":
            add("discharged after the start")
            add("lapsed before the next start")
            add("lapsed before the next start, on its opening day")
        return [text for text in found if text not in impossible(limit)]

    add("not opened: life over")
    add("discharged later")
    if limit.early_days:
        add("discharged before the start")
    if limit.count in NEVER_DISCHARGED_ON_START_DAY:
        add("not discharged on start day")
    else:
        add("discharged on start day")
        add("discharge event of step 1 " + ("counts again" if limit.per == "cycle" else "is used up"))
    if limit.voided_by:
        add("voided later")
        add("voided on start day")
    own = {event for event, subjects in limit.starts.subjects.items() if subjects is None}
    if limit.lapsed_by:
        add("lapsed later")
        if not limit.lapsed_by.subjects.keys() <= own:
            add("lapsed on start day")
    if own & (limit.discharged_by.subjects.keys() | limit.lapsed_by.subjects.keys()):
        add("a start closes nothing that opens on its day")
    if limit.applies == "under_five":
        add("voided on the fifth birthday")
    if ENDS[limit.life] - limit.lapsed_by.subjects.keys() - limit.voided_by.subjects.keys():
        add("lapsed at end of life")
        add("lapsed at end of life on start day")
    if limit.per == "cycle":
        add("superseded")
    if limit.per in ("case", "subject"):
        add("not opened: one is open")
    if limit.per == "once":
        add("not opened: not the first")
    if "tribunal_order" in limit.starts.subjects:
        add("not opened: same appeal")
    return [text for text in found if text not in impossible(limit)]


def impossible(limit):
    """Branches that this one row rules out for a reason of its own."""
    found = set()
    if limit.per == "once":  # a later start opens nothing, so nothing opens on the day of step 1
        found.add(limit.id + " discharge event of step 1 is used up")
    if limit.discharged_by.subjects.keys() <= limit.starts.subjects.keys():
        found.add(limit.id + " not discharged on start day")  # already ruled out as starts
    if not several_starts_may_open(limit):
        found.add(limit.id + " several starts of one day")
    orders = limit.starts.subjects.get("tribunal_order") or set()
    if not orders & set(VOCABULARY["appeal_conceded"]):
        found.add(limit.id + " not opened: same appeal")
    return found


def several_starts_may_open(limit):
    """Two rows with equal event, subject and date are one, and an order after a concession opens nothing."""
    words = set()
    for event, subjects in limit.starts.subjects.items():
        if subjects is None:
            words |= {(event, word) for word in VOCABULARY.get(event, [""])}
        elif event == "tribunal_order":
            words |= {("order", word) for word in subjects}
        else:
            words |= {("order" if event == "appeal_conceded" else event, word) for word in subjects}
    return limit.per != "subject" and len(words) > 1


def note_edges(rulebook, rows):
    """Rows whose days lie exactly on a boundary."""
    warn = {limit.id: limit.warn_days for limit in rulebook.limits}
    for _, limit, _, _, due, _, _, state, closed, days in rows:
        edge = {("met", "0"): "met on the due date", ("met_late", "1"): "met the day after",
                ("breached", "1"): "breached the day after", ("at_risk", "0"): "at risk on the due date",
                ("missed", "1"): "missed by a day"}.get((state, days))
        if state == "at_risk" and days == str(warn[limit]):
            edge = "first day at risk"
        elif state == "on_track" and days == str(warn[limit] + 1):
            edge = "last day on track"
        elif state == "void" and closed == due:
            edge = "void, closed on the due date"
        if edge:
            facts.note(limit, "edge:", edge)


GENERAL = """fact:moved_out cancelled
fact:future moved_out
fact:future review_arranged
fact:future phase_transfer
count:move_working_days the move
count:move_working_days 15 days, late move
count:move_working_days 15 days, no move
count:transfer_review nothing before
count:transfer_review year later
count:transfer_review three months later
count:cease_floor certificate
count:cease_floor appeal ended
count:cease_floor appeal pending
exception: X1 school_closed
exception: X1 personal
exception: X1 absent
exception: X1 claimed
exception: X1 school_closed does not support
exception: X1 personal does not support
exception: X1 absent does not support
exception: X1 claimed does not support
exception: X2 personal
exception: X2 absent
exception: X2 appointment_missed
exception: X2 school_closed does not support
exception: X2 absent does not support
exception: X2 claimed does not support
exception: X3 personal
exception: X3 absent
exception: X3 absent does not support
exception: X3 school_closed does not support
exception: X3 claimed does not support""".split("\n")


def report(rulebook, branches, everything):
    ids = {limit.id for limit in rulebook.limits}
    print("# %-26s" % "limit" + "".join("%9s" % state for state in STATES))
    for limit in rulebook.limits:
        counts = [branches["state %s %s" % (limit.id, state)] for state in STATES]
        print("# %-26s" % limit.id + "".join("%9d" % count for count in counts))
    grouped = collections.Counter()
    for text, count in branches.items():
        first, _, rest = text.partition(" ")
        if first in ids:
            grouped["(any limit) " + rest] += count
            if everything:
                grouped[text] += count
        elif first != "state":
            grouped[text] += count
    for text in sorted(grouped):
        print("# %8d  %s" % (grouped[text], text))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=20000)
    parser.add_argument("--kind", choices=("wild", "realistic"), default="wild")
    parser.add_argument("--least", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    args = parser.parse_args()
    rulebook, branches, rows = count_branches(args.seed, args.cases, args.kind)
    report(rulebook, branches, args.all)
    wanted = GENERAL + [text for limit in rulebook.limits for text in expected_branches(limit)]
    rare = sorted({text for text in wanted if branches[text] < args.least})
    print("1..1")
    print("%s 1 - %d of %d branches were each taken at least %d times by %d %s cases (%d rows)" % (
        "not ok" if rare else "ok", len(set(wanted)) - len(rare), len(set(wanted)), args.least, args.cases,
        args.kind, rows))
    for text in rare:
        print("# %d times: %s" % (branches[text], text))
    return bool(rare)


if __name__ == "__main__":
    sys.exit(main())
