#!/usr/bin/python3
"""How well the forecasts of past days would have done on the demo caseload, and what a forecast and a clearance plan cost; `make bench` calls this.

BENCH_FORECAST_CASES  (20000)      BENCH_FORECAST_STEP  days between two forecasts (7)

Each day of this year on which at least eight weeks are left is forecast from what was known at its end, and compared with what came, for the 20
weeks of the plan and the 6 weeks of the decision:
  Brier       the mean square of chance minus outcome; naive is the best that one number for all could have scored, which nobody
              could have known beforehand: the rate at which it came in just these cases
  skill       1 - Brier / naive: 0 is no better than that number, 1 is perfect
  expected    the sum of the chances against how many came, over all days: a case counts on each day that it was forecast
  calibration deciles of the chances: what was said, and the share that came
The cost is the CPU time of the daemon for one answer, papers of the day kept (tests/harness/backtest.py does the rest).
"""
import datetime
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
import backtest  # noqa: E402
import ehc_harness as h  # noqa: E402

CASES = int(os.environ.get("BENCH_FORECAST_CASES", "20000"))
STEP = int(os.environ.get("BENCH_FORECAST_STEP", "7"))
AS_OF = datetime.date(2026, 11, 22)
TITLES = {"final_plan_20w": "20 weeks, the plan", "assess_decision_6w": "6 weeks, the decision"}
ROUNDS = 20


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cost(ehc, path):
    """CPU milliseconds of one answer."""
    ehc.http(path, timeout=120)
    before = cpu_seconds(ehc.proc.pid)
    for _ in range(ROUNDS):
        ehc.http(path, timeout=120)
    return 1000 * (cpu_seconds(ehc.proc.pid) - before) / ROUNDS


def report(found, costs):
    print(f"\nForecasts of {len({p.day for p in found})} days, {CASES:,} cases of the demo.\n")
    print(f"{'within weeks':<34}{'forecast':>10}{'Brier':>9}{'naive':>9}{'skill':>8}{'expected':>11}{'came':>8}")
    for limit, title in TITLES.items():
        for weeks in backtest.WEEKS:
            some = [p for p in found if (p.limit, p.weeks) == (limit, weeks)]
            score, naive = backtest.brier(some), backtest.naive(some)
            print(f"{title if weeks == 1 else '':<30}{weeks:>4}{len(some):>10,}{score:>9.4f}{naive:>9.4f}{1 - score / naive:>8.2f}"
                  f"{sum(p.chance for p in some):>11,.0f}{sum(p.came for p in some):>8,}")
    for limit, title in TITLES.items():
        some = [p for p in found if (p.limit, p.weeks) == (limit, 8)]
        rows = backtest.calibration(some)
        print(f"\n{title}, 8 weeks, by deciles of {rows[0][0]:,} or so")
        print("  said" + "".join(f"{100 * said:>7.1f}" for _, said, _ in rows) + "  %")
        print("  came" + "".join(f"{100 * came:>7.1f}" for _, _, came in rows) + "  %")
    print()
    for path, ms in costs.items():
        print(f"{path:<60}{ms:>8.1f} ms of CPU")


def main():
    with h.Cluster() as db:
        db.set_now(f"{AS_OF} 12:00+00")
        with h.Daemon(db) as ehc:
            ehc.migrate()
            db.load(ROOT / "sql/demo/caseload.sql")
            db.sql("SELECT casework_demo.generate(%s, 1, %s)", (CASES, AS_OF))
            ehc.start().wait_ready(timeout=120)
            print(f"{time.strftime('%H:%M:%S')} {CASES:,} cases are there", file=sys.stderr, flush=True)
            costs = {path: cost(ehc, path) for path in ("/v1/forecast", "/v1/clearance", "/v1/clearance?weeks=52")}
            report(backtest.pairs(ehc, db, backtest.days(AS_OF, datetime.date(2026, 1, 4), STEP)), costs)


if __name__ == "__main__":
    main()
