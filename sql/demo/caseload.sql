-- The demo caseload: SELECT * FROM casework_demo.generate(10000, 1, DATE '2026-11-22');
--
-- Empties the three casework tables and fills them with whole histories of invented cases, calibrated to what
-- Leicestershire published for 2025 (DfE, Explore Education Statistics 2025 and 2026). The result depends on
-- (cases, seed, as_of) alone: every draw is a hash of the case's number, never random(). The file can be run
-- again at any time. It is one file, longer than others here, so that any client can load it without
-- including parts.
--
-- How it is calibrated. Requests and plans flow at a constant rate. Plans issued since 1 January of the last
-- full calendar year are drawn by their day of issue, and the request lies one waiting time earlier;
-- assessments still open are the ones that such a flow has under way on the as-of date. So each year of issue
-- shows the published bands, and each year of requests the published sources and decisions. Along a kind of
-- case the quantiles of a quantity follow a low-discrepancy sequence (multiples of an irrational number), so
-- that a small caseload has the shares too. The flow of requests is higher than in the county, whose 2025 was
-- a year of clearing arrears: 1,500 open cases and 2,187 plans a year cannot be had, year after year, from
-- 2,000 requests.

CREATE SCHEMA IF NOT EXISTS casework_demo;

-- Uniform in [0, 1): the draw of stream k for a key.
CREATE OR REPLACE FUNCTION casework_demo.u(key bigint, seed bigint, k int) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(key, hashint8extended(k, seed)) & 4503599627370495) / 4503599627370496.0::float8 $$;

CREATE OR REPLACE FUNCTION casework_demo.frac(x double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $$ SELECT x - floor(x) $$;

-- Offices are shut at weekends and on bank holidays; the Sunday of Easter by the anonymous Gregorian rule.
CREATE OR REPLACE FUNCTION casework_demo.easter(y int) RETURNS date LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    b int := y / 100;
    h int := (19 * (y % 19) + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    l int := (32 + 2 * (b % 4) + 2 * (y % 100 / 4) - h - y % 100 % 4) % 7;
    n int := h + l - 7 * ((y % 19 + 11 * h + 22 * l) / 451) + 114;
BEGIN
    RETURN make_date(y, n / 31, n % 31 + 1);
END $$;

DROP TABLE IF EXISTS casework_demo.office_day;
CREATE TABLE casework_demo.office_day (
    day       date PRIMARY KEY,
    last_open date NOT NULL,    -- the day itself or the last open one before it
    next_open date NOT NULL
);
INSERT INTO casework_demo.office_day
WITH calendar AS (
    SELECT d::date AS day, extract(isodow FROM d) AS dow, extract(day FROM d) AS dom, extract(month FROM d) AS mon,
           casework_demo.easter(extract(year FROM d)::int) AS easter
    FROM generate_series(timestamp '1990-01-01', timestamp '2060-12-31', interval '1 day') AS d
), opening AS (
    SELECT day, CASE WHEN dow > 5 OR day IN (easter - 2, easter + 1)
                       OR mon = 1 AND (dom = 1 OR dom <= 3 AND dow = 1)
                       OR mon = 5 AND dow = 1 AND (dom <= 7 OR dom >= 25)
                       OR mon = 8 AND dow = 1 AND dom >= 25
                       OR mon = 12 AND (dom IN (25, 26) OR dom IN (27, 28) AND dow <= 2) THEN NULL
                ELSE day END AS open
    FROM calendar
)
SELECT day, coalesce(max(open) OVER (ORDER BY day), day), coalesce(min(open) OVER (ORDER BY day DESC), day)
FROM opening;

-- The calibration. A share without days is a word drawn with that weight; one with days is a stretch of a
-- waiting time, uniform in [from_days, to_days).
DROP TABLE IF EXISTS casework_demo.share;
CREATE TABLE casework_demo.share (
    what      text NOT NULL,
    ord       int  NOT NULL,
    item      text,
    weight    double precision NOT NULL,
    from_days double precision,
    to_days   double precision,
    PRIMARY KEY (what, ord)
);
INSERT INTO casework_demo.share (what, ord, item, weight)
SELECT what, ord, item, weight::double precision
FROM (VALUES
    -- plans a year; their refusals; requests refused to one agreed; withdrawn to one decided; plans taken
    -- over a year; plans in force when the last full year began; plans that ended in the three years before
    ('flow', '{issued,not_issued,refused,withdrawn,joined,old,past}', '{2187,131,0.408,0.0028,120,5300,900}'),
    -- requests of 2025 by source: those agreed, and those refused, the undecided shared out between them
    ('source_agreed', '{school,parent,other,social_care}', '{965,429,19,4}'),
    ('source_refused', '{school,parent,other,social_care}', '{95,485,3,0}'),
    ('age', '{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19}',
        '{2,23,219,63,84,98,95,115,134,167,104,116,123,98,79,38,12,8,4}'),
    ('need', '{ASD,SEMH,SLCN,MLD,SLD,SPLD,PD,PMLD,VI,HI,MSI,OTH}',
        '{27.7,19.4,19.1,13.3,8.8,4.3,3.1,1.6,1.1,0.9,0.5,0.2}'),
    ('years_held', '{1,2,3,4,5,6,7,8,9,10,11}', '{935,728,657,649,731,715,688,702,706,636,49}'),
    ('reviewed', '{in_year,earlier,none}', '{4183,933,1304}'),
    ('outcome', '{amend,cease,maintain}', '{4022,120,24}'),
    ('locality', 
        '{Blaby,Charnwood,Harborough,Hinckley and Bosworth,Melton,North West Leicestershire,Oadby and Wigston}',
        '{103,184,98,114,52,105,58}')
) AS v(what, items, weights), unnest(items::text[], weights::text[]) WITH ORDINALITY AS w(item, weight, ord);
INSERT INTO casework_demo.share (what, ord, weight, from_days, to_days)
SELECT what, row_number() OVER (PARTITION BY what ORDER BY from_days), weight, from_days, to_days
FROM (VALUES
    -- from request to plan: 20.3 % in 20 weeks, crowded into the last two; 60.4 % in 52; a mean of 35.4 weeks
    ('wait', 2.0, 84, 112), ('wait', 3.0, 112, 126), ('wait', 15.3, 126, 141), ('wait', 20.0, 143, 182),
    ('wait', 17.0, 182, 238), ('wait', 13.0, 238, 301), ('wait', 10.4, 301, 365), ('wait', 12.0, 367, 420),
    ('wait', 5.5, 420, 504), ('wait', 1.8, 504, 672),
    -- from request to the decision on assessing: 96.5 % in six weeks; a mean of 37 days leaves a tenth
    -- undecided
    ('decision', 26.5, 23, 36), ('decision', 70.0, 36, 43), ('decision', 3.5, 45, 78),
    -- from request to the notice that no plan will be issued: 8 of 199 in 16 weeks
    ('not_issued', 8, 90, 113), ('not_issued', 191, 115, 300),
    -- from review meeting to decision
    ('review', 2190, 11, 29), ('review', 1593, 33, 85), ('review', 400, 85, 200),
    -- from the last decision or the plan to the next decision, in days beyond eleven months
    ('next_review', 62, -30, 30), ('next_review', 23, 30, 120), ('next_review', 15, 120, 450)
) AS v(what, weight, from_days, to_days);

-- Where each share begins, as fractions of 1, for width_bucket().
CREATE OR REPLACE FUNCTION casework_demo.cum(of text) RETURNS double precision[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(before / total ORDER BY ord)
    FROM (SELECT ord, sum(weight) OVER (ORDER BY ord) - weight AS before, sum(weight) OVER () AS total
          FROM casework_demo.share WHERE what = of) AS s $$;

CREATE OR REPLACE FUNCTION casework_demo.items(of text) RETURNS text[] LANGUAGE sql STABLE AS
$$ SELECT array_agg(item ORDER BY ord) FROM casework_demo.share WHERE what = of $$;

CREATE OR REPLACE FUNCTION casework_demo.weight(of text, one text) RETURNS double precision LANGUAGE sql STABLE AS
$$ SELECT weight FROM casework_demo.share WHERE what = of AND item = one $$;

-- Ten thousand quantiles of a waiting time, in days, and the one at x.
CREATE OR REPLACE FUNCTION casework_demo.quantiles(of text) RETURNS int[] LANGUAGE sql STABLE AS $$
    WITH stretch AS (
        SELECT row_number() OVER (ORDER BY ord) AS k, from_days, to_days - from_days AS days, cum,
               weight / sum(weight) OVER () AS part
        FROM casework_demo.share, casework_demo.cum(of) AS cum WHERE what = of)
    SELECT array_agg(floor(from_days + days * least((x - cum[k]) / part, 0.999999))::int ORDER BY x)
    FROM (SELECT (j - 0.5::float8) / 10000 AS x FROM generate_series(1, 10000) AS j) AS q
    JOIN stretch ON k = width_bucket(x, cum) $$;

CREATE OR REPLACE FUNCTION casework_demo.at(q int[], x double precision) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT q[1 + floor(x * 10000)::int] $$;

-- The waiting times that are under way on a given day: the longer one is, the likelier is it to be met with.
CREATE OR REPLACE FUNCTION casework_demo.under_way(q int[]) RETURNS int[] LANGUAGE sql IMMUTABLE AS $$
    WITH ranked AS (SELECT d, i, sum(d) OVER (ORDER BY i) - d AS before, sum(d) OVER () AS total
                    FROM unnest(q) WITH ORDINALITY AS w(d, i)),
         begins AS (SELECT array_agg(before::float8 / total ORDER BY i) AS cum FROM ranked)
    SELECT array_agg(q[width_bucket((j - 0.5::float8) / 10000, cum)] ORDER BY j)
    FROM begins, generate_series(1, 10000) AS j $$;

-- The cases, as the temporary table demo_case. x_... are low-discrepancy quantiles, `finish` is the day of
-- the plan or of the refusal to make one (after as_of for open cases), `plan_until` the first day on which
-- the plan no longer has a life.
CREATE OR REPLACE FUNCTION casework_demo.draw_cases(cases bigint, seed bigint, as_of date, y0 date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    kinds text[] := '{issued,open,not_issued,refused,withdrawn,joined,old,past}';
    days int := as_of - y0 + 1;
    years float8 := days / 365.25;
    lead int := 456;                -- days before y0 from which requests without a plan are kept
    q_wait int[] := casework_demo.quantiles('wait');
    q_open int[] := casework_demo.under_way(q_wait);
    q_not_issued int[] := casework_demo.quantiles('not_issued');
    q_decision int[] := casework_demo.quantiles('decision');
    issued float8 := casework_demo.weight('flow', 'issued');
    agreed float8 := issued + casework_demo.weight('flow', 'not_issued');
    refused float8 := agreed * casework_demo.weight('flow', 'refused');
    sizes float8[] := ARRAY[
        issued * years, issued * (SELECT avg(d) FROM unnest(q_wait) AS d) / 365.25, (agreed - issued) * years,
        refused * (days + lead) / 365.25,
        (agreed + refused) * casework_demo.weight('flow', 'withdrawn') * (days + lead) / 365.25,
        casework_demo.weight('flow', 'joined') * years, casework_demo.weight('flow', 'old'),
        casework_demo.weight('flow', 'past')];
    bounds float8[] := (SELECT array_agg(before / total ORDER BY i)
                        FROM (SELECT i, sum(w) OVER (ORDER BY i) - w AS before, sum(w) OVER () AS total
                              FROM unnest(sizes) WITH ORDINALITY AS s(w, i)) AS s);
    held_cum float8[] := casework_demo.cum('years_held');
    ages text[] := casework_demo.items('age');
    needs text[] := casework_demo.items('need');
    places text[] := casework_demo.items('locality');
    sources_agreed text[] := casework_demo.items('source_agreed');
    sources_refused text[] := casework_demo.items('source_refused');
    age_cum float8[] := casework_demo.cum('age');
    need_cum float8[] := casework_demo.cum('need');
    place_cum float8[] := casework_demo.cum('locality');
    agreed_cum float8[] := casework_demo.cum('source_agreed');
    refused_cum float8[] := casework_demo.cum('source_refused');
    desks bigint := greatest(2, cases / 720);      -- officers in each of the four teams
BEGIN
    DROP TABLE IF EXISTS demo_case;
    CREATE TEMPORARY TABLE demo_case ON COMMIT DROP AS
    WITH drawn AS MATERIALIZED (
        SELECT g, kinds[width_bucket((g - 0.5::float8) / cases, bounds)] AS kind,
               casework_demo.frac(g * 0.6180339887498949 + casework_demo.u(1, seed, 0)) AS x_when,
               casework_demo.frac(g * 0.4142135623730951 + casework_demo.u(2, seed, 0)) AS x_wait,
               casework_demo.frac(g * 0.7320508075688772 + casework_demo.u(3, seed, 0)) AS x_decide,
               casework_demo.frac(g * 0.6457513110645906 + casework_demo.u(4, seed, 0)) AS x_source,
               casework_demo.frac(g * 0.3166247903553998 + casework_demo.u(5, seed, 0)) AS x_age,
               casework_demo.frac(g * 0.6055512754639891 + casework_demo.u(6, seed, 0)) AS x_need,
               casework_demo.frac(g * 0.1231056256176606 + casework_demo.u(7, seed, 0)) AS x_review
        FROM generate_series(1, cases) AS g
    ), timed AS MATERIALIZED (
        SELECT d.*, h.held, w.wait,
               CASE WHEN kind = 'open' THEN as_of - floor(x_when * w.wait)::int
                    WHEN kind IN ('refused', 'withdrawn') THEN y0 - lead + floor(x_when * (days + lead))::int
                    WHEN kind = 'old' THEN
                        y0 - 1 - floor(365.25 * (h.held - 1 + (x_when - held_cum[h.held])
                                                 / (coalesce(held_cum[h.held + 1], 1) - held_cum[h.held])))::int
                    WHEN kind = 'past' THEN y0 - 1168 - floor(1461 * x_when)::int
                    ELSE y0 + floor(x_when * days)::int END AS mark
        FROM drawn AS d,
             LATERAL (SELECT CASE kind WHEN 'old' THEN width_bucket(x_when, held_cum)
                                       WHEN 'past' THEN 8 END AS held) AS h,
             -- Nine old plans in ten were on time until four years before y0; since then hardly one.
             LATERAL (SELECT CASE kind WHEN 'issued' THEN casework_demo.at(q_wait, x_wait)
                                       WHEN 'open' THEN casework_demo.at(q_open, x_wait)
                                       WHEN 'not_issued' THEN casework_demo.at(q_not_issued, x_wait)
                                       WHEN 'joined' THEN 0 WHEN 'refused' THEN 0 WHEN 'withdrawn' THEN 0
                                       ELSE casework_demo.at(q_wait,
                                           CASE WHEN h.held > 4 THEN x_wait * 0.226
                                                ELSE 0.15 + 0.85 * x_wait END) END AS wait) AS w
    ), dated AS MATERIALIZED (
        -- A request counted back from a plan comes in on the next open day, which keeps a wait within its
        -- band.
        SELECT t.*, r.next_open AS received, f.last_open AS finish
        FROM timed AS t
        JOIN casework_demo.office_day AS m ON m.day = t.mark
        JOIN casework_demo.office_day AS r
            ON r.day = m.last_open - CASE WHEN t.kind = 'open' THEN 0 ELSE t.wait END
        JOIN casework_demo.office_day AS f
            ON f.day = m.last_open + CASE WHEN t.kind = 'open' THEN t.wait ELSE 0 END
    ), aged AS MATERIALIZED (
        SELECT d.*, CASE WHEN kind NOT IN ('refused', 'withdrawn') AND finish <= as_of THEN finish END AS plan_on,
               CASE WHEN a.drawn < 24 - n.years THEN a.drawn ELSE 3 + floor(x_need * (21 - n.years))::int END AS age
        FROM dated AS d,
             LATERAL (SELECT ages[width_bucket(x_age, age_cum)]::int AS drawn) AS a,
             LATERAL (SELECT (as_of - received) / 365 AS years) AS n
    ), ended AS MATERIALIZED (
        SELECT a.*, e.kind AS end_kind, e.day AS end_on,
               CASE e.kind WHEN 'moved' THEN e.day WHEN 'closed' THEN e.day
                           WHEN 'ceased' THEN e.day - 66 - floor(45 * casework_demo.u(g, seed, 13))::int
                           ELSE DATE 'infinity' END AS plan_until
        FROM aged AS a
        LEFT JOIN LATERAL (
            -- Of the plans that ended in 2024, 145 of 312 went to another authority and ten ended with the
            -- case.
            SELECT CASE WHEN a.kind = 'past' THEN CASE WHEN p < 0.465 THEN 'moved' WHEN p < 0.497 THEN 'closed'
                                                       ELSE 'ceased' END
                        WHEN p < 0.0210 * risk THEN 'moved' WHEN p < 0.0225 * risk THEN 'closed'
                        WHEN p < 0.0240 * risk THEN 'stayed'
                        WHEN p < 0.0360 * risk AND a.kind = 'old' THEN 'ceased' END AS kind,
                   CASE WHEN a.kind = 'past' THEN y0 - 50 - floor(1000 * casework_demo.u(g, seed, 12))::int
                        ELSE since + floor((as_of + 45 - since) * casework_demo.u(g, seed, 12))::int END AS day
            FROM (SELECT greatest(a.plan_on + 70, y0 + 112) AS since) AS s,
                 LATERAL (SELECT greatest(as_of + 45 - since, 0) / 365.0 AS risk,
                                 casework_demo.u(g, seed, 11) AS p) AS r
        ) AS e ON a.plan_on IS NOT NULL AND a.kind <> 'not_issued' AND e.kind IS NOT NULL
              AND (e.kind <> 'closed' OR e.day <= as_of)
    )
    SELECT row_number() OVER (ORDER BY received, g) AS case_id, g, kind, held, wait, received, finish,
           end_kind, end_on, plan_until, x_review, CASE WHEN kind <> 'not_issued' THEN plan_on END AS plan_on,
           received + CASE WHEN kind = 'withdrawn' THEN 5 + floor(25 * x_wait)::int
                           WHEN kind = 'refused' THEN casework_demo.at(q_decision, x_decide)
                           ELSE least(casework_demo.at(q_decision, x_decide), floor(wait * 0.55)::int) END AS decided,
           CASE WHEN kind IN ('refused', 'withdrawn') THEN sources_refused[width_bucket(x_source, refused_cum)]
                ELSE sources_agreed[width_bucket(x_source, agreed_cum)] END AS source,
           age, (received - make_interval(years => age))::date - floor(365 * casework_demo.u(g, seed, 14))::int AS born,
           needs[width_bucket(x_need, need_cum)] AS need,
           width_bucket(casework_demo.u(g, seed, 15), place_cum) AS place
    FROM ended;
    ANALYZE demo_case;

    INSERT INTO casework.ehc_case (case_id, case_ref, locality, team, officer, date_of_birth, primary_need)
    SELECT case_id, 'EHC-' || lpad(case_id::text, greatest(7, length(case_id::text)), '0'), places[place],
           (ARRAY['North', 'South', 'West', 'Post-16'])[team],
           CASE WHEN casework_demo.u(g, seed, 17) > 0.006
                THEN 'CO-' || lpad(officer::text, greatest(3, length(officer::text)), '0') END,
           CASE WHEN casework_demo.u(g, seed, 18) > 0.002 THEN born END, need
    FROM demo_case,
         LATERAL (SELECT CASE WHEN born < as_of - 16 * 365 THEN 4 ELSE 1 + place % 3 END AS team) AS t,
         LATERAL (SELECT team + 4 * floor(desks * casework_demo.u(g, seed, 16))::bigint AS officer) AS o
    ORDER BY case_id;
END $$;

-- Facts are gathered in the temporary table demo_event, on any day of the week; the last step moves them to
-- an open day and adds how they were recorded. `known` is the day on which a fact that may lie in the future
-- became known.

-- Requests, decisions, advice, consultations, plans; plans that end or move.
CREATE OR REPLACE FUNCTION casework_demo.tell_requests(seed bigint, as_of date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS demo_assessment;
    -- draft: the day of the draft, for a plan; at the latest 16 days before it. psychology: the last advice
    -- to come in.
    CREATE TEMPORARY TABLE demo_assessment ON COMMIT DROP AS
    SELECT case_id, g, kind, decided, finish, draft,
           decided + floor((draft - 1 - decided) * (0.5 + 0.45 * casework_demo.u(g, seed, 20)))::int AS psychology
    FROM demo_case,
         LATERAL (SELECT CASE WHEN kind = 'not_issued' THEN finish - 5
                              ELSE finish - least(16 + floor(30 * casework_demo.u(g, seed, 21))::int,
                                                  greatest(16, finish - decided - 35)) END AS draft) AS d
    WHERE kind IN ('issued', 'open', 'not_issued');

    INSERT INTO demo_event (case_id, event, subject, day)
    SELECT case_id, e.event, e.subject, e.day
    FROM demo_case,
         LATERAL (VALUES
            ('request_received', CASE WHEN source = 'parent' AND age >= 16 THEN 'young_person' ELSE source END,
             received),
            (CASE kind WHEN 'withdrawn' THEN 'request_withdrawn' WHEN 'refused' THEN 'assess_refused'
                       ELSE 'assess_agreed' END, NULL, decided),
            (CASE kind WHEN 'not_issued' THEN 'issue_refused' ELSE 'plan_issued' END, NULL,
             CASE WHEN kind NOT IN ('refused', 'withdrawn') THEN finish END)) AS e(event, subject, day)
    WHERE kind <> 'joined' AND e.day <= as_of
    UNION ALL
    SELECT case_id, e.event, NULL, e.day
    FROM demo_case,
         LATERAL (VALUES
            ('plan_transferred_in', finish),
            ('transfer_informed', CASE WHEN casework_demo.u(g, seed, 22) < 0.92
                                       THEN finish + 5 + floor(60 * casework_demo.u(g, seed, 23))::int END))
            AS e(event, day)
    WHERE kind = 'joined' AND e.day <= as_of AND e.day < plan_until
    UNION ALL
    SELECT case_id, e.event, e.subject, e.day
    FROM demo_assessment,
         LATERAL (VALUES
            ('issue_agreed', NULL, CASE WHEN kind <> 'not_issued' THEN
                draft - floor((draft - psychology) * 0.8 * casework_demo.u(g, seed, 24))::int END),
            ('draft_sent', NULL, CASE WHEN kind <> 'not_issued' THEN draft END),
            ('appointment_missed', 'psychology', CASE WHEN casework_demo.u(g, seed, 25) < 0.02 THEN
                decided + floor((psychology - decided) * casework_demo.u(g, seed, 26))::int END))
            AS e(event, subject, day)
    WHERE e.day <= as_of
    UNION ALL
    SELECT case_id, v.event, b.body, v.day
    FROM demo_assessment,
         LATERAL (VALUES
            ('education',   31, 1.00, 12, 32), ('psychology',  32, 1.00, 0, 0), ('health', 33, 0.65, 18, 45),
            ('social_care', 34, 0.50, 14, 42), ('parent', 35, 0.20,  7, 30))
            AS b(body, k, share, least_days, spread),
         LATERAL (SELECT decided + floor(3 * casework_demo.u(g, seed, 30))::int AS asked,
                         casework_demo.u(g, seed, b.k) AS x) AS a,
         LATERAL (VALUES
            ('advice_requested', asked),
            ('advice_received', CASE WHEN b.spread = 0 THEN greatest(psychology, asked + 1)
                ELSE least(greatest(psychology, asked + 1), asked + b.least_days + floor(b.spread * x)::int) END))
            AS v(event, day)
    WHERE casework_demo.u(g, seed, b.k + 10) < b.share AND v.day <= as_of
    UNION ALL
    SELECT case_id, v.event, 'URN-' || 855000 + (floor(200 * casework_demo.u(g, seed, 50))::int + 67 * i) % 200, v.day
    FROM demo_assessment, generate_series(1, 3) AS i,
         LATERAL (SELECT draft + floor(6 * casework_demo.u(g, seed, 50 + i))::int AS sent,
                         casework_demo.u(g, seed, 60 + i) AS x) AS s,
         LATERAL (VALUES ('consultation_sent', sent),
                         ('consultation_replied', CASE WHEN x < 0.85 AND sent + 4 + floor(20 * x)::int < finish
                                                       THEN sent + 4 + floor(20 * x)::int END)) AS v(event, day)
    WHERE kind <> 'not_issued' AND casework_demo.u(g, seed, 49) < 1.4 - 0.4 * i AND v.day <= as_of;

    -- A plan that ends with notice; a child who moves, or does not after all; a case closed.
    INSERT INTO demo_event (case_id, event, subject, day, known)
    SELECT case_id, e.event, e.subject, e.day, e.known
    FROM demo_case,
         LATERAL (SELECT end_on + 10 - floor(70 * casework_demo.u(g, seed, 70))::int AS told) AS t,
         LATERAL (VALUES
            ('ceased', 'cease_notified', NULL, plan_until, NULL::date),
            ('ceased', 'plan_ceased', NULL, end_on, NULL),
            ('moved', 'move_known', NULL, told, NULL),
            ('moved', 'moved_out', NULL, end_on, told),
            ('moved', 'plan_transferred_out', NULL,
             greatest(end_on, told + floor(32 * casework_demo.u(g, seed, 71))::int), NULL),
            ('stayed', 'move_known', NULL, told - 12, NULL),
            ('stayed', 'moved_out', NULL, told + 30, told - 12),
            ('stayed', 'move_cancelled', NULL, told, NULL),
            ('closed', 'case_closed',
             (ARRAY['left_england', 'deceased', 'other'])[1 + floor(3 * casework_demo.u(g, seed, 72))::int],
             end_on, NULL))
            AS e(kind, event, subject, day, known)
    WHERE e.kind = end_kind AND coalesce(e.known, e.day) <= as_of;
END $$;

-- The cycles of review of each plan: one decided in the last full year for the published share of old plans,
-- single decisions in the years before, and the next two, as far as they had come by as_of.
CREATE OR REPLACE FUNCTION casework_demo.tell_reviews(seed bigint, as_of date, y0 date, y1 date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    q_lag int[] := casework_demo.quantiles('review');
    q_next int[] := casework_demo.quantiles('next_review');
    outcomes text[] := casework_demo.items('outcome');
    outcome_cum float8[] := casework_demo.cum('outcome');
    reviewed_cum float8[] := casework_demo.cum('reviewed');
    never float8 := 1 - reviewed_cum[3];
    earlier float8 := reviewed_cum[3] - reviewed_cum[2];
    -- The share never reviewed falls with the years held; plans of the first year cannot have been reviewed
    -- before it.
    tilt float8 := (SELECT sum(weight) / sum(weight / ord) FROM casework_demo.share WHERE what = 'years_held');
    older float8 := 1 - (casework_demo.cum('years_held'))[2];
BEGIN
    DROP TABLE IF EXISTS demo_plan, demo_review;
    CREATE TEMPORARY TABLE demo_plan ON COMMIT DROP AS
    SELECT case_id, g, kind, held, plan_on, plan_until, x_review,
           CASE WHEN kind <> 'old' THEN kind WHEN x_review >= 1 - never * tilt / held THEN 'none'
                WHEN held > 1 AND x_review >= 1 - never * tilt / held - earlier / older THEN 'earlier'
                ELSE 'in_year' END AS reviewed
    FROM demo_case WHERE plan_on IS NOT NULL;

    INSERT INTO demo_event (case_id, event, day)
    SELECT case_id, CASE WHEN casework_demo.u(g, seed, 80) < 0.9 THEN 'review_decided_amend'
                         ELSE 'review_decided_maintain' END, day
    FROM demo_plan, generate_series(1, held - 1) AS j,
         LATERAL (SELECT plan_on + 365 * j - 15 + floor(50 * casework_demo.u(g, seed, 80 + j))::int AS day) AS d
    WHERE reviewed <> 'none' AND day < least(y0, plan_until);

    CREATE TEMPORARY TABLE demo_review ON COMMIT DROP AS
    WITH first AS MATERIALIZED (
        SELECT p.*, CASE WHEN reviewed = 'in_year' THEN
                   CASE WHEN natural_day > y1 - 2 THEN year_day - 12 - floor(60 * y)::int
                        WHEN natural_day < y0 + 5 THEN year_day + 5 + floor(60 * y)::int
                        ELSE natural_day END END AS d1,
               outcomes[width_bucket(casework_demo.frac(g * 0.7958315233127191 + x_review), outcome_cum)] AS o1
        FROM demo_plan AS p,
             LATERAL (SELECT y0 - 1 + least(extract(doy FROM plan_on)::int, 365) AS year_day,
                             casework_demo.u(g, seed, 100) AS x, casework_demo.u(g, seed, 101) AS y) AS a,
             LATERAL (SELECT year_day - 25 + floor(95 * x)::int AS natural_day) AS n
        WHERE kind <> 'past'
    ), second AS MATERIALIZED (
        SELECT f.*, CASE WHEN reviewed IN ('earlier', 'none') THEN y1 + 10 + floor(800 * x)::int
                         WHEN d1 IS NULL OR o1 <> 'cease' THEN greatest(base + 335 + casework_demo.at(q_next, x),
                              CASE WHEN kind = 'old' THEN y1 + 5 + floor(45 * y)::int END) END AS d2,
               outcomes[width_bucket(casework_demo.u(g, seed, 102), outcome_cum)] AS o2
        FROM first AS f,
             LATERAL (SELECT coalesce(d1, CASE WHEN kind = 'joined' THEN plan_on - 190 ELSE plan_on END) AS base,
                             casework_demo.u(g, seed, 103) AS x, casework_demo.u(g, seed, 104) AS y) AS b
    ), cycle AS MATERIALIZED (
        SELECT case_id, g, plan_on, plan_until, c.n, c.outcome,
               -- Schools are shut in August, so its meetings are held in the weeks before.
               c.decided - CASE WHEN extract(month FROM c.decided - lag) = 8 THEN 42 ELSE 0 END AS decided, lag
        FROM second AS s,
             LATERAL (VALUES (1, d1, o1), (2, d2, o2),
                 (3, CASE WHEN o2 <> 'cease' THEN d2 + 335
                          + casework_demo.at(q_next, casework_demo.u(g, seed, 105)) END, 'amend'))
                 AS c(n, decided, outcome),
             LATERAL (SELECT casework_demo.at(q_lag, CASE c.n
                 WHEN 1 THEN casework_demo.frac(g * 0.3588989435406736 + x_review)
                 ELSE casework_demo.u(g, seed, 105 + c.n) END) AS lag) AS l
        WHERE c.decided - lag < least(as_of + 100, plan_until)
    )
    SELECT c.case_id, c.g * 4 + c.n AS r, c.n, c.plan_on, c.plan_until, c.outcome, d.last_open AS decided,
           greatest(m.next_open, plan_on + 14) AS meeting
    FROM cycle AS c
    JOIN casework_demo.office_day AS d ON d.day = c.decided
    JOIN casework_demo.office_day AS m ON m.day = d.last_open - c.lag;

    INSERT INTO demo_event (case_id, event, day, known)
    SELECT case_id, e.event, e.day, e.known
    FROM demo_review,
         LATERAL (SELECT casework_demo.u(r, seed, 110) AS x, casework_demo.u(r, seed, 111) AS y,
                         casework_demo.u(r, seed, 112) AS z, casework_demo.u(r, seed, 113) AS v) AS u,
         LATERAL (SELECT decided + CASE WHEN x < 0.6 THEN 0 ELSE floor(30 * y)::int END AS notice) AS a,
         LATERAL (VALUES
            ('review_arranged', meeting, greatest(meeting - 35 - floor(50 * x)::int, plan_on)),
            ('review_invited', meeting - CASE WHEN y < 0.85 THEN 14 + floor(14 * z)::int
                                              WHEN y < 0.95 THEN 5 + floor(9 * z)::int END, NULL),
            ('review_papers_sent', meeting - CASE WHEN v < 0.70 THEN 14 + floor(8 * y)::int
                                                  WHEN v < 0.88 THEN 4 + floor(10 * y)::int END, NULL),
            ('review_meeting', meeting, NULL),
            ('review_report_sent', meeting + least(decided - meeting, CASE WHEN z < 0.72 THEN 5 + floor(10 * v)::int
                                                   WHEN z < 0.92 THEN 15 + floor(20 * v)::int END), NULL),
            ('review_decided_' || outcome, decided, NULL),
            (CASE outcome WHEN 'amend' THEN 'amendment_notice_sent' WHEN 'cease' THEN 'cease_notified' END,
             CASE outcome WHEN 'amend' THEN notice ELSE decided END, NULL),
            (CASE WHEN outcome = 'amend' THEN CASE WHEN v < 0.985 THEN 'plan_amended'
                                                ELSE 'amendment_dropped' END END,
             notice + CASE WHEN z < 0.62 THEN 15 + floor(41 * y)::int ELSE 57 + floor(110 * y)::int END, NULL))
            AS e(event, day, known)
    -- Notices of meetings have been recorded since the last full year ended.
    WHERE e.event IS NOT NULL AND e.day BETWEEN plan_on AND plan_until - 1 AND coalesce(e.known, e.day) <= as_of
      AND (e.event <> 'review_report_sent' OR z < 0.92)
      AND (meeting > y1 OR e.event NOT IN ('review_arranged', 'review_invited', 'review_papers_sent'));

    -- After a decision to cease the plan runs on until the time for an appeal is over.
    INSERT INTO demo_event (case_id, event, day)
    SELECT case_id, 'plan_ceased', day
    FROM demo_review, LATERAL (SELECT decided + 64 + floor(60 * casework_demo.u(r, seed, 114))::int AS day) AS e
    WHERE outcome = 'cease' AND decided < plan_until AND day < plan_until AND day <= as_of;
    UPDATE demo_case AS c SET plan_until = r.decided
    FROM demo_review AS r WHERE r.case_id = c.case_id AND r.outcome = 'cease' AND r.decided < c.plan_until;
END $$;

-- Changes of school, re-assessments, direct payments.
CREATE OR REPLACE FUNCTION casework_demo.tell_changes(seed bigint, as_of date, y0 date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO demo_event (case_id, event, subject, day, known)
    SELECT case_id, e.event, e.subject, e.day, e.known
    FROM demo_case,
         generate_series(extract(year FROM y0)::int, extract(year FROM as_of)::int + 1) AS y,
         LATERAL (SELECT make_date(y, 9, 1) AS day, g * 100 + y % 100 AS k,
                         extract(year FROM age(make_date(y, 8, 31), born))::int AS years) AS t,
         LATERAL (SELECT CASE WHEN years IN (4, 11) THEN 'school' WHEN years = 16 THEN 'post16'
                              WHEN years = 18 AND casework_demo.u(k, seed, 120) < 0.4 THEN 'post16_move' END AS subject,
                         greatest(make_date(y - 1, 6, 15) + floor(90 * casework_demo.u(k, seed, 121))::int,
                                  plan_on + 7) AS known,
                         casework_demo.u(k, seed, 122) AS x, casework_demo.u(k, seed, 123) AS z) AS s,
         LATERAL (SELECT CASE subject WHEN 'school' THEN make_date(y, 2, 14) WHEN 'post16' THEN make_date(y, 3, 30)
                                      ELSE make_date(y, 4, 1) END AS due) AS d,
         LATERAL (VALUES
            ('phase_transfer', subject, t.day, known),
            ('transfer_plan_sent', NULL, greatest(plan_on + 40, CASE WHEN x < 0.62 THEN due - floor(75 * z)::int
                                                    WHEN x < 0.96 THEN due + 1 + floor(120 * z)::int END), NULL))
            AS e(event, subject, day, known)
    WHERE plan_on < t.day - 60 AND s.subject IS NOT NULL AND s.known < least(t.day, plan_until)
      AND coalesce(e.known, e.day) <= as_of
      AND (e.event = 'phase_transfer' OR x < 0.96 AND e.day < least(plan_until, t.day));

    INSERT INTO demo_event (case_id, event, day)
    SELECT case_id, e.event, e.day
    FROM demo_case,
         LATERAL (SELECT casework_demo.u(g, seed, 130) AS x, casework_demo.u(g, seed, 131) AS z,
                         greatest(y0, plan_on + 150) AS since) AS u,
         LATERAL (SELECT since + floor((as_of - since) * casework_demo.u(g, seed, 132))::int AS asked,
                         plan_on + 20 + floor(60 * z)::int AS paid) AS a,
         LATERAL (VALUES
            (x < 0.012, 'reassess_requested', asked),
            (x < 0.007, 'reassess_agreed', asked + 8 + floor(14 * z)::int),
            (x < 0.005, 'reassess_plan_sent', asked + 80 + floor(60 * z)::int),
            (x BETWEEN 0.007 AND 0.010, 'reassess_refused', asked + 8 + floor(14 * z)::int),
            (x > 0.0115 AND x < 0.012, 'reassess_withdrawn', asked + 3 + floor(9 * z)::int),
            (x > 0.970 AND kind = 'issued', 'direct_payment_started', paid),
            (x > 0.975 AND kind = 'issued', 'direct_payment_reviewed', paid + 60 + floor(50 * z)::int),
            (x > 0.997 AND kind = 'issued', 'direct_payment_ended', paid + 130)) AS e(happens, event, day)
    WHERE plan_on IS NOT NULL AND happens AND since < as_of AND e.day <= as_of AND e.day < plan_until;
END $$;

-- Mediation and appeals against a refusal, a refusal to make a plan, and the content of a new plan; what
-- comes of them.
CREATE OR REPLACE FUNCTION casework_demo.tell_disputes(seed bigint, as_of date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO demo_event (case_id, event, subject, day)
    WITH dispute AS MATERIALIZED (
        SELECT *
        FROM (SELECT case_id, g, kind, plan_until, CASE kind WHEN 'refused' THEN decided ELSE finish END AS since,
                     casework_demo.u(g, seed, 141) AS x, casework_demo.u(g, seed, 142) AS y,
                     casework_demo.u(g, seed, 143) AS z, casework_demo.u(g, seed, 144) AS v,
                     CASE kind WHEN 'issued' THEN 0.04 ELSE 0.14 END AS mediates,
                     CASE kind WHEN 'issued' THEN 0.025 ELSE 0.08 END AS appeals
              FROM demo_case WHERE kind IN ('refused', 'not_issued', 'issued') OFFSET 0) AS d
        WHERE (x < mediates OR v < appeals) AND since < as_of
    )
    SELECT case_id, e.event, e.subject, e.day
    FROM dispute,
         LATERAL (SELECT CASE WHEN kind = 'refused' THEN 'assess' WHEN kind = 'not_issued' THEN 'make_plan'
                              WHEN casework_demo.u(g, seed, 140) < 0.7 THEN 'amend' ELSE 'placement' END AS about,
                         since + 8 + floor(40 * y)::int AS asked, since + 40 + floor(35 * z)::int AS appealed) AS a,
         LATERAL (SELECT asked + 18 + floor(24 * z)::int AS met,
                         CASE WHEN y < 0.45 THEN 'appeal_conceded' WHEN y < 0.80 THEN 'tribunal_order'
                              WHEN y < 0.95 THEN 'appeal_withdrawn' END AS ending,
                         appealed + CASE WHEN y < 0.45 THEN 50 + floor(70 * x)::int
                                         ELSE 190 + floor(120 * x)::int END AS ended) AS m,
         LATERAL (VALUES
            (x < mediates, 'mediation_requested', CASE WHEN v < 0.1 THEN 'health' ELSE 'other' END, asked),
            (x < mediates AND v < 0.1, 'icb_notified', NULL, asked + 1 + floor(5 * z)::int),
            (x < mediates AND z < 0.9, 'mediation_held', NULL, met),
            (x < mediates AND z < 0.9 AND y < 0.6, 'mediation_certificate', NULL, met + 2),
            (x < mediates AND z < 0.9 AND y >= 0.6, 'mediation_agreed',
             CASE WHEN kind = 'issued' THEN 'other' ELSE 'appealable' END, met),
            (x < mediates AND z < 0.8 AND y >= 0.6 AND kind = 'issued', 'mediation_done', NULL,
             met + 6 + floor(12 * v)::int),
            (v < appeals, 'appeal_received', NULL, appealed),
            (v < appeals, 'appeal_response_sent', NULL, appealed + 34 + floor(16 * x)::int),
            (v < appeals, ending, CASE WHEN ending <> 'appeal_withdrawn' THEN about END, ended),
            (v < appeals AND y < 0.80 AND about = 'assess', 'assess_agreed', NULL, ended + 7 + floor(11 * z)::int),
            (v < appeals AND y < 0.80 AND about = 'assess', 'advice_requested', 'psychology', ended + 18),
            (v < appeals AND y < 0.80 AND about = 'assess', 'advice_requested', 'education', ended + 18),
            (v < appeals AND y < 0.80 AND about = 'assess', 'advice_received', 'education', ended + 40),
            (v < appeals AND y < 0.80 AND about = 'assess' AND x < 0.8, 'advice_received', 'psychology', ended + 62),
            (v < appeals AND y < 0.80 AND about = 'assess' AND x < 0.3, 'issue_refused', NULL, ended + 68),
            (v < appeals AND y < 0.80 AND about = 'assess' AND x BETWEEN 0.4 AND 0.8, 'draft_sent', NULL,
             ended + 76),
            (v < appeals AND y < 0.80 AND about = 'assess' AND x BETWEEN 0.4 AND 0.8, 'plan_issued', NULL,
             ended + 97),
            (v < appeals AND y < 0.80 AND about = 'make_plan', 'draft_sent', NULL, ended + 28 + floor(10 * z)::int),
            (v < appeals AND y < 0.80 AND about = 'make_plan' AND x < 0.8, 'plan_issued', NULL,
             ended + 60 + floor(20 * z)::int),
            (v < appeals AND y < 0.80 AND about IN ('amend', 'placement'), 'plan_amended', NULL,
             ended + CASE about WHEN 'amend' THEN 25 + floor(20 * z)::int ELSE 9 + floor(9 * z)::int END))
            AS e(happens, event, subject, day)
    WHERE happens AND e.event IS NOT NULL AND e.day <= as_of AND e.day < plan_until;
END $$;

-- Grounds for not meeting a limit, claimed in a few of the recent cases.
CREATE OR REPLACE FUNCTION casework_demo.tell_exceptions(seed bigint, as_of date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO casework.ehc_exception (case_id, ground, from_on, to_on, recorded_at, voided_at)
    SELECT case_id, ground, from_on, CASE WHEN to_on <= as_of OR ground = 'school_closed' THEN to_on END,
           recorded AT TIME ZONE 'Europe/London',
           CASE WHEN casework_demo.u(g, seed, 155) < 0.04 AND recorded::date + 20 <= as_of
                THEN (recorded + interval '20 days') AT TIME ZONE 'Europe/London' END
    FROM demo_case,
         LATERAL (SELECT casework_demo.u(g, seed, 150) AS x, casework_demo.u(g, seed, 151) AS y,
                         casework_demo.u(g, seed, 152) AS z,
                         make_date(extract(year FROM received)::int, 7, 23) AS july) AS u,
         LATERAL (SELECT CASE WHEN received BETWEEN july - 98 AND july THEN 'school_closed'
                              WHEN y < 0.45 THEN 'personal' WHEN y < 0.75 THEN 'absent'
                              ELSE 'claimed' END AS ground) AS k,
         LATERAL (SELECT CASE WHEN ground = 'school_closed' THEN july
                              WHEN ground = 'claimed' AND y < 0.90 THEN NULL
                              ELSE received + floor(least(wait, 200) * z)::int END AS from_on) AS f,
         LATERAL (SELECT CASE ground WHEN 'school_closed' THEN july + 41 WHEN 'claimed' THEN NULL
                                     ELSE from_on + 10 + floor(60 * x / 0.03)::int END AS to_on,
                         coalesce(from_on, received + 5) + time '16:20' AS recorded) AS t
    WHERE kind IN ('issued', 'open') AND x < 0.03 AND coalesce(from_on, received + 5) <= as_of
    ORDER BY case_id;
END $$;

-- Moves the facts to open days, records them (most on the day or the next open one, some weeks later), makes
-- and corrects a few mistakes, and writes them in the order of the cases, so that the heap has it too.
CREATE OR REPLACE FUNCTION casework_demo.write_events(seed bigint, as_of date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO casework.ehc_event (case_id, event, subject, occurred_on, recorded_at, voided_at)
    SELECT case_id, event, subject, day - CASE WHEN wrong THEN 1 + floor(9 * y)::int ELSE 0 END,
           (recorded + CASE WHEN corrected AND NOT wrong THEN later ELSE interval '0' END)
           AT TIME ZONE 'Europe/London',
           CASE WHEN wrong THEN (recorded + later) AT TIME ZONE 'Europe/London' END
    FROM (
        SELECT t.*, unnest(CASE WHEN corrected THEN '{f,t}'::boolean[] ELSE '{f}' END) AS wrong
        FROM (
            SELECT p.*, x < 0.008 AND recorded::date + 28 <= as_of AS corrected,
                   interval '7 days' * (1 + floor(500 * x)::int) AS later
            FROM (
                SELECT u.case_id, u.event, u.subject, u.day, u.x, u.y,
                       CASE WHEN r.next_open <= as_of THEN r.next_open ELSE u.known END
                       + time '08:40' + floor(30000 * u.y) * interval '1 second' AS recorded
                FROM (
                    -- OFFSET 0 keeps the planner from working each draw out again wherever it is used.
                    SELECT k.*, casework_demo.u(h, seed, 160) AS x, casework_demo.u(h, seed, 161) AS y,
                           casework_demo.u(h, seed, 162) AS z
                    FROM (SELECT e.case_id, e.event, e.subject, coalesce(e.known, o.last_open) AS known,
                                 CASE WHEN e.event IN ('phase_transfer', 'moved_out') THEN e.day
                                      ELSE o.last_open END AS day,
                                 hashtextextended(e.event || coalesce(e.subject, ''), hashint8extended(e.case_id,
                                                  e.day - DATE '2000-01-01')) AS h
                          FROM demo_event AS e JOIN casework_demo.office_day AS o ON o.day = e.day OFFSET 0) AS k
                    OFFSET 0) AS u
                JOIN casework_demo.office_day AS r
                    ON r.day = u.known + CASE WHEN z < 0.62 THEN 0 WHEN z < 0.90 THEN 1
                                              WHEN z < 0.98 THEN 2 + floor(8 * y)::int
                                              ELSE 10 + floor(35 * y)::int END
                OFFSET 0) AS p
            OFFSET 0) AS t
    ) AS f
    ORDER BY case_id, day, event COLLATE "C", subject COLLATE "C", wrong;
END $$;

-- The one to call. cases: how many; seed: which of the many; as_of: the present day of the caseload.
DROP FUNCTION IF EXISTS casework_demo.generate(bigint, bigint, date);
CREATE FUNCTION casework_demo.generate(cases bigint, seed bigint, as_of date)
RETURNS TABLE (case_rows bigint, event_rows bigint, exception_rows bigint, plans_in_force bigint,
               open_requests bigint)
LANGUAGE plpgsql
SET work_mem = '256MB' SET client_min_messages = warning AS $$
DECLARE
    y0 date := make_date(extract(year FROM as_of)::int - 1, 1, 1);      -- the last full calendar year: y0 to y1
    y1 date := make_date(extract(year FROM as_of)::int - 1, 12, 31);
BEGIN
    IF cases < 0 OR cases IS NULL OR seed IS NULL OR as_of NOT BETWEEN DATE '2016-01-01' AND DATE '2058-12-31' THEN
        RAISE EXCEPTION 'generate(%, %, %): needs 0 or more cases, a seed and a day of 2016 to 2058',
            cases, seed, as_of;
    END IF;
    TRUNCATE casework.ehc_case, casework.ehc_event, casework.ehc_exception RESTART IDENTITY;
    DROP TABLE IF EXISTS demo_event;
    CREATE TEMPORARY TABLE demo_event (case_id bigint, event text, subject text, day date, known date) ON COMMIT DROP;
    PERFORM casework_demo.draw_cases(cases, seed, as_of, y0);
    PERFORM casework_demo.tell_requests(seed, as_of);
    PERFORM casework_demo.tell_reviews(seed, as_of, y0, y1);
    PERFORM casework_demo.tell_changes(seed, as_of, y0);
    PERFORM casework_demo.tell_disputes(seed, as_of);
    PERFORM casework_demo.tell_exceptions(seed, as_of);
    ANALYZE demo_event;
    PERFORM casework_demo.write_events(seed, as_of);
    ANALYZE casework.ehc_case, casework.ehc_event, casework.ehc_exception;
    RETURN QUERY SELECT (SELECT count(*) FROM casework.ehc_case), (SELECT count(*) FROM casework.ehc_event),
        (SELECT count(*) FROM casework.ehc_exception),
        (SELECT count(*) FROM demo_case WHERE plan_on IS NOT NULL AND plan_until > generate.as_of),
        (SELECT count(*) FROM demo_case WHERE kind = 'open' AND plan_on IS NULL);
END $$;
