#!/usr/bin/python3
"""Seeded random timelines in the CSV formats of rulebook section 8.

timelines.py --seed N --cases N --kind realistic|wild --out DIR
writes cases.csv, events.csv, exceptions.csv and about.txt (seed, as_of, known_at). The same arguments give the same
bytes. The rows come in shuffled order, with duplicates, voided rows, rows recorded late, unknown events and unknown
cases, and with times in every spelling that RFC 3339 allows.
"""

import argparse
import os
import random
from datetime import datetime, timedelta, timezone

from counting import parse_day, show_day
from facts import Rulebook
from realistic import Realistic
from wild import Wild

# Days on which something in the table turns: 14 February and 30 March less their warnings, a leap day, the calendar's last year.
AS_OF = ["2026-11-22", "2026-02-14", "2026-02-15", "2025-12-19", "2025-12-20", "2026-03-30", "2026-03-31", "2027-02-01",
         "2027-02-02", "2024-02-29", "2028-12-28", "2029-06-30"]
NOISE = {"realistic": {"duplicate": 0.01, "voided": 0.02, "late": 0.08, "unknown": 0.002},
         "wild": {"duplicate": 0.08, "voided": 0.08, "late": 0.3, "unknown": 0.01}}
MIDNIGHT = datetime(1, 1, 1, tzinfo=timezone.utc)  # of day 1
CASE_REFS = ["EHC-%07d", "EHC-%07d", "EHC-%07d", "EHC-%d", "ehc-%d", "EHC/%d", "\u00c9HC-%d"]


def spell(rng, moment):
    """One of the spellings of an instant (a datetime in UTC, whole seconds)."""
    offset = rng.choice([0, 0, 0, 60, 60, 60, -300, 330, 825, -570])
    local = (moment + timedelta(minutes=offset)).isoformat()[:19]
    if rng.random() < 0.2:
        local += "." + "0" * rng.choice([1, 3, 6, 9])
    if offset == 0:
        zone = rng.choice(["Z", "Z", "Z", "+00:00", "-00:00", "z"])
    else:
        zone = "%s%02d:%02d" % ("+" if offset > 0 else "-", abs(offset) // 60, abs(offset) % 60)
    return local.lower() + zone if zone == "z" else local + zone


class Times:
    """When rows were recorded and voided, with a share on the very instant of known_at and a second beside it."""

    def __init__(self, rng, noise, as_of, known_at):
        self.rng, self.noise, self.as_of, self.known_at = rng, noise, as_of, known_at

    def moment(self, day):
        rng = self.rng
        if rng.random() < 0.02:
            return self.known_at + timedelta(seconds=rng.choice([-1, 0, 0, 1]))
        return MIDNIGHT + timedelta(days=day - 1, seconds=rng.randrange(86400))

    def pair(self, day):
        """(recorded_at, voided_at)"""
        rng = self.rng
        day = min(day, self.as_of)
        recorded = voided = ""
        if rng.random() > 0.15:
            late = rng.choice([1, 3, 30, 200]) if rng.random() < self.noise["late"] else 0
            recorded = spell(rng, self.moment(day + late))
        if rng.random() < self.noise["voided"]:
            voided = spell(rng, self.moment(day + rng.choice([1, 3, 30, 200])))
        return [recorded, voided]


def write_csv(folder, name, header, rows):
    with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
        file.write(header + "\n")
        file.writelines(",".join(row) + "\n" for row in rows)


def generate(seed, count, kind, folder):
    """Writes the files; returns (as_of, known_at) as text."""
    rng = random.Random("%s %d" % (kind, seed))
    rulebook = Rulebook()
    as_of = parse_day(rng.choice(AS_OF)) if rng.random() < 0.75 else parse_day("2025-01-01") + rng.randint(0, 1400)
    known_at = datetime.fromordinal(as_of - rng.randint(0, 120)).replace(
        tzinfo=timezone.utc) + timedelta(seconds=rng.randrange(86400))
    noise = NOISE[kind]
    times = Times(rng, noise, as_of, known_at)
    source = Realistic(rng, as_of) if kind == "realistic" else Wild(rng, rulebook, as_of)
    cases, events, exceptions = [], [], []
    for number in range(1, count + 1):
        born, facts, claims = source.case()
        case_id = str(number)
        ref = CASE_REFS[0] if kind == "realistic" else rng.choice(CASE_REFS)
        cases.append([case_id, ref % number, rng.choice(["North", "South", "East"]), "T%d" % rng.randint(1, 4),
                      "officer%d" % rng.randint(1, 40), show_day(born)])
        for event, subject, day in facts:
            events.append([case_id, event, subject, show_day(day)] + times.pair(day))
            while rng.random() < noise["duplicate"]:
                events.append([case_id, event, subject, show_day(day)] + times.pair(day))
            if rng.random() < noise["unknown"]:
                events.append(rng.choice([[case_id, "lunch_held"], [str(count + number), event]])
                              + [subject, show_day(day)] + times.pair(day))
        for ground, first, last in claims:
            exceptions.append([case_id, ground, show_day(first), show_day(last)] + times.pair(first or as_of))
    for rows in (cases, events, exceptions):
        rng.shuffle(rows)
    os.makedirs(folder, exist_ok=True)
    write_csv(folder, "cases.csv", "case_id,case_ref,locality,team,officer,date_of_birth", cases)
    write_csv(folder, "events.csv", "case_id,event,subject,occurred_on,recorded_at,voided_at", events)
    write_csv(folder, "exceptions.csv", "case_id,ground,from_on,to_on,recorded_at,voided_at", exceptions)
    known_text = spell(rng, known_at)
    with open(os.path.join(folder, "about.txt"), "w", encoding="utf-8") as file:
        file.write("as_of: %s\nknown_at: %s\nRandom timelines, %s, seed %d, %d cases.\n"
                   % (show_day(as_of), known_text, kind, seed, count))
    return show_day(as_of), known_text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--kind", choices=sorted(NOISE), default="wild")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    as_of, known_at = generate(args.seed, args.cases, args.kind, args.out)
    print("as_of: %s\nknown_at: %s" % (as_of, known_at))


if __name__ == "__main__":
    main()
