// A member puts a reviewed question to a reporter. What was chosen stays chosen
// while the page renews itself.
import { play, expect, narrow, accessible } from "./play.mjs";

await play(async (stage) => {
  const page = await stage.open("/cases/U4AA", { width: 1280, height: 1000 });
  await accessible(page, "the case with questions");
  await page.click(".questions label:has([value='ask.find'])");
  await page.evaluate(() => fetch("/test/move", { method: "POST" }));
  await page.waitForSelector(".line .event");
  expect("the choice stays", await page.isChecked("[value='ask.find']"));
  await page.locator(".questions").scrollIntoViewIfNeeded();
  await stage.shot(page, "ask", { fullPage: true });
  await page.setViewportSize({ width: 320, height: 640 });
  await narrow(page, "the questions at 320 px");
  await page.locator(".questions").screenshot({ path: `${process.env.SHOTS}/ask-narrow.png` });
  await page.emulateMedia({ colorScheme: "dark" });
  await accessible(page, "the questions in the dark");
  await page.locator(".questions").screenshot({ path: `${process.env.SHOTS}/ask-dark.png` });
  await page.focus("[value='ask.find']");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".note.good");
  expect("the page says that it is put", (await page.textContent(".note.good")).includes("U4AA"));
  stage.clean();
});
