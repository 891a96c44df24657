#!/usr/bin/python3
"""People are told what they can use, when they can use it; machines beside them get everything, in order.

Time is the rehearsal's clock in the database: weeks pass in seconds, and nothing waits for a real one.
"""
import datetime
import itertools
import signal
import threading

import _world as w
from _world import h

SECRET = h.new_secret()
LIMIT = "assess_decision_6w"
t = h.Tap()
_beats = itertools.count(900000)


def day(text):
    return datetime.date.fromisoformat(text)


class People(w.Watch):
    """The daemon with a machine and any number of channels for people, and a clock of our own.

    `beat` is one more channel, the last of all: what it gets was made after whatever the others were due at that time, so that a test may
    say that nothing came.
    """

    def __init__(self, db, hook, limits=(LIMIT,), **channels):
        hooks = {"machine": {"localities": ["North"]}}
        for name, options in channels.items():
            hooks[name] = {"send": "immediate", "settle": 0, "localities": ["North"], **options}
        hooks["beat"] = {"send": "immediate", "settle": 0, "localities": ["Beat"]}
        for name, options in hooks.items():
            options.update(url=hook.url("/" + name), secret=SECRET)
        super().__init__(db, webhooks=hooks, options={"limits": list(limits), "poll_interval": 3600})
        self.hook, self.today, self.mark = hook, None, {}

    def clock(self, text):
        """The time in England; the daemon is told to look."""
        self.today = day(text[:10])
        self.db.sql("INSERT INTO ehcwatch.rehearsal (at) VALUES (%s::timestamp AT TIME ZONE 'Europe/London')"
                    " ON CONFLICT (singleton) DO UPDATE SET at = excluded.at; SELECT pg_notify('ehcwatch_outbox', '')", (text,))

    def at(self, text):
        """The clock is set, and whatever is due by then has been sent."""
        self.clock(text)
        return self.beat()

    def begin(self, text, prepare=None):
        self.cases.clear()
        self.clock(text)
        if prepare:
            prepare()
        self.hook.clear()
        self.mark.clear()
        self.start().wait_ready()
        self.beat()
        return self

    def due(self, number, on, **more):
        """A case whose decision is due on a day."""
        self.cases.case(number, ("request_received", day(on) - datetime.timedelta(42)), **more)

    def beat(self, drained=True):
        number = next(_beats)
        self.read()
        self.cases.case(number, ("request_received", self.today - datetime.timedelta(60)), locality="Beat")
        self.cases.hint(number)
        self.wait_until(lambda: any(r.path == "/beat" and f"EHC-{number}" in r.body.decode() for r in self.hook.requests), what="the beat")
        if drained:
            self.delivered()
        return self

    def at_least(self, text):
        """The same, while some receivers do not answer."""
        self.clock(text)
        return self.beat(drained=False)

    def got(self, path):
        """The messages to a path since the last heard()."""
        got = [r for r in self.hook.requests
               if r.path == "/" + path and r.number >= self.mark.get(path, 0) and r.type != "baseline.summary"]
        return got if path == "machine" else sorted(got, key=lambda r: r.data.get("team", ""))

    def heard(self, path):
        """For each of them its type and what it is about: (kind, case, from, to)."""
        got = self.got(path)
        if got:
            self.mark[path] = max(r.number for r in got) + 1
        return [(r.type, sorted((i["notice"], i["case_ref"], i["from"], i["to"]) for i in items(r))) for r in got]

    def notices(self, endpoint):
        return self.db.sql("SELECT n.case_ref, n.kind, n.to_state, n.state, n.reason FROM ehcwatch.notice n JOIN ehcwatch.endpoint USING (endpoint_id)"
                           " WHERE name = %s ORDER BY notice_id", (endpoint,))

    def in_order(self):
        """Every transition of the North has come to the machine, each once and in the order of its case."""
        want = self.db.sql("SELECT t.message_id FROM ehcwatch.transition t JOIN ehcwatch.case_state s USING (case_id) WHERE s.locality = 'North'"
                           " ORDER BY t.case_id, t.event_seq")
        got = sorted((r.data["case_ref"], r.number, r.id) for r in self.got("machine"))
        return [x[0] for x in want] == [x[2] for x in got]


def items(request):
    data = request.data
    if "items" in data:
        return data["items"]
    return [data] if "case_ref" in data else []


def change(case, before, after):
    return ("change", f"EHC-{case:04d}", before, after)


def immediate(db, hook):
    with People(db, hook, now={}) as ehc:
        ehc.begin("2026-06-15 10:00")
        with ehc.cases.together():
            for n, team in ((1, "A"), (2, "B"), (3, "A"), (4, None), (5, None)):
                ehc.due(n, "2026-06-10", team=team)
        ehc.beat()
        t.eq(sorted((r.data["team"], r.type, tuple(i["case_ref"] for i in items(r))) for r in ehc.got("now")),
             [("", "obligation.breached", ("EHC-0004", "EHC-0005")), ("A", "obligation.breached", ("EHC-0001", "EHC-0003")),
              ("B", "obligation.breached", ("EHC-0002",))], "one message for each team, and one for the cases without")
        t.eq(len(ehc.got("machine")), 5, "the machine beside it is told one by one")
        (one,) = [r for r in ehc.got("now") if r.data["team"] == "B"]
        t.eq({k: one.data[k] for k in ("case_ref", "limit", "from", "to", "due_on", "act_by", "days", "since", "notice", "locality", "closed_on")},
             {"case_ref": "EHC-0002", "limit": LIMIT, "from": "none", "to": "breached", "due_on": "2026-06-10", "act_by": "2026-06-09", "days": 5,
              "since": "2026-06-15", "notice": "change", "locality": "North", "closed_on": None}, "with what there is to say")
        ehc.heard("now")
        with ehc.cases.together():
            ehc.cases.event(2, "assess_agreed", day("2026-06-15"))
            ehc.due(6, "2026-06-10", team="B")
        ehc.beat()
        t.eq(ehc.heard("now"), [("digest.immediate", sorted([change(2, "breached", "met_late"), change(6, "none", "breached")]))],
             "different things of one team are one message")
        ehc.beat()
        t.eq(ehc.heard("now"), [], "nothing is told twice")
        t.ok(ehc.in_order(), "the machine got everything, in order")
        t.eq([r.fault for r in hook.requests if r.fault and not r.fault.endswith("from now")], [], "and every message is signed")


def quiet(db, hook):
    with People(db, hook, hours={"quiet_hours": "18:00-08:00"}, filtered={"quiet_hours": "18:00-08:00", "states": ["breached"]}) as ehc:
        ehc.begin("2026-06-12 17:59:59")
        ehc.due(1, "2026-06-10")
        ehc.beat()
        t.eq(ehc.heard("hours"), [("obligation.breached", [change(1, "none", "breached")])], "before the quiet begins it is told")
        ehc.at("2026-06-12 18:00")
        ehc.due(2, "2026-06-10")
        ehc.due(3, "2026-06-10")
        ehc.due(4, "2026-06-14")  # is breached on Monday
        ehc.due(5, "2026-06-09")
        ehc.beat()
        ehc.at("2026-06-13 12:00")
        ehc.cases.event(3, "assess_agreed", day("2026-06-13"))
        ehc.beat()
        ehc.cases.event(1, "assess_agreed", day("2026-06-12"))
        ehc.cases.void(5, "request_received")
        ehc.beat()
        ehc.at("2026-06-15 07:59:59")
        t.eq((ehc.heard("hours"), ehc.heard("filtered")[1:]), ([], []), "nothing from Friday evening to Monday morning")
        ehc.at("2026-06-15 08:00")
        t.eq(ehc.heard("hours"), [("digest.immediate", [change(1, "breached", "met_late"), change(2, "none", "breached"),
                                                        change(4, "none", "breached")])],
             "then the net of it: a breach that was mended meanwhile is not told, one that was told is told to be mended")
        t.eq(ehc.heard("filtered"), [("obligation.breached", [change(2, "none", "breached"), change(4, "at_risk", "breached")])],
             "not even where the filter leaves out the mending")
        t.eq([x for x in ehc.notices("hours") if x[0] in ("EHC-0003", "EHC-0005")],
             [("EHC-0003", "change", "breached", "superseded", "mended"), ("EHC-0005", "change", "breached", "superseded", "mended"),
              ("EHC-0003", "change", "met_late", "superseded", "mended"), ("EHC-0005", "change", "void", "superseded", "mended")],
             "what was not told is kept, with the reason")
        t.eq([x[3:] for x in ehc.notices("filtered") if x[0] == "EHC-0003"], [("superseded", "mended")], "there too")
        t.ok(ehc.in_order(), "the machine got all of it at once, in order")
        ehc.at("2026-12-24 18:00")
        ehc.due(9, "2026-12-23")
        ehc.beat()
        ehc.heard("hours")
        ehc.at("2026-12-28 12:00")
        t.eq(ehc.heard("hours"), [], "Christmas and its substitute day are quiet")
        ehc.at("2026-12-29 08:00")
        t.eq(ehc.heard("hours"), [("obligation.breached", [change(9, "none", "breached")])], "the first working day is not")


def settle(db, hook):
    with People(db, hook, settled={"settle": 1}, at_once={}) as ehc:
        ehc.begin("2026-06-15 10:00")
        with ehc.cases.together():
            for n in (1, 2, 3):
                ehc.due(n, "2026-06-18")
            ehc.due(4, "2026-06-14")
        ehc.beat()
        t.eq(ehc.heard("settled"), [("obligation.breached", [change(4, "none", "breached")])], "a breach is told, a new amber is held")
        t.eq(len(ehc.heard("at_once")[0][1]), 4, "where nothing is held, all four")
        ehc.cases.event(2, "assess_agreed", day("2026-06-15"))
        ehc.beat()
        t.eq(ehc.heard("settled"), [], "amber that is met while it is held is not told at all")
        ehc.at("2026-06-15 23:59:59")
        t.eq(ehc.heard("settled"), [], "it is held until the day is over")
        ehc.cases.event(3, "assess_agreed", day("2026-06-15"))  # recorded, and not read before midnight
        ehc.at("2026-06-16 00:00")
        t.eq(ehc.heard("settled"), [("obligation.at_risk", [change(1, "none", "at_risk")])], "and then what is still so is told")
        t.eq([x[3:] for x in ehc.notices("settled") if x[0] in ("EHC-0002", "EHC-0003")], [("superseded", "mended")] * 4, "the rest is superseded")
        ehc.due(5, "2026-06-16")
        ehc.beat()
        ehc.at("2026-06-17 00:00")
        t.eq(ehc.heard("settled"), [("obligation.breached", [change(5, "none", "breached")])], "amber that has become a breach is told as that, at once")
        t.ok(ehc.in_order(), "the machine knows nothing of it")


def digests(db, hook):
    with People(db, hook, daily={"send": "daily"}, weekly={"send": "weekly", "digest_day": "wed"},
                workdays={"send": "daily", "quiet_hours": "18:00-08:00"}) as ehc:
        ehc.begin("2026-06-15 10:00")  # a Monday
        ehc.due(1, "2026-06-10", team="A")
        ehc.due(2, "2026-06-09", team="A")
        ehc.due(3, "2026-06-25", team="A")  # due soon
        ehc.due(4, "2026-06-20", team="B")
        ehc.beat()
        t.eq((ehc.heard("daily"), ehc.heard("weekly")), ([], []), "it is gathered")
        ehc.at("2026-06-16 07:59:59")
        t.eq(ehc.heard("daily"), [], "until the time of the digest")
        ehc.at("2026-06-16 08:00")
        news = [change(1, "none", "breached"), change(2, "none", "breached"), change(3, "none", "at_risk")]
        first = ehc.got("daily")
        t.eq(ehc.heard("daily"), [("digest.daily", news), ("digest.daily", [change(4, "none", "at_risk")])], "then one for each team")
        t.eq([i["case_ref"] for i in items(first[0])], ["EHC-0002", "EHC-0001", "EHC-0003"], "the most pressing first")
        ehc.at("2026-06-16 20:00")
        ehc.at("2026-06-17 07:59")
        t.eq(ehc.heard("weekly"), [], "the weekly one waits for its day")
        ehc.at("2026-06-17 08:00")
        t.eq((ehc.heard("daily"), len(ehc.heard("weekly"))), ([], 2), "a daily digest without news is not sent; the weekly one is")
        ehc.cases.event(1, "assess_agreed", day("2026-06-17"))
        ehc.due(5, "2026-06-10", team="A")
        ehc.beat()
        ehc.cases.event(5, "assess_agreed", day("2026-06-17"))
        ehc.beat()
        ehc.at("2026-06-18 08:00")
        t.eq(ehc.heard("daily"), [("digest.daily", sorted([
            change(1, "breached", "met_late"), change(5, "none", "met_late"),
            ("reminder", "EHC-0002", "breached", "breached"), ("reminder", "EHC-0003", "at_risk", "at_risk")]))],
             "mended since the last, still overdue and due soon; of the other team nothing is new")
        ehc.at("2026-06-20 08:00")
        ehc.heard("workdays")
        ehc.at("2026-06-21 08:00")
        t.eq((ehc.heard("workdays"), ehc.heard("daily")), ([], [("digest.daily", [change(4, "at_risk", "breached")])]),
             "with quiet hours there is none on a Sunday")
        ehc.at("2026-06-22 08:00")
        t.eq([x[0] for x in ehc.heard("workdays")], ["digest.daily"], "and one on Monday")
        ehc.at("2026-06-24 08:00")
        week = ehc.got("weekly")
        t.eq([sorted(i["case_ref"] for i in items(r)) for r in week], [["EHC-0001", "EHC-0002", "EHC-0003", "EHC-0005"], ["EHC-0004"]],
             "the week's list, by team, has what changed and what stands")
        for n in (2, 3, 4):
            ehc.cases.event(n, "assess_agreed", day("2026-06-24"))
        ehc.beat()
        ehc.at("2026-07-01 08:00")
        ehc.heard("weekly")
        ehc.at("2026-07-08 08:00")
        (quiet_week,) = ehc.got("weekly")
        t.eq((quiet_week.type, quiet_week.data["count"]), ("digest.weekly", 0), "when there is nothing to tell, the weekly digest says that")
        t.ok(ehc.in_order(), "the machine got everything, in order")


OUTAGES = (("an hour", "2026-06-16 07:30", "2026-06-16 08:30"), ("three days", "2026-06-16 07:30", "2026-06-19 07:40"),
           ("thirty days", "2026-06-16 07:30", "2026-07-16 07:40"))


def outages(db, hook):
    for what, down, up in OUTAGES:
        with People(db, hook, daily={"send": "daily", "remind_days": 1, "quiet_hours": "20:00-06:00"},
                    weekly={"send": "weekly", "digest_day": "tue", "remind_days": 1}, now={"remind_days": 1}) as ehc:
            ehc.begin("2026-06-15 08:30")
            for n in range(1, 31):
                ehc.due(n, str(day("2026-06-15") + datetime.timedelta(n)))
            ehc.due(90, "2026-06-10")
            ehc.beat()
            ehc.clock(down)
            ehc.beat()
            ehc.stop()
            ehc.cases.event(30, "assess_agreed", day("2026-06-15"))
            for path in ("now", "daily", "weekly"):
                ehc.heard(path)
            ehc.clock(up)
            ehc.start().wait_ready()
            ehc.beat()
            t.eq([x[0] for x in [(r.type,) for r in ehc.got("daily")]], ["digest.daily"], f"down for {what}: one daily digest, at once")
            t.eq([x[0] for x in ehc.heard("weekly")], ["digest.weekly"], "one weekly digest")
            t.ok(len(ehc.heard("now")) <= 1, "one message for those who are told at once")
            late = {i["case_ref"] for r in ehc.got("daily") for i in items(r) if i["to"] == "breached"}
            overdue = db.value("SELECT array_agg(DISTINCT case_ref) FROM ehcwatch.obligation JOIN ehcwatch.case_state USING (case_id)"
                               " WHERE state = 'breached' AND locality = 'North'")
            t.eq(late, set(overdue), "with everything that is overdue by now in it")
            ehc.heard("daily")
            ehc.beat()
            t.eq((ehc.heard("daily"), ehc.heard("weekly"), ehc.heard("now")), ([], [], []), "and nothing besides")
            t.ok(ehc.in_order(), "the machine got everything, in order")


def unreachable(db, hook):
    """The receivers of people's messages answer nothing but 503 for days; the machine's is well."""
    with People(db, hook, daily={"send": "daily", "remind_days": 2}, now={"remind_days": 2}, manager={"escalate_days": 2}) as ehc:
        ehc.begin("2026-06-15 10:00")
        ehc.due(1, "2026-06-10")
        ehc.due(2, "2026-06-10")
        ehc.beat()
        for path in ("daily", "now", "manager"):
            ehc.heard(path)
            hook.behave(h.status(503), "/" + path)
        for n, date in enumerate(("2026-06-16", "2026-06-17", "2026-06-18", "2026-06-19")):
            ehc.due(10 + n, date)
            if n == 2:
                ehc.cases.event(2, "assess_agreed", day("2026-06-18"))
            ehc.at_least(f"{date} 12:00")
        ehc.wait_until(lambda: not db.value("SELECT count(*) FROM ehcwatch.outbox JOIN ehcwatch.endpoint USING (endpoint_id) WHERE state = 'pending' AND name = 'machine'"),
                       what="the machine to have got all")
        t.eq(db.sql("SELECT name, count(*) FROM ehcwatch.outbox JOIN ehcwatch.endpoint USING (endpoint_id) WHERE state = 'pending' AND name <> 'beat' GROUP BY name"
                    " ORDER BY name"), [("daily", 1), ("manager", 1), ("now", 1)], "what does not come through is one message, however long")
        hook.calm()
        ehc.at("2026-06-19 20:00")
        # What was refused did not come through; an attempt may be under way when they begin to answer.
        got = {path: [r for r in ehc.got(path) if r.answered == 200] for path in ("daily", "now", "manager")}
        t.eq({path: len(x) for path, x in got.items()}, {"daily": 1, "now": 1, "manager": 1}, "and when they answer again they get one each")
        t.eq([sorted((i["notice"], i["case_ref"], i["to"]) for i in items(r)) for r in got["now"]],
             [[("change", "EHC-0002", "met_late")] + [("change", f"EHC-001{n}", "breached") for n in (0, 1, 2)]
              + [("change", "EHC-0013", "at_risk"), ("reminder", "EHC-0001", "breached")]], "with the net of it all")
        t.eq([sorted((i["notice"], i["case_ref"]) for i in items(r)) for r in got["manager"]],
             [[("escalation", "EHC-0001"), ("escalation", "EHC-0010")]], "an escalation is not lost on the way")
        t.ok(ehc.in_order(), "the machine got everything, in order")


def restarted(db, hook):
    """Yesterday's digest has not come through when the daemon starts, and today's is due: people get one. The source is held until the machine
    beside them has been sent what waited for it, so that the start is as unlucky as can be."""
    for how in ("stopped", "killed"):
        with People(db, hook, daily={"send": "daily"}) as ehc:
            ehc.begin("2026-06-15 10:00")
            ehc.due(1, "2026-06-10")
            ehc.beat()
            for path in ("daily", "machine"):
                hook.behave(h.status(503), "/" + path)
            ehc.at_least("2026-06-16 08:00")
            hook.wait_for(lambda seen: any(r.path == "/daily" for r in seen))
            ehc.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.outbox WHERE type = 'digest.daily' AND state = 'pending' AND claim IS NULL") == 1,
                           what="the failure to be recorded")
            ehc.due(2, "2026-06-10")
            ehc.beat(drained=False)
            if how == "killed":
                ehc.kill()
            ehc.stop()
            hook.calm()
            ehc.heard("daily")
            before = len(ehc.got("machine"))
            ehc.clock("2026-06-17 09:00")
            with w.Lock(db, "casework.ehc_event"):
                ehc.start()
                ehc.wait_until(lambda: len(ehc.got("machine")) > before, what="the machine to be sent what waited")
            ehc.beat()
            t.eq(ehc.heard("daily"), [("digest.daily", [change(1, "none", "breached"), change(2, "none", "breached")])],
                 f"{how} with a digest that did not come through: one digest of all that people were not told")
            t.eq(db.sql("SELECT state, reason FROM ehcwatch.outbox WHERE type = 'digest.daily' ORDER BY outbox_id"),
                 [("superseded", "recomposed"), ("done", None)], "the ledger says that the old one was taken back")


def no_evaluation(db, hook):
    """A daemon that cannot evaluate sends people what was made before, after a while."""
    with People(db, hook, daily={"send": "daily"}) as ehc:
        ehc.begin("2026-06-15 10:00")
        ehc.due(1, "2026-06-10")
        ehc.beat()
        hook.behave(h.status(503), "/daily")
        ehc.at_least("2026-06-16 08:00")
        hook.wait_for(lambda seen: any(r.path == "/daily" for r in seen))
        ehc.stop()
        hook.calm()
        ehc.heard("daily")
        db.sql("ALTER TABLE casework.ehc_event RENAME TO away")
        ehc.clock("2026-06-17 09:00")
        ehc.start()
        ehc.wait_until(lambda: ehc.got("daily"), 90, "the digest of the day before")
        db.sql("ALTER TABLE casework.away RENAME TO ehc_event")
        db.drop_connections()
        ehc.wait_ready()
        ehc.beat()
        t.eq(ehc.heard("daily"), [("digest.daily", [change(1, "none", "breached")])], "without a case database the old digest is not kept back for ever")


def on_its_way(db, hook):
    """What becomes known while a message is on its way waits for it: it comes through, or the net of both is one message."""
    def then(gate, answer):
        def act(handler, request):
            while not gate.is_set() and not handler.wait_until_left(0.05):
                pass
            answer(handler, request)
        return act

    with People(db, hook, now={}) as ehc:
        ehc.begin("2026-06-15 10:00")
        for n, answer, want in ((1, h.status(503), [[1], [1, 2]]), (3, h.ok(), [[3], [4]])):
            gate = threading.Event()
            hook.behave(then(gate, answer), "/now")
            ehc.due(n, "2026-06-10")
            ehc.read()
            hook.wait_for(lambda seen, n=n: any(r.path == "/now" and f"EHC-000{n}" in r.body.decode() for r in seen))
            ehc.due(n + 1, "2026-06-10")
            ehc.beat(drained=False)
            t.eq(db.value("SELECT count(*) FROM ehcwatch.outbox JOIN ehcwatch.endpoint USING (endpoint_id) WHERE state = 'pending' AND name = 'now'"), 1,
                 "nothing is made beside what is on its way")
            hook.calm()
            gate.set()
            ehc.wait_until(lambda n=n: any(f"EHC-000{n + 1}" in r.body.decode() for r in ehc.got("now")), what="the rest")
            ehc.delivered()
            t.eq([[int(case[-1]) for _, case, _, _ in what] for _, what in ehc.heard("now")], want, f"it was answered with {'503' if n == 1 else '200'}")


def reminders(db, hook):
    """Weeks of working days, with a bank holiday among them."""
    with People(db, hook, officer={"remind_days": 5, "quiet_hours": "18:00-08:00"}, manager={"escalate_days": 10, "quiet_hours": "18:00-08:00"},
                head={"escalate_days": 20, "remind_days": 5}) as ehc:
        ehc.begin("2026-08-10 09:00")  # a Monday; 31 August is a bank holiday
        with ehc.cases.together():
            for n in (1, 2, 3):
                ehc.due(n, "2026-08-07")
        ehc.beat()
        t.eq((ehc.heard("officer"), ehc.heard("manager"), ehc.heard("head")),
             ([("obligation.breached", [change(n, "none", "breached") for n in (1, 2, 3)])], [], []), "a new breach is the officer's")
        diary = {}
        for n in range(1, 57):
            date = day("2026-08-10") + datetime.timedelta(n)
            if date == day("2026-08-24"):  # the tenth working day's morning: two have been dealt with, each in its way
                ehc.cases.event(2, "assess_agreed", date)
                db.sql("INSERT INTO ehcwatch.ack (kind, case_id, case_ref, limit_id, subject, start_on, state, who, reason, until)"
                       " SELECT 'ack', case_id, 'EHC-0003', limit_id, subject, start_on, state, 'CO-017', 'with the panel', '2026-09-04'"
                       " FROM ehcwatch.obligation WHERE case_id = 3 AND limit_id = %s", (LIMIT,))
            ehc.at(f"{date} 08:00")
            for who in ("officer", "manager", "head"):
                for r in ehc.got(who):
                    for i in items(r):
                        diary.setdefault((who, i["case_ref"][-1]), []).append((str(date)[5:], r.type.split(".")[1], i["step"], i["days"]))
                ehc.heard(who)
        # Working days after 10 August: 17, 24 August, 1 September (after the bank holiday), 8, 15, 22, 29 September.
        t.eq(diary[("officer", "1")], [("08-17", "reminder", 5, 10), ("08-24", "immediate", 10, 17), ("09-01", "reminder", 15, 25),
                                       ("09-08", "reminder", 20, 32), ("09-15", "reminder", 25, 39), ("09-22", "reminder", 30, 46),
                                       ("09-29", "reminder", 35, 53)], "the officer is reminded every five working days")
        t.eq(diary[("manager", "1")], [("08-24", "escalated", 10, 17)], "the manager is told once, after ten")
        t.eq(diary[("head", "1")], [("09-08", "escalated", 20, 32), ("09-15", "reminder", 25, 39), ("09-22", "reminder", 30, 46),
                                    ("09-29", "reminder", 35, 53)], "the head after twenty, and is reminded from then on")
        t.eq((diary[("officer", "2")], ("manager", "2") in diary), ([("08-17", "reminder", 5, 10), ("08-24", "immediate", 0, 17)], False),
             "what is mended is told so, and nobody is reminded of it any more")
        t.eq((diary[("officer", "3")][:2], diary[("manager", "3")]), ([("08-17", "reminder", 5, 10), ("09-07", "reminder", 15, 31)],
                                                                      [("09-07", "escalated", 10, 31)]),
             "an acknowledgement keeps both back while it holds")
        ehc.cases.event(1, "assess_agreed", day("2026-10-05"))
        ehc.beat()
        t.eq((ehc.heard("manager"), ehc.heard("head")), ([("obligation.met_late", [change(1, "breached", "met_late")])],) * 2,
             "who was told of it is told that it is over")
        t.eq([x for x in ehc.notices("manager") if x[0] == "EHC-0002"], [("EHC-0002", "change", "met_late", "superseded", "not_escalated")],
             "who was not is not")
        t.eq(db.value("SELECT count(*) FROM (SELECT FROM ehcwatch.notice WHERE kind <> 'change' GROUP BY endpoint_id, case_id, kind, since, step"
                      " HAVING count(*) > 1) x"), 0, "each step was told once")


def machine_now(db, hook):
    """An endpoint that waits for its digest becomes one that is told everything at once."""
    with People(db, hook, desk={"send": "daily"}) as ehc:
        ehc.begin("2026-06-15 10:00")
        ehc.due(1, "2026-06-10")
        ehc.due(2, "2026-06-10")
        ehc.beat()
        t.eq((ehc.heard("desk"), [x[3] for x in ehc.notices("desk")]), ([], ["waiting", "waiting"]), "two breaches wait for the morning")
        ehc.webhooks["desk"]["send"] = "every"
        ehc.write_config()
        ehc.send(signal.SIGHUP)
        ehc.wait_log("reloaded: ")
        ehc.due(3, "2026-06-10")
        ehc.beat()
        got = ehc.got("desk")
        t.eq([sorted(i["case_ref"] for i in r.data["items"]) for r in got if "items" in r.data], [["EHC-0001", "EHC-0002"]], "send is changed to every: what waited is told")
        t.eq([r.data["case_ref"] for r in got if "event_seq" in r.data], ["EHC-0003"], "and what comes next one by one")
        t.eq([x[3] for x in ehc.notices("desk")], ["sent", "sent"], "nothing is left waiting")


def killed(db, hook):
    """kill -9 at each statement of the transaction that makes a message."""
    for table, mode in (("digest", "EXCLUSIVE"), ("outbox", "EXCLUSIVE"), ("notice", "SHARE ROW EXCLUSIVE"), ("endpoint", "ACCESS EXCLUSIVE")):
        with People(db, hook, daily={"send": "daily", "remind_days": 1}) as ehc:
            ehc.begin("2026-06-15 10:00")
            ehc.due(1, "2026-06-10")
            ehc.due(2, "2026-06-09")
            ehc.beat()
            ehc.at("2026-06-16 07:59")
            with w.Lock(db, "ehcwatch." + table, mode) as lock:
                ehc.clock("2026-06-16 08:00")
                ehc.cases.hint()
                lock.wait_for("ehcwatchd people")
                ehc.kill()
            t.eq(ehc.heard("daily"), [], f"killed while it waits for {table}: nothing was sent")
            ehc.start().wait_ready()
            ehc.beat()
            t.eq(ehc.heard("daily"), [("digest.daily", [change(1, "none", "breached"), change(2, "none", "breached")])], "nothing was lost")
            ehc.beat()
            t.eq((ehc.heard("daily"), [x[3] for x in ehc.notices("daily")]), ([], ["sent", "sent"]), "and nothing is told twice")


def paused(db, hook):
    """A daemon that stands still in the middle of a message does not keep the lease from others for long."""
    with People(db, hook, daily={"send": "daily"}) as ehc:
        ehc.begin("2026-06-15 10:00")
        ehc.due(1, "2026-06-10")
        ehc.beat()
        ehc.at("2026-06-16 07:59")
        with w.Lock(db, "ehcwatch.outbox", "EXCLUSIVE") as lock:
            ehc.clock("2026-06-16 08:00")
            ehc.cases.hint()
            lock.wait_for("ehcwatchd people")
            ehc.send(signal.SIGSTOP)
        ehc.wait_until(lambda: db.value("SELECT state FROM pg_stat_activity WHERE application_name = 'ehcwatchd people'") != "active", what="it to stand still")
        ehc.wait_until(lambda: not db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd people'"), what="the end of its transaction")
        ehc.send(signal.SIGCONT)
        ehc.beat()
        t.eq(ehc.heard("daily"), [("digest.daily", [change(1, "none", "breached")])], "paused in the middle of a message: cut off, and told once when it goes on")


def lost_connection(db, hook):
    with People(db, hook, daily={"send": "daily"}) as ehc:
        ehc.begin("2026-06-15 10:00")
        ehc.due(1, "2026-06-10")
        ehc.beat()
        with w.Lock(db, "ehcwatch.digest", "EXCLUSIVE") as lock:
            ehc.clock("2026-06-16 08:00")
            ehc.cases.hint()
            lock.wait_for("ehcwatchd people")
            db.drop_connections()
        ehc.beat()
        t.eq(ehc.heard("daily"), [("digest.daily", [change(1, "none", "breached")])], "a connection that is lost in the middle: told once")


def baseline(db, hook):
    def history():
        db.sql("INSERT INTO casework.ehc_case (case_id, case_ref, locality, team) SELECT n, 'EHC-' || n, 'North', 'T' || n %% 7 FROM generate_series(1, 5000) n;"
               " INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'request_received', '2025-01-01' FROM generate_series(1, 5000) n", ())

    with People(db, hook, now={"settle": 1}, daily={"send": "daily"}) as ehc:
        ehc.begin("2026-06-15 10:00", history)
        for path in ("machine", "now", "daily"):
            t.eq([r.type for r in hook.requests if r.path == "/" + path], ["baseline.summary"], f"5,000 old breaches: {path} gets one summary")
        ehc.at("2026-06-16 08:00")
        t.eq((ehc.heard("now"), ehc.heard("daily")), ([], []), "and no digest of them in the morning")
        ehc.due(7777, "2026-06-15")
        ehc.beat()
        t.eq((ehc.heard("now"), len(ehc.got("machine"))), ([("obligation.breached", [change(7777, "none", "breached")])], 1), "what comes next is told")


def came_back(db, _hook):
    """A message that was on its way when the others were taken back, and came back before it was looked for: it is waited for, too."""
    endpoint = db.value("INSERT INTO ehcwatch.endpoint (name) VALUES ('between') RETURNING endpoint_id")
    db.sql("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, claim, next_attempt_at)"
           " VALUES ('msg_between', %s, 'digest.daily', '', 'c', ehcwatch.clock() + interval '1 minute')", (endpoint,))
    recall, under_way = ((w.ROOT / f"sql/queries/{name}.sql").read_text().replace("%", "%%").replace("$1", "%s") for name in ("compose_recall", "compose_under_way"))
    connection = db.connect()
    with connection.cursor() as composer:
        composer.execute(recall, (endpoint,))
        db.sql("UPDATE ehcwatch.outbox SET claim = NULL, next_attempt_at = ehcwatch.clock() + interval '1 hour' WHERE message_id = 'msg_between'")
        composer.execute(under_way, (endpoint,))
        t.eq(composer.rowcount, 1, "nothing is made beside a message that came back in between")
        composer.execute(recall, (endpoint,))
        composer.execute(under_way, (endpoint,))
        t.eq(composer.rowcount, 0, "the next time it is taken back, and nothing is waited for")
    connection.rollback()
    connection.close()
    db.sql("DELETE FROM ehcwatch.outbox WHERE endpoint_id = %s; DELETE FROM ehcwatch.endpoint WHERE endpoint_id = %s", (endpoint, endpoint))


with h.Cluster(keep=True) as cluster, h.Receiver(secret=SECRET) as receiver:
    with w.Watch(cluster) as first:
        first.migrate()
    for part in (immediate, quiet, settle, digests, outages, unreachable, restarted, no_evaluation, on_its_way, came_back, reminders, machine_now, killed, paused, lost_connection, baseline):
        with t.case(f"{part.__name__} ran to its end"):
            part(cluster, receiver)
t.done()
