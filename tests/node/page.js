// The pages in a real browser: node page.js BASE-URL OUT-DIR CHROMIUM. Prints a line of JSON for each check: {"name", "ok", "detail"}.
"use strict";
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");

const [base, out, executablePath] = process.argv.slice(2);
const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const HOSTILE = "<script>document.title='owned'</script>\"'&\u202e\u05e9\u{1f600}";
const plain = (text) => text.replace(/\u202e/g, "\ufffd");

const PATIENCE = 120000; // milliseconds until a step of the browser is given up

const HISTORY = "/v1/history.html?by=week";

const check = (name, ok, detail) => console.log(JSON.stringify({ name, ok: Boolean(ok), detail: ok ? "" : String(detail) }));
const same = (name, got, want) => check(name, JSON.stringify(got) === JSON.stringify(want), `${JSON.stringify(got)}, not ${JSON.stringify(want)}`);

// Whatever leaves the origin, fails, or is said on the console of a page is remembered.
const trouble = [];
const watch = (page) => {
  page.on("console", (m) => trouble.push(`${page.url()}: ${m.text()}`));
  page.on("pageerror", (e) => trouble.push(`${page.url()}: ${e}`));
  page.on("request", (r) => { if (!r.url().startsWith(base)) trouble.push(`leaves the origin: ${r.url()}`); });
  page.on("dialog", (d) => { trouble.push(`dialog: ${d.message()}`); d.dismiss(); });
};

// A page is looked at when all of it is there: it comes in pieces.
const follow = (page, locator) => Promise.all([page.waitForEvent("load"), locator.click()]);

const rows = (page, table) => page.locator(`#${table} tbody tr`);
const numbers = async (page, table, column) =>
  (await page.locator(`#${table} tbody tr td:nth-child(${column})`).allInnerTexts()).map((x) => Number(x.replace(/,/g, "")));

// The same walk with and without scripts: nothing of the pages needs one.
async function walk(context, how) {
  const page = await context.newPage();
  watch(page);
  const get = async (address) => { const r = await page.goto(base + address); return r.status(); };
  same(`${how}: the papers are there`, await get("/"), 200);
  check(`${how}: with their title`, (await page.title()).startsWith("Papers for the demand meeting"), await page.title());
  same(`${how}: the weeks are drawn, and in numbers`,
    [await page.locator("svg.chart[aria-labelledby^=trend-chart] path.line").count(), await rows(page, "trend").count(), await rows(page, "trend-year").count()], [2, 6, 53]);
  const all = Number((await page.locator(".figures dd").first().innerText()).replace(/,/g, ""));
  await page.getByLabel("Team", { exact: true }).first().selectOption("North");
  await follow(page, page.getByRole("button", { name: "Show", exact: true }));
  check(`${how}: a filter is in the address`, page.url().includes("team=North"), page.url());
  const north = Number((await page.locator(".figures dd").first().innerText()).replace(/,/g, ""));
  check(`${how}: and narrows the papers`, north > 0 && north < all, `${north} of ${all}`);
  await follow(page, page.getByRole("link", { name: "Everything that is overdue" }));
  check(`${how}: it goes along to the list`, page.url().includes("team=North") && page.url().includes("/v1/breaches.html"), page.url());
  check(`${how}: which has as many rows`, (await page.locator(".lead").innerText()).startsWith(`${north.toLocaleString("en-GB")} time limit`),
    await page.locator(".lead").innerText());
  await page.getByText("More filters").click();
  await page.getByLabel("Rows on a page").selectOption("50");
  await follow(page, page.getByRole("button", { name: "Show", exact: true }));
  same(`${how}: fifty rows are on a page`, await rows(page, "list").count(), Math.min(50, north));
  const header = page.getByRole("columnheader", { name: "Days late" });
  await follow(page, header.getByRole("link"));
  const at = 1 + (await page.locator("#list thead th").allInnerTexts()).findIndex((x) => x.startsWith("Days late"));
  const up = await numbers(page, "list", at);
  check(`${how}: a column sorts upwards`, up.length > 5 && up.every((x, i) => i === 0 || up[i - 1] <= x), up.slice(0, 9));
  same(`${how}: and says so`, await header.getAttribute("aria-sort"), "ascending");
  await follow(page, header.getByRole("link"));
  const down = await numbers(page, "list", at);
  check(`${how}: and downwards`, down.every((x, i) => i === 0 || down[i - 1] >= x) && down[0] > up[0], down.slice(0, 9));
  const next = page.getByRole("link", { name: "Next", exact: true });
  if (await next.count()) {
    await follow(page, next);
    check(`${how}: the next page keeps filter and order`, /team=North/.test(page.url()) && /sort=-days/.test(page.url()) && /page=2/.test(page.url()), page.url());
  } else {
    check(`${how}: the next page keeps filter and order`, false, "there is no next page");
  }
  const first = page.locator("#list tbody tr th a").first();
  const reference = await first.innerText();
  await follow(page, first);
  same(`${how}: a case opens`, await page.locator("h1").innerText(), `Case ${reference}`);
  check(`${how}: with its explanation`, (await page.locator(".explained").first().innerText()).includes("Counted"), "");
  same(`${how}: and its timeline drawn`, await page.locator("svg.timeline").count(), 1);
  await page.goBack();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  const file = await download;
  const csv = fs.readFileSync(await file.path(), "utf8").trim().split("\n");
  same(`${how}: the list as CSV has all its rows`, csv.length - 1, north);
  check(`${how}: under a name of its own`, /^ehcwatchd-breaches-.*\.csv$/.test(file.suggestedFilename()), file.suggestedFilename());
  await context.close();
}

async function axe(browser, addresses) {
  // The policy of the pages lets no script in, not even this one: it is switched off for the checker alone.
  for (const [scheme, width] of [["light", 1280], ["dark", 320]]) {
    const context = await browser.newContext({ bypassCSP: true, colorScheme: scheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    for (const address of addresses) {
      await page.goto(base + address);
      await page.evaluate(AXE);
      const found = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }), RULES);
      check(`axe, ${scheme}, ${width} px: ${address}`, found.violations.length === 0 && found.passes.length > 10,
        found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 120)).join(" | ")}`).join("; "));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      check(`no sideways scrolling, ${width} px: ${address}`, wide <= width, wide);
    }
    await context.close();
  }
}

async function keyboard(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  watch(page);
  await page.goto(base + "/");
  const focused = () => page.evaluate(() => document.activeElement.name || document.activeElement.innerText || document.activeElement.id);
  await page.keyboard.press("Tab");
  same("the first stop of the keyboard skips to the content", await focused(), "Skip to main content");
  check("and is seen", (await page.locator(".skip").boundingBox()).x >= 0, "");
  await page.keyboard.press("Enter");
  same("it goes there", await page.evaluate(() => document.activeElement.id), "main");
  const stops = [];
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press("Tab");
    stops.push(await focused());
  }
  same("then the filters in their order", stops, ["locality", "team", "officer", "as_of", "as_of", "as_of"]);
  const ring = await page.evaluate(() => { document.querySelector(".contents a").focus(); const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)]; });
  check("what has the focus is outlined", ring[0] === "solid" && ring[1] >= 2, ring);
  const small = await page.evaluate(() => [...document.querySelectorAll("button, select, input:not([type=hidden]), .places a, .more a, .contents a")]
    .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()]).filter(([, r]) => r.height > 0 && r.height < 24).map(([h]) => h));
  same("controls are 24 px high at least", small, []);
  const order = await page.evaluate(() => [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1])));
  check("headings do not leave a level out", order[0] === 1 && order.every((n, i) => i === 0 || n - order[i - 1] <= 1), order);
  await context.close();
}

async function hostile(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  watch(page);
  for (const address of ["/", "/v1/cases.html?team=" + encodeURIComponent(HOSTILE), "/v1/breaches.html?locality=" + encodeURIComponent(HOSTILE),
    "/v1/cases/" + encodeURIComponent(HOSTILE) + "?format=html", "/?officer=" + encodeURIComponent(HOSTILE)]) {
    const r = await page.goto(base + address);
    const text = await page.locator("body").innerText();
    const html = await r.text();
    check(`what a name holds is text: ${address.slice(0, 24)}`, r.status() === 200 && text.includes(plain(HOSTILE)) && !/<script|<img|\u202e/.test(html),
      `${r.status()} ${text.slice(0, 300)}`);
    same(`and runs nowhere: ${address.slice(0, 24)}`, [await page.title() !== "owned", await page.locator("script").count()], [true, 0]);
  }
  await page.goto(base + "/v1/cases.html?team=" + encodeURIComponent(HOSTILE));
  await follow(page, page.locator("#list tbody a").first());
  same("its link leads to the case", await page.locator("h1").innerText(), "Case " + plain(HOSTILE));
  await page.goto(base + "/");
  await page.getByLabel("Team", { exact: true }).first().selectOption(HOSTILE);
  await follow(page, page.getByRole("button", { name: "Show", exact: true }));
  same("and its filter can be chosen", new URL(page.url()).searchParams.get("team"), HOSTILE);
  await context.close();
}

async function errors(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on("request", (r) => { if (!r.url().startsWith(base)) trouble.push(`leaves the origin: ${r.url()}`); });
  for (const [address, status, title] of [["/no-such", 404, "Not found"], ["/v1/cases/NOBODY", 404, "No such case"],
    ["/v1/breaches.html?limit=nonsense", 400, "Unknown value"], ["/?colour=red", 400, "Unknown parameter"], ["/?as_of=yesterday", 400, "Unknown value"]]) {
    const r = await page.goto(base + address);
    same(`an error is a page: ${address}`, [r.status(), await page.locator("h1").innerText()], [status, title]);
  }
  check("which says what was the matter", (await page.locator(".lead").innerText()).includes("as_of"), await page.locator(".lead").innerText());
  await context.close();
}

async function history(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  watch(page);
  await page.goto(base + HISTORY);
  same("the history is drawn", [await page.locator("h1").innerText(), await page.locator("svg.chart path.line").count() >= 3], ["History", true]);
  const weeks = await rows(page, "history").count();
  await page.getByLabel("Time limit", { exact: true }).selectOption("final_plan_20w");
  await follow(page, page.getByRole("button", { name: "Show", exact: true }));
  const fewer = await rows(page, "history").count();
  check("and narrowed to a limit", fewer > 2 && fewer < weeks && page.url().includes("by=week"), `${fewer} of ${weeks}, ${page.url()}`);
  await context.close();
}

async function paper(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(base + "/");
  await page.pdf({ path: path.join(out, "papers.pdf"), preferCSSPageSize: true });
  await page.screenshot({ path: path.join(out, "papers.png"), fullPage: true });
  await page.setViewportSize({ width: 320, height: 900 });
  await page.screenshot({ path: path.join(out, "papers-320.png"), fullPage: true });
  await context.close();
}

// A browser that stands still is a failure, not a suite that runs out of time.
setTimeout(() => { check("the browser goes through to the end", false, "it stands still"); process.exit(1); }, 450000).unref();

(async () => {
  const browser = await chromium.launch({
    executablePath,
    timeout: PATIENCE,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
  });
  const open = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await open(options);
    context.setDefaultTimeout(PATIENCE);
    return context;
  };
  try {
    for (const javaScriptEnabled of [true, false])
      await walk(await browser.newContext({ javaScriptEnabled }), javaScriptEnabled ? "with scripts" : "without scripts");
    await keyboard(browser);
    await hostile(browser);
    await errors(browser);
    await history(browser);
    const cases = "/v1/cases/" + encodeURIComponent(HOSTILE) + "?format=html";
    await axe(browser, ["/", "/v1/breaches.html", "/v1/due.html?within=56&sort=-due_on", "/v1/cases.html?per_page=50&band=20-26", cases, HISTORY, "/no-such"]);
    await paper(browser);
    same("nothing leaves the origin, and the console is silent", trouble, []);
  } finally {
    await browser.close();
  }
})().catch((e) => { check("the browser goes through to the end", false, e.stack); process.exitCode = 1; });
