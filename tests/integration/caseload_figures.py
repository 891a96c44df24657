"""The published figures of Leicestershire for 2025, measured in a caseload by plain SQL.

measure(psql, year) gives a Figure for each: what was published, what the caseload shows, how far apart they may be.
The queries know nothing of how the caseload was made; they count what a data team would count from the facts.
"""
import collections

Figure = collections.namedtuple("Figure", "group name got want tolerance")
Figure.holds = property(lambda f: abs(f.got - f.want) <= f.tolerance)

# Facts that stand, and the first day of each of the steps that a case takes once.
VIEWS = """
CREATE TEMPORARY VIEW fact AS SELECT * FROM casework.ehc_event WHERE voided_at IS NULL;
CREATE TEMPORARY TABLE span AS SELECT DATE '{first}' AS y0, DATE '{last}' AS y1;
CREATE TEMPORARY TABLE step AS
SELECT case_id, min(occurred_on) FILTER (WHERE event = 'request_received') AS request,
       min(subject) FILTER (WHERE event = 'request_received') AS source,
       min(occurred_on) FILTER (WHERE event IN ('assess_agreed', 'assess_refused')) AS decision,
       min(occurred_on) FILTER (WHERE event = 'assess_agreed') AS agreed,
       min(occurred_on) FILTER (WHERE event = 'assess_refused') AS refused,
       min(occurred_on) FILTER (WHERE event = 'request_withdrawn') AS withdrawn,
       min(occurred_on) FILTER (WHERE event = 'plan_issued') AS issued,
       min(occurred_on) FILTER (WHERE event = 'issue_refused') AS not_issued,
       min(occurred_on) FILTER (WHERE event IN ('plan_issued', 'plan_transferred_in')) AS plan,
       min(occurred_on) FILTER (WHERE event IN ('plan_ceased', 'plan_transferred_out', 'case_closed')) AS ended,
       min(occurred_on) FILTER (WHERE event = 'appeal_received') AS appeal
FROM fact GROUP BY case_id;
CREATE TEMPORARY TABLE review AS
SELECT d.case_id, d.occurred_on AS decided, replace(d.event, 'review_decided_', '') AS outcome,
       (SELECT max(m.occurred_on) FROM fact AS m
        WHERE m.case_id = d.case_id AND m.event = 'review_meeting' AND m.occurred_on <= d.occurred_on
          AND m.occurred_on > d.occurred_on - 300) AS meeting
FROM fact AS d, span WHERE d.event LIKE 'review_decided_%' AND d.occurred_on BETWEEN y0 AND y1;
"""


def shares(group, names, counts, tolerance):
    """The query's counts against the published ones, both as percentages of their sums."""
    total = sum(counts.values())
    return lambda row: [Figure(group, f"{group}: {n}", 100 * got / max(1, sum(row)), 100 * counts[n] / total, tolerance)
                        for n, got in zip(names, row)]


def counted(group, column, counts, tolerance, where, relation="step CROSS JOIN span"):
    """A query of one row that counts each word of a column, and its reader."""
    names = list(counts)
    cells = ", ".join(f"count(*) FILTER (WHERE {column} = '{n}')" for n in names)
    return f"SELECT {cells} FROM {relation} WHERE {where}", shares(group, names, counts, tolerance)


def figures():
    """(query, reader of its one row) for each group of figures."""
    yield ("SELECT count(*) FILTER (WHERE days <= 140), count(*) FILTER (WHERE days BETWEEN 141 AND 364),"
           " count(*) FILTER (WHERE days > 364)"
           " FROM (SELECT issued - request AS days FROM step, span WHERE issued BETWEEN y0 AND y1) AS s",
           shares("plans issued", ["20 weeks", "20 to 52 weeks", "over 52 weeks"],
                  {"20 weeks": 445, "20 to 52 weeks": 1321, "over 52 weeks": 421}, 1.5))
    yield ("SELECT avg(issued - request) / 7 FROM step, span WHERE issued BETWEEN y0 AND y1",
           lambda r: [Figure("mean wait", "mean weeks from request to plan", r[0], 35.4, 2)])
    yield ("SELECT count(*) FILTER (WHERE issued - request > 126), count(*) FROM step, span"
           " WHERE issued BETWEEN y0 AND y1 AND issued - request <= 140",
           lambda r: [Figure("crowding", "of the plans in 20 weeks, in the last two (not published)",
                             100 * r[0] / max(1, r[1]), 70, 8)])
    yield ("SELECT count(*) FILTER (WHERE decision - request <= 42), count(*) FILTER (WHERE decision - request > 42)"
           " FROM step, span WHERE decision BETWEEN y0 AND y1",
           shares("decisions", ["in six weeks", "later"], {"in six weeks": 1849, "later": 68}, 1.5))
    yield counted("source", "CASE source WHEN 'young_person' THEN 'parent' ELSE source END",
                  {"school": 1060, "parent": 914, "other": 22, "social_care": 4}, 1.5, "request BETWEEN y0 AND y1")
    yield counted("at the year's end", "CASE WHEN decision <= y1 THEN CASE WHEN agreed = decision THEN 'agreed'"
                  " ELSE 'refused' END WHEN withdrawn <= y1 THEN 'withdrawn' ELSE 'undecided' END",
                  {"agreed": 1272, "refused": 519, "undecided": 204, "withdrawn": 5}, 1.5, "request BETWEEN y0 AND y1")
    for source, agreed, refused in ("school", 848, 82), ("parent", 402, 434):
        yield counted(f"decided, {source}", "CASE WHEN agreed = decision THEN 'agreed' ELSE 'refused' END",
                      {"agreed": agreed, "refused": refused}, 3, "request BETWEEN y0 AND y1 AND decision <= y1 AND"
                      f" CASE source WHEN 'young_person' THEN 'parent' ELSE source END = '{source}'")
    yield ("SELECT count(*) FILTER (WHERE not_issued - request <= 112),"
           " count(*) FILTER (WHERE not_issued - request > 112)"
           " FROM step, span WHERE not_issued BETWEEN y0 AND y1 AND refused IS NULL",
           shares("no plan", ["in 16 weeks", "later"], {"in 16 weeks": 8, "later": 191}, 4))
    # A review is expected of a plan in force all the year, or until a review of the year ended it.
    yield counted("reviews expected", "CASE WHEN last BETWEEN y0 AND y1 THEN 'in the year' WHEN last < y0"
                  " THEN 'earlier' ELSE 'never' END", {"in the year": 4183, "earlier": 933, "never": 1304}, 2,
                  "plan < y0 AND (ended IS NULL OR ended > y1 OR ceasing)",
                  "span CROSS JOIN step CROSS JOIN LATERAL (SELECT max(occurred_on) AS last,"
                  " bool_or(event = 'review_decided_cease' AND occurred_on >= y0) AS ceasing FROM fact WHERE"
                  " fact.case_id = step.case_id AND event LIKE 'review_decided_%' AND occurred_on <= y1) AS r")
    yield ("SELECT count(*) FILTER (WHERE decided - meeting <= 28), count(*) FILTER (WHERE decided - meeting > 28)"
           " FROM review", shares("review decisions", ["in four weeks", "later"],
                                  {"in four weeks": 2190, "later": 1993}, 2))
    yield counted("review outcome", "outcome", {"amend": 4022, "cease": 120, "maintain": 24}, 1, "true", "review")
    ages = dict(zip(map(str, range(3, 18)), (219, 63, 84, 98, 95, 115, 134, 167, 104, 116, 123, 98, 79, 38, 12)))
    yield counted("age at request", "extract(year FROM age(request, date_of_birth))", ages, 2,
                  "request BETWEEN y0 AND y1", "step JOIN casework.ehc_case USING (case_id) CROSS JOIN span")
    needs = {"ASD": 27.7, "SEMH": 19.4, "SLCN": 19.1, "MLD": 13.3, "SLD": 8.8, "SPLD": 4.3, "PD": 3.1, "PMLD": 1.6,
             "VI": 1.1, "HI": 0.9, "MSI": 0.5, "OTH": 0.2}
    yield counted("need", "primary_need", needs, 2, "plan IS NOT NULL", "step JOIN casework.ehc_case USING (case_id)")
    held = dict(zip(map(str, range(1, 12)), (935, 728, 657, 649, 731, 715, 688, 702, 706, 636, 49)))
    yield counted("years held", "1 + floor((y0 - 1 - plan) / 365.25)", held, 2,
                  "plan < y0 AND (ended IS NULL OR ended >= y0)")
    # Not published as such: 42.1 plans a week, each 35.4 weeks under way, beside the plans of January.
    yield ("SELECT 9000.0 * count(*) FILTER (WHERE agreed = decision AND plan IS NULL AND not_issued IS NULL)"
           " / nullif(count(*) FILTER (WHERE plan IS NOT NULL AND ended IS NULL), 0) FROM step",
           lambda r: [Figure("open", "open assessments to 9,000 plans", r[0], 1350, 250)])


def measure(psql, year, before=""):
    """Every figure. psql(text) runs a script and gives its rows as lists of text; `before` is SQL to run first."""
    queries = list(figures())
    script = [before, VIEWS.format(first=f"{year}-01-01", last=f"{year}-12-31"), *(text + ";" for text, _ in queries)]
    rows = psql("BEGIN;\n" + "\n".join(script) + "\nROLLBACK;")
    return [figure for row, (_, reader) in zip(rows, queries) for figure in reader([float(v or 0) for v in row])]
