"""The numbers of the meeting's papers, counted a second time by plain SQL over the casework tables.

Written from the rulebook's words, not from the daemon's code: nothing here evaluates an obligation. numbers(db, ...) gives a dict of
tables, each a list of rows. A percentile is percentile_disc, which is the nearest rank."""

SCRIPT = """
SET LOCAL jit = off;
CREATE TEMPORARY TABLE asked ON COMMIT DROP AS SELECT DATE '{as_of}' AS a, {known} AS t;
CREATE TEMPORARY TABLE who ON COMMIT DROP AS SELECT * FROM casework.ehc_case WHERE {where};
CREATE TEMPORARY TABLE known ON COMMIT DROP AS
SELECT DISTINCT case_id, event, coalesce(subject, '') AS subject, occurred_on AS d FROM casework.ehc_event JOIN who USING (case_id), asked
WHERE CASE WHEN t IS NULL THEN voided_at IS NULL
           ELSE (recorded_at IS NULL OR recorded_at <= t) AND (voided_at IS NULL OR voided_at > t) END;
CREATE INDEX ON known (case_id, event);
ANALYZE known;
CREATE TEMPORARY TABLE fact ON COMMIT DROP AS SELECT known.* FROM known, asked WHERE d <= a AND NOT (event = 'moved_out' AND EXISTS (
    SELECT FROM known AS c WHERE c.case_id = known.case_id AND c.event = 'move_cancelled' AND c.d <= known.d AND NOT EXISTS (
        SELECT FROM known AS k WHERE k.case_id = c.case_id AND k.event = 'move_known' AND k.d > c.d AND k.d <= known.d)));
CREATE INDEX ON fact (case_id, event);
ANALYZE fact;
-- On a day gone by a case of which nothing had happened and nothing lies ahead was not there yet. Of today there is none in these caseloads.
DELETE FROM known WHERE case_id NOT IN (SELECT case_id FROM fact)
    AND case_id NOT IN (SELECT case_id FROM known WHERE event IN ('review_arranged', 'phase_transfer', 'moved_out'));
CREATE TEMPORARY TABLE claim ON COMMIT DROP AS SELECT x.* FROM casework.ehc_exception AS x JOIN who USING (case_id), asked
WHERE CASE WHEN t IS NULL THEN voided_at IS NULL
           ELSE (recorded_at IS NULL OR recorded_at <= t) AND (voided_at IS NULL OR voided_at > t) END;

-- The first day of each step that lies between the request and the end of its life.
CREATE TEMPORARY TABLE step ON COMMIT DROP AS
SELECT case_id, date_of_birth AS born, locality, team, officer, e, over, decided, refused, agreed, draft, issued, no_plan, settled
FROM who LEFT JOIN (
    SELECT case_id, min(d) FILTER (WHERE event IN ('request_received', 'responsibility_began')) AS e,
           min(d) FILTER (WHERE event IN ('request_withdrawn', 'moved_out', 'case_closed')) AS over FROM fact GROUP BY case_id) AS l
    USING (case_id)
LEFT JOIN LATERAL (
    SELECT min(d) FILTER (WHERE event IN ('assess_agreed', 'assess_refused')) AS decided,
           min(d) FILTER (WHERE event = 'assess_refused') AS refused, min(d) FILTER (WHERE event = 'assess_agreed') AS agreed,
           min(d) FILTER (WHERE event = 'draft_sent') AS draft, min(d) FILTER (WHERE event = 'plan_issued') AS issued,
           min(d) FILTER (WHERE event = 'issue_refused') AS no_plan,
           min(d) FILTER (WHERE event IN ('assess_refused', 'issue_refused', 'plan_issued')) AS settled
    FROM fact WHERE fact.case_id = who.case_id AND d >= l.e AND d <= coalesce(l.over, d)) AS s ON true;

-- Assessments past 20 weeks that an exception of the first set covers (rulebook section 5), whether or not they are over.
CREATE TEMPORARY TABLE excepted ON COMMIT DROP AS
SELECT DISTINCT case_id FROM step JOIN claim AS x USING (case_id), asked,
    LATERAL (SELECT least(coalesce(x.to_on, a), a) AS x_to, e + 140 AS due) AS v
WHERE coalesce(x.from_on <= a AND (x.to_on IS NULL OR x.to_on >= x.from_on) AND x.from_on <= due AND x_to >= e
               AND CASE x.ground WHEN 'school_closed' THEN x_to - x.from_on >= 28 AND EXISTS (
                        SELECT FROM fact AS f WHERE f.case_id = step.case_id AND f.event = 'advice_requested' AND f.subject = 'education'
                        AND f.d BETWEEN x.from_on - 7 AND x_to - 7)
                    WHEN 'absent' THEN x_to - x.from_on + 1 >= 28 ELSE true END, false)
   OR x.ground = 'claimed' AND x.from_on IS NULL AND x.to_on IS NULL;
CREATE TEMPORARY TABLE open ON COMMIT DROP AS
SELECT step.*, a - e AS days, a - e > 140 AS overdue, a - e > 140 AND case_id IN (TABLE excepted) AS excepted
FROM step, asked WHERE e IS NOT NULL AND over IS NULL AND settled IS NULL;

-- What ended, by figure.
CREATE TEMPORARY TABLE ended ON COMMIT DROP AS
SELECT 'plans_20w' AS figure, issued AS d, issued - e AS days, issued - e <= 140 AS in_time,
       issued - e > 140 AND refused IS NULL AND no_plan IS NULL AND case_id IN (TABLE excepted) AS excepted, born FROM step WHERE issued IS NOT NULL
UNION ALL SELECT 'decisions_6w', decided, decided - e, decided - e <= 42, false, born FROM step WHERE decided IS NOT NULL
UNION ALL SELECT 'refusals_16w', no_plan, no_plan - e, no_plan - e <= 112, false, born FROM step WHERE no_plan IS NOT NULL
UNION ALL SELECT 'reviews_4w', d, d - meeting, d - meeting <= 28, false, born FROM (
    SELECT case_id, r.d, (SELECT max(m.d) FROM fact AS m WHERE m.case_id = r.case_id AND m.event = 'review_meeting' AND m.d <= r.d) AS meeting,
           lag(r.d) OVER (PARTITION BY case_id ORDER BY r.d) AS before
    FROM (SELECT DISTINCT case_id, d FROM fact WHERE event LIKE 'review_decided_%') AS r) AS r JOIN who USING (case_id),
    LATERAL (SELECT date_of_birth AS born) AS b WHERE meeting IS NOT NULL AND (before IS NULL OR before < meeting);
CREATE TEMPORARY TABLE transfer ON COMMIT DROP AS
SELECT k.case_id, CASE subject WHEN 'school' THEN 'transfers_15feb' ELSE 'transfers_31mar' END AS figure, due, sent, over, date_of_birth AS born
FROM (SELECT *, make_date(extract(year FROM d)::int, CASE subject WHEN 'school' THEN 2 ELSE 3 END, CASE subject WHEN 'school' THEN 14 ELSE 30 END) AS due
      FROM known WHERE event = 'phase_transfer' AND subject IN ('school', 'post16')) AS k JOIN who USING (case_id), asked,
    LATERAL (SELECT min(s.d) AS sent FROM fact AS s WHERE s.case_id = k.case_id AND s.event = 'transfer_plan_sent' AND s.d >= k.d - 548
             AND s.d > coalesce((SELECT max(p.d) FROM known AS p WHERE p.case_id = k.case_id AND p.event = 'phase_transfer' AND p.d <= k.d - 28), '-infinity')) AS s,
    LATERAL (SELECT min(o.d) AS over FROM fact AS o WHERE o.case_id = k.case_id
             AND o.event IN ('case_closed', 'plan_ceased', 'plan_transferred_out')) AS o
WHERE a >= k.d - interval '12 months' AND (over IS NULL OR over >= k.d - interval '12 months')
  AND NOT EXISTS (SELECT FROM fact AS p WHERE p.case_id = k.case_id AND p.event IN ('plan_issued', 'plan_transferred_in')
                  GROUP BY p.case_id HAVING min(p.d) > due);
INSERT INTO ended SELECT figure, due, 0, coalesce(sent <= due, false), false, born FROM transfer, asked
WHERE due < a AND NOT coalesce(over <= due AND (sent IS NULL OR sent > over), false);
CREATE TEMPORARY TABLE period ON COMMIT DROP AS
SELECT y::text AS period, make_date(y, 1, 1) AS d0, make_date(y, 12, 31) AS d1 FROM asked, generate_series(2012, extract(year FROM a)::int) AS y
UNION ALL SELECT '12 months', a - 364, a FROM asked;
CREATE TEMPORARY VIEW counted AS SELECT period, d0, d1, ended.*, extract(year FROM age(d, born)) AS age FROM ended, period WHERE d BETWEEN d0 AND d1;
CREATE TEMPORARY TABLE age_band ON COMMIT DROP AS
SELECT * FROM (VALUES ('0 to 4', 0, 4), ('5 to 10', 5, 10), ('11 to 15', 11, 15), ('16 to 19', 16, 19), ('20 to 25', 20, 25)) AS b(age_band, y0, y1);
"""

WEEKS = "round((({0}) / 7.0)::numeric, 1)::float"

# Advice: a question to a body, and what ended it (the caseload asks no body again before it has answered: the wild ones of tests/oracle do).
# Courses of an assessment: from the request to the first refusal, and, taken up again, to what followed.
# Stages: the day on which each ended; advice is in when all who were asked in the course have answered, or the draft goes out.
STAGES = """
CREATE TEMPORARY TABLE advice ON COMMIT DROP AS
SELECT r.case_id, r.subject, r.d AS asked_on, least(ended, answered) AS closed, answered IS NOT NULL AND (ended IS NULL OR answered <= ended) AS answered
FROM (SELECT case_id, subject, d FROM fact WHERE event = 'advice_requested') AS r,
    LATERAL (SELECT min(f.d) AS answered FROM fact AS f WHERE f.case_id = r.case_id AND f.event = 'advice_received' AND f.subject = r.subject AND f.d >= r.d) AS x,
    LATERAL (SELECT min(f.d) AS ended FROM fact AS f WHERE f.case_id = r.case_id AND f.d >= r.d AND f.event IN ('assess_refused', 'issue_refused', 'plan_issued',
             'plan_ceased', 'plan_transferred_out', 'reassess_refused', 'reassess_withdrawn', 'reassess_plan_sent', 'case_closed', 'request_withdrawn', 'moved_out')) AS y;
ANALYZE advice;
CREATE TEMPORARY TABLE course ON COMMIT DROP AS
SELECT case_id, false AS again, e AS begun, least(settled, over, a) AS last FROM step, asked WHERE e IS NOT NULL
UNION ALL SELECT case_id, true, u, least(s, over, a) FROM step CROSS JOIN asked, LATERAL (
        SELECT min(f.d) AS u FROM fact AS f WHERE f.case_id = step.case_id AND f.d > settled AND f.d <= coalesce(over, a)
        AND f.event IN ('assess_agreed', 'issue_agreed', 'draft_sent', 'plan_issued')) AS x,
    LATERAL (SELECT min(f.d) AS s FROM fact AS f WHERE f.case_id = step.case_id AND f.d >= u AND f.event IN ('assess_refused', 'issue_refused', 'plan_issued')) AS y
WHERE u IS NOT NULL AND settled IS DISTINCT FROM issued;
CREATE TEMPORARY TABLE stage ON COMMIT DROP AS
SELECT case_id, again, begun AS e, agreed, CASE WHEN draft < coalesce(complete, 'infinity') THEN draft WHEN complete IS NOT NULL THEN greatest(complete, agreed) END AS complete,
       draft, issued, draft IS NOT NULL AND draft < coalesce(complete, 'infinity') AS without
FROM course AS c, LATERAL (
    SELECT CASE WHEN again THEN begun ELSE min(d) FILTER (WHERE event = 'assess_agreed') END AS agreed, min(d) FILTER (WHERE event = 'draft_sent') AS draft,
           min(d) FILTER (WHERE event = 'plan_issued') AS issued FROM fact WHERE fact.case_id = c.case_id AND d BETWEEN begun AND last) AS m,
    LATERAL (SELECT CASE WHEN bool_and(answered AND closed <= until) THEN max(closed) END AS complete FROM advice, LATERAL (SELECT least(draft, issued, last) AS until) AS u
             WHERE advice.case_id = c.case_id AND asked_on BETWEEN begun AND until) AS x;
CREATE TEMPORARY TABLE done ON COMMIT DROP AS
SELECT stage, d, days FROM (
    SELECT 'decision' AS stage, agreed AS d, agreed - e AS days FROM stage WHERE NOT again UNION ALL SELECT 'advice', complete, complete - agreed FROM stage
    UNION ALL SELECT 'draft', draft, draft - complete FROM stage WHERE NOT without UNION ALL SELECT 'final', issued, issued - draft FROM stage) AS s, asked
WHERE days >= 0 AND d BETWEEN a - 364 AND a;
CREATE TEMPORARY TABLE waiting ON COMMIT DROP AS
SELECT CASE WHEN s.draft IS NOT NULL THEN 'final' WHEN complete IS NOT NULL THEN 'draft' WHEN s.agreed IS NOT NULL THEN 'advice' ELSE 'decision' END AS stage,
       a - coalesce(s.draft, complete, s.agreed, s.e) AS days, open.overdue
FROM open JOIN stage AS s USING (case_id), asked WHERE NOT s.again;
"""

QUERIES = {
    "published": "SELECT period, figure, count(*), count(*) FILTER (WHERE in_time), count(*) FILTER (WHERE excepted) FROM counted GROUP BY 1, 2",
    "issued": "SELECT period, count(*), count(*) FILTER (WHERE days <= 140), count(*) FILTER (WHERE days BETWEEN 141 AND 364), count(*) FILTER (WHERE days > 364),"
              f" count(*) FILTER (WHERE excepted), {WEEKS.format('avg(days)')}, {WEEKS.format('percentile_disc(0.5) WITHIN GROUP (ORDER BY days)')},"
              f" {WEEKS.format('percentile_disc(0.9) WITHIN GROUP (ORDER BY days)')} FROM counted WHERE figure = 'plans_20w' GROUP BY 1",
    "ages": "SELECT period, coalesce(age_band, 'other or unknown'), count(*) FILTER (WHERE figure = 'plans_20w'),"
            " count(*) FILTER (WHERE figure = 'plans_20w' AND in_time), count(*) FILTER (WHERE figure = 'decisions_6w'),"
            " count(*) FILTER (WHERE figure = 'decisions_6w' AND in_time)"
            " FROM counted LEFT JOIN age_band ON age BETWEEN y0 AND y1 WHERE figure IN ('plans_20w', 'decisions_6w') GROUP BY 1, 2",
    "ages_open": "SELECT coalesce(age_band, 'other or unknown'), count(*), count(*) FILTER (WHERE overdue), count(*) FILTER (WHERE overdue AND NOT excepted)"
                 " FROM open CROSS JOIN asked LEFT JOIN age_band ON extract(year FROM age(a, born)) BETWEEN y0 AND y1 GROUP BY 1",
    "open": "SELECT CASE WHEN days <= 42 THEN '0 to 6' WHEN days <= 112 THEN '6 to 16' WHEN days <= 140 THEN '16 to 20' WHEN days <= 182 THEN '20 to 26'"
            " WHEN days <= 364 THEN '26 to 52' ELSE 'over 52' END, count(*), count(*) FILTER (WHERE overdue), count(*) FILTER (WHERE excepted) FROM open GROUP BY 1",
    "facts": "SELECT count(*), count(*) FILTER (WHERE overdue), count(*) FILTER (WHERE overdue AND NOT excepted), min(e)::text,"
             f" {WEEKS.format('max(days)')}, {WEEKS.format('avg(days)')}, {WEEKS.format('percentile_disc(0.5) WITHIN GROUP (ORDER BY days)')},"
             f" {WEEKS.format('percentile_disc(0.9) WITHIN GROUP (ORDER BY days)')}, {WEEKS.format('avg(days) FILTER (WHERE overdue)')},"
             f" {WEEKS.format('percentile_disc(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE overdue)')} FROM open",
    "now": "SELECT 'decisions_6w', count(*), count(*) FILTER (WHERE days > 42) FROM open WHERE decided IS NULL AND draft IS NULL AND NOT EXISTS"
           " (SELECT FROM fact AS f WHERE f.case_id = open.case_id AND f.event = 'issue_agreed' AND f.d >= e)"
           " UNION ALL SELECT figure, count(*), count(*) FILTER (WHERE due < a) FROM transfer, asked WHERE sent IS NULL AND over IS NULL GROUP BY 1",
    "stages": "SELECT stage, (SELECT count(*) FROM waiting AS w WHERE w.stage = s.stage), (SELECT count(*) FROM waiting AS w WHERE w.stage = s.stage AND overdue),"
              " (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY days) FROM waiting AS w WHERE w.stage = s.stage),"
              " (SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY days) FROM waiting AS w WHERE w.stage = s.stage),"
              " (SELECT max(days) FROM waiting AS w WHERE w.stage = s.stage), count(days), percentile_disc(0.5) WITHIN GROUP (ORDER BY days),"
              " percentile_disc(0.9) WITHIN GROUP (ORDER BY days)"
              " FROM unnest('{decision,advice,draft,final}'::text[]) AS s(stage) LEFT JOIN done USING (stage) GROUP BY 1",
    "advice": "SELECT CASE WHEN subject IN ('education', 'psychology', 'health', 'social_care') THEN subject ELSE 'others' END,"
              " count(*) FILTER (WHERE asked_on > a - 365), count(*) FILTER (WHERE answered AND closed > a - 365 AND closed - asked_on <= 42),"
              " count(*) FILTER (WHERE answered AND closed > a - 365 AND closed - asked_on > 42), count(*) FILTER (WHERE closed IS NULL),"
              " count(*) FILTER (WHERE closed IS NULL AND a - asked_on > 42), max(a - asked_on) FILTER (WHERE closed IS NULL),"
              " percentile_disc(0.5) WITHIN GROUP (ORDER BY closed - asked_on) FILTER (WHERE answered AND closed > a - 365),"
              " percentile_disc(0.9) WITHIN GROUP (ORDER BY closed - asked_on) FILTER (WHERE answered AND closed > a - 365) FROM advice, asked GROUP BY 1",
    "loads": "SELECT coalesce(team, ''), coalesce(officer, ''), count(*), count(*) FILTER (WHERE overdue), max(days) FROM open GROUP BY 1, 2",
    "reviews": "SELECT CASE WHEN a - m <= 28 THEN 'up to 4 weeks' WHEN a < m + interval '6 months' THEN '4 weeks to 6 months'"
               " WHEN a < m + interval '12 months' THEN '6 to 12 months' WHEN a < m + interval '24 months' THEN '12 to 24 months'"
               " ELSE '24 months and longer' END, count(*) FILTER (WHERE r IS NULL), count(*) FILTER (WHERE r IS NOT NULL) FROM asked, ("
               " SELECT case_id, max(d) FILTER (WHERE event = 'review_meeting') AS m, max(d) FILTER (WHERE event LIKE 'review_decided_%') AS decided,"
               " max(d) FILTER (WHERE event = 'review_decided_amend') AS amend,"
               " max(d) FILTER (WHERE event IN ('plan_amended', 'amendment_dropped', 'transfer_plan_sent')) AS amended,"
               " min(d) FILTER (WHERE event IN ('plan_issued', 'plan_transferred_in')) AS plan,"
               " max(d) FILTER (WHERE event IN ('plan_ceased', 'plan_transferred_out', 'case_closed', 'request_withdrawn')) AS gone"
               " FROM fact GROUP BY 1) AS c, LATERAL (SELECT CASE WHEN decided >= m THEN decided END AS r) AS x"
               " WHERE m >= plan AND gone IS NULL AND (r IS NULL OR amend = decided AND coalesce(amended, '-infinity') < m) GROUP BY 1",
    "transfers": "SELECT CASE figure WHEN 'transfers_15feb' THEN 'phase_transfer_15feb' ELSE 'phase_transfer_31mar' END, due::text, due - a, count(*),"
                 " count(*) FILTER (WHERE sent IS NOT NULL OR EXISTS (SELECT FROM fact AS f WHERE f.case_id = transfer.case_id AND f.d > due - 365 AND f.d <= due"
                 " AND (f.event = 'review_meeting' OR f.event LIKE 'review_decided_%'))), count(*) FILTER (WHERE sent <= due),"
                 " count(*) FILTER (WHERE sent > due), count(*) FILTER (WHERE sent IS NULL AND over IS NULL) FROM transfer, asked"
                 " WHERE NOT coalesce(over <= due AND (sent IS NULL OR sent > over), false) AND due BETWEEN a - 365 AND a + 365 GROUP BY 1, 2, 3",
    "flow": "SELECT to_char(d, 'IYYY-\"W\"IW'), what, count(*) FROM ("
            " SELECT e AS d, 'requests' AS what FROM step UNION ALL SELECT agreed, 'agreed' FROM step WHERE agreed = decided AND refused IS DISTINCT FROM decided"
            " UNION ALL SELECT refused, 'refused' FROM step WHERE refused = decided UNION ALL SELECT draft, 'drafts' FROM step"
            " UNION ALL SELECT issued, 'plans_issued' FROM step UNION ALL SELECT issued, 'plans_in_20_weeks' FROM step WHERE issued - e <= 140"
            " UNION ALL SELECT issued, 'plans_over_20_weeks' FROM step WHERE issued - e > 140 UNION ALL SELECT no_plan, 'refused_to_issue' FROM step"
            " UNION ALL SELECT d, CASE event WHEN 'review_meeting' THEN 'review_meetings' WHEN 'plan_amended' THEN 'plans_amended'"
            " WHEN 'transfer_plan_sent' THEN 'transfer_plans' WHEN 'plan_transferred_in' THEN 'transferred_in' WHEN 'plan_ceased' THEN 'ceased'"
            " WHEN 'plan_transferred_out' THEN 'transferred_out' WHEN 'appeal_received' THEN 'appeals' WHEN 'review_decided_amend' THEN 'amend'"
            " WHEN 'review_decided_cease' THEN 'cease' WHEN 'review_decided_maintain' THEN 'maintain'"
            " WHEN 'advice_requested' THEN 'advice_requested' WHEN 'advice_received' THEN 'advice_received' END FROM fact"
            " UNION ALL SELECT d, 'reviews_decided' FROM fact WHERE event LIKE 'review_decided_%') AS s"
            " WHERE what IS NOT NULL AND d BETWEEN '2025-01-01' AND '2026-10-07' GROUP BY 1, 2",
    "places": "SELECT coalesce(locality, ''), count(*) FROM who GROUP BY 1",
}


def numbers(db, as_of, known_at=None, where="true"):
    """Each query's rows as lists; nothing is left behind."""
    known = f"TIMESTAMPTZ '{known_at}'" if known_at else "NULL::timestamptz"
    script = SCRIPT.format(as_of=as_of, known=known, where=where) + STAGES
    connection = db.connect()
    try:
        connection.autocommit = False
        with connection.cursor() as cursor:
            cursor.execute(script)
            found = {}
            for name, text in QUERIES.items():
                cursor.execute(text)
                found[name] = [list(row) for row in cursor.fetchall()]
        connection.rollback()
    finally:
        connection.close()
    return found
