#!/usr/bin/python3
"""The runner, on a tree of fake suites: what it adds up, and that nothing which goes wrong is taken for a pass."""
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
from ehc_tap import Tap  # noqa: E402

RUNNER = ROOT / "tests/tools/run_tests"
GOOD = 'printf "1..2\\nok 1 - a\\nok 2 - b\\n"'


class Tree:
    """A temporary tree with the folders that the runner looks into."""

    def __init__(self, **suites):
        self.folder = tempfile.TemporaryDirectory(prefix="ehcw.runner.")
        self.root = pathlib.Path(self.folder.name)
        for folder in ("build/san/tests", "tests/unit", "tests/integration"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "Makefile").write_text("arch:\n\t@true\nlint:\n\t@test ! -e bad\n")
        for name, body in suites.items():
            self.unit(name, body)

    def script(self, path, body, mode=0o755):
        path = self.root / path
        path.write_text("#!/bin/bash\n" + body + "\n")
        path.chmod(mode)
        return self

    def unit(self, name, body):
        (self.root / f"tests/unit/test_{name}.c").write_text("")
        return self.script(f"build/san/tests/test_{name}", body)

    def start(self, *args, **env):
        kept = {k: v for k, v in os.environ.items() if k not in ("EHC_ALLOW_SKIP", "EHC_TEST_TIMEOUT", "JOBS")}
        env = {**kept, "EHC_TEST_ROOT": str(self.root), **env}
        return subprocess.Popen([RUNNER, *args], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, *args, **env):
        proc = self.start(*(args or ("unit",)), **env)
        text, _ = proc.communicate(timeout=120)
        return proc.returncode, text


t = Tap()


def gone(pid):
    """Has ended, or ends upon its SIGKILL."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 60)[0])
    finally:
        os.close(handle)


def expect(name, outcome, last, *texts, tree):
    code, text = outcome
    seen = text.rstrip("\n").rsplit("\n", 1)[-1]
    missing = [x for x in texts if x not in text]
    t.ok(seen == last and code == (0 if last.endswith(" 0 failed") else 1) and not missing, name,
         f"exit {code}, wanted last line {last!r} and {missing}\n{text}")
    tree.folder.cleanup()


def unit(name, last, *texts, env=None, **suites):
    tree = Tree(**suites)
    expect(name, tree.run(**(env or {})), last, *texts, tree=tree)


unit("results of all suites are added up", "4 passed, 0 failed", a=GOOD, b=GOOD)
unit("several cmocka groups in one binary", "4 passed, 0 failed", a=GOOD + "; " + GOOD)
unit("a failed test, with its diagnosis", "1 passed, 1 failed", "not ok 2 - b", "# 0x1 != 0x2",
     a='printf "1..2\\nok 1 - a\\nnot ok 2 - b\\n# 0x1 != 0x2\\n# not ok - group\\n"; exit 1')
unit("a failure counts though the exit code is 0", "0 passed, 1 failed", a='printf "1..1\\nnot ok 1 - a\\n"')
unit("a group fixture that fails", "0 passed, 1 failed", "GROUP SETUP",
     a='printf "1..1\\nnot ok 0 - g [  FAILED  ] GROUP SETUP\\n"; exit 1')
unit("a crash after good results", "2 passed, 1 failed", "killed by SIGSEGV", a=GOOD + "; kill -SEGV $$")
unit("a non-zero exit without a failed test", "2 passed, 1 failed", "exit code 3", "told on stderr",
     a=GOOD + "; echo told on stderr >&2; exit 3")
unit("fewer results than planned", "1 passed, 1 failed", "3 tests planned, 1 seen", a='printf "1..3\\nok 1 - a\\n"')
unit("more results than planned", "2 passed, 1 failed", "1 tests planned, 2 seen",
     a='printf "1..1\\nok 1 - a\\nok 2 - b\\n"')
unit("no plan", "1 passed, 1 failed", "no plan", a="echo ok 1 - a")
unit("silence", "0 passed, 1 failed", "no result", a="true")
unit("a bail-out", "1 passed, 2 failed", "Bail out!", a='printf "1..2\\nok 1 - a\\nBail out! no disk\\n"; exit 255')
unit("a report of the address sanitizer", "2 passed, 1 failed", "sanitizer report",
     a=GOOD + '; echo "==1==ERROR: Address""Sanitizer: heap-use-after-free" >&2')
unit("a report of the undefined-behaviour sanitizer", "2 passed, 1 failed", "sanitizer report",
     a=GOOD + '; echo "x.c:7:1: runtime"" error: shift" >&2')
unit("a skipped test is a failure (cmocka)", "1 passed, 1 failed", "nothing may be skipped",
     a='printf "1..2\\nok 1 - a\\nnot ok 2 # SKIP b\\n"')
unit("a skipped test is a failure (TAP)", "1 passed, 1 failed", a='printf "1..2\\nok 1 - a\\nok 2 - b # SKIP why\\n"')
unit("a suite skipped as a whole is a failure", "0 passed, 1 failed", a='echo "1..0 # SKIP no server"')
unit("skipping when allowed", "1 passed, 0 failed", "1 skipped", env={"EHC_ALLOW_SKIP": "1"},
     a='printf "1..2\\nok 1 - a\\nnot ok 2 # SKIP b\\n"')

tree = Tree()
code, text = tree.run()
t.ok(code == 1 and text.endswith("\n0 passed, 0 failed\n"), "a run of nothing is a failure", text)

tree = Tree(a=GOOD)
(tree.root / "tests/unit/test_gone.c").write_text("")
expect("a unit test that was not built", tree.run(), "2 passed, 1 failed", "build/san/tests/test_gone was not built",
       tree=tree)

tree = Tree(a=GOOD, b="exit 1")
expect("the name filter", tree.run("unit", "test_a"), "2 passed, 0 failed", tree=tree)

tree = Tree(a=GOOD).script("tests/integration/test_x.sh", GOOD).script("tests/integration/test_draft.sh", "exit 1", 0o644)
(tree.root / "tests/oracle").mkdir()
tree.script("tests/oracle/check_scenarios.py", GOOD)
expect("all: units, checks, integration, oracle; a suite that cannot be run fails", tree.run("all"), "8 passed, 1 failed",
       "check/arch", "check/lint", "integration/test_x", "oracle/check_scenarios",
       "tests/integration/test_draft.sh is not executable", tree=tree)

tree = Tree(a=GOOD)
(tree.root / "bad").write_text("")
expect("a failed check", tree.run("all"), "3 passed, 1 failed", tree=tree)

tree = Tree(slow='printf "1..1\\n"; tail -f /dev/null & echo $! >left; trap "echo stopped >cleaned; exit 0" TERM; wait', a=GOOD)
code, text = tree.run(EHC_TEST_TIMEOUT="12")
t.ok(code == 1 and "ran out of time (12 s)" in text and text.endswith("\n2 passed, 1 failed\n"), "the time limit", text)
t.ok((tree.root / "cleaned").exists(), "a suite out of time is asked to stop before it is killed")
t.ok(gone(int((tree.root / "left").read_text())), "what it started is gone too")

tree = Tree().script("tests/integration/test_a.sh", GOOD + "; (trap '' TERM; exec tail -f /dev/null) & echo $! >left")
code, text = tree.run("integration")
t.ok(code == 0 and gone(int((tree.root / "left").read_text())),
     "nothing of a suite's process group outlives it", text)

tree = Tree().script("tests/integration/test_a.sh", "echo up; mkfifo p 2>/dev/null; echo go >ready; read x <p")
os.mkfifo(tree.root / "ready")
proc = tree.start("integration")
with open(tree.root / "ready", encoding="ascii") as ready:
    ready.read()
proc.send_signal(signal.SIGTERM)
text, _ = proc.communicate(timeout=120)
t.ok(proc.returncode == 1 and "interrupted" in text and re.search(r"\n\d+ passed, [1-9]\d* failed\n$", text),
     "an interrupt stops the suites and is a failure", text)

tree = Tree(a='printf "1..1\\nok 1 - a\\n"; echo noise >&2')
code, text = tree.run()
t.ok("noise" not in text and (tree.root / "build/test-logs/unit/test_a.err").read_text() == "noise\n",
     "output of a good suite is kept in a file and not shown", text)
t.done()
