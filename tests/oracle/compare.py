#!/usr/bin/python3
"""The engine against the oracle on random timelines; prints TAP.

compare.py --bin PATH [--seed N] [--cases N] [--kind wild|realistic] [--rounds N] [--jobs N] [--keep]
Each round draws new timelines (seed, seed + 1, ...) and compares three evaluations byte for byte: as of the date that
the generator chose, the same as known at its time, and as of another day. On a difference the first differing case is
printed with its input rows, cut down to those that still make a difference.
"""

import argparse
import csv
import gc
import io
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

from counting import parse_day, show_day
from facts import Rulebook, load
from naive import COLUMNS, evaluate, sort_key
from timelines import generate

NAMES = ("cases", "events", "exceptions")
HEADERS = {"cases": "case_id,case_ref,locality,team,officer,date_of_birth",
           "events": "case_id,event,subject,occurred_on,recorded_at,voided_at",
           "exceptions": "case_id,ground,from_on,to_on,recorded_at,voided_at"}


def paths(folder):
    return [os.path.join(folder, name + ".csv") for name in NAMES]


def engine_output(binary, folder, as_of, known_at):
    """The engine's bytes. An exit status other than 0 is a difference like any other, with its message."""
    command = [binary, "evaluate", "--as-of", as_of, "--limits", "all", "--format", "csv"]
    for name, path in zip(NAMES, paths(folder)):
        command += ["--" + name, path]
    if known_at:
        command += ["--known-at", known_at]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        message = "exit status %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip())
        return message.encode()
    return done.stdout


def as_csv(rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(rows, key=sort_key))
    return out.getvalue().encode()


def naive_output(folder, as_of, known_at):
    rulebook = Rulebook()
    return as_csv(evaluate(rulebook, load(rulebook, *paths(folder), known_at), parse_day(as_of)))


# ---------------------------------------------------------------- a difference, made small


def read_inputs(folder):
    found = {}
    for name, path in zip(NAMES, paths(folder)):
        with open(path, encoding="utf-8", newline="") as file:
            found[name] = [line.rstrip("\n") for line in file][1:]
    return found


def write_inputs(folder, inputs):
    for name, path in zip(NAMES, paths(folder)):
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write("\n".join([HEADERS[name]] + inputs[name]) + "\n")


class Difference:
    def __init__(self, binary, as_of, known_at):
        self.binary, self.as_of, self.known_at = binary, as_of, known_at
        self.folder = tempfile.mkdtemp(prefix="ehcw.oracle.")

    def outputs(self, inputs):
        write_inputs(self.folder, inputs)
        return (naive_output(self.folder, self.as_of, self.known_at),
                engine_output(self.binary, self.folder, self.as_of, self.known_at))

    def differs(self, inputs):
        want, got = self.outputs(inputs)
        return want != got

    def smallest(self, inputs):
        """Takes away rows as long as the two still differ: first in big pieces, then one by one."""
        for name in ("events", "exceptions"):
            size = max(1, len(inputs[name]) // 2)
            while size >= 1:
                at = 0
                while at < len(inputs[name]):
                    fewer = dict(inputs, **{name: inputs[name][:at] + inputs[name][at + size:]})
                    if self.differs(fewer):
                        inputs = fewer
                    else:
                        at += size
                size //= 2
        return inputs


def first_differing_case(inputs, want, got):
    """The rows of one case, or those of every case if no one case shows the difference by its output."""
    ref_of = {line.split(",")[0]: line.split(",")[1] for line in inputs["cases"]}
    id_of = {ref: case_id for case_id, ref in ref_of.items()}
    want_rows, got_rows = want.decode().split("\n"), got.decode(errors="replace").split("\n")
    odd = sorted(set(want_rows) ^ set(got_rows))
    for line in odd:
        case_id = id_of.get(line.split(",")[0])
        if case_id is not None:
            return {name: [row for row in rows if row.split(",")[0] == case_id] for name, rows in inputs.items()}
    return inputs


def show_named_line(folder, message):
    """The input line that a message of the form file:line: what speaks of."""
    for name in NAMES:
        found = re.search(r"%s\.csv:(\d+)" % name, message)
        if found:
            with open(os.path.join(folder, name + ".csv"), encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    if number == int(found.group(1)):
                        print("# that line: " + line.rstrip("\n"))


def explain(binary, folder, as_of, known_at, want, got, seed):
    print("# seed %d, --as-of %s%s" % (seed, as_of, " --known-at " + known_at if known_at else ""))
    if got.startswith(b"exit status"):
        message = got.decode(errors="replace")
        print("# the engine failed: " + message.replace("\n", "\n# "))
        show_named_line(folder, message)
    difference = Difference(binary, as_of, known_at)
    try:
        inputs = first_differing_case(read_inputs(folder), want, got)
        if not difference.differs(inputs):
            print("# the outputs differ, but not for this case alone")
            inputs = read_inputs(folder)
        if len(inputs["cases"]) == 1:
            inputs = difference.smallest(inputs)
            for name in NAMES:
                print("# %s.csv: %s" % (name, HEADERS[name]))
                for line in sorted(inputs[name], key=lambda row: row.split(",")[3]):
                    print("#   " + line)
        want, got = difference.outputs(inputs)
        want_lines, got_lines = want.decode().split("\n"), got.decode(errors="replace").split("\n")
        for line in [line for line in want_lines if line not in got_lines][:10]:
            print("# oracle: " + line)
        for line in [line for line in got_lines if line not in want_lines][:10]:
            print("# engine: " + line)
        if sorted(want_lines) == sorted(got_lines):
            print("# the same rows in another order")
    finally:
        shutil.rmtree(difference.folder)


# ---------------------------------------------------------------- rounds


def draw(seed, cases, kind, folder):
    """Timelines in the folder, and the three questions about them: (as of, known at)."""
    as_of, known_at = generate(seed, cases, kind, folder)
    other = show_day(parse_day(as_of) - random.Random(seed).randint(1, 900))
    return (as_of, None), (as_of, known_at), (other, None)


def one_round(task):
    """Runs in a process of its own. The folder, and the first of the evaluations that do not agree, or None."""
    args, seed = task
    folder = tempfile.mkdtemp(prefix="ehcw.oracle.")
    questions = draw(seed, args.cases, args.kind, folder)
    if args.once:  # which of the three goes round with the seed
        questions = questions[seed % 3:seed % 3 + 1]
    for day, known in questions:
        got = engine_output(args.bin, folder, day, known)
        want = naive_output(folder, day, known)
        if got != want:
            return folder, (day, known, want, got)
    shutil.rmtree(folder)
    return folder, None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seed", type=int, help="default: from the clock")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--kind", choices=("wild", "realistic"), default="wild")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--once", action="store_true", help="one of the three questions for each seed, in turn")
    parser.add_argument("--keep", action="store_true", help="keep the files of a round that failed")
    args = parser.parse_args()
    seed = int(time.time()) if args.seed is None else args.seed
    print("1..%d" % args.rounds, flush=True)
    failed = 0
    seeds = range(seed, seed + args.rounds)
    # The collector of cycles finds nothing here and takes a fifth of the time.
    with multiprocessing.Pool(min(args.jobs, args.rounds), gc.disable) as pool:
        for number, (seed, (folder, found)) in enumerate(
                zip(seeds, pool.imap(one_round, [(args, seed) for seed in seeds])), 1):
            print("%s %d - engine and oracle agree on %d %s cases, seed %d" % (
                "not ok" if found else "ok", number, args.cases, args.kind, seed), flush=True)
            if found:
                failed += 1
                explain(args.bin, folder, *found, seed)
                if args.keep:
                    print("# kept in " + folder)
                else:
                    shutil.rmtree(folder)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
