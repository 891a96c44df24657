#!/usr/bin/python3
"""The rulebook once more, written from its text alone and as plainly as possible: the oracle for the C engine.

naive.py --cases F --events F [--exceptions F] --as-of DATE [--known-at TS] [--limits all|id,id] [--rulebook DIR]
prints the CSV of section 8. The numbers of sections in the comments are those of the rulebook.
"""

import argparse
import csv
import sys

from counting import parse_day, show_day
from facts import RULEBOOK, Case, Rulebook, load, note
from lifecycle import Lifecycle

COLUMNS = "case_ref limit subject start_on due_on safe_on act_by state closed_on days".split()


class Engine:
    def __init__(self, rulebook, limits, as_of):
        self.calendar, self.limits, self.as_of = rulebook.calendar, limits, as_of
        self.lifecycle = Lifecycle(rulebook.calendar, as_of)

    # ------------------------------------------------------------ 3. states

    def state(self, case, item):
        """(state, days) of an obligation."""
        as_of, due, closed = self.as_of, item.due, item.closed
        limit = item.limit
        if limit.kind == "floor":
            return self.floor_state(item)
        if item.how == "voided":
            return "void", 0
        if item.how == "lapsed" and closed <= due:
            return "void", 0
        if item.how == "discharged" and closed <= due:
            return "met", due - closed
        if item.how is None and limit.count == "notice_weeks" and as_of >= item.start:
            return "missed", 0
        if item.how is None and as_of <= due:
            return ("on_track" if as_of < due - limit.warn_days else "at_risk"), due - as_of
        # from here on the limit was broken
        if item.how is None:
            state, days = "breached", as_of - due
        elif item.how == "discharged":
            state, days = "met_late", closed - due
        else:
            state, days = "missed", closed - due
        if self.excepted(case, item):
            note(limit.id, "excepted instead of", state)
            state = "excepted"
        return state, days

    def floor_state(self, item):
        due, closed = item.due, item.closed
        if item.how == "voided":
            return "void", 0
        if item.how == "lapsed":
            return ("void" if closed <= due else "met"), 0
        if item.how == "discharged":
            return ("met", closed - due) if closed > due else ("missed", due + 1 - closed)
        if self.as_of <= due:
            return "on_track", due - self.as_of
        return "met", 0

    # ------------------------------------------------------------ 5. exceptions

    def excepted(self, case, item):
        rules = item.limit.exceptions
        if rules not in ("X1", "X2", "X3"):
            return False
        start, due = item.start, item.due
        for claim in case.exceptions:
            if self.supports(claim, rules, case, item):
                note("exception:", rules, claim.ground)
                return True
            note("exception:", rules, claim.ground, "does not support")
        if rules == "X2":
            for day, subject in case.past.get("appointment_missed", ()):
                if start <= day <= due and subject == item.subject:
                    note("exception:", "X2 appointment_missed")
                    return True
        return False

    def supports(self, claim, rules, case, item):
        start, due, as_of = item.start, item.due, self.as_of
        if claim.ground == "claimed" and claim.from_on is None and claim.to_on is None:
            return rules == "X1" and item.limit.life == "request"
        first = claim.from_on
        if first is None or first > as_of:
            return False
        if claim.to_on is not None and claim.to_on < first:
            return False
        last = as_of if claim.to_on is None else min(claim.to_on, as_of)
        if not (first <= due and last >= start):
            return False
        if claim.ground == "personal":
            return True
        if claim.ground == "absent":
            return last - first + 1 >= (14 if rules == "X3" else 28)
        if claim.ground == "claimed":
            return rules == "X1" and item.limit.life == "request"
        if claim.ground == "school_closed":
            if rules != "X1" or last - first < 28:
                return False
            return any(subject == "education" and first - 7 <= day <= last - 7
                       for day, subject in case.past.get("advice_requested", ()))
        return False

    # ------------------------------------------------------------ rows

    def is_shown(self, case, item):
        if not item.limit.requires:
            return True
        until = self.as_of if item.closed is None else item.closed
        shown = any(item.start <= day <= until for day, _, _ in case.matching(item.limit.requires))
        note(item.limit.id, "shown" if shown else "hidden", "by requires")
        return shown

    def row(self, case, item):
        limit, due = item.limit, item.due
        safe_on = due - 1 if limit.count.startswith("within_") else due
        state, days = self.state(case, item)
        note("state", limit.id, state)
        return (case.ref, limit.id, item.subject if limit.shows_subject else "",
                show_day(item.start), show_day(due), show_day(safe_on),
                show_day(self.calendar.last_working_day_by(safe_on)), state, show_day(item.closed), str(days))

    def rows(self, case):
        return [self.row(case, item) for limit in self.limits for item in self.lifecycle.obligations(limit, case)
                if self.is_shown(case, item)]


# ---------------------------------------------------------------- 8. CSV


def evaluate(rulebook, loaded, as_of, limits=None):
    """The output rows, unsorted."""
    engine = Engine(rulebook, rulebook.limits if limits is None else limits, as_of)
    rows = []
    for ref, born, events, exceptions in loaded:
        rows += engine.rows(Case(ref, born, events, exceptions, as_of))
    return rows


def sort_key(row):
    ref, limit, subject, start_on, _, _, _, state, closed_on, _ = row
    return tuple(text.encode() for text in (ref, limit, subject, start_on, closed_on, state))


def chosen_limits(rulebook, text):
    if text == "all":
        return rulebook.limits
    wanted = set(text.split(","))
    unknown = wanted - {limit.id for limit in rulebook.limits}
    if unknown:
        raise SystemExit("naive.py: unknown limit " + ", ".join(sorted(unknown)))
    return [limit for limit in rulebook.limits if limit.id in wanted]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", required=True)
    parser.add_argument("--events", required=True)
    parser.add_argument("--exceptions")
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--known-at")
    parser.add_argument("--limits", default="all")
    parser.add_argument("--rulebook", default=RULEBOOK)
    args = parser.parse_args()
    rulebook = Rulebook(args.rulebook)
    loaded = load(rulebook, args.cases, args.events, args.exceptions, args.known_at)
    rows = evaluate(rulebook, loaded, parse_day(args.as_of), chosen_limits(rulebook, args.limits))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(rows, key=sort_key))


if __name__ == "__main__":
    main()
