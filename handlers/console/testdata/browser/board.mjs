// The board: filters in the address, a wall screen, news by themselves, and what
// it says when the server or the store is gone. POST /test/* is the test's own.
import { play, expect, narrow, accessible } from "./play.mjs";

const base = process.env.BASE_URL;
const tell = (what) => fetch(`${base}/test/${what}`, { method: "POST" });

await play(async (stage) => {
  const page = await stage.open("/board");
  const rows = () => page.locator("tr.case").count();
  const before = await rows();
  expect(`several cases (${before})`, before >= 5);
  await stage.shot(page, "board", { fullPage: true });

  // News come by themselves, and what the reader was doing is left alone.
  await page.selectOption('select[name="severity"]', "urgent");
  await tell("file");
  await page.waitForFunction((n) => document.querySelectorAll("tr.case").length === n + 1, before);
  expect("a new case appears", true);
  expect("the choice made meanwhile stays", await page.inputValue('select[name="severity"]') === "urgent");

  // Filters live in the address.
  await page.click(".filter button");
  await page.waitForURL(/severity=urgent/);
  expect("only urgent cases", await rows() > 0 && await page.locator("tr.case.normal").count() === 0);
  const shown = await rows();
  await tell("file"); // an urgent one
  await page.waitForFunction((n) => document.querySelectorAll("tr.case").length === n + 1, shown);
  expect("the filter holds for news", await page.locator("tr.case.normal").count() === 0);

  // The store is lost: the last board stays, with its age.
  await page.goto(base + "/board");
  const last = await rows();
  await tell("break");
  await page.waitForSelector(".note.stale");
  expect("the last known cases", await rows() === last);
  expect("the board is not calm", await page.locator('.state[data-mood="calm"], .state[data-mood="empty"]').count() === 0);
  await stage.shot(page, "board-stale");
  await tell("mend");
  await page.waitForSelector(".note.stale", { state: "detached" });

  // The connection is lost: the page says so, and finds back.
  await tell("cut").catch(() => {}); // it cuts its own answer, too
  await page.waitForSelector(".note.offline:not([hidden])");
  expect("the cases stay", await rows() === last);
  await stage.shot(page, "board-offline");
  await tell("join");
  await page.waitForSelector(".note.offline[hidden]", { state: "attached" });
  await tell("file");
  await page.waitForFunction((n) => document.querySelectorAll("tr.case").length > n, last);
  expect("news come again", true);
  stage.faults = stage.faults.filter((f) => !/board\/live|sse:error/.test(f));
  await page.close();

  const pages = [["/board?wall=1", "wall"], ["/board", "board"], ["/cases/A3AA", "case"], ["/", "demo"], ["/times", "times"], ["/report?of=2026-10", "report"], ["/figures", "figures"], ["/duty?place=mai-chau", "duty"], ["/cases/ZZ9Z", "nothing"]];
  for (const theme of ["light", "dark"]) {
    for (const [path, name] of pages) {
      const p = await stage.open(`${path}${path.includes("?") ? "&" : "?"}theme=${theme}`, name === "case" ? { width: 360, height: 740 } : null);
      await accessible(p, `${name} ${theme}`);
      await narrow(p, name);
      await stage.shot(p, `${name}-${theme}`, { fullPage: name !== "wall" });
      if (theme === "light" && ["board", "times", "duty"].includes(name)) await stage.keep(p, name, { fullPage: true });
      if (["times", "report"].includes(name)) {
        const bars = await p.locator(".spread rect").evaluateAll((list) => list.filter((r) => r.getBoundingClientRect().height > 2).length);
        const lines = await p.locator(name === "times" ? ".plot .reach" : ".spread line").evaluateAll((list) => list.filter((r) => r.getBoundingClientRect().width > 2).length);
        expect(`${name}: the charts are drawn (${bars} bars, ${lines} lines)`, bars >= 2 && lines >= 1);
      }
      if (["times", "duty", "report", "figures"].includes(name)) {
        await p.setViewportSize({ width: 360, height: 740 });
        await narrow(p, `${name} at 360 px`);
        await stage.shot(p, `${name}-360-${theme}`);
      }
      await p.close();
    }
  }
  const small = await stage.open("/board?theme=light", { width: 360, height: 740 });
  await narrow(small, "the board at 360 px");
  await stage.keep(small, "board-phone");
  await small.close();
  const english = await stage.open("/board?theme=light&lang=en"); // for the guides in English
  await stage.keep(english, "board-en", { fullPage: true });
  await english.close();
  stage.faults = stage.faults.filter((f) => !/status of 404/.test(f));
  stage.clean();
});
