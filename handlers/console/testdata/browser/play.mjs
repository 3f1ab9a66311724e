// What the scripts of this folder share: one Chromium, pages that notice every
// fault, pictures, and words for what was expected.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const base = process.env.BASE_URL;
const shots = process.env.SHOTS;

// play opens Chromium, runs the story and ends the process with its verdict.
export async function play(story) {
  const profile = mkdtempSync(join(tmpdir(), "hotline-browser-"));
  let context;
  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      headless: true,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync"],
      viewport: { width: 1440, height: 900 },
      locale: "vi-VN",
    });
    context.setDefaultTimeout(Number(process.env.PATIENCE || 20000));
    await story(new Stage(context));
  } catch (e) {
    const page = context?.pages().at(-1);
    await page?.screenshot({ path: join(shots, "fault.png"), fullPage: true }).catch(() => {});
    console.error(String(e?.stack || e));
    process.exitCode = 1;
  }
  await context?.close();
  rmSync(profile, { recursive: true, force: true });
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

  async shot(page, name, options = {}) {
    await page.screenshot({ path: join(shots, name + ".png"), ...options });
    console.log("picture", name);
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

// accessible fails when axe finds anything serious or critical on a page.
export async function accessible(page, what) {
  // axe only reads the page; it is brought in beside the content policy.
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const bad = result.violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  const lines = bad.map((v) => `${v.impact} ${v.id}: ${v.nodes.slice(0, 4).map((n) => `${n.target.join(" ")} ${n.any[0]?.message ?? ""}`).join(" | ")}`);
  expect(`${what} is accessible${lines.length ? ":\n" + lines.join("\n") : ""}`, lines.length === 0);
}
