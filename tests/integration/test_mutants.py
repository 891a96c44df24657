#!/usr/bin/python3
"""Breaks the engine on purpose and demands that the comparison with the naive oracle notices, each time.

Each mutation is a piece of the engine's text and what stands there instead; a piece that is not found (any more) fails the
suite. The engine alone is built from a copy: statute, the CSV reader and the `evaluate` command."""
import concurrent.futures
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES, SEED = "1500", "77"

MUTATIONS = [
    ("weeks: one day more", "count.c", "return start + 7 * n;", "return start + 7 * n + 1;"),
    ("days: one day less", "count.c", "return start + n;", "return start + n - 1;"),
    ("days beginning with: the first day not counted", "count.c", "return start + n - 1;", "return start + n;"),
    ("months starting with: the anniversary itself", "count.c", "return clamped ? d : d - 1;", "return d;"),
    ("months before: one month less", "count.c", "return civil_add_months(start, -n);", "return civil_add_months(start, 1 - n);"),
    ("notice: one day late", "count.c", "return start - 7 * n;", "return start - 7 * n + 1;"),
    ("before 15 February: the day itself", "count.c", ".year, 2, 14)", ".year, 2, 15)"),
    ("working days after: the start counted", "count.c", "due = nth_day(cal, calendar_is_working_day, start + 1, n);",
     "due = nth_day(cal, calendar_is_working_day, start, n);"),
    ("Tribunal days: the start counted", "count.c", "due = nth_day(cal, calendar_is_tribunal_day, start + 1, n);",
     "due = nth_day(cal, calendar_is_tribunal_day, start, n);"),
    ("a void event of the day beats a discharge", "evaluate_forward.c", "if (discharges(w, f, today, used)) {",
     "if (voids == NULL && discharges(w, f, today, used)) {"),
    ("any subject discharges", "evaluate_forward.c", "return w->subject == WALK_ANY_SUBJECT || f->subject == w->subject;",
     "return true;"),
    ("an exception on the due date does not count", "exception.c", "if (c->from > o->due)",
     "if (c->from >= o->due)"),
    ("an exception up to the start does not count", "exception.c", "if (t->to < o->start)",
     "if (t->to <= o->start)"),
    ("a start closes what opens on its day", "evaluate_forward.c", "bool barred = today && walk_is_start(w, f);",
     "bool barred = false;"),
    ("a used discharge counts again", "evaluate_forward.c", "if (f == used && w->rule->limit->per != PER_CYCLE)",
     "if (false && f == used)"),
    ("a review may be met by a meeting on its start day", "evaluate_forward.c", "c == COUNT_MONTHS_STARTING_WITH_LESS_28D",
     "false"),
    ("at risk one day late", "judge.c", "as_of >= o->due - ", "as_of > o->due - "),
    ("a lapse on the due date is a failure", "judge.c", "o->state = late > 0 ? STATE_MISSED : STATE_VOID;",
     "o->state = late >= 0 ? STATE_MISSED : STATE_VOID;"),
]


def run(*command, **options):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)


def sources():
    rooms = {"statute": ["*.c"], "render": ["buf.c", "obligation_text.c", "utf8.c", "finding*.c"],
             "app": ["csv.c", "casefile*.c", "command_evaluate*.c"]}
    return [p for room, globs in rooms.items() for g in globs for p in sorted((ROOT / "daemon" / room).glob(g))]


def compile_one(source, out):
    includes = [f"-Iinclude/{room}" for room in ("statute", "watch", "render", "app")]
    got = run("gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-w", "-c", *includes, "-o", str(out), str(source))
    return got.stderr if got.returncode else ""


def link(objects, out):
    got = run("gcc", "-o", str(out), *map(str, objects))
    return got.stderr if got.returncode else ""


def differs(binary):
    got = run("tests/oracle/compare.py", "--bin", str(binary), "--kind", "wild", "--cases", CASES, "--seed", SEED)
    return got.returncode != 0, got.stdout + got.stderr


def mutant(work, objects, n, file, old, new):
    """(noticed, why not) of one mutation."""
    text = (ROOT / "daemon/statute" / file).read_text()
    if old not in text:
        return False, "this piece of the engine is not there: " + old
    source, out = work / f"m{n}.c", work / f"m{n}.o"
    source.write_text(text.replace(old, new, 1))
    why = compile_one(source, out) or link([out if o.name == file + ".o" else o for o in objects], work / f"m{n}")
    return (False, why) if why else (differs(work / f"m{n}")[0], "")


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix="ehcw.") as name:
        work = pathlib.Path(name)
        (work / "main.c").write_text(
            '#include <stdarg.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include "command.h"\n'
            "int command_usage_error(const char *n, const char *f, ...) { (void)n; puts(f); return 2; }\n"
            "int command_output(char *t, unsigned long n) { fwrite(t, 1, n, stdout); free(t); return 0; }\n"
            "int main(int c, char **v) { return command_evaluate(c - 1, v + 1); }\n")
        print(f"1..{len(MUTATIONS) + 1}\n# {CASES} wild cases, seed {SEED}")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            files = sources() + [work / "main.c"]
            objects = [work / (f.name + ".o") for f in files]
            words = "".join(pool.map(compile_one, files, objects)) or link(objects, work / "engine")
            noticed, text = (True, words) if words else differs(work / "engine")
            failed += noticed
            print(f"{'not ok' if noticed else 'ok'} 1 - the engine as it is agrees")
            if noticed:
                print("\n".join("# " + line for line in text.splitlines()[:20]))
            results = pool.map(lambda m: mutant(work, objects, m[0], *m[1][1:]), enumerate(MUTATIONS, 2))
            for n, (m, (ok, why)) in enumerate(zip(MUTATIONS, results), 2):
                failed += not ok
                print(f"{'ok' if ok else 'not ok'} {n} - noticed: {m[0]}", flush=True)
                if why:
                    print("# " + why.replace("\n", "\n# "))
    sys.exit(failed > 0)


main()
