#!/usr/bin/python3
"""The meeting's papers, and what an assessment is, against papers.py on wild caseloads; prints TAP.

compare_papers.py --driver PATH [--seed N] [--caseloads N]
The caseloads have everything in odd order: repeated requests, lapses, voided and late rows, dates that are missing, several events on a day, refusals
overturned, moves that were called off, plans that end and come back; each as of a day, every other one as known at a time. On a difference the
smallest caseload that shows it is printed with its rows.
"""

import argparse
import json
import random
import subprocess
import sys
from datetime import datetime, timedelta, timezone

from counting import parse_day, show_day
from facts import Exception_, Rulebook, instant, row_is_seen
from papers import EPOCH, differences, numbers, paper_rows
from realistic import Realistic
from timelines import AS_OF, NOISE, Times
from wild import Wild

BODIES = ["education", "health", "health", "psychology", "social_care", "parent", "other", ""]
ASSESSMENT = (["request_received"] * 3 + ["responsibility_began"] + ["assess_agreed"] * 3 + ["assess_refused"] * 2 + ["advice_requested"] * 6
              + ["advice_received"] * 6 + ["issue_agreed", "issue_refused"] + ["draft_sent"] * 3 + ["plan_issued"] * 2
              + ["request_withdrawn", "moved_out", "move_cancelled", "move_known", "plan_transferred_in", "case_closed", "tribunal_order", "appointment_missed"])
ADVICE = ["advice_requested"] * 8 + ["advice_received"] * 8 + ["assess_agreed", "draft_sent", "appointment_missed"]
PLAN = (["plan_issued"] * 2 + ["plan_transferred_in", "plan_ceased", "plan_transferred_out", "tribunal_order", "moved_out", "request_received", "case_closed"]
        + ["review_meeting"] * 6 + ["review_decided_amend"] * 3 + ["review_decided_maintain", "review_decided_cease", "plan_amended", "plan_amended"]
        + ["amendment_dropped", "transfer_plan_sent", "transfer_plan_sent", "phase_transfer", "phase_transfer", "advice_requested", "advice_received"])
READ_ON = parse_day("2026-09-01")  # MADE_READ_AT of caseload_make.h: a day before it is past
EPOCH_TIME = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Story:
    """A case in one of five manners: wild.py's, a plausible one with faults in it, and an assessment, its advice or a plan of which anything goes."""

    def __init__(self, rng, rulebook, as_of):
        self.rng, self.as_of = rng, as_of
        self.wild, self.realistic = Wild(rng, rulebook, as_of), Realistic(rng, as_of)

    def case(self):
        manner = self.rng.choice(["wild", "faulty", "faulty", "assessment", "assessment", "assessment", "advice", "plan", "plan"])
        if manner == "wild":
            return self.wild.case()
        if manner == "faulty":
            born, events, claims = self.realistic.case()
            return born, self.faults(events), claims
        return self.anything(*{"assessment": (ASSESSMENT, "request_received"), "advice": (ADVICE, "request_received"), "plan": (PLAN, "plan_issued")}[manner])

    def faults(self, events):
        rng, found = self.rng, []
        for event, subject, day in events:
            roll = rng.random()
            if roll < 0.06:  # no date, or never recorded
                continue
            if roll < 0.12 and found:
                day = rng.choice(found)[2]
            elif roll < 0.18:
                day += rng.choice([-400, -100, -8, -1, 1, 8, 100])
            found.append((event, subject, day))
            if roll > 0.95:
                found.append((event, subject, day + rng.choice([0, 1, 20, 90])))
        return found

    def anything(self, words, begins):
        rng, wild = self.rng, self.wild
        wild.events, wild.claims = [], []
        span = rng.choice([0, 2, 20, 60, 150, 400, 1200])
        base = self.as_of - rng.choice([span, span, rng.randint(0, 1200), rng.randint(0, 200)])
        wild.span = span
        wild.born = wild.pick_birth(base)
        if rng.random() < 0.85:
            wild.add(begins, None, base)
        for _ in range(rng.choice([1, 3, 6, 9, 14, 22])):
            event = rng.choice(words)
            subject = rng.choice(BODIES[:2 if words is ADVICE else rng.choice([2, 8])]) if event.startswith(("advice", "appointment")) else None
            day = rng.choice(wild.events)[2] + rng.choice([0, 0, 0, 1, 42, 43, -1]) if wild.events and rng.random() < 0.3 else base + rng.randint(0, span)
            if event == "phase_transfer":
                day = parse_day("%d-09-01" % (int(show_day(self.as_of)[:4]) + rng.choice([-1, 0, 0, 1])))
            wild.add(event, subject, day)
        if wild.events and rng.random() < 0.3:
            limit = rng.choice([x for x in wild.rulebook.limits if x.id in ("final_plan_20w", "advice_6w")])
            wild.claim(limit, base, "education", base + 7 * limit.n)
        return wild.born, wild.events, wild.claims


class Caseload:
    def __init__(self, seed, rulebook):
        rng = random.Random("papers %d" % seed)
        self.as_of = parse_day(rng.choice(AS_OF)) if rng.random() < 0.5 else parse_day("2024-06-01") + rng.randint(0, 1200)
        moment = datetime.fromordinal(self.as_of - rng.randint(0, 200)).replace(tzinfo=timezone.utc) + timedelta(seconds=rng.randrange(86400))
        self.known_at = moment if rng.random() < 0.5 else None
        times, story = Times(rng, NOISE["wild"], self.as_of, moment), Story(rng, rulebook, self.as_of)
        self.cases, self.claims, self.events = [], [], []
        for number in range(1, rng.choice([1, 1, 2, 3, 8, 25]) + 1):
            born, events, claims = story.case()
            self.cases.append((number, ("L%d" % rng.randint(1, 2), "T%d" % rng.randint(1, 2), "o%d" % rng.randint(1, 2)), born))
            for ground, since, until in claims:
                self.claims.append((number, ground, since, until, *times.pair(since or self.as_of)))
            for event, subject, day in events:
                self.events.append((number, event, subject, day, *times.pair(day)))
                if rng.random() < 0.1:
                    self.events.append((number, event, subject, day, *times.pair(day)))
        self.since = self.as_of - 600

    def only(self, cases, claims, events):
        fewer = object.__new__(Caseload)
        fewer.__dict__.update(self.__dict__, cases=cases, claims=claims, events=events)
        return fewer

    def lines(self):
        """As papers_driver.c reads them."""
        def day(d):
            return "-" if d is None else str(d - EPOCH)

        def time(text):
            return str((instant(text) - EPOCH_TIME) // timedelta(microseconds=1)) if text else "-"

        for number, place, born in self.cases:
            yield ("C", str(number), "R%d" % number, *place, day(born))
        for number, ground, since, until, *pair in self.claims:
            yield ("X", str(number), ground, day(since), day(until), *map(time, pair))
        for number, event, subject, on, *pair in self.events:
            yield ("F", str(number), event, subject, day(on), *map(time, pair))
        yield (".", day(self.as_of), time(self.known_at.isoformat()) if self.known_at else "-", day(self.since))

    def want(self, rulebook):
        """What numbers() says of it, and "disagreements"."""
        loaded = []
        for number, place, born in self.cases:
            events = [(e, s, d) for n, e, s, d, *pair in self.events if n == number and row_is_seen(*pair, self.known_at)]
            claims = [Exception_(*x[1:4]) for x in self.claims if x[0] == number and row_is_seen(*x[4:], self.known_at)]
            loaded.append((number, place, born, events, claims))
        return numbers(rulebook, loaded, self.as_of, self.since, {e for _, e, _, _, _, voided in self.events if not voided},
                       self.known_at is not None or self.as_of < READ_ON)

    def rows(self, rulebook):
        return {k: v for k, v in self.want(rulebook).items() if k != "disagreements"}


def run(driver, caseloads):
    """The driver's answers."""
    text = "".join("\t".join(line) + "\n" for c in caseloads for line in c.lines())
    done = subprocess.run([driver], input=text.encode(), stdout=subprocess.PIPE, check=True)
    return [paper_rows(json.loads(line)) for line in done.stdout.decode().splitlines()]


def answered(driver, rulebook, seeds):
    """(seed, caseload, what the driver says) of each, some hundred at a time."""
    for at in range(0, len(seeds), 100):
        some = [Caseload(seed, rulebook) for seed in seeds[at:at + 100]]
        yield from zip(seeds[at:], some, run(driver, some))


def smallest(driver, rulebook, caseload, table):
    """Takes away cases and rows while that table still differs."""
    def differs(c):
        return any(x[0] == table for x in differences(run(driver, [c])[0], c.rows(rulebook)))

    for name in ("cases", "events", "claims"):
        at = 0
        while at < len(getattr(caseload, name)):
            kept = {n: list(getattr(caseload, n)) for n in ("cases", "claims", "events")}
            del kept[name][at]
            alive = {n for n, *_ in kept["cases"]}
            fewer = caseload.only(kept["cases"], *([x for x in kept[n] if x[0] in alive] for n in ("claims", "events")))
            if fewer.cases and differs(fewer):
                caseload = fewer
            else:
                at += 1
    return caseload


def explain(driver, rulebook, seed, caseload, table):
    caseload = smallest(driver, rulebook, caseload, table)
    print("# seed %d, as of %s, known at %s" % (seed, show_day(caseload.as_of), caseload.known_at))
    for number, place, born in caseload.cases:
        print("# case %d, born %s" % (number, show_day(born)))
    for number, event, subject, day, *pair in sorted(caseload.events, key=lambda x: (x[0], x[3], x[1])):
        print("#   %d %s %s %s %s" % (number, show_day(day), event, subject, " ".join(filter(None, pair))))
    for claim in caseload.claims:
        print("#   %d %s %s %s %s" % (claim[0], claim[1], show_day(claim[2]), show_day(claim[3]), " ".join(filter(None, claim[4:]))))
    for _, row, column, got, want in [x for x in differences(run(driver, [caseload])[0], caseload.rows(rulebook)) if x[0] == table][:6]:
        print("# %s, %s, %s: %s, and the oracle says %s" % (table, row, column, got, want))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--caseloads", type=int, default=400)
    args = parser.parse_args()
    rulebook, seeds = Rulebook(), range(args.seed, args.seed + args.caseloads)
    answers, cases = 0, 0
    wrong, filled, tables, unlike, met = {}, {}, [], [], {"again": 0, "left": 0, "unadvised": 0, "not there": 0}
    for seed, caseload, got in answered(args.driver, rulebook, seeds):
        answers, cases = answers + 1, cases + len(caseload.cases)
        want = caseload.want(rulebook)
        unlike += [(seed, *x) for x in want.pop("disagreements")]
        tables = tables or sorted(want)
        for table in want:
            filled[table] = filled.get(table, 0) + sum(bool(v) for r in want[table].values() for v in r.values())
        met["not there"] += len(caseload.cases) - len(want["cases"])
        for row in want["cases"].values():
            met["again"] += row.get("1 again", 0)
            met["left"] += row.get("0 end") == "left"
            met["unadvised"] += row.get("0 unadvised", 0)
        for table in {x[0] for x in differences(got, want)}:
            wrong.setdefault(table, []).append((len(caseload.cases), seed, caseload))
    print("# %d caseloads of %d cases, seeds %d to %d" % (answers, cases, seeds[0], seeds[-1]))
    for n, table in enumerate(tables, 1):
        ok = table not in wrong and filled[table] > 0
        print("%sok %d - %s: %d numbers that are not nought%s" % ("" if ok else "not ", n, table, filled[table], "" if ok else ", differ in %d caseloads" % len(wrong.get(table, ()))))
        if table in wrong:
            explain(args.driver, rulebook, *min(wrong[table], key=lambda x: x[:2])[1:], table)
    ok = answers == len(seeds) and all(n > answers / 20 for n in met.values())
    print("%sok %d - assessments taken up again, left, and drafted without advice, and cases that are not there yet are among them: %s" % ("" if ok else "not ", len(tables) + 1, met))
    print("%sok %d - the 20 weeks run while the first course is open, and its advice is complete when no question of advice_6w is open%s" % (
        "not " if unlike else "", len(tables) + 2, ": seed and case " + str(unlike[:3]) if unlike else ""))
    print("1..%d" % (len(tables) + 2))
    return 0 if ok and not wrong and not unlike else 1


if __name__ == "__main__":
    sys.exit(main())
