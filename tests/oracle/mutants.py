#!/usr/bin/python3
"""Does each reading matter? Changes one decision of the oracle at a time and looks who notices.

mutants.py [--seed N] [--cases N] [--only TEXT] [--from NUMBER]
For every changed decision: whether a scenario of the rulebook notices, and how many of the wild cases. Prints TAP; a
change that no wild case notices is a failure of the generator. A change that no scenario notices marks a reading that
stands on the text alone (README.md).
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

from facts import HERE
from timelines import generate

# (what is changed, file, the text as it is, the text instead)
MUTANTS = [
    ("known_at excludes its own instant (recorded)", "facts.py", "instant(recorded_at) > known_at",
     "instant(recorded_at) >= known_at"),
    ("known_at excludes its own instant (voided)", "facts.py", "instant(voided_at) > known_at",
     "instant(voided_at) >= known_at"),
    ("times compared as text", "facts.py", "return datetime.fromisoformat(text.upper())", "return text"),
    ("future review_arranged not seen", "facts.py", '{"review_arranged", "phase_transfer",', '{"phase_transfer",'),
    ("future phase_transfer not seen", "facts.py", '"phase_transfer", "moved_out"}', '"moved_out"}'),
    ("future moved_out not seen", "facts.py", '"phase_transfer", "moved_out"}', '"phase_transfer"}'),
    ("future moved_out ends lives", "facts.py", "if day <= as_of:\n                self.past",
     'if day <= as_of or event == "moved_out":\n                self.past'),
    ("a cancellation only before the move", "facts.py", "off <= moved and not", "off < moved and not"),
    ("a cancellation is never taken back", "facts.py", "any(off < again <= moved for again in known)", "False"),
    ("known again on the day of the cancellation", "facts.py", "any(off < again <= moved", "any(off <= again <= moved"),
    ("known again after the move", "facts.py", "any(off < again <= moved", "any(off < again"),
    ("any concession, whatever its subject", "facts.py", "what == subject and conceded", "conceded"),
    ("a new appeal on the day of the concession", "facts.py", "any(conceded < again <= day",
     "any(conceded <= again <= day"),
    ("a new appeal on the day of the order does not count", "facts.py", "any(conceded < again <= day",
     "any(conceded < again < day"),
    ("a consent order begins no new life", "facts.py", 'if subject in ("continue", "continue_amend")]',
     'if subject in ("continue", "continue_amend") and not case.same_appeal(day, subject)]'),
    ("case_closed is not final", "facts.py", "self.final is not None and", "False and"),
    ("life over on the day of the end", "facts.py", "if end < day]", "if end <= day]"),
    ("a new life on the day of the end", "facts.py", "any(ended[-1] < begin <= day", "any(ended[-1] <= begin <= day"),
    ("a new life only from the day after", "facts.py", "any(ended[-1] < begin <= day", "any(ended[-1] < begin < day"),
    ("an order to continue_amend begins no life", "facts.py", '("continue", "continue_amend")]', '("continue",)]'),
    ("moved_out ends no request", "facts.py", '"request_withdrawn", "moved_out")', '"request_withdrawn")'),
    ("the move before E", "lifecycle.py", "if day >= start]", "]"),
    ("15 working days must end before the move", "lifecycle.py", "start, limit.n) <= moves[0]",
     "start, limit.n) < moves[0]"),
    ("P may lie on E", "lifecycle.py", '*REVIEW_DECIDED) if day < start]', '*REVIEW_DECIDED) if day <= start]'),
    ("P may be a plan transferred in", "lifecycle.py", 'days("plan_issued", *REVIEW', 'days("plan_issued", '
     '"plan_transferred_in", *REVIEW'),
    ("the first certificate instead of the last", "lifecycle.py", "certificates[-1]", "certificates[0]"),
    ("a certificate after B", "lifecycle.py", '("mediation_certificate") if start <= day <= base]',
     '("mediation_certificate") if start <= day]'),
    ("an appeal after B", "lifecycle.py", "if start <= appeal <= base:", "if start <= appeal:"),
    ("an appeal on E does not count", "lifecycle.py", "if start <= appeal <= base:", "if start < appeal <= base:"),
    ("the day on which the appeal ended", "lifecycle.py", "ended[0] - 1 if", "ended[0] if"),
    ("an appeal ends after its day", "lifecycle.py", "if day >= appeal]", "if day > appeal]"),
    ("a pending appeal is ignored", "lifecycle.py", "ended[0] - 1 if ended else self.as_of",
     "ended[0] - 1 if ended else base"),
    ("five on the start day is under five", "lifecycle.py", "start < birthday(case.born, 5)",
     "start <= birthday(case.born, 5)"),
    ("born on 29 February, of age on 28 February", "counting.py",
     "return date(day.year + age, 3, 1)", "return date(day.year + age, 2, 28)"),
    ("a plan begun on the start day is not in force", "lifecycle.py", "if day <= start]\n", "if day < start]\n"),
    ("a plan ended on its first day goes on", "lifecycle.py", "begun[-1] <= day < start", "begun[-1] < day < start"),
    ("a plan ended on the start day is over", "lifecycle.py", "begun[-1] <= day < start", "begun[-1] <= day <= start"),
    ("plan_by_due: a plan on the due date is late", "lifecycle.py", "begun[0] <= due", "begun[0] < due"),
    ("previous start: any earlier one", "lifecycle.py", "day <= start - 28]", "day < start]"),
    ("previous start: more than 28 days", "lifecycle.py", "day <= start - 28]", "day < start - 28]"),
    ("an event on the previous start counts", "lifecycle.py", "previous + 1 > first", "previous + 1 > first + 10000"),
    ("one day fewer of early_days", "lifecycle.py", "first = start - limit.early_days",
     "first = start - limit.early_days + 1"),
    ("early events are never used up", "lifecycle.py", "for item in closers.discharges[day] if item not in used]",
     "for item in closers.discharges[day]]"),
    ("the last early event", "lifecycle.py", "used.add(early[0])\n            new.close(\"discharged\", early[0][0]",
     "used.add(early[-1])\n            new.close(\"discharged\", early[-1][0]"),
    ("once: the first start that may open", "lifecycle.py", "today != first_start", "found"),
    ("case: a new start replaces the open one", "lifecycle.py",
     'limit.per in ("case", "subject") and current is not None', "False"),
    ("a start that opens nothing supersedes", "lifecycle.py", "            if not opening:\n",
     '            if limit.per == "cycle" and current is not None and starts_on.get(today):\n'
     '                current.close("lapsed", today, "")\n                current = None\n            if not opening:\n'),
    ("starts of the day before the closings", "lifecycle.py", "            if current is not None:\n                self.close_earlier",
     "            if current is not None and today not in starts_on:\n                self.close_earlier"),
    ("void before discharge", "lifecycle.py", "        if discharges:\n            used.add(discharges[0])",
     "        if discharges and today not in closers.voids:\n            used.add(discharges[0])"),
    ("lapse before void", "lifecycle.py", "elif today in closers.voids:",
     "elif today in closers.voids and today not in closers.lapses and today not in closers.ends:"),
    ("the birthday voids the day after", "lifecycle.py", "attained = birthday(case.born, 5)",
     "attained = birthday(case.born, 5) + 1"),
    ("lapse before the fifth birthday", "lifecycle.py", "elif today == closers.fifth_birthday:",
     "elif today == closers.fifth_birthday and today not in closers.lapses.keys() | closers.ends:"),
    ("a start may close what opens on its day", "lifecycle.py", "if not limit.starts.matches(item[1], item[2]):",
     "if True:"),
    ("months: discharged on the start day", "lifecycle.py", "if limit.count in NEVER_DISCHARGED_ON_START_DAY:",
     "if False:"),
    ("used discharge counts again everywhere", "lifecycle.py", 'elif limit.per == "cycle":', "elif True:"),
    ("used discharge never counts again", "lifecycle.py", 'elif limit.per == "cycle":', "elif False:"),
    ("an end of life on the start day closes nothing", "lifecycle.py",
     'elif today in closers.ends:\n            new.close("lapsed", today, "lapsed at end of life on start day")', ""),
    ("void and lapse of the same subject only", "lifecycle.py", "self.lapses = by_day(case.matching(limit.lapsed_by))",
     "self.lapses = by_day([item for item in case.matching(limit.lapsed_by)\n"
     "                              if only_subject in (None, item[2])])"),
    ("discharge of any subject", "lifecycle.py", "if item[2] == only_subject]\n        self.discharges",
     "]\n        self.discharges"),
    ("notice opens 12 months before", "lifecycle.py", 'start - 365 if limit.count == "notice_weeks" else ', ""),
    ("a new life past the due date", "lifecycle.py", "if opened > due:", "if False:"),
    ("no new life for backward limits", "lifecycle.py", "        if opened != usual:",
     "        if opened != usual:\n            return None\n        if opened != usual:"),
    ("shown before the opening day", "lifecycle.py", "        if opened > self.as_of:", "        if False:"),
    ("notice after the meeting", "lifecycle.py", "min(as_of, start) if notice else as_of", "as_of"),
    ("transfer plan only up to the transfer", "lifecycle.py", "min(as_of, start) if notice else as_of",
     "min(as_of, start)"),
    ("backward: discharges are never used up", "lifecycle.py", "<= last and item not in used)", "<= last)"),
    ("backward: nothing before the opening day", "lifecycle.py", "if first <= item[0] <= last and",
     "if max(first, opened) <= item[0] <= last and"),
    ("backward: a lapse on the day of the discharge wins", "lifecycle.py", "elif first_end == discharged:",
     "elif first_end == discharged and lapsed != discharged:"),
    ("backward: an end of life before the opening day", "lifecycle.py", "if opened <= day <= last], default=never)\n"
     "        overtaken", "if day <= last], default=never)\n        overtaken"),
    ("backward: not overtaken by the next start", "lifecycle.py", "if following and not notice:", "if False:"),
    ("backward: notices overtaken as well", "lifecycle.py", "if following and not notice:", "if following:"),
    ("overtaken before its own opening day", "lifecycle.py", "max(add_months(following[0], -12), opened)",
     "add_months(following[0], -12)"),
    ("a lapsed obligation keeps its discharge event", "lifecycle.py", "        if first_end > as_of:",
     "        used.update([taken] if taken else [])\n        if first_end > as_of:"),
    ("at risk from D - warn_days + 1", "naive.py", "as_of < due - limit.warn_days", "as_of <= due - limit.warn_days"),
    ("a meeting without notice is missed the day after", "naive.py", "as_of >= item.start:", "as_of > item.start:"),
    ("a floor voided after D is met", "naive.py", 'if item.how == "voided":\n            return "void", 0\n'
     '        if item.how == "lapsed":', 'if item.how in ("voided", "lapsed"):'),
    ("a floor closed on D is met", "naive.py", "if closed > due else", "if closed >= due else"),
    ("a lapse on D is missed", "naive.py", 'item.how == "lapsed" and closed <= due', 'item.how == "lapsed" and closed < due'),
    ("a floor lapsed on D is met", "naive.py", '"void" if closed <= due else "met"', '"void" if closed < due else "met"'),
    ("missed is never excepted", "naive.py", "if self.excepted(case, item):",
     'if state != "missed" and self.excepted(case, item):'),
    ("met_late is never excepted", "naive.py", "if self.excepted(case, item):",
     'if state != "met_late" and self.excepted(case, item):'),
    ("a bare claim with only a last day", "naive.py", "claim.from_on is None and claim.to_on is None:",
     "claim.from_on is None:"),
    ("a bare claim for every life", "naive.py", '            return rules == "X1" and item.limit.life == "request"\n'
     '        if claim.ground == "school', '            return rules == "X1"\n        if claim.ground == "school'),
    ("reversed days support", "naive.py", "claim.to_on < first:", "False:"),
    ("an end after A is kept", "naive.py", "min(claim.to_on, as_of)", "claim.to_on"),
    ("overlap excludes D", "naive.py", "first <= due and last >= start", "first < due and last >= start"),
    ("overlap excludes E", "naive.py", "first <= due and last >= start", "first <= due and last > start"),
    ("absent: 29 days", "naive.py", "last - first + 1 >=", "last - first >="),
    ("absent: 28 days for X3", "naive.py", "14 if rules ==", "28 if rules =="),
    ("closure of 27 days", "naive.py", "last - first < 28", "last - first < 27"),
    ("closure of 29 days", "naive.py", "last - first < 28", "last - first < 29"),
    ("advice asked 8 days before", "naive.py", "first - 7 <= day", "first - 8 <= day"),
    ("advice asked 6 days before the end", "naive.py", "day <= last - 7", "day <= last - 6"),
    ("advice asked of any body", "naive.py", 'any(subject == "education" and', "any("),
    ("a missed appointment of any body", "naive.py", "<= due and subject == item.subject", "<= due"),
    ("a missed appointment after D", "naive.py", "if start <= day <= due and", "if start <= day and"),
    ("requires: not on the start day", "naive.py", "any(item.start <= day <= until", "any(item.start < day <= until"),
    ("requires: not on the closing day", "naive.py", "any(item.start <= day <= until", "any(item.start <= day < until"),
    ("requires: up to the as-of date", "naive.py", "self.as_of if item.closed is None else item.closed", "self.as_of"),
]

RUN = "import sys; sys.argv[0] = 'naive.py'; import naive; naive.main()"


def run(folder, data, as_of, known_at):
    """The lines of output of the oracle that lies in folder."""
    command = [sys.executable, "-c", RUN, "--as-of", as_of, "--rulebook", os.path.join(HERE, "..", "data", "rulebook")]
    for name in ("cases", "events", "exceptions"):
        command += ["--" + name, os.path.join(data, name + ".csv")]
    if known_at:
        command += ["--known-at", known_at]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        return {"failed: " + done.stderr.decode()[-200:]}
    return set(done.stdout.decode().split("\n"))


def scenarios_notice(folder):
    root = os.path.join(HERE, "..", "data", "rulebook", "scenarios")
    from check_scenarios import about
    found = []
    for name in sorted(os.listdir(root)):
        facts = about(os.path.join(root, name))
        with open(os.path.join(root, name, "expected.csv"), encoding="utf-8") as file:
            want = set(file.read().split("\n"))
        odd = run(folder, os.path.join(root, name), facts["as_of"], facts.get("known_at")) ^ want
        if odd:
            found.append(name + " " + sorted(odd)[0].split(",")[0])
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=2500)
    parser.add_argument("--only", default="")
    parser.add_argument("--from", type=int, default=1, dest="first")
    args = parser.parse_args()
    root = tempfile.mkdtemp(prefix="ehcw.oracle.")
    print("1..%d" % len(MUTANTS))
    failed = 0
    try:
        inputs = []
        for number in range(3):
            data = os.path.join(root, "data%d" % number)
            as_of, known_at = generate(args.seed + number, args.cases, "wild", data)
            known_at = known_at if number == 0 else None
            inputs.append((data, as_of, known_at, run(HERE, data, as_of, known_at)))
        for number, (what, name, old, new) in enumerate(MUTANTS, 1):
            if args.only not in what or number < args.first:
                continue
            folder = os.path.join(root, "mutant")
            shutil.copytree(HERE, folder)
            with open(os.path.join(HERE, name), encoding="utf-8") as file:
                text = file.read()
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text.replace(old, new))
            noticed = {line.split(",")[0] for data, as_of, known_at, want in inputs
                       for line in run(folder, data, as_of, known_at) ^ want}
            by = scenarios_notice(folder)
            good = noticed and old in text and not any(line.startswith("failed") for line in noticed)
            print("%s %d - %s: %d of %d wild cases, scenarios: %s" % (
                "ok" if good else "not ok", number, what, len(noticed), 3 * args.cases, ", ".join(by) or "NONE"),
                flush=True)
            if old not in text:
                print("# the text to change is no longer in " + name)
            for line in noticed:
                if line.startswith("failed"):
                    print("# " + line.replace("\n", "\n# "))
            failed += not good
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(root)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
