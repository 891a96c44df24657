"""The numbers of the meeting's papers once more, from the definitions in include/watch/{assessment,figures,stuck,flow,overdue,caseload}.h.

Slow and plain, like the rest of the oracle: what is an obligation comes from naive.py, everything else from the facts of a case. numbers(...) gives
{table: {row: {column: value}}}, as paper_rows(...) makes of the daemon's JSON; rows of nothing but nothing are left out of both."""

from datetime import date

from counting import add_months
from facts import Case
from naive import Engine

REQUESTS = ("request_received", "responsibility_began")
ENDS = ("request_withdrawn", "moved_out", "case_closed")
REFUSALS = ("assess_refused", "issue_refused")
TAKES_UP = ("assess_agreed", "issue_agreed", "draft_sent", "plan_issued")
PLAN_BEGINS = ("plan_issued", "plan_transferred_in")
PLAN_ENDS = ("plan_ceased", "plan_transferred_out")
DECIDED = ("review_decided_maintain", "review_decided_amend", "review_decided_cease")
BODIES = ("education", "psychology", "health", "social_care")
STAGES = ("decision", "advice", "draft", "final")
MILESTONES = ("decision", "advice", "draft", "plan")
BANDS = [("0 to 6", 42), ("6 to 16", 112), ("16 to 20", 140), ("20 to 26", 182), ("26 to 52", 364), ("over 52", 10**9)]
AGES = [("0 to 4", 4), ("5 to 10", 10), ("11 to 15", 15), ("16 to 19", 19), ("20 to 25", 25)]
FIGURES = {"plans_20w": "final_plan_20w", "decisions_6w": "assess_decision_6w", "refusals_16w": "issue_decision_16w", "reviews_4w": "review_decision_4w",
           "transfers_15feb": "phase_transfer_15feb", "transfers_31mar": "phase_transfer_31mar"}
SHOWN_BY = {"plans_20w": ("plan_issued",), "decisions_6w": ("assess_agreed", "assess_refused"), "refusals_16w": ("issue_refused",), "reviews_4w": DECIDED,
            "transfers_15feb": ("transfer_plan_sent",), "transfers_31mar": ("transfer_plan_sent",)}
EVENTS_OF_FLOW = {"advice_requested": ("advice_requested",), "advice_received": ("advice_received",), "review_meetings": ("review_meeting",),
                  "reviews_decided": DECIDED, "maintain": DECIDED[:1], "amend": DECIDED[1:2], "cease": DECIDED[2:], "plans_amended": ("plan_amended",),
                  "transfer_plans": ("transfer_plan_sent",), "transferred_in": ("plan_transferred_in",), "transferred_out": ("plan_transferred_out",),
                  "ceased": ("plan_ceased",), "appeals": ("appeal_received",)}


def first(days, since=None, until=None):
    return next((d for d in days if (since is None or d >= since) and (until is None or d <= until)), None)


def percentile(values, percent):
    values = sorted(values)
    return values[-(-len(values) * percent // 100) - 1] if values else None


def weeks(days):
    return None if days is None else days / 7


def mean_weeks(values):
    return sum(values) / len(values) / 7 if values else None


def share(part, whole):
    return part / whole if whole else None


# ---------------------------------------------------------------- one case


class Course:
    def __init__(self, case, begun, last, how, again):
        self.begun, self.end, self.again = begun, how, again
        self.over = None if how == "open" else last
        refused = case.days("assess_refused")
        agreed = [d for d in case.days("assess_agreed") if d not in refused]
        self.day = {"decision": begun if again else first(agreed, begun, last), "draft": first(case.days("draft_sent"), begun, last),
                    "plan": last if how == "plan" else None}
        self.advice(case, last)

    def advice(self, case, last):
        """All who were asked until the draft or the plan, and whether they have answered."""
        stopped = min([d for d in (self.day["draft"], self.day["plan"]) if d is not None], default=None)
        until = last if stopped is None else stopped
        questions = []
        for body in {s for _, s in case.past.get("advice_requested", ())}:
            asked = [d for d, s in case.past["advice_requested"] if s == body and self.begun <= d <= until]
            answers = [d for d, s in case.past.get("advice_received", ()) if s == body and d <= until]
            answered, taken = None, None  # of the last question: the day; the last answer that any took
            for n, day in enumerate(asked):
                if n > 0 and (answered is None or day < answered):
                    continue
                answered = first([d for d in answers if taken is None or d > taken], day)
                taken = answered if answered is not None else taken
                questions.append((body, answered))
        open_ = {b for b, a in questions if a is None}
        complete = max(a for _, a in questions) if questions and not open_ else None
        self.unadvised = stopped is not None and complete is None
        self.day["advice"] = stopped if self.unadvised and questions else complete

    def stages(self):
        """The day on which each stage ended, and whether the draft was sent without waiting for the advice."""
        ends = dict(zip(STAGES, (self.day[m] for m in MILESTONES)))
        hurried = self.unadvised
        if ends["advice"] and ends["decision"]:
            ends["advice"] = max(ends["advice"], ends["decision"])
        if ends["advice"] and ends["draft"] and ends["advice"] > ends["draft"]:
            hurried = True
        if hurried:
            ends["advice"] = ends["draft"]
        return ends, hurried

    def standing(self):
        """(the stage, since when)"""
        ends, _ = self.stages()
        for before, stage in reversed(list(zip(STAGES, STAGES[1:]))):
            if ends[before] is not None:
                return stage, ends[before]
        return "decision", self.begun


def standing(case):
    """(the stage of a case, since when a plan has been in force)"""
    begins, ends = case.days(*PLAN_BEGINS), case.days(*PLAN_ENDS)
    orders = [d for d, s in case.past.get("tribunal_order", ()) if s in ("continue", "continue_amend") and begins and d >= begins[0]]
    if case.days("case_closed"):
        return "ended", None
    live = sorted(d for d in begins + orders if not ends or d > ends[-1])
    if live:
        return "plan", live[0]
    said, stage, in_force = {}, "requested", False
    for word, events in (("requested", REQUESTS), ("assessing", TAKES_UP[:3]), ("refused", REFUSALS), ("ended", ENDS[:2] + PLAN_ENDS)):
        said.update({d: word for d in case.days(*events)})
    for day in sorted({*said, *begins, *orders}):
        if day in ends:
            in_force = False
        elif day in begins or day in orders:
            in_force = True
        if not in_force and day in said:
            stage = said[day]
    return stage, None


def is_there(case, past):
    """Asked about the past, a case of which no fact is seen is nowhere."""
    return bool(not past or case.all)


class View:
    """One case and what the definitions make of it."""

    def __init__(self, engine, place, case):
        self.case, self.as_of, self.place = case, case.as_of, place
        self.obligations = [(limit, item, *engine.state(case, item)) for limit in engine.limits
                            for item in engine.lifecycle.obligations(limit, case) if engine.is_shown(case, item)]
        self.steps()
        self.courses = list(self.split()) if self.start is not None else []
        self.stage, self.plan_since = standing(case)

    def of(self, limit):
        return [(item, state, days) for l, item, state, days in self.obligations if l.id == limit]

    def steps(self):
        case = self.case
        self.start = first(case.days(*REQUESTS))
        ended = first(case.days(*ENDS))
        if self.start is not None and ended is not None and ended < self.start:
            self.start = None
        self.issued = self.gone = self.decided = self.drafted = self.no_plan = None
        self.refused = False
        if self.start is None:
            return
        plan = first(case.days("plan_issued"), self.start)
        if plan is not None and (ended is None or plan <= ended):
            self.issued = plan
        else:
            self.gone = ended
        self.last = min(d for d in (self.issued, self.gone, self.as_of) if d is not None)
        within = (self.start, self.last)
        self.decided = first(case.days("assess_agreed", "assess_refused"), *within)
        self.refused = self.decided is not None and self.decided in case.days("assess_refused")
        self.drafted, self.no_plan = first(case.days("draft_sent"), *within), first(case.days("issue_refused"), *within)

    def split(self):
        """The courses."""
        case, begun, again = self.case, self.start, False
        while True:
            refusal = first(case.days(*REFUSALS), begun, self.last)
            if refusal is None or refusal == self.issued:
                how = "plan" if self.issued else "left" if self.gone else "open"
                yield Course(case, begun, self.last, how, again)
                return
            yield Course(case, begun, refusal, "refused", again)
            begun, again = first(case.days(*TAKES_UP), refusal + 1, self.last), True
            if begun is None:
                return

    def days_open(self):
        asked = first(self.case.days(*REQUESTS))
        return self.as_of - asked if asked is not None and self.stage in ("requested", "assessing") else -1

    def age(self, on):
        if self.case.born is None or on < self.case.born:
            return "other or unknown"
        b, d = date.fromordinal(self.case.born), date.fromordinal(on)
        years = d.year - b.year - ((d.month, d.day) < (b.month, b.day))
        return next((name for name, most in AGES if years <= most), "other or unknown")

    def drift(self):
        behind = [self.as_of - item.due for limit, item, state, _ in self.obligations
                  if is_open(state) and limit.kind in ("statutory", "target", "derived")]
        return max(behind, default=None)


def is_open(state):
    return state in ("on_track", "at_risk", "breached")


def is_listed(item, state):
    return state == "breached" or (state == "excepted" and item.closed is None)


def is_owed(item, state):
    return is_open(state) or is_listed(item, state)


IN_FORCE = date(2014, 9, 1).toordinal()


def disagreements(view):
    """Where what an assessment is and the rulebook's obligations say different things of one case."""
    owed = [item for item, state, _ in view.of("final_plan_20w") if is_owed(item, state)]
    course = view.courses[0] if view.courses else None
    if course is not None and view.start >= IN_FORCE and bool(owed) != (course.end == "open"):
        yield "20 weeks"
    if course is None and owed:
        yield "20 weeks of nothing"
    # The end of a plan or of a re-assessment lapses questions, too: in an assessment there is neither. Nor is anybody asked before the request.
    mixed = view.case.days(*PLAN_ENDS, "reassess_refused", "reassess_withdrawn", "reassess_plan_sent")
    mixed += [d for d in view.case.days("advice_requested") if d < view.start] if view.start is not None else []
    if owed and course is not None and course.day["draft"] is None and not mixed:
        asked = [(item, state) for item, state, _ in view.of("advice_6w") if item.start >= course.begun]
        complete = bool(asked) and not any(is_owed(*x) for x in asked)
        if complete != (course.day["advice"] is not None):
            yield "advice"


# ---------------------------------------------------------------- published, and what is open


class Ended:
    def __init__(self, view, figure, on, days, in_time, excepted=False):
        self.figure, self.on, self.days, self.in_time, self.excepted, self.age = figure, on, days, in_time, excepted, view.age(on)


def ended(view):
    """What is counted of a case."""
    start, case = view.start, view.case
    for figure, on, limit in (("decisions_6w", view.decided, 42), ("refusals_16w", view.no_plan, 112), ("plans_20w", view.issued, 140)):
        if on is not None:
            excepted = figure == "plans_20w" and any(s == "excepted" and i.closed == on for i, s, _ in view.of("final_plan_20w"))
            yield Ended(view, figure, on, on - start, on - start <= limit, excepted)
    before = 0
    for day in sorted(set(case.days(*DECIDED))):
        meeting = max((m for m in case.days("review_meeting") if before < m <= day), default=None)
        before = day
        if meeting is not None:
            yield Ended(view, "reviews_4w", day, day - meeting, day - meeting <= 28)
    for figure in ("transfers_15feb", "transfers_31mar"):
        for item, state, _ in view.of(FIGURES[figure]):
            if item.due < view.as_of and state != "void":
                yield Ended(view, figure, item.due, 0, state == "met")


def periods(as_of, found):
    """{name: (from, to)}"""
    this = date.fromordinal(as_of).year
    named = {}
    for year in range(min([date.fromordinal(e.on).year for e in found], default=this), this + 1):
        named[str(year)] = (date(year, 1, 1).toordinal(), min(date(year, 12, 31).toordinal(), as_of))
    named["12 months"] = (as_of - 364, as_of)
    return named


def open_counts(items):
    """open, overdue, excepted"""
    return (len(items), sum(s in ("breached", "excepted") for _, s, _ in items), sum(s == "excepted" for _, s, _ in items))


def figures(views, as_of, recorded):
    found = [e for v in views for e in ended(v)]
    now = {f: open_counts([x for v in views for x in v.of(limit) if is_owed(*x[:2])]) for f, limit in FIGURES.items()}
    running = [(v, *x) for v in views for x in v.of("final_plan_20w") if is_owed(*x[:2])]
    days, late = [as_of - i.start for _, i, _, _ in running], [as_of - i.start for _, i, s, _ in running if s in ("breached", "excepted")]
    published, issued, ages = {}, {}, {}
    with_overdue = None
    for period, (since, until) in periods(as_of, found).items():
        mine, goes_on = [e for e in found if since <= e.on <= until], until == as_of
        for figure in FIGURES:
            counted = [e for e in mine if e.figure == figure]
            for name, excepted in ((figure, 0),) + (((figure + "_without_exceptions", 1),) if figure == "plans_20w" else ()):
                n, in_time = len(counted) - excepted * sum(e.excepted for e in counted), sum(e.in_time for e in counted)
                o, l, x = now[figure]
                row = {"counted": n, "in_time": in_time, "late": n - in_time, "share": share(in_time, n)}
                if goes_on:
                    row.update(open_now=o - excepted * x, overdue_now=l - excepted * x, overdue_now_without_exceptions=l - x)
                published[period, name] = row if recorded[figure] else {}
        plans = [e for e in mine if e.figure == "plans_20w"]
        took, in_time, excepted = [e.days for e in plans], sum(e.in_time for e in plans), sum(e.excepted for e in plans)
        year = sum(140 < d <= 364 for d in took)
        with_overdue = share(in_time, len(plans) + now["plans_20w"][1])
        issued[period] = {"issued": len(plans), "in_20_weeks": in_time, "in_20_to_52_weeks": year, "over_52_weeks": len(plans) - in_time - year,
                          "excepted": excepted, "share_20_weeks": share(in_time, len(plans)),
                          "share_20_weeks_without_exceptions": share(in_time, len(plans) - excepted),
                          "share_20_weeks_with_overdue": with_overdue if goes_on else None, "mean_weeks": mean_weeks(took),
                          "median_weeks": weeks(percentile(took, 50)), "p90_weeks": weeks(percentile(took, 90))}
        for age in [name for name, _ in AGES] + ["other or unknown"]:
            took = [e for e in plans if e.age == age]
            decided = [e for e in mine if e.figure == "decisions_6w" and e.age == age]
            row = {"issued": len(took), "in_20_weeks": sum(e.in_time for e in took), "median_weeks": weeks(percentile([e.days for e in took], 50)),
                   "mean_weeks": mean_weeks([e.days for e in took]), "decisions": len(decided), "decisions_in_6_weeks": sum(e.in_time for e in decided)}
            if goes_on:
                o, l, x = open_counts([x[1:] for x in running if x[0].age(as_of) == age])
                row.update(open_now=o, overdue_now=l, overdue_now_without_exceptions=l - x)
            ages[period, age] = row
    bands = {}
    for n, (name, most) in enumerate(BANDS):
        over = BANDS[n - 1][1] if n else -1
        o, l, x = open_counts([r[1:] for r in running if over < as_of - r[1].start <= most])
        bands[name] = {"open": o, "overdue": l, "excepted": x, "overdue_without_exceptions": l - x}
    o, l, x = now["plans_20w"]
    reopened = sum(v.stage in ("requested", "assessing") and bool(v.case.days(*REQUESTS)) and not any(r[0] is v for r in running) for v in views)
    facts = {"open_now": o, "overdue_now": l, "overdue_now_without_exceptions": l - x, "share_with_overdue": with_overdue,
             "oldest_weeks": weeks(max(days, default=None)), "open_mean_weeks": mean_weeks(days), "open_median_weeks": weeks(percentile(days, 50)),
             "open_p90_weeks": weeks(percentile(days, 90)), "overdue_mean_weeks": mean_weeks(late), "overdue_median_weeks": weeks(percentile(late, 50)),
             "reopened": reopened, "plans_without_request": sum(v.issued is None and bool(v.case.days("plan_issued")) for v in views)}
    return {"published": published, "issued": issued, "ages": ages, "open": bands, "figures": {"": facts}}


# ---------------------------------------------------------------- where it is stuck


def stages(views, as_of):
    rows = {s: {"now": 0, "overdue": 0, "left": 0, "waiting": [], "took": []} for s in STAGES}
    for view in views:
        owed = [item for item, state, _ in view.of("final_plan_20w") if is_owed(item, state)]
        for course in view.courses:
            ends, hurried = course.stages()
            stage, since = course.standing()
            if course.end in ("refused", "left") and course.over > as_of - 365:
                rows[stage]["left"] += 1
            if course.end == "open" and owed:
                rows[stage]["now"] += 1
                rows[stage]["overdue"] += as_of > owed[0].due
                rows[stage]["waiting"].append(as_of - since)
            before = None if course.again else course.begun
            for stage in STAGES:
                end = ends[stage]
                if None not in (before, end) and before <= end and end > as_of - 365 and not (stage == "draft" and hurried):
                    rows[stage]["took"].append(end - before)
                before = end
    return {s: {"now": r["now"], "overdue": r["overdue"], "left": r["left"], "waiting_median_days": percentile(r["waiting"], 50),
                "waiting_p90_days": percentile(r["waiting"], 90), "waiting_longest_days": max(r["waiting"], default=None), "done": len(r["took"]),
                "done_median_days": percentile(r["took"], 50), "done_p90_days": percentile(r["took"], 90)} for s, r in rows.items()}


def advice(views, as_of):
    rows = {}
    for body in BODIES + ("others",):
        mine = [x for v in views for x in v.of("advice_6w") if (x[0].subject if x[0].subject in BODIES else "others") == body]
        recent = [i.closed - i.start for i, _, _ in mine if i.how == "discharged" and i.closed > as_of - 365]
        waiting = [as_of - i.start for i, s, _ in mine if is_owed(i, s)]
        rows[body] = {"asked": sum(i.start > as_of - 365 for i, _, _ in mine), "answered": len(recent), "in_6_weeks": sum(d <= 42 for d in recent),
                      "late": sum(d > 42 for d in recent), "median_days": percentile(recent, 50), "p90_days": percentile(recent, 90),
                      "outstanding": len(waiting), "overdue": sum(d > 42 for d in waiting), "oldest_days": max(waiting, default=None)}
    return rows


def loads(views, as_of, key):
    rows = {}
    for v in views:
        owed = [item for item, state, _ in v.of("final_plan_20w") if is_owed(item, state)]
        statutory = [(i, s) for l, i, s, _ in v.obligations if l.kind == "statutory"]
        late = [as_of - i.due for i, s in statutory if s == "breached"]
        soon = sum(s in ("on_track", "at_risk") and i.due - as_of <= 28 for i, s in statutory)
        if v.stage not in ("requested", "assessing", "plan") and not (owed or late or soon):
            continue
        r = rows.setdefault(key(v), {"cases": 0, "assessments": 0, "overdue_assessments": 0, "oldest_assessment_days": None, "plans": 0,
                                     "breached_cases": 0, "breached": 0, "longest_overdue_days": None, "due_in_28_days": 0})
        for name, n in (("cases", 1), ("assessments", len(owed)), ("overdue_assessments", sum(as_of > i.due for i in owed)), ("plans", v.stage == "plan"),
                        ("breached_cases", bool(late)), ("breached", len(late)), ("due_in_28_days", soon)):
            r[name] += n
        for name, values in (("oldest_assessment_days", [as_of - i.start for i in owed]), ("longest_overdue_days", late)):
            r[name] = max([x for x in [r[name], *values] if x is not None], default=None)
    return rows


def reviews(views, as_of):
    names = ("up to 4 weeks", "4 weeks to 6 months", "6 to 12 months", "12 to 24 months", "24 months and longer")
    rows = {n: {"incomplete": 0, "undecided": 0, "unamended": 0} for n in names}
    for v in views:
        meeting = max(v.case.days("review_meeting"), default=None)
        if v.plan_since is None or meeting is None or meeting < v.plan_since:
            continue
        decisions = [d for d in v.case.days(*DECIDED) if d >= meeting]
        amended = [d for d in v.case.days("plan_amended", "amendment_dropped", "transfer_plan_sent") if d >= meeting]
        if decisions and (decisions[-1] not in v.case.days("review_decided_amend") or amended):
            continue
        age = names[0] if as_of - meeting <= 28 else next((n for n, m in zip(names[1:], (6, 12, 24)) if as_of < add_months(meeting, m)), names[4])
        rows[age]["incomplete"] += 1
        rows[age]["unamended" if decisions else "undecided"] += 1
    return rows


def transfers(views, as_of):
    rows = {}
    for limit, month, day in (("phase_transfer_15feb", 2, 14), ("phase_transfer_31mar", 3, 30)):
        year = date.fromordinal(as_of).year
        coming = year + (as_of > date(year, month, day).toordinal())
        for due in (date(coming - 1, month, day), date(coming, month, day)):
            on, r = due.toordinal(), {k: 0 for k in ("owed", "reviewed", "sent", "in_time", "late", "outstanding", "never")}
            for v in views:
                for item, state, _ in v.of(limit):
                    if item.due != on or state == "void":
                        continue
                    held = any(on - 365 < d <= on for d in v.case.days("review_meeting", *DECIDED))
                    sent = item.how == "discharged"
                    for k, yes in (("owed", True), ("reviewed", held or sent), ("sent", sent), ("in_time", sent and item.closed <= on),
                                   ("late", sent and item.closed > on), ("outstanding", is_open(state)), ("never", state == "missed")):
                        r[k] += yes
            rows[limit, due.isoformat()] = r
    return rows


# ---------------------------------------------------------------- what came in and went out; what is overdue


def flow(views, since, as_of):
    rows = {}

    def add(day, what):
        if day is not None and since <= day <= as_of:
            year, week, _ = date.fromordinal(day).isocalendar()
            row = rows.setdefault("%04d-W%02d" % (year, week), {})
            row[what] = row.get(what, 0) + 1

    for v in views:
        add(v.start, "requests")
        add(v.gone if v.gone in v.case.days("request_withdrawn") else None, "withdrawn")
        add(v.decided, "refused" if v.refused else "agreed")
        add(v.drafted, "drafts")
        add(v.issued, "plans_issued")
        add(v.no_plan, "refused_to_issue")
        if v.issued is not None:
            add(v.issued, "plans_in_20_weeks" if v.issued - v.start <= 140 else "plans_over_20_weeks")
        for what, events in EVENTS_OF_FLOW.items():
            for day in v.case.days(*events):
                add(day, what)
    return rows


def overdue(views, as_of):
    def counted(which):
        r = {"overdue": 0, "overdue_without_exceptions": 0, "cases": 0, "oldest_due_on": None, "longest_overdue_days": None,
             "due_in_7_days": 0, "due_in_14_days": 0, "due_in_28_days": 0}
        oldest, excepted_cases = None, 0
        for v in views:
            mine = [(i, s) for l, i, s, _ in v.obligations if which(v, l)]
            late = [(i, s) for i, s in mine if is_listed(i, s)]
            r["overdue"] += len(late)
            r["overdue_without_exceptions"] += sum(s != "excepted" for _, s in late)
            r["cases"] += bool(late)
            excepted_cases += bool(late) and all(s == "excepted" for _, s in late)
            oldest = min([i.due for i, _ in late] + ([oldest] if oldest is not None else []), default=None)
            for n in (7, 14, 28):
                r["due_in_%d_days" % n] += sum(s in ("on_track", "at_risk") and i.due - as_of <= n for i, s in mine)
        if oldest is not None:
            r["oldest_due_on"], r["longest_overdue_days"] = date.fromordinal(oldest).isoformat(), as_of - oldest
        return r, excepted_cases

    limits = {l.id for v in views for l, _, _, _ in v.obligations}
    found = {"limits": {x: counted(lambda v, l, x=x: l.id == x)[0] for x in limits}}
    for table, n in (("localities", 0), ("overdue teams", 1)):
        found[table] = {p: counted(lambda v, l, p=p, n=n: v.place[n] == p and l.kind == "statutory")[0] for p in {v.place[n] for v in views}}
    r, excepted_cases = counted(lambda v, l: l.kind == "statutory")
    found["overdue"] = {"": {"overdue": r["overdue"], "overdue_without_exceptions": r["overdue_without_exceptions"], "cases": r["cases"],
                             "cases_without_exceptions": r["cases"] - excepted_cases, "oldest_due_on": r["oldest_due_on"],
                             "due_in_28_days": r["due_in_28_days"]}}
    return found


# ---------------------------------------------------------------- both sides in one form

EPOCH = date(1970, 1, 1).toordinal()


def cases(views):
    def day(d):
        return None if d is None else d - EPOCH

    found = {}
    for v in views:
        courses = v.courses if len(v.courses) <= 4 else v.courses[:3] + v.courses[-1:]
        row = {"stage": v.stage, "plan_since": day(v.plan_since), "days_open": v.days_open(), "drift": v.drift(), "start": day(v.start), "gone": day(v.gone),
               "decided": day(v.decided), "drafted": day(v.drafted), "issued": day(v.issued), "no_plan": day(v.no_plan), "refused": int(v.refused)}
        for n, c in enumerate(courses):
            row.update({"%d %s" % (n, k): x for k, x in (("begun", day(c.begun)), ("over", day(c.over)), ("end", c.end), ("again", int(c.again)),
                                                         ("unadvised", int(c.unadvised)), *((m, day(c.day[m])) for m in MILESTONES))})
        found[v.case.number] = row
    return found


def numbers(rulebook, loaded, as_of, since, recorded, past=False):
    """`loaded`: (number, (locality, team, officer), born, events, exceptions) of each case, as they are seen; `recorded`: events in the source;
    `past`: asked about a day gone by or what was known at a time, so that a case may not be there yet."""
    engine, views = Engine(rulebook, rulebook.limits, as_of), []
    for number, place, born, events, exceptions in loaded:
        case = Case(str(number), born, events, exceptions, as_of)
        case.number = number
        if is_there(case, past):
            views.append(View(engine, place, case))
    shown = {f: any(e in recorded for e in events) for f, events in SHOWN_BY.items()}
    found = figures(views, as_of, shown)
    found.update(stages=stages(views, as_of), advice=advice(views, as_of), teams=loads(views, as_of, lambda v: v.place[1]),
                 officers=loads(views, as_of, lambda v: v.place[1:]), reviews=reviews(views, as_of), transfers=transfers(views, as_of),
                 flow=flow(views, since, as_of), cases=cases(views))
    found.update(overdue(views, as_of))
    found["disagreements"] = [(v.case.ref, what) for v in views for what in disagreements(v)]
    found["stuck"] = {"": {"reviews_incomplete_%d_months" % m: sum(r["incomplete"] for n, r in found["reviews"].items() if n in names) for m, names in
                           ((6, ("6 to 12 months", "12 to 24 months", "24 months and longer")), (12, ("12 to 24 months", "24 months and longer")),
                            (24, ("24 months and longer",)))}}
    return found


def paper_rows(answer):
    """The daemon's papers in the form of numbers()."""
    def table(paper, name, *keys):
        return {tuple(r[k] for k in keys) if len(keys) > 1 else r[keys[0]]: r for r in answer[paper][name]}

    found = {"published": table("figures", "published", "period", "figure"), "issued": table("figures", "issued", "period"),
             "ages": table("figures", "ages", "period", "age"), "open": table("figures", "open", "weeks"), "stages": table("stuck", "stages", "stage"),
             "advice": table("stuck", "advice", "body"), "teams": table("stuck", "teams", "team"), "officers": table("stuck", "officers", "team", "officer"),
             "reviews": table("stuck", "reviews", "since_meeting"), "transfers": table("stuck", "transfers", "limit", "due_on"),
             "flow": table("flow", "items" if "items" in answer["flow"] else "flow", "period"), "limits": table("overdue", "limits", "limit"),
             "localities": table("overdue", "localities", "locality"), "overdue teams": table("overdue", "teams", "team"),
             "figures": {"": answer["figures"]}, "stuck": {"": answer["stuck"]}, "overdue": {"": answer["overdue"]}, "cases": {}}
    for case in answer["cases"]:
        row = {k: v for k, v in case.items() if k not in ("case", "courses")}
        row["drift"] = None if row["drift"] == -2**31 else row["drift"]
        for n, c in enumerate(case["courses"]):
            row.update({"%d %s" % (n, k): v for k, v in c.items()})
        found["cases"][case["case"]] = row
    return found


def near(column, got, want):
    """Rounded as it is shown."""
    if isinstance(got, (int, float)) and isinstance(want, (int, float)) and ("share" in column or "weeks" in column):
        return abs(got - want) <= (0.0000501 if "share" in column else 0.0501 if isinstance(want, float) else 0)
    return got == want


def differences(got, want):
    """[(table, row, column, the daemon's, ours)]"""
    found = []
    for table in want:
        for row in set(want[table]) | set(got[table]):
            mine, theirs = want[table].get(row, {}), got[table].get(row, {})
            # Of columns that only the daemon has, counts are wanted here, too: not words, dates, and what follows from others.
            more = {k for k, v in theirs.items() if isinstance(v, int) and not isinstance(v, bool) and v and k != "days_left"}
            for column in set(mine) | more:
                if not near(column, theirs.get(column) or 0, mine.get(column) or 0):
                    found.append((table, row, column, theirs.get(column), mine.get(column)))
    return sorted(found, key=str)

