#!/usr/bin/python3
"""A source that does not say when its rows were recorded: the daemon remembers when it first saw them."""
import datetime
import json
import signal

import _world as w
from _world import ago, h

SECRET = h.new_secret()
LATER = "2026-06-16 09:30:00+01"
AT_NOON = datetime.datetime(2026, 6, 15, 11, tzinfo=datetime.timezone.utc)
AT_LATER = datetime.datetime(2026, 6, 16, 8, 30, tzinfo=datetime.timezone.utc)
ALWAYS = None
RECEIVED = "request_received"
t = h.Tap()

# As a view over a case system that keeps neither time.
WITHOUT_TIMES = """
    ALTER TABLE casework.ehc_event RENAME TO kept_event;
    ALTER TABLE casework.ehc_exception RENAME TO kept_exception;
    CREATE VIEW casework.ehc_event AS
        SELECT case_id, event, subject, occurred_on, NULL::timestamptz AS recorded_at, NULL::timestamptz AS voided_at
        FROM casework.kept_event;
    CREATE VIEW casework.ehc_exception AS
        SELECT case_id, ground, from_on, to_on, NULL::timestamptz AS recorded_at, NULL::timestamptz AS voided_at
        FROM casework.kept_exception"""
WITH_TIMES = """
    DROP VIEW casework.ehc_event, casework.ehc_exception;
    ALTER TABLE casework.kept_event RENAME TO ehc_event;
    ALTER TABLE casework.kept_exception RENAME TO ehc_exception"""


class Source(w.Casework):
    """The council's side: the tables behind the views."""

    def event(self, number, event, on, subject=None, recorded_at=None):
        self.db.sql("INSERT INTO casework.kept_event (case_id, event, occurred_on, subject) VALUES (%s, %s, %s, %s)",
                    (number, event, on, subject))

    def case(self, number, *events, **fields):
        super().case(number, **fields)
        for event in events:
            self.event(number, *event)

    def claim(self, number, ground, from_on=None, to_on=None):
        self.db.sql("INSERT INTO casework.kept_exception (case_id, ground, from_on, to_on) VALUES (%s, %s, %s, %s)",
                    (number, ground, from_on, to_on))

    def clear(self):
        self.db.sql("TRUNCATE casework.ehc_case, casework.kept_event, casework.kept_exception")
        self.db.sql("TRUNCATE " + ", ".join("ehcwatch." + x for x in w.STATE_TABLES) + " RESTART IDENTITY")


def watch(db, hook):
    ehc = w.Watch(db, webhooks={"desk": {"url": hook.url(), "secret": SECRET}})
    ehc.cases = Source(db)
    return ehc


def seen(db, *cases):
    """(case, event, subject, day, time) of what is stored."""
    return db.sql("SELECT case_id, event, subject, CASE WHEN isfinite(occurred_on) THEN occurred_on END,"
                  " CASE WHEN isfinite(seen_at) THEN seen_at END FROM ehcwatch.first_seen"
                  " WHERE case_id = ANY (%s) ORDER BY case_id, occurred_on, event, subject", (list(cases),))


def begun(db):
    return db.value("SELECT count(*) FROM ehcwatch.first_seen_since")


def move_clock(db, ehc, to):
    """Returns when the daemon reads by the new time."""
    db.set_now(to)
    noon = db.value("SELECT extract(epoch FROM %s::timestamptz)", (to,))
    ehc.wait_metric("ehc_source_snapshot_timestamp_seconds", lambda at: at == float(noon))
    ehc.settle()


def first_and_later(db, hook):
    with watch(db, hook) as ehc:
        add = ehc.cases
        ehc.start().wait_ready()
        ehc.settle()
        t.eq(begun(db), 0, "an empty case system begins nothing")
        with add.together():  # the first reading that finds anything finds all of it
            add.case(1, (RECEIVED, ago(30), "school"), ("draft_sent", ago(1)))
            add.claim(1, "personal", ago(20))
            add.claim(1, "claimed")
        ehc.settle()
        old = [(1, "claimed", "", None, ALWAYS), (1, RECEIVED, "school", ago(30), ALWAYS), (1, "personal", "", ago(20), ALWAYS),
               (1, "draft_sent", "", ago(1), ALWAYS)]
        t.eq(sorted(seen(db, 1), key=str), sorted(old, key=str), "what the first reading found was always known")
        t.eq(begun(db), 1, "and the first reading is over")

        add.case(2, (RECEIVED, ago(60), "Zoë's \"school\""))
        add.claim(2, "claimed")
        ehc.settle()
        new = [(2, "claimed", "", None, AT_NOON), (2, RECEIVED, "Zoë's \"school\"", ago(60), AT_NOON)]
        t.eq(seen(db, 2), new, "what comes later is known from the reading that finds it")
        add.event(999, RECEIVED, ago(3))
        add.event(2, "panel_lunch", ago(3))
        ehc.settle()
        t.eq((seen(db, 999), len(seen(db, 2))), ([], 2), "rows that take no part are not remembered")

        move_clock(db, ehc, LATER)
        add.event(1, "assess_agreed", ago(0))
        ehc.cases.hint(1)
        ehc.settle()
        t.eq([x for x in seen(db, 1) if x[1] == "assess_agreed"], [(1, "assess_agreed", "", ago(0), AT_LATER)],
             "one more, a day later")
        before = seen(db, 1, 2)
        t.eq(ehc.kill(), -signal.SIGKILL, "the daemon is killed")
        ehc.start().wait_ready()
        ehc.settle()
        ehc.stop()
        db.set_now("2026-06-17 09:00:00+01")
        ehc.start().wait_ready()
        ehc.settle()
        t.eq(seen(db, 1, 2), before, "the times outlive a kill and a restart")
        t.eq(ehc.gaps(), [], "and nothing was told twice")

        db.sql("DELETE FROM casework.kept_event WHERE case_id = 2")
        ehc.settle()
        add.event(2, RECEIVED, ago(60), "Zoë's \"school\"")
        ehc.settle()
        t.eq(seen(db, 2), new, "a fact that goes and comes back was known all along")


def before_the_transitions(db, hook):
    with watch(db, hook) as ehc:
        ehc.start().wait_ready()
        ehc.cases.case(1, (RECEIVED, ago(1)))
        ehc.settle()
        db.sql("CREATE FUNCTION public.seen_before() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
               " IF NOT EXISTS (SELECT FROM ehcwatch.first_seen f WHERE f.case_id = NEW.case_id AND f.seen_at <= NEW.known_at)"
               " THEN RAISE 'told before it was kept'; END IF; RETURN NEW; END $$;"
               "CREATE TRIGGER seen_before BEFORE INSERT ON ehcwatch.transition FOR EACH ROW EXECUTE FUNCTION public.seen_before()")
        for number in range(10, 30):
            ehc.cases.case(number, (RECEIVED, ago(43)))
        ehc.settle()
        t.eq(len(ehc.transitions()), 20, "the times are kept before the transitions that follow from them")
        db.sql("DROP TRIGGER seen_before ON ehcwatch.transition; DROP FUNCTION public.seen_before")


def cannot_be_kept(db, hook):
    with watch(db, hook) as ehc:
        ehc.start().wait_ready()
        ehc.cases.case(1, (RECEIVED, ago(1)))
        ehc.settle()
        db.sql("CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;"
               "CREATE TRIGGER full_disk BEFORE INSERT ON ehcwatch.first_seen FOR EACH ROW EXECUTE FUNCTION public.full_disk()")
        ehc.cases.case(2, (RECEIVED, ago(43)))
        ehc.settle()
        ehc.wait_log("first_seen_not_kept: a value was refused .SQLSTATE P0001")
        t.eq((seen(db, 2), len(ehc.transitions(2))), ([], 1), "what cannot be kept is told all the same")
        move_clock(db, ehc, LATER)
        db.sql("DROP TRIGGER full_disk ON ehcwatch.first_seen; DROP FUNCTION public.full_disk")
        ehc.settle()
        t.eq(seen(db, 2), [(2, RECEIVED, "", ago(43), AT_NOON)], "and kept later, with the time at which it was seen")

        # Another daemon on the same database was first; this one has not heard of it.
        db.sql("INSERT INTO ehcwatch.first_seen VALUES (3, %s, '', %s, '2026-06-15 08:00+00')", (RECEIVED, ago(43)))
        ehc.cases.case(3, (RECEIVED, ago(43)), ("draft_sent", ago(1)))
        ehc.settle()
        t.eq([x[4] for x in seen(db, 3)], [AT_NOON - datetime.timedelta(hours=3), AT_LATER], "the first to see it decides")
        ehc.cases.event(3, "plan_issued", ago(0))
        ehc.settle()
        t.eq([x[4] for x in seen(db, 3)][2:], [AT_LATER], "and the work goes on")


def since_a_meeting(db, hook):
    with watch(db, hook) as ehc:
        add = ehc.cases
        add.case(1, (RECEIVED, ago(60)))
        add.case(3, (RECEIVED, ago(60)))
        ehc.start().wait_ready()
        ehc.settle()
        ehc.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.history_day WHERE day = '2026-06-15' AND observed") == 1, what="the history of the day")
        move_clock(db, ehc, LATER)
        with add.together():  # a history of one without the other would have another number
            add.event(1, "assess_agreed", ago(0))
            add.case(2, (RECEIVED, ago(60)))
        ehc.settle()
        items = json.loads(ehc.http("/v1/changes?limit=assess_decision_6w&since=2026-06-15T18:00:00Z")[2])["items"]
        t.eq([(i["change"], i["case_ref"], i["was"], i["is"]) for i in items], [("new", "EHC-0002", None, "breached"), ("cleared", "EHC-0001", "breached", "met_late")],
             "what was known at a meeting is what had been seen by then")
        done = ehc.command("history", "--from", "2026-06-14")
        t.eq((done.returncode, done.stdout), (0, "1 day worked out, 1 observed and left as they are\n"), "a day before the first reading")
        ehc.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.history_day WHERE day = '2026-06-16' AND observed") == 1, what="the history of the next day")
        t.eq(db.sql("SELECT day::text, n FROM ehcwatch.history WHERE limit_id = 'assess_decision_6w' AND state = 'breached' ORDER BY day"),
             [("2026-06-14", 2), ("2026-06-15", 2), ("2026-06-16", 2)], "has what the first reading found, and not what came later")


def upgraded(db, hook):
    with watch(db, hook) as ehc:
        ehc.cases.case(1, (RECEIVED, ago(60)))
        db.sql("DROP SCHEMA ehcwatch CASCADE; CREATE SCHEMA ehcwatch;"
               " CREATE TABLE ehcwatch.schema_version (LIKE casework.schema_version INCLUDING ALL);"
               " INSERT INTO ehcwatch.schema_version (version, name) VALUES (1, 'state')")
        db.load(w.ROOT / "sql/migrations/ehcwatch_0001_state.sql")
        db.sql("INSERT INTO ehcwatch.monitored (limit_id, baselined_at) VALUES ('assess_decision_6w', now())")
        ehc.start()
        with t.case("on the older schema the daemon asks for migrate"):
            ehc.wait_log(r'at version 1, this program needs \d+: run \\?"ehcwatchd migrate')
        ehc.migrate()
        ehc.wait_ready()
        ehc.settle()
        t.eq(seen(db, 1), [(1, RECEIVED, "", ago(60), ALWAYS)], "and what it watched before the upgrade was always known")


def with_times(db, hook):
    db.sql(WITH_TIMES)
    with watch(db, hook) as ehc:
        ehc.cases = w.Casework(db)
        ehc.cases.case(1, (RECEIVED, ago(60)))
        ehc.start().wait_ready()
        ehc.settle()
        ehc.cases.event(1, "assess_agreed", ago(0))
        ehc.settle()
        t.eq((db.value("SELECT count(*) FROM ehcwatch.first_seen"), begun(db)), (0, 1), "rows with times of their own leave no trace")
        db.sql("UPDATE casework.ehc_event SET recorded_at = NULL")
        ehc.settle()
        t.eq([x[4] for x in seen(db, 1)], [AT_NOON, AT_NOON], "until one loses it")


def main():
    with h.Cluster() as db, h.Receiver(secret=SECRET) as hook:
        with watch(db, hook) as ehc:
            ehc.migrate()
        db.sql(WITHOUT_TIMES)
        for scene in (first_and_later, before_the_transitions, cannot_be_kept, since_a_meeting, upgraded, with_times):
            Source(db).clear()
            db.set_now(w.NOON)
            hook.clear()
            with t.case(scene.__name__):
                scene(db, hook)
    t.done()


if __name__ == "__main__":
    main()
