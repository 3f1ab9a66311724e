// A slow line: the scripts of a page come one after the other, and the server is
// long in answering. The board is live all the same, over one stream. POST /test/*
// is the test's own.
import { play, expect } from "./play.mjs";

const base = process.env.BASE_URL;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

await play(async (stage) => {
  let scripts = 0;
  await stage.context.route("**/*.js", async (route) => {
    await wait(500 * scripts++);
    await route.continue();
  });
  const page = await stage.open("/board");
  expect(`every script came later than the one before (${scripts})`, scripts >= 3);
  const before = await page.locator("tr.case").count();
  await fetch(`${base}/test/file`, { method: "POST" });
  await page.waitForFunction((n) => document.querySelectorAll("tr.case").length === n + 1, before);
  expect("a new case appears", true);

  // Longer than the page waits before it asks for its stream again.
  let streams = 0;
  await stage.context.route("**/live*", async (route) => {
    streams++;
    await wait(11000);
    await route.continue();
  });
  const slow = await stage.open("/board");
  await slow.evaluate(() => document.addEventListener("htmx:sse:after:message", () => { window.heard = true; }));
  await slow.waitForFunction(() => window.heard);
  expect(`it was asked for once (${streams})`, streams === 1);
  stage.clean();
});
