#!/usr/bin/python3
"""Breaks the engine on purpose and demands that the comparison with the naive oracle notices, each time.

Each mutation is a piece of the engine's text and what stands there instead; a piece that is not found (any more) fails the
suite. The file that is broken is compiled anew and linked in place of the archive's. The oracle is asked once, for all of them."""
import concurrent.futures
import functools
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/oracle"))
from compare import draw, engine_output, naive_output  # noqa: E402

CASES, SEED = 1500, 77

MUTATIONS = [
    ("weeks: one day more", "count.c", "return 7 * n;", "return 7 * n + 1;"),
    ("days: one day less", "count.c", "        return n;", "        return n - 1;"),
    ("days beginning with: the first day not counted", "count.c", "return n - 1;", "return n;"),
    ("months starting with: the anniversary itself", "count.c", "return clamped ? d : d - 1;", "return d;"),
    ("months before: one month less", "count.c", "return civil_add_months(start, -n);", "return civil_add_months(start, 1 - n);"),
    ("notice: one day late", "count.c", "return -7 * n;", "return 1 - 7 * n;"),
    ("before 15 February: the day itself", "count.c", ".year, 2, 14)", ".year, 2, 15)"),
    ("working days after: the start counted", "count.c", "due = nth_day(cal, calendar_is_working_day, start + 1, n, &ran_out);",
     "due = nth_day(cal, calendar_is_working_day, start, n, &ran_out);"),
    ("Tribunal days: the start counted", "count.c", "due = nth_day(cal, calendar_is_tribunal_day, start + 1, n, &ran_out);",
     "due = nth_day(cal, calendar_is_tribunal_day, start, n, &ran_out);"),
    ("a void event of the day beats a discharge", "evaluate_forward.c", "    if (discharge != NULL) {",
     "    if (discharge != NULL && first_of(r, &r->voided_by, 0, d, today) == NULL) {"),
    ("any subject starts and discharges", "evaluate_forward.c",
     "return p->subject == ANY_SUBJECT || f->subject == p->subject;", "return true;"),
    ("a subject's last start is not looked at", "evaluate_forward.c", "p->open == 0 && d.on >= p->last_start", "p->open == 0"),
    ("a subject's days leave out lapses", "rulebook.c", "version->voided_by.any | version->lapsed_by.any |", "version->voided_by.any |"),
    ("an exception on the due date does not count", "exception.c", "if (c->from > o->due)",
     "if (c->from >= o->due)"),
    ("an exception up to the start does not count", "exception.c", "if (t->to < o->start)",
     "if (t->to <= o->start)"),
    ("a start closes what opens on its day", "evaluate_forward.c", "(term_hit(s, f) && !(today && term_hit(&r->starts, f)))",
     "term_hit(s, f)"),
    ("a used discharge counts again", "evaluate_forward.c", "if (f == used && r->limit->per != PER_CYCLE)",
     "if (false && f == used)"),
    ("a review may be met by a meeting on its start day", "evaluate_forward.c", "c == COUNT_MONTHS_STARTING_WITH_LESS_28D",
     "false"),
    ("a life begins anew after the case was closed", "evaluate_forward.c", "(p->ended & LIFE_BIT(LIFE_CASE)) != 0", "false"),
    ("the day of a new life is too early to start", "evaluate_forward.c",
     "        begin_lives(p, &d);\n", ""),
    ("the last day of a life is too late to start", "evaluate_forward.c", "        begin_lives(p, &d);\n",
     "        begin_lives(p, &d);\n        end_lives(p, &d);\n"),
    ("the previous start is 27 days before", "evaluate.c", "start->on - 28", "start->on - 27"),
    ("a child of five is younger than five", "evaluate.c", "return on < w->fifth_birthday;", "return on <= w->fifth_birthday;"),
    ("what is required is not looked for on the start day", "evaluate.c", "w->cf->facts[i - 1].on >= o->start",
     "w->cf->facts[i - 1].on > o->start"),
    ("at risk one day late", "judge.c", "as_of >= o->due - ", "as_of > o->due - "),
    ("a lapse on the due date is a failure", "judge.c", "o->state = late > 0 ? STATE_MISSED : STATE_VOID;",
     "o->state = late >= 0 ? STATE_MISSED : STATE_VOID;"),
]


def run(*command, **options):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)


def compile_one(source, out):
    got = run("gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-w", "-fPIE", "-c", "-Iinclude/statute", "-o", str(out), str(source))
    return got.stderr if got.returncode else ""


@functools.cache
def libraries():
    return run("make", "-s", "--no-print-directory", "libs").stdout.split()


def link(mutated, out):
    """The whole program, with this object in place of the archive's."""
    got = run("gcc", "-pie", "-o", str(out), "build/release/daemon/main.o", str(mutated), "build/release/libehcwatch.a", *libraries())
    return got.stderr if got.returncode else ""


def agrees(binary):
    got = run("tests/oracle/compare.py", "--bin", str(binary), "--kind", "wild", "--cases", str(CASES), "--seed", str(SEED))
    return got.returncode == 0, got.stdout + got.stderr


class Oracle:
    """What compare.py would ask and be told, kept."""

    def __init__(self, folder):
        self.folder = str(folder)
        questions = draw(SEED, CASES, "wild", self.folder)
        self.answers = [(day, known, naive_output(self.folder, day, known)) for day, known in questions]

    def differs(self, binary):
        return any(engine_output(str(binary), self.folder, day, known) != want for day, known, want in self.answers)


def mutant(work, oracle, n, file, old, new):
    """(noticed, why not) of one mutation."""
    text = (ROOT / "daemon/statute" / file).read_text()
    if old not in text:
        return False, "this piece of the engine is not there: " + old
    source, out = work / f"m{n}.c", work / f"m{n}.o"
    source.write_text(text.replace(old, new, 1))
    why = compile_one(source, out) or link(out, work / f"m{n}")
    return (False, why) if why else (oracle.differs(work / f"m{n}"), "")


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix="ehcw.") as name:
        work = pathlib.Path(name)
        print(f"1..{len(MUTATIONS) + 1}\n# {CASES} wild cases, seed {SEED}")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            good, text = agrees(ROOT / "build/ehcwatchd")
            oracle = Oracle(work / "timelines")
            good = good and not oracle.differs(ROOT / "build/ehcwatchd")
            failed += not good
            print(f"{'ok' if good else 'not ok'} 1 - the engine as it is agrees")
            if not good:
                print("\n".join("# " + line for line in text.splitlines()[:20]))
            results = pool.map(lambda m: mutant(work, oracle, m[0], *m[1][1:]), enumerate(MUTATIONS, 2))
            for n, (m, (ok, why)) in enumerate(zip(MUTATIONS, results), 2):
                failed += not ok
                print(f"{'ok' if ok else 'not ok'} {n} - noticed: {m[0]}", flush=True)
                if why:
                    print("# " + why.replace("\n", "\n# "))
    sys.exit(failed > 0)


main()
