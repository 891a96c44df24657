"""The forecast of past days against what came, on a caseload that has a history.

For each day the daemon is asked what it would have said then, of the facts as they were known at the end of that day; what came is
counted by plain SQL from the facts as they are known now. So a case whose plan had gone out already and was not yet recorded
counts against the forecast, as it would have.
"""
import collections
import datetime
import json
import urllib.parse

# The first day on which each assessment was over, one way or another: the 20 weeks, and the 6, bind no longer.
ENDS = """
SELECT c.case_ref, min(e.occurred_on) FILTER (WHERE e.event IN ('plan_issued', 'assess_refused', 'issue_refused', 'request_withdrawn',
                                                               'moved_out', 'case_closed')),
       min(e.occurred_on) FILTER (WHERE e.event NOT IN ('request_received', 'responsibility_began', 'move_known', 'advice_requested',
                                                        'advice_received', 'appointment_missed'))
FROM casework.ehc_case c JOIN casework.ehc_event e USING (case_id)
WHERE e.voided_at IS NULL AND e.occurred_on >= (
    SELECT min(occurred_on) FROM casework.ehc_event b WHERE b.case_id = c.case_id AND b.voided_at IS NULL
                                                        AND b.event IN ('request_received', 'responsibility_began'))
GROUP BY c.case_ref
"""
LIMITS = {"final_plan_20w": 0, "assess_decision_6w": 1}
WEEKS = (1, 2, 4, 8)

Pair = collections.namedtuple("Pair", "day weeks limit chance came")


def days(last, first, step):
    """From `first` on, every `step` days, as long as eight weeks are left until `last`."""
    day = first
    while day + datetime.timedelta(weeks=8) <= last:
        yield day
        day += datetime.timedelta(days=step)


def pairs(daemon, db, when):
    """One Pair for each obligation that was forecast on each of the days and each horizon that it belongs to."""
    ends = {ref: (plan, decision) for ref, plan, decision in db.sql(ENDS)}
    found = []
    for day in when:
        known = urllib.parse.quote(f"{day}T23:59:59Z")
        code, _, body = daemon.http(f"/v1/forecast.json?table=cases&limit={','.join(LIMITS)}&as_of={day}&known_at={known}", timeout=60)
        if code != 200:
            raise RuntimeError(f"/v1/forecast: {code} {body[:300]}")
        for item in json.loads(body)["items"]:
            end = ends[item["case_ref"]][LIMITS[item["limit"]]]
            came = end is None or str(end) > item["due_on"]
            if not item["excepted"] and item["chance"] is not None:
                found += [Pair(day, w, item["limit"], item["chance"], came) for w in WEEKS if w >= item["weeks"]]
    return found


def brier(some):
    """The mean square of what was said against what came: 0 is perfect."""
    return sum((p.chance - p.came) ** 2 for p in some) / len(some)


def naive(some):
    """The best that one number for all could have done, had it been known beforehand: the rate at which it came."""
    rate = sum(p.came for p in some) / len(some)
    return rate * (1 - rate)


def calibration(some, parts=10):
    """By deciles of what was said: (how many, mean said, share that came)."""
    some = sorted(some, key=lambda p: p.chance)
    cut = [some[len(some) * i // parts:len(some) * (i + 1) // parts] for i in range(parts)]
    return [(len(c), sum(p.chance for p in c) / len(c), sum(p.came for p in c) / len(c)) for c in cut if c]
