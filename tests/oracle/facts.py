"""What the oracle knows of the rulebook's table, and what is seen of a case (rulebook sections 1, 2 and 8)."""

import csv
import os
from datetime import datetime

from counting import Calendar, parse_day

HERE = os.path.dirname(os.path.abspath(__file__))
RULEBOOK = os.path.join(HERE, "..", "data", "rulebook")

BACKWARD = {"before_15_feb", "before_31_mar", "months_before", "notice_weeks"}
MAY_LIE_IN_THE_FUTURE = {"review_arranged", "phase_transfer", "moved_out"}

branches = None  # a collections.Counter while coverage.py runs


def note(*words):
    """Called at each branch taken."""
    if branches is not None:
        branches[" ".join(words)] += 1


# ---------------------------------------------------------------- the table of limits


class Pattern:
    """A list such as 'draft_sent|tribunal_order:assess'."""

    def __init__(self, text):
        self.names_subject = ":" in text
        self.subjects = {}  # event -> None for any subject, or the set of subjects
        for item in filter(None, text.split("|")):
            event, colon, subject = item.partition(":")
            if not colon:
                self.subjects[event] = None
            elif self.subjects.get(event, ()) is not None:
                self.subjects.setdefault(event, set()).add(subject)

    def matches(self, event, subject):
        if event not in self.subjects:
            return False
        wanted = self.subjects[event]
        return wanted is None or subject in wanted

    def __bool__(self):
        return bool(self.subjects)


class Limit:
    def __init__(self, row):
        self.id = row["id"]
        self.kind = row["kind"]
        self.starts = Pattern(row["starts"])
        self.discharged_by = Pattern(row["discharged_by"])
        self.voided_by = Pattern(row["voided_by"])
        self.lapsed_by = Pattern(row["lapsed_by"])
        self.per = row["per"]
        self.life = row["life"]
        self.count = row["count"]
        self.n = int(row["n"] or 0)
        self.warn_days = int(row["warn_days"] or 0)
        self.early_days = int(row["early_days"] or 0)
        self.exceptions = row["exceptions"]
        self.applies = row["applies"]
        self.requires = Pattern(row["requires"])
        self.in_force_from = parse_day(row["in_force_from"])
        self.in_force_to = parse_day(row["in_force_to"])
        self.backward = self.count in BACKWARD
        self.shows_subject = self.per in ("subject", "start") or self.starts.names_subject

    def in_force(self, day):
        if self.in_force_from is not None and day < self.in_force_from:
            return False
        return self.in_force_to is None or day < self.in_force_to


class Rulebook:
    def __init__(self, folder=RULEBOOK):
        with open(os.path.join(folder, "limits.csv"), encoding="utf-8", newline="") as file:
            self.limits = [Limit(row) for row in csv.DictReader(file)]
        with open(os.path.join(folder, "events.csv"), encoding="utf-8", newline="") as file:
            self.events = {row["event"] for row in csv.DictReader(file)}
        holidays = os.path.join(folder, "bank-holidays.json")
        if not os.path.exists(holidays):
            holidays = os.path.join(folder, "..", "data", "bank-holidays.json")
        self.calendar = Calendar(holidays)


# ---------------------------------------------------------------- 1. facts


def instant(text):
    return datetime.fromisoformat(text.upper())


def row_is_seen(recorded_at, voided_at, known_at):
    if known_at is None:
        return not voided_at
    if recorded_at and instant(recorded_at) > known_at:
        return False
    return not voided_at or instant(voided_at) > known_at


class Exception_:
    def __init__(self, ground, from_on, to_on):
        self.ground, self.from_on, self.to_on = ground, from_on, to_on


class Case:
    """What is seen of one case as of a date: `past` up to that date, `all` with the three that may lie ahead."""

    def __init__(self, ref, born, events, exceptions, as_of):
        self.ref, self.born, self.as_of, self.exceptions = ref, born, as_of, exceptions
        seen = sorted({(day, event, subject) for event, subject, day in events
                       if day <= as_of or event in MAY_LIE_IN_THE_FUTURE})
        cancelled = [day for day, event, _ in seen if event == "move_cancelled"]
        known = [day for day, event, _ in seen if event == "move_known"]

        def move_is_cancelled(moved):
            return any(off <= moved and not any(off < again <= moved for again in known) for off in cancelled)

        self.all = {}   # event -> sorted [(day, subject)]
        self.past = {}
        for day, event, subject in seen:
            if event == "moved_out" and cancelled and move_is_cancelled(day):
                note("fact:moved_out cancelled")
                continue
            self.all.setdefault(event, []).append((day, subject))
            if day <= as_of:
                self.past.setdefault(event, []).append((day, subject))
            else:
                note("fact:future", event)
        self.lives = {}

    def days(self, *events):
        """The days up to the as-of date of any of the events, in order."""
        return sorted(day for event in events for day, _ in self.past.get(event, ()))

    def matching(self, pattern, source=None):
        """Sorted [(day, event, subject)] of the events up to the as-of date that a pattern names."""
        source = self.past if source is None else source
        found = []
        for event, wanted in pattern.subjects.items():
            found += [(day, event, subject) for day, subject in source.get(event, ())
                      if wanted is None or subject in wanted]
        found.sort()
        return found

    def life(self, kind):
        if kind not in self.lives:
            self.lives[kind] = Life(self, kind)
        return self.lives[kind]

    def same_appeal(self, day, subject):
        """A tribunal order after a concession on the same subject, with no new appeal between."""
        for conceded, what in self.past.get("appeal_conceded", ()):
            if what == subject and conceded <= day:
                if not any(conceded < again <= day for again in self.days("appeal_received")):
                    return True
        return False


# ---------------------------------------------------------------- 2. the life of an obligation


class Life:
    """When a life has ended, and when a new one has begun."""

    def __init__(self, case, kind):
        closed = case.days("case_closed")
        self.final = closed[0] if closed else None
        self.begins = []
        if kind == "request":
            self.ends = case.days("case_closed", "request_withdrawn", "moved_out")
        elif kind == "plan":
            self.ends = case.days("case_closed", "plan_ceased", "plan_transferred_out")
            self.begins = case.days("plan_issued", "plan_transferred_in")
            self.begins += [day for day, subject in case.past.get("tribunal_order", ())
                            if subject in ("continue", "continue_amend")]
            self.begins.sort()
        else:
            self.ends = closed

    def alive_on(self, day):
        """May something start on this day? The day of the end itself still counts."""
        if self.final is not None and self.final < day:
            return False
        ended = [end for end in self.ends if end < day]
        if not ended:
            return True
        return any(ended[-1] < begin <= day for begin in self.begins)

    def first_day_from(self, day):
        """The first day on or after `day` on which the life is running; None if it never is."""
        if self.alive_on(day):
            return day
        for begin in self.begins:
            if begin > day and self.alive_on(begin):
                return begin
        return None


# ---------------------------------------------------------------- 8. CSV, the inputs


def read_rows(path, *columns):
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        at = [header.index(column) for column in columns]
        for row in reader:
            yield [row[index] for index in at]


def load(rulebook, cases, events, exceptions=None, known_at=None):
    """[(case_ref, born, events, exceptions)] with unseen rows, unknown events and unknown cases left out."""
    known_at = instant(known_at) if known_at else None
    loaded = {}
    for case_id, ref, born in read_rows(cases, "case_id", "case_ref", "date_of_birth"):
        loaded[case_id] = (ref, parse_day(born), [], [])
    for case_id, event, subject, day, recorded_at, voided_at in read_rows(
            events, "case_id", "event", "subject", "occurred_on", "recorded_at", "voided_at"):
        if case_id in loaded and event in rulebook.events and row_is_seen(recorded_at, voided_at, known_at):
            loaded[case_id][2].append((event, subject, parse_day(day)))
    if exceptions:
        for case_id, ground, from_on, to_on, recorded_at, voided_at in read_rows(
                exceptions, "case_id", "ground", "from_on", "to_on", "recorded_at", "voided_at"):
            if case_id in loaded and row_is_seen(recorded_at, voided_at, known_at):
                loaded[case_id][3].append(Exception_(ground, parse_day(from_on), parse_day(to_on)))
    return list(loaded.values())
