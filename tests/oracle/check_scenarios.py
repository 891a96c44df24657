#!/usr/bin/python3
"""Runs the naive reading over every scenario and counting example that came with the rulebook; prints TAP."""

import csv
import difflib
import os
import subprocess
import sys

from counting import parse_day, show_day
from facts import HERE, RULEBOOK, Rulebook


def about(folder):
    """The `key: value` lines at the head of about.txt that this check needs."""
    found = {}
    with open(os.path.join(folder, "about.txt"), encoding="utf-8") as file:
        for line in file:
            key, colon, value = line.strip().partition(": ")
            if colon and key in ("as_of", "known_at"):
                found[key] = value
    return found


def run_scenario(folder):
    """[] if the output is the expected one to the byte, else a diff."""
    facts = about(folder)
    command = [sys.executable, os.path.join(HERE, "naive.py"), "--as-of", facts["as_of"]]
    for name in ("cases", "events", "exceptions"):
        command += ["--" + name, os.path.join(folder, name + ".csv")]
    if "known_at" in facts:
        command += ["--known-at", facts["known_at"]]
    got = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    with open(os.path.join(folder, "expected.csv"), "rb") as file:
        want = file.read()
    if got == want:
        return []
    return list(difflib.unified_diff(want.decode().splitlines(), got.decode().splitlines(),
                                     "expected", "naive", n=0, lineterm="")) or ["the bytes differ"]


def check_counting(rulebook):
    wrong = []
    with open(os.path.join(RULEBOOK, "counting-examples.csv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            got = show_day(rulebook.calendar.plain_count(row["count"], parse_day(row["start"]), int(row["n"])))
            if got != row["last_lawful_day"]:
                wrong.append("%(count)s %(n)s from %(start)s: want %(last_lawful_day)s, got " % row + got)
    return wrong


def main():
    root = os.path.join(RULEBOOK, "scenarios")
    names = sorted(os.listdir(root))
    print("1..%d" % (len(names) + 1))
    failed = 0
    for number, name in enumerate(names + ["counting-examples"], 1):
        if name == "counting-examples":
            lines = check_counting(Rulebook())
        else:
            lines = run_scenario(os.path.join(root, name))
        print("%s %d - rulebook oracle: %s" % ("not ok" if lines else "ok", number, name))
        for line in lines[:60]:
            print("# " + line)
        failed += bool(lines)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
