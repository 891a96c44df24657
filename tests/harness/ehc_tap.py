"""TAP for the integration suites: named results, a plan at the end, an exit code."""
import contextlib
import signal
import sys
import traceback


class Tap:
    """One result a line. A case that raises is a failed one; the suite goes on to the next.

    SIGTERM (the runner's time limit) unwinds the stack, so that `with` blocks stop the servers that they started.
    """

    def __init__(self):
        self.count = self.failures = 0
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def ok(self, condition, name, detail=""):
        self.count += 1
        good = bool(condition)
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        if not good and detail != "":
            self.note(detail)
        sys.stdout.flush()
        return good

    def eq(self, got, want, name):
        return self.ok(got == want, name, f"got  {got!r}\nwant {want!r}")

    @contextlib.contextmanager
    def case(self, name):
        """One result for the whole block: ok unless it raises."""
        try:
            yield
        except Exception:  # pylint: disable=broad-except
            self.ok(False, name, traceback.format_exc())
        else:
            self.ok(True, name)

    def run(self, *functions):
        """Each function is a case named after its docstring's first line, or itself."""
        for function in functions:
            title = (function.__doc__ or function.__name__).strip().splitlines()[0]
            with self.case(title):
                function()

    @staticmethod
    def note(text):
        for line in str(text).splitlines():
            print("# " + line)

    def done(self):
        """Prints the plan and leaves the process."""
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failures or not self.count else 0)
