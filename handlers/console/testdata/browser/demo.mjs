// The main job, in a browser: dial, report, see a responder's phone ring, let
// time run, see the next level asked, answer, see the board turn calm.
import { play, expect, narrow } from "./play.mjs";

await play(async (stage) => {
  const page = await stage.open("/");
  const mood = (m) => page.waitForSelector(`.state[data-mood="${m}"]`);
  await mood("empty");
  await stage.shot(page, "demo-empty");

  // The reporter.
  const screen = page.locator("#reporter .ussd");
  const answer = async (text, then) => {
    const before = await screen.textContent();
    await page.fill("#typed", text);
    await page.click("#reporter .go");
    await page.waitForFunction(([sel, old]) => document.querySelector(sel).textContent !== old, ["#reporter .ussd", before]);
    if (then) expect(`after ${text}: ${then}`, then.test(await screen.textContent()));
  };
  await page.locator("#story").waitFor({ state: "attached" });
  await page.click("#reporter .key.call");
  await page.waitForSelector("#reporter.open");
  expect("the first question", /1/.test(await screen.textContent()));
  await answer("1");
  await page.waitForSelector("tr.case.urgent");
  expect("the case is on the board after the first answer", true);
  await answer("1");
  await answer("Mai Chau");
  await answer("2");
  await answer("2");
  const receipt = await screen.textContent();
  expect("a receipt", /\d{4} \d{4}/.test(receipt));
  expect("a PIN", /PIN\D*\d{6}/i.test(receipt));
  expect("the call is over", await page.locator("#reporter.ended").count() === 1);

  // The responder on duty.
  await mood("urgent");
  const first = page.locator(".responder").first();
  await first.locator(".thread .theirs, .ring:not([hidden])").first().waitFor();
  expect("the responder's phone rings", true);
  const ref = (await page.locator("tr.case .ref a").first().textContent()).trim();
  expect(`a reference: ${ref}`, /^[A-Z0-9]{4,8}$/.test(ref));
  await page.waitForTimeout(1200);
  await stage.shot(page, "demo-ringing");
  const asked = await page.locator("tr.case .who").first().textContent();

  // Nobody answers; time runs, and somebody who was not asked before is.
  const told = await page.locator(".responder:has(.theirs)").evaluateAll((list) => list.map((p) => p.dataset.number));
  await page.click('.speed button[value="60"]');
  await page.waitForSelector('.speed button[value="60"][aria-pressed="true"]');
  await page.waitForFunction((old) => {
    const who = document.querySelector("tr.case .who");
    return who && who.textContent !== old;
  }, asked);
  expect("the next level is asked", true);
  // Its phone is shown, or the page offers to show it: other texts come, too.
  const showing = () => page.evaluate(([before, r]) => [...document.querySelectorAll(".responder")]
    .find((p) => !before.includes(p.dataset.number) && p.querySelector(".thread").textContent.includes(r))?.dataset.number ?? "", [told, ref]);
  let number = await showing();
  for (let i = 0; i < 300 && !number; i++) {
    const show = page.locator(".toast:not([hidden]) button");
    if (await show.count()) await show.click({ timeout: 1000 }).catch(() => {});
    await page.waitForTimeout(200);
    number = await showing();
  }
  const second = page.locator(`.responder[data-number="${number}"]`);
  expect("another phone shows it", number !== "");
  expect("another phone is told", true);
  await page.click('.speed button[value="1"]');
  await page.waitForTimeout(900);
  await stage.keep(page, "demo");

  // Somebody answers.
  const ring = second.locator(".ring:not([hidden]) .reject");
  if (await ring.count()) await ring.click();
  await second.locator("form.write input").fill(`1 ${ref}`);
  await second.locator("form.write button").click();
  await mood("calm");
  expect("the board is calm", await page.locator("section.held tr.case").count() === 1);
  await page.waitForTimeout(600);
  await stage.shot(page, "demo-calm");

  await page.close();

  // The case, and small screens, and the other language, and the dark.
  const look = async (path, name, size, check) => {
    const other = await stage.open(path, size);
    if (size) await narrow(other, name);
    await check?.(other);
    await (["case", "case-en"].includes(name) ? stage.keep(other, name, { fullPage: true }) : stage.shot(other, name, { fullPage: true }));
    await other.close();
  };
  const phone = { width: 360, height: 740 };
  await look(`/cases/${ref}`, "case", null, async (p) => expect("a timeline", await p.locator(".line .event").count() >= 4));
  await look(`/cases/${ref}`, "case-360", phone);
  await look("/", "demo-360", phone);
  await look(`/cases/${ref}?lang=en`, "case-en"); // for the guides in English
  await look("/board?lang=en&theme=dark", "board-360-dark-en", phone, async (p) => {
    expect("English", /Every case/.test(await p.locator(".headline").textContent()));
  });
  await look("/?lang=vi", "demo-dark");
  stage.clean();
});
