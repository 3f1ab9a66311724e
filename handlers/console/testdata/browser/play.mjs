// What the scripts of this folder share: one Chromium, pages that notice every
// fault, pictures, and words for what was expected.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const base = process.env.BASE_URL;
const shots = process.env.SHOTS;
const docs = join(import.meta.dirname, "../../../../docs");

// patience is how long every story waits for what must come, in milliseconds: a
// busy machine is slow, and a page that works is never waited for.
const patience = Number(process.env.PATIENCE || 60000);

// play opens Chromium, runs the story and ends the process with its verdict.
export async function play(story) {
  let browser, context;
  try {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      env: { ...process.env, LANGUAGE: "vi" }, // dates in its controls
      headless: true,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--lang=vi-VN", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: "vi-VN",
      ignoreHTTPSErrors: true, // the test's own certificate
    });
    context.setDefaultTimeout(patience);
    await story(new Stage(context));
  } catch (e) {
    const page = context?.pages().at(-1);
    await page?.screenshot({ path: join(shots, "fault.png"), fullPage: true }).catch(() => {});
    console.error(String(e?.stack || e));
    process.exitCode = 1;
  }
  await browser?.close();
}

class Stage {
  constructor(context) {
    this.context = context;
    this.faults = [];
  }

  // open shows a page and listens for whatever goes wrong on it.
  async open(path, size) {
    const page = await this.context.newPage();
    page.on("pageerror", (e) => this.faults.push(`script: ${e.message}`));
    page.on("console", (m) => {
      if (m.type() === "error") this.faults.push(`console: ${m.text()} ${m.location().url}`);
    });
    page.on("request", (r) => {
      if (!r.url().startsWith(base) && !r.url().startsWith("data:")) this.faults.push(`left the site: ${r.url()}`);
    });
    if (size) await page.setViewportSize(size);
    await page.goto(base + path);
    await page.evaluate(() => document.fonts.ready);
    return page;
  }

  // be makes the browser somebody, by the cookie of their session; "" is nobody.
  async be(token) {
    await this.context.clearCookies({ name: "__Host-hotline" });
    if (token) await this.context.addCookies([{ name: "__Host-hotline", value: token, url: base, secure: true, httpOnly: true }]);
  }

  // other is a page in a browser of its own, which knows nothing of this one.
  async other(path) {
    const context = await this.context.browser().newContext({ ignoreHTTPSErrors: true, locale: "vi-VN" });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    await page.goto(base + path);
    return page;
  }

  async shot(page, name, options = {}) {
    const picture = await page.screenshot({ path: join(shots, name + ".png"), ...options });
    console.log("picture", name);
    return picture;
  }

  // keep takes the picture of a page for docs/, or holds the page against the one
  // that is there: light and dark, coloured and empty parts must lie where they lay.
  // Words and times may change. A page without its style, or half a page, fails.
  async keep(page, name, options = {}) {
    const picture = await this.shot(page, name, options);
    const kept = join(docs, name + ".png");
    if (process.env.RENEW || !existsSync(kept)) {
      writeFileSync(kept, picture);
      return;
    }
    const far = await this.distance(readFileSync(kept), picture);
    expect(`${name} looks like docs/${name}.png (${far.toFixed(3)})`, far < 0.06);
  }

  // distance is how different two pictures are, 0 to 1: both drawn 32 by 32 at the
  // same scale of width, and their colours subtracted.
  async distance(a, b) {
    const page = await this.context.newPage();
    const far = await page.evaluate(async (urls) => {
      const grids = await Promise.all(urls.map(async (url) => {
        const image = new Image();
        image.src = url;
        await image.decode();
        const canvas = new OffscreenCanvas(32, 32), pen = canvas.getContext("2d");
        const square = Math.min(image.height, image.width); // the top of a long page
        pen.imageSmoothingQuality = "high";
        pen.drawImage(image, 0, 0, image.width, square, 0, 0, 32, 32);
        return pen.getImageData(0, 0, 32, 32).data;
      }));
      return grids[0].reduce((sum, v, i) => sum + Math.abs(v - grids[1][i]), 0) / grids[0].length / 255;
    }, [a, b].map((p) => `data:image/png;base64,${p.toString("base64")}`));
    await page.close();
    return far;
  }

  // clean fails when any page so far had a fault.
  clean() {
    if (this.faults.length) throw new Error("faults on the pages:\n" + this.faults.join("\n"));
  }
}

export function expect(what, ok) {
  if (!ok) throw new Error("expected " + what);
  console.log("seen", what);
}

// narrow fails when a page is wider than its window.
export async function narrow(page, what) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(`${what} fits its window (${over})`, over <= 0);
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// accessible fails when axe finds anything serious or critical on a page. Rules
// names the only ones to hold it against; none are all.
export async function accessible(page, what, ...rules) {
  // axe only reads the page; it is brought in beside the content policy.
  await page.evaluate(axeSource);
  const result = await page.evaluate((only) => axe.run(document, { resultTypes: ["violations"], ...(only.length && { runOnly: only }) }), rules);
  const bad = result.violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  const lines = bad.map((v) => `${v.impact} ${v.id}: ${v.nodes.slice(0, 4).map((n) => `${n.target.join(" ")} ${n.any[0]?.message ?? ""}`).join(" | ")}`);
  expect(`${what} is accessible${lines.length ? ":\n" + lines.join("\n") : ""}`, lines.length === 0);
}

// byKeyboard fails when something that can be clicked is never reached with Tab.
// Of a group of radio buttons one is enough: arrows reach the others.
export async function byKeyboard(page, what) {
  const count = await page.evaluate(() => {
    for (const d of document.querySelectorAll("details")) d.open = true;
    const seen = new Set();
    let n = 0;
    for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
      const style = getComputedStyle(e);
      if (e.disabled || e.type === "hidden" || !e.getClientRects().length || style.visibility === "hidden" || e.closest("[inert]") || e.tabIndex < 0) continue;
      if (e.type === "radio") {
        const group = `${e.form?.action} ${e.name}`;
        if (seen.has(group)) continue;
        seen.add(group);
      }
      e.dataset.reach = e.type === "radio" ? `radio ${e.name}` : String(n);
      n++;
    }
    document.activeElement?.blur();
    window.reached = new Set();
    document.addEventListener("focusin", (f) => {
      const e = f.target;
      window.reached.add(e.type === "radio" ? `radio ${e.name}` : e.dataset.reach);
    });
    return n;
  });
  for (let i = 0; i < count * 2 + 20; i++) await page.keyboard.press("Tab"); // dates have several stops
  const missed = await page.evaluate(() => [...document.querySelectorAll("[data-reach]")].filter((e) => !window.reached.has(e.dataset.reach)).map((e) => e.outerHTML.slice(0, 120)));
  expect(`${what}: the keyboard reaches all ${count}${missed.length ? ":\n" + missed.join("\n") : ""}`, missed.length === 0);
}

// spoken fails when a page shows what is not meant for people: names of texts, codes
// of the program, dates as machines write them.
export async function spoken(page, what) {
  const odd = await page.evaluate(() => {
    const list = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const near = walk.currentNode.parentElement;
      if (near.closest("script, style, code, noscript, [data-raw]") || !near.getClientRects().length) continue;
      const text = walk.currentNode.textContent;
      for (const form of [/console\.[a-z]+/, /\b[a-z]+_[a-z0-9_]+\b/, /\b\d{4}-\d{2}-\d{2}\b/, /%!|<no value>|\{[a-z]+\}/, /\b(\d+h)?\d+m[\d.]+s\b/]) {
        const m = form.exec(text);
        if (m) list.push(`${m[0]} in “${text.trim().slice(0, 60)}”`);
      }
    }
    return list;
  });
  expect(`${what} speaks to people${odd.length ? ": " + odd.join(", ") : ""}`, odd.length === 0);
}
