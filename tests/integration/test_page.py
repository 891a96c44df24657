#!/usr/bin/python3
"""The pages for people in a real Chromium, on the demo caseload and a case whose words are markup: the walk of a meeting with and without
scripts, filters, sorting, a case, files; axe-core; the keyboard; a strict policy that nothing breaks; and the papers on A4."""
import base64
import hashlib
import json
import pathlib
import re
import subprocess
import tempfile

import _world as w
from _world import h

t = h.Tap()
AS_OF, CASES = "2026-11-22", 1500
LIMITS = ["assess_decision_6w", "final_plan_20w", "advice_6w", "annual_review_12m", "phase_transfer_15feb"]
HOSTILE = "<script>document.title='owned'</script>\"'&\u202e\u05e9\U0001f600"
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def browser(ehc, out):
    """Runs the checks of tests/node/page.js."""
    done = subprocess.run(["node", w.ROOT / "tests/node/page.js", f"http://127.0.0.1:{ehc.port}", out, "/usr/bin/chromium"], check=False, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=480)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for line in lines:
        t.ok(line["ok"], line["name"], line["detail"])
    t.ok(done.returncode == 0 and len(lines) > 80, "the browser goes through to the end", f"{len(lines)} checks; {done.stderr[-2000:]}")


def headers(ehc):
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in ("/", "/v1/breaches", "/v1/due.html", "/v1/cases", "/v1/cases/NOBODY", "/nowhere"):
        code, said, body = ehc.http(path, accept)
        t.eq((said.get("content-security-policy"), said.get("referrer-policy"), said.get("x-content-type-options"), said.get("cache-control")),
             (POLICY, "no-referrer", "nosniff", "no-store"), f"{path} ({code}) is guarded")
        if code in (200, 404) and path != "/nowhere":
            t.ok(any(re.search(f"read={path}( |$)", line) for line in ehc.log_lines("list_read")), f"{path} is logged as read")
        t.ok(not re.search(rb"<script|\sstyle=|\son[a-z]+=|javascript:|https?://", body), f"{path} holds no script, no style and no foreign address")
    sheet = re.search(rb'rel="stylesheet" href="([^"]+)"', body)[1].decode()
    code, said, body = ehc.http(sheet)
    t.ok(code == 200 and b"@import" not in body and b"url(" not in body, "the style sheet fetches nothing")
    t.eq(said["cache-control"], "public, max-age=31536000, immutable", "and is kept")
    _, said, body = ehc.http("/v1/deliveries/proof?case=EHC-0000001")
    style = base64.b64encode(hashlib.sha256(re.search(rb"<style>(.*?)</style>", body, re.S)[1]).digest()).decode()
    t.ok(f"style-src 'sha256-{style}';" in said["content-security-policy"], "the sheet of proof may have its own style and no other", said)
    for path, want in (("/nowhere", 404), ("/v1/cases/NOBODY", 404), ("/?x=1", 400)):
        code, said, _ = ehc.http(path)
        t.eq((code, said["content-type"]), (want, "application/problem+json"), f"a program is told of an error as it always was: {path}")


def agrees(ehc):
    """What the page shows is what the other forms say."""
    page = ehc.http("/")[2].decode()
    counts = json.loads(ehc.http("/v1/overdue")[2])
    breaches = json.loads(ehc.http("/v1/breaches?per_page=1")[2])
    t.eq((counts["overdue"], counts["cases"]), (breaches["obligations"], breaches["cases"]), "what is overdue is as much as the list has")
    t.eq(counts["overdue"] - counts["overdue_without_exceptions"], breaches["obligations_excepted"], "and as many are excepted")
    due = json.loads(ehc.http("/v1/due?within=28&per_page=1")[2])
    t.eq(counts["due_in_28_days"], due["obligations"], "what falls due is as much as its list has")
    for places in ("localities", "teams"):
        t.eq(sum(r["overdue"] for r in counts[places]), counts["overdue"], f"the {places} add up")
    statutory = [r for r in counts["limits"] if r["kind"] == "statutory"]
    t.eq(sum(r["overdue"] for r in statutory), counts["overdue"], "so do the limits")
    for number in (counts["overdue"], counts["overdue_without_exceptions"], counts["cases"]):
        t.ok(f"<dd>{number:,}</dd>" in page, f"the page shows {number:,}")
    share = json.loads(ehc.http("/v1/figures")[2])["issued"][-1]["share_20_weeks"]
    t.ok(f"<dd>{100 * share:.1f}%</dd>" in page, f"and the published figure, {100 * share:.1f}%")
    weeks = json.loads(ehc.http("/v1/trend")[2])["trend"]
    last = re.search(r'<table id="trend">.*?</table>', page, re.S)[0].split("<tr>")[-1]
    t.eq([int(x.replace(",", "")) for x in re.findall(r'<td class="n">([-\d,]+)</td>', last)], [weeks[-1][c] for c in ("overdue_without_exceptions", "change", "plans_overdue", "new", "done_late", "missed")],
         "this week is as /v1/trend has it")
    t.eq(weeks[-1]["overdue_without_exceptions"], counts["overdue_without_exceptions"], "and as what is overdue")
    case = re.search(r'href="/v1/cases/(EHC-\d+)"', page)[1]
    for suffix, kind in ((".html", "text/html"), (".json", "application/json")):
        code, head, body = ehc.http(f"/v1/cases/{case}{suffix}")
        t.ok(code == 200 and head["content-type"].startswith(kind) and case.encode() in body, f"a case has an address with {suffix}", (code, head))
    code, _, body = ehc.http("/v1/cases/NOBODY.html")
    t.ok(code == 404 and b"reference NOBODY" in body and b"NOBODY.html" not in body, "which is none without a case", (code, body))
    t.ok("2019-02-17" not in page and "17 Feb 2019" not in page, "no birth date")


def paper(out):
    """The papers on A4, read back by a program that is not ours."""
    pdf = out / "papers.pdf"
    info = subprocess.run(["pdfinfo", pdf], check=True, text=True, stdout=subprocess.PIPE).stdout
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, text=True, stdout=subprocess.PIPE).stdout
    pages = int(re.search(r"Pages: +(\d+)", info)[1])
    width, height = map(float, re.search(r"Page size: +([\d.]+) x ([\d.]+)", info).groups())
    t.ok(abs(width - 595) < 2 and abs(height - 842) < 2, "the papers are on A4", info)
    t.ok(6 <= pages <= 14, "and not many pages", pages)
    filled = [len([line for line in page.splitlines() if line.strip()]) for page in text.split("\f")[:pages]]
    t.ok(min(filled[:-1]) >= 15, "none of them nearly empty", filled)
    t.ok(all(f"Page {n} of {pages}" in text for n in range(1, pages + 1)), "each with its number")
    for words in ("Papers for the demand meeting", "What is overdue", "What will be overdue", "What changed since the last meeting",
                  "Where the work is stuck", "The published figure and what it does not show", "What can still be saved", "How it has gone", "Week by week",
                  "RED", "delayed", "Position on Sunday 22 November 2026"):
        t.ok(words in text, f"they say: {words}")
    t.ok(not any(x in text for x in ("Skip to main content", "On this page", "Files and feeds", "Everything that", "(CSV)")),
         "and nothing that is for the screen alone")
    for page in text.split("\f")[:pages]:
        lines = [line for line in page.splitlines() if line.strip()]
        if any(re.match(r" *EHC-\d{7}", line) for line in lines):
            first = next(i for i, line in enumerate(lines) if re.match(r" *EHC-\d{7}", line))
            t.ok(any(re.match(r" *Case\b", line) for line in lines[:first]), "a list that goes on over the page has its header again", lines[:3])


def main():
    subprocess.run([w.ROOT / "tests/tools/node_deps"], check=True)
    with h.Cluster() as db, tempfile.TemporaryDirectory(prefix="ehcpage.") as folder:
        out = pathlib.Path(folder)
        db.set_now(AS_OF + " 12:00+00")
        with w.Watch(db, options={"limits": LIMITS}) as ehc:
            ehc.migrate()
            db.load(w.ROOT / "sql/demo/caseload.sql")
            db.sql("SELECT casework_demo.generate(%s, 1, %s)", (CASES, AS_OF))
            w.Casework(db).case(900001, ("request_received", "2026-01-05", "parent"), ref=HOSTILE, locality=HOSTILE, team=HOSTILE,
                                born="2019-02-17")
            db.sql("UPDATE casework.ehc_case SET officer = %s WHERE case_id = 900001", (HOSTILE,))
            ehc.start().wait_ready()
            done = ehc.command("history", "--from", "2026-10-01", "--every", "week")
            t.eq(done.returncode, 0, "the history of some weeks is worked out")
            t.ok(ehc.wait_until(lambda: json.loads(ehc.http("/v1/trend")[2])["weeks_counted"] == 8, 60, "all the weeks"), "and is there for the page")
            headers(ehc)
            agrees(ehc)
            browser(ehc, out)
            paper(out)


main()
t.done()
