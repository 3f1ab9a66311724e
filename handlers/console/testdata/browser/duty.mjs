// Somebody else takes a night, by keyboard alone: to the stretch in the calendar, to
// the person, to the button. On the real server.
import { play, expect, narrow, accessible } from "./play.mjs";

await play(async (stage) => {
  await stage.be(process.env.COOKIE);
  const page = await stage.open(`/duty?place=${encodeURIComponent(process.env.PLACE)}&week=1&theme=light`, { width: 1280, height: 900 });
  const press = async (test, what) => {
    for (let i = 0; i < 200; i++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(test)) return;
    }
    throw new Error(`Tab never comes to ${what}`);
  };
  const cell = () => page.locator("table.rota tbody tr").first().locator("td").first().locator("a").first();
  const before = await cell().innerText();
  await press(() => document.activeElement.matches("table.rota a"), "a stretch of the calendar");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".change [name=from]").value !== "");
  await press(() => document.activeElement.name === "member", "the people");
  await page.evaluate((now) => { window.other = [...document.querySelector(".change [name=member]").options].findIndex((o) => o.value && !now.includes(o.text.split(" · ")[0])); }, before);
  const steps = await page.evaluate(() => window.other);
  for (let i = 0; i < steps; i++) await page.keyboard.press("ArrowDown");
  const who = await page.evaluate(() => { const s = document.querySelector(".change [name=member]"); return s.options[s.selectedIndex].text.split(" · ")[0]; });
  await press(() => document.activeElement.matches(".change button"), "the button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#change .note");
  await narrow(page, "the calendar");
  await accessible(page, "the calendar after a change");
  const after = await page.locator("table.rota tbody tr").first().locator("td").first().innerText();
  expect(`${who} is in the calendar instead of “${before}”`, who.length > 1 && after.includes(who));
  await stage.shot(page, "duty-changed", { fullPage: true });
  stage.clean();
});
