#!/usr/bin/python3
"""Workbooks, opened by Debian's openpyxl: every cell is that of the CSV; long ones in little memory, beside a loop that goes on."""
import concurrent.futures
import csv
import datetime
import io
import json
import math
import pathlib
import re
import socket
import subprocess
import tempfile
import zipfile

import openpyxl

import _world as w
from _world import ago, h

t = h.Tap()
MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DATES = ("occurred_on", "start_on", "due_on", "safe_on", "act_by", "requested_on", "next_due_on")
UTC = datetime.timezone.utc
LONG, SHORT = 100000, 2000


# --- comparing -----------------------------------------------------------------------------------------------------------

def plain(text):
    """A CSV field without the apostrophe that keeps spreadsheets from taking it for a formula."""
    return text[1:] if re.match("'[=+@\t\r-]", text) else text


def same(cell, text):
    """Whether a cell holds what the CSV says, as what it is."""
    value = cell.value
    if value is None:
        return text == ""
    if isinstance(value, bool):
        return text == ("true" if value else "false")
    if isinstance(value, datetime.datetime):
        if len(text) == 10:
            return value == datetime.datetime.fromisoformat(text)
        return value.replace(tzinfo=UTC) == datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if isinstance(value, (int, float)):
        digits = len(text.partition(".")[2])
        return math.isclose(value, float(text), abs_tol=0.5000001 * 10 ** -digits)
    return cell.data_type in ("s", "inlineStr") and value == plain(text) and not re.fullmatch(r"\d{4}-\d\d-\d\d", text)


def lists_of(book):
    """The sheets behind the summary."""
    return [book[name] for name in book.sheetnames[1:]]


# Columns by their technical names, which CSV has, and by what people read, which workbooks have.
TITLES = {pair for p in [*(w.ROOT / "daemon").rglob("*.c"), w.ROOT / "tests/integration/xlsx_test.c"]
          for pair in re.findall(r'\{\s*"([a-z0-9_]+)",\s*"([^"]+)",', p.read_text())}


def technical(book, text):
    """The book with the CSV's names at the head of its lists, where what stood there are the words for them, each once and with room."""
    names = next(csv.reader(io.StringIO(text)))
    for sheet in lists_of(book):
        read_head(sheet, names)
    return book


def read_head(sheet, names):
    words = [c.value for c in sheet[1]]
    wrong = [pair for pair in zip(names, words) if pair not in TITLES]
    height = sheet.row_dimensions[1].height or 15
    widths = [sheet.column_dimensions[c.column_letter].width for c in sheet[1]]
    tight = [(x, n) for x, n in zip(words, widths) if n < max(map(len, x.split())) + 3 or len(x) > (n - 3) * height / 15]
    if wrong or tight or len(words) != len(names) or len(set(words)) != len(words):
        t.ok(False, f"{sheet.title}: the heads of columns are words, each once and with room", (wrong, tight, words))
    for cell, name in zip(sheet[1], names):
        cell._value = name  # pylint: disable=protected-access


def compare(book, text, by_limit):
    """What differs between a workbook and the CSV of the same list."""
    rows = list(csv.reader(io.StringIO(text)))
    header, rows = rows[0], rows[1:]
    wrong, left = [], {}
    for row in rows:
        left.setdefault(row[header.index("limit")] if by_limit else None, []).append(row)
    for sheet in lists_of(book):
        cells = list(sheet.iter_rows())
        if [c.value for c in cells[0]] != header:
            wrong.append((sheet.title, "header"))
        for line in cells[1:]:
            key = line[header.index("limit")].value if by_limit else None
            want = left[key].pop(0) if left.get(key) else None
            if want is None or len(line) != len(want) or not all(map(same, line, want)):
                wrong.append((sheet.title, [c.value for c in line], want))
            if by_limit and not sheet.title.startswith(str(key)[:20]):
                wrong.append((sheet.title, "is not of", key))
    return wrong + [("missing", rest) for rest in left.values() if rest]


def formulas(book):
    return [(s.title, c.coordinate) for s in book for row in s.iter_rows() for c in row if c.data_type == "f" or c.hyperlink]


def summary(book):
    """The rows of the summary: {first cell: the others}."""
    return {r[0]: list(r[1:]) for r in book.worksheets[0].iter_rows(values_only=True) if r[0] is not None}


# --- a list made in C ----------------------------------------------------------------------------------------------------

def build(folder):
    binary = folder / "xlsx_test"
    include = [f"-Iinclude/{room}" for room in ("app", "io", "render", "watch", "statute")]
    libraries = subprocess.run(["make", "-s", "--no-print-directory", "libs"], check=True, cwd=w.ROOT, stdout=subprocess.PIPE,
                               text=True).stdout.split()
    subprocess.run(["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers",
                    "-fno-strict-aliasing", *include, "-o", binary, "tests/integration/xlsx_test.c", "build/release/libehcwatch.a",
                    *libraries], cwd=w.ROOT, check=True)
    return binary


def make(binary, path, *args):
    done = subprocess.run([binary, path, *map(str, args)], check=True, stdout=subprocess.PIPE, timeout=120)
    return json.loads(done.stdout)


def rows_and_cases(path):
    """How many rows the sheets behind the first have below their headers, and which cases."""
    rows, cases = 0, set()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"xl/worksheets/sheet(?!1\.)\d+\.xml", name):
                data = archive.read(name)
                rows += data.count(b"<row ") - 1
                cases.update(re.findall(rb'<c r="A\d+" t="inlineStr"><is><t>(EHC-\d+)<', data))
    return rows, cases


def long_lists(folder, binary):
    short, long = make(binary, folder / "short.xlsx", SHORT), make(binary, folder / "long.xlsx", LONG)
    print(f"# {LONG} rows: {long}")
    rows, cases = rows_and_cases(folder / "long.xlsx")
    t.eq((rows, len(cases)), (LONG, LONG), "every row of a long list is there, once")
    t.ok(long["rows_most"] <= 1100, "a pass of the loop looks at a thousand rows at most", long)
    t.ok(long["late"] * 1000 <= long["passes"], "no pass takes 10 ms of the loop", long)
    t.ok(long["passes"] > LONG / 100, "it goes on in many passes", long)
    t.ok(long["resident_kb"] < short["resident_kb"] + 4096 and long["resident_kb"] < 32768,
         "fifty times the rows take no more memory", [short, long])


def every_type(folder, binary):
    make(binary, folder / "types.xlsx", 1000, 90)
    book = openpyxl.load_workbook(folder / "types.xlsx")
    text = (folder / "types.xlsx.csv").read_text()
    wrong = compare(technical(book, text), text, True)
    t.eq(wrong[:3], [], "each cell is what the CSV says")
    t.eq(formulas(book), [], "none is a formula or a link")
    sheets = book.sheetnames
    t.eq([s for s in sheets if "~" not in s], ["Summary", "assess_decision_6w", "advice_6w", "final_plan_20w", "annual_review_12m",
                                               "a_rule_of_our_own"], "sheets in the order of the rulebook, what it does not have behind")
    t.ok(all(s.max_row <= 91 for s in lists_of(book)) and "advice_6w~3" in sheets, "a sheet that is full goes on in another", sheets)
    t.eq(summary(book)["locality"][0], "=1+1", "what was asked for is a text, too")
    one = book["final_plan_20w"]
    formats = {c.value: one.cell(2, c.column).number_format for c in one[1]}
    t.eq([formats[n] for n in ("due_on", "weeks", "share", "days", "seen_at", "case_ref")],
         ["yyyy\\-mm\\-dd" if "\\" in formats["due_on"] else "yyyy-mm-dd", "0.0", "0.0%", "General",
          "yyyy\\-mm\\-dd\\ hh:mm:ss" if "\\" in formats["seen_at"] else "yyyy-mm-dd hh:mm:ss", "General"], "shown as dates, shares, numbers")
    counted = summary(book)
    head = counted["limit"]
    t.eq(head, ["title", "breached", "excepted", "with exceptions", "without exceptions"], "the counts of the summary")
    t.eq(counted["all"][1:], [667, 333, 1000, 667], "by state, with and without exceptions")
    t.eq(sum(counted[s][3] for s in sheets if s in counted), 1000, "which add up")


# --- the daemon ----------------------------------------------------------------------------------------------------------

ODD = ["=1+1", "+x", "@x", "-x", "=cmd|' /C calc'!A0", "a \"b\", c\nd", "_x0041_", "Ärzte", "'quoted", "\tx", "<b>&amp;</b>"]


def write_cases(cases):
    for i, odd in enumerate(ODD):
        cases.case(10 + i, ("request_received", ago(30 * (i + 1))), ref=odd, locality=ODD[-1 - i], team=f"T{i % 2}")
    for i in range(40):
        cases.case(100 + i, ("request_received", ago(20 + 9 * i)), ("assess_agreed", ago(10 + 8 * i)), team="T1", locality="North")
    cases.event(12, "assess_agreed", ago(-3))
    cases.event(13, "=lunch()", ago(3))
    cases.event(999, "draft_sent", ago(6))
    cases.claim(14, "snow", ago(9))
    for i in range(5):
        cases.case(200 + i, ("request_received", ago(700)), ("plan_issued", ago(330 + i * 10)), team="T2", locality="South")
        cases.claim(100 + i, "personal", ago(20), ago(10))
        cases.claim(135 + i, "personal", ago(200), ago(10))
    for table in ("ehc_event", "ehc_exception"):
        cases.db.sql(f"UPDATE casework.{table} SET recorded_at = '2026-06-01'")


def fetch(ehc, path, headers=None):
    """Headers and body; asked for again when the cases were read anew in between."""
    code, got, body = ehc.wait_until(lambda: (a := ehc.http(path, headers, timeout=60))[0] != 503 and a, what=path)
    if code != 200:
        raise RuntimeError(f"{path}: {code}: {body.decode(errors='replace')}")
    return got, body


def unescaped(book):
    """openpyxl hands on the escapes by which a workbook spells what would be read as one."""
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and "_x005F_" in cell.value:
                    cell._value = cell.value.replace("_x005F_", "_")  # pylint: disable=protected-access
    return book


def lists(ehc):
    for path, by_limit in (("/v1/breaches%s", True), ("/v1/due%s?within=400", True), ("/v1/cases%s", False),
                           ("/v1/breaches%s?limit=final_plan_20w&team=T1&sort=days", True), ("/v1/breaches%s?as_of=2026-05-01", True),
                           ("/v1/cases%s?team=T2&page=1&per_page=3", False), ("/v1/data-quality%s", False)):
        headers, body = fetch(ehc, path % ".xlsx")
        text = fetch(ehc, path % ".csv")[1].decode()
        book = technical(unescaped(openpyxl.load_workbook(io.BytesIO(body))), text)
        rows = sum(s.max_row - 1 for s in lists_of(book))
        what = path % ".xlsx"
        t.ok(compare(book, text, by_limit) == [] and rows > 2, f"{what}: every cell is that of the CSV", compare(book, text, by_limit)[:3])
        t.eq(formulas(book), [], f"{what}: no formula")
        t.ok(all(s.freeze_panes == "A2" and s.auto_filter.ref == s.dimensions and s.print_title_rows in ("1:1", "$1:$1") for s in lists_of(book)),
             f"{what}: the header stays, and filters", [(s.freeze_panes, s.auto_filter.ref, s.dimensions) for s in lists_of(book)])
        dated = [c.value for s in lists_of(book) for n, head in enumerate(s[1], 1) if head.value in DATES
                 for c in (s.cell(r, n) for r in range(2, s.max_row + 1)) if c.value is not None]
        t.ok(dated and all(isinstance(d, datetime.datetime) for d in dated), f"{what}: dates are dates")
        t.ok(headers["content-type"] == MEDIA and headers["content-length"] == str(len(body)), f"{what}: what it is")


def what_it_says_of_itself(ehc):
    known = "2026-06-15T09:30:00Z"
    path = f"/v1/breaches%s?known_at={known}&team=T1&locality=North"
    headers, body = fetch(ehc, path % ".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(body))
    said, answer = summary(book), json.loads(fetch(ehc, path % ".json")[1])
    t.eq([book.sheetnames[0], book.worksheets[0]["A1"].value], ["Summary", "Overdue"], "the summary is first")
    t.eq([said["As of"][0].date().isoformat(), said["Known at (UTC)"][0].isoformat() + "Z", said["Rulebook"][0]],
         [answer["as_of"], known, answer["rulebook"]], "as of, known at, rulebook")
    t.eq([said["team"][0], said["locality"][0], said["known_at"][0]], ["T1", "North", known], "what it is narrowed to")
    t.ok(answer["obligations"] > 10 and answer["obligations_excepted"] > 0, "a list with something in it", answer["obligations"])
    t.eq([said["Obligations"][0], said["Cases"][0], said["all"][-2]], [answer["obligations"], answer["cases"], answer["obligations"]],
         "the totals of the JSON")
    t.eq(said["all"][-1], answer["obligations"] - answer["obligations_excepted"], "and those without exceptions")
    t.eq([book.properties.created.isoformat() + "Z", book.properties.creator, book.properties.title], [known, "ehcwatchd", "Overdue"], "properties")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        custom = archive.read("docProps/custom.xml").decode()
    t.ok(all(v in custom for v in (answer["as_of"], known, answer["rulebook"])), "custom properties", custom)
    t.ok(fetch(ehc, path % ".xlsx")[1] == body, "the same list gives the same bytes")
    t.eq(headers["content-disposition"], f'attachment; filename="ehcwatchd-breaches-{answer["as_of"]}.xlsx"', "a file's name")
    by_accept, again = fetch(ehc, path % "", {"Accept": MEDIA})
    t.ok(again == body and by_accept["vary"] == "Accept", "asked for by Accept")
    code, head, nothing = ehc.http(path % ".xlsx", method="HEAD")
    t.eq((code, head["content-length"], nothing), (200, str(len(body)), b""), "HEAD")
    code, _, problem = ehc.http("/v1/breaches.xlsx?team=nobody")
    t.ok(code == 400 and "nobody" in json.loads(problem)["detail"], "an unknown team is no empty workbook")
    empty = openpyxl.load_workbook(io.BytesIO(fetch(ehc, "/v1/breaches.xlsx?limit=annual_review_12m&team=T1")[1]))
    t.eq((empty.sheetnames, summary(empty)["Obligations"]), (["Summary"], [0] + [None] * (empty.worksheets[0].max_column - 2)), "an empty one")


PAPERS = {"overdue": ("limits", "localities", "teams"), "changes": ("changes", "counts"),
          "figures": ("published", "issued", "ages", "open"), "stuck": ("stages", "advice", "teams", "officers", "reviews", "transfers"),
          "forecast": ("expected", "limits", "stages", "cases"), "clearance": ("policies", "by_week", "needs", "cases")}


def papers(ehc):
    """The meeting's workbook: a sheet for each table, and the same as the table's CSV; of everything, and of one team."""
    ehc.options["poll_interval"] = 3600  # so that one moment is looked at throughout
    ehc.write_config()
    ehc.send(1)
    ehc.wait_log("reloaded")
    tables = [("breaches", "/v1/breaches.csv?"), ("due", "/v1/due.csv?"), ("flow", "/v1/flow.csv?"), ("trend", "/v1/trend.csv?")]
    tables += [(f"{paper} {name}", f"/v1/{paper}.csv?table={name}&") for paper, names in PAPERS.items() for name in names]
    for query in ("", "team=T1"):
        body = fetch(ehc, "/v1/papers.xlsx?" + query)[1]
        book = unescaped(openpyxl.load_workbook(io.BytesIO(body)))
        t.eq(sorted(book.sheetnames), sorted(["Summary"] + [name for name, _ in tables]), f"papers.xlsx?{query}: a sheet for each table")
        for name, path in tables:
            want = list(csv.reader(io.StringIO(fetch(ehc, path + query)[1].decode())))
            read_head(book[name], want[0])
            got = list(book[name].iter_rows())
            wrong = [([c.value for c in line], row) for line, row in zip(got, want) if len(line) != len(row) or not all(map(same, line, row))]
            t.ok(wrong == [] and len(got) == len(want), f"papers.xlsx?{query}: {name} is its CSV", wrong[:2] or [len(got), len(want)])
        t.eq(formulas(book), [], f"papers.xlsx?{query}: no formula")
        said = summary(book)
        t.ok({"The clearance plan", "What will be overdue", "Narrowed to", "Overdue"} <= set(said), "what it holds, and how it is counted", list(said))
    body, text = fetch(ehc, "/v1/history.xlsx?limit=final_plan_20w")[1], fetch(ehc, "/v1/history.csv?limit=final_plan_20w")[1].decode()
    book = technical(openpyxl.load_workbook(io.BytesIO(body)), text)
    t.eq((compare(book, text, False)[:2], summary(book)["limit"][0]), ([], "final_plan_20w"), "history.xlsx, which is asked of the database, is its CSV")
    t.eq(ehc.http("/v1/papers.xlsx?team=nobody")[0], 400, "papers of a team that there is not")


def ask_raw(ehc, path):
    connection = socket.create_connection(("127.0.0.1", ehc.port), timeout=60)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def read_raw(connection):
    try:
        with connection, connection.makefile("rb") as answer:
            return answer.read()
    except ConnectionResetError:
        return b""


def many_at_once(ehc):
    """All are there before the first can be made: one is, three wait, the others are told to come again."""
    ehc.send(19)  # SIGSTOP
    waiting = [ask_raw(ehc, "/v1/cases.xlsx") for _ in range(20)]
    ehc.send(18)  # SIGCONT
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(read_raw, waiting))
    codes = sorted(a.split(b" ", 2)[1] for a in answers)
    t.ok(codes.count(b"200") >= 4 and set(codes) <= {b"200", b"503"}, "as many as can wait are made", codes)
    refused = [a for a in answers if b" 503 " in a[:20]]
    t.ok(refused and all(b"\r\nRetry-After: 10\r\n" in a for a in refused), "the others are told when to come again", codes)
    for gone in [ask_raw(ehc, "/v1/cases.xlsx") for _ in range(4)]:
        gone.close()
    t.ok(ehc.wait_until(lambda: ehc.answers("/v1/cases.xlsx"), what="a workbook"), "those who leave hold nobody up")


def no_room(db):
    with w.Watch(db, options={"state": db.conninfo}, env={"TMPDIR": "/nonexistent"}) as ehc:
        ehc.start().wait_ready()
        code, _, body = ehc.http("/v1/breaches.xlsx")
        t.ok(code == 500 and json.loads(body)["title"] == "No workbook", "a directory that there is not", body)
        ehc.wait_log("workbook: no file in /nonexistent: No such file or directory")
        t.ok(ehc.answers("/v1/breaches.csv"), "nothing else suffers")


def stops_in_between(ehc):
    """Workbooks are asked for and the daemon told to stop at once: it ends in order, and a client gets all of one or nothing."""
    clients = [ask_raw(ehc, "/v1/breaches.xlsx") for _ in range(4)]
    ehc.send(15)
    for client in clients:
        answer = read_raw(client)
        head, _, body = answer.partition(b"\r\n\r\n")
        whole = head.startswith(b"HTTP/1.1 200") and f"Content-Length: {len(body)}\r\n".encode() in head + b"\r\n"
        t.ok(whole or b" 503 " in head[:20] or answer == b"", "all of it, or none", head)
    t.eq(ehc.proc.wait(60), 0, "it ends in order")
    ehc.proc = None


with tempfile.TemporaryDirectory(prefix="ehcw.", dir="/tmp") as scratch:
    at = pathlib.Path(scratch)
    with t.case("lists made in C"):
        program = build(at)
        every_type(at, program)
        long_lists(at, program)
with h.Cluster() as database:
    with w.Watch(database, options={"state": database.conninfo}) as daemon:
        daemon.migrate()
        database.set_now(w.NOON)
        write_cases(daemon.cases)
        daemon.start().wait_ready()
        for part in (lists, what_it_says_of_itself, many_at_once, papers, stops_in_between):
            with t.case(part.__name__.replace("_", " ")):
                part(daemon)
    with t.case("no room"):
        no_room(database)
t.done()
