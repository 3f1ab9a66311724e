// A responder at night: the link from the alert, a connection that breaks, and a
// decision that is kept and sent once.
import { play, expect, narrow, accessible } from "./play.mjs";

await play(async (stage) => {
  const page = await stage.open(process.env.LINK, { width: 320, height: 640 });
  await narrow(page, "the closed link at 320 px");
  await accessible(page, "the closed link");
  await page.click("button.take");
  await page.waitForSelector(".deed button.take");
  await narrow(page, "the open link at 320 px");
  await accessible(page, "the open link");
  await stage.keep(page, "link", { fullPage: true });
  const address = page.url();
  await page.goto(address + "?lang=en"); // for the guides in English
  await page.waitForSelector(".deed button.take");
  await stage.keep(page, "link-en", { fullPage: true });
  await page.goto(address);

  // The reason of a no waits for the network with it.
  await page.route("**/decline", (route) => route.abort("internetdisconnected"));
  await page.click('.deed button[value="ill"]');
  await page.waitForSelector(".wait:not([hidden])");
  expect("the reason is kept", await page.evaluate(() => Object.values(localStorage).some((v) => v.includes("/decline") && v.includes("why=ill"))));
  await page.evaluate(() => localStorage.clear());
  await page.reload();

  await page.route("**/take", (route) => route.abort("internetdisconnected"));
  await page.click(".deed button.take");
  await page.waitForSelector(".wait:not([hidden])");
  expect("the decision is kept", await page.evaluate(() => localStorage.length) === 1);
  await stage.shot(page, "link-queued", { fullPage: true });

  await page.unroute("**/take");
  await page.waitForSelector(".note.good");
  expect("the decision is sent", await page.evaluate(() => localStorage.length) === 0);
  await stage.shot(page, "link-done", { fullPage: true });
  stage.faults = stage.faults.filter((f) => !/ERR_INTERNET_DISCONNECTED/.test(f));
  stage.clean();
});
