// Two cases are taken together by keyboard, while the board changes under the marks.
// On the real server, as wide as a phone.
import { play, expect, narrow, accessible } from "./play.mjs";

await play(async (stage) => {
  await stage.be(process.env.COOKIE);
  const page = await stage.open("/board?theme=light&lang=vi", { width: 360, height: 740 });
  const press = async (test, what, arg) => {
    for (let i = 0; i < 200; i++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(test, arg)) return;
    }
    throw new Error(`Tab never comes to ${what}`);
  };
  const marked = () => page.evaluate(() => [...document.querySelectorAll('.pick input[name="ref"]')].filter((box) => box.checked).map((box) => box.value).sort().join(" "));
  expect("nothing can be done to nothing", await page.locator("#several button[value=take]").isDisabled());
  for (const ref of ["KAN4", "PAF9"]) {
    await press((value) => document.activeElement.value === value, `the mark of ${ref}`, ref);
    await page.keyboard.press("Space");
  }
  expect("two are marked", (await marked()) === "KAN4 PAF9");
  expect("the bar says how many", (await page.locator("#several .n").innerText()).includes("2"));
  const status = await page.evaluate(() => fetch("/cases/TKN7/take", { method: "POST" }).then((r) => r.status));
  expect(`the case is taken (${status})`, status === 200);
  await page.waitForSelector("#case-TKN7.taken");
  expect("the board shows what was taken meanwhile", true);
  expect("the marks outlive what the server sends", (await marked()) === "KAN4 PAF9");
  await narrow(page, "a board with marks");
  await accessible(page, "a board with marks");
  await stage.shot(page, "board-marked", { fullPage: false });
  await press(() => document.activeElement.matches("#several button[value=take]"), "the button");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await press(() => document.activeElement.matches("form.order button.main"), "the confirmation");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  expect("both were taken", (await page.locator("ul.order li.good").count()) === 2 && (await page.locator("ul.order li.bad").count()) === 0);
  await narrow(page, "what became of them");
  await accessible(page, "what became of them");
  await stage.shot(page, "several-done", { fullPage: true });
  stage.clean();
});
