// A person who has been invited: the account, the changing code, the recovery
// codes, out and in again, a second browser, its session ended. On the real server.
import { createHmac } from "node:crypto";
import { play, expect, narrow, accessible, byKeyboard } from "./play.mjs";

const base = process.env.BASE_URL;
const password = "suoi mua trang ba cay cau";

// code is the changing code of a secret (RFC 6238), some steps on.
function code(secret, later = 0) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const c of secret.replace(/\s/g, "")) bits += letters.indexOf(c).toString(2).padStart(5, "0");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + later));
  const sum = createHmac("sha1", key).update(step).digest();
  const at = sum[19] & 15;
  return String((sum.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

await play(async (stage) => {
  const phone = { width: 360, height: 740 };
  const page = await stage.open("/board?severity=urgent", phone);
  expect("a stranger is led to the sign-in", new URL(page.url()).pathname === "/signin");
  await narrow(page, "the sign-in at 360 px");
  for (const theme of ["light", "dark"]) {
    await page.goto(`${base}/signin?theme=${theme}`);
    await accessible(page, `the sign-in, ${theme}`);
  }
  await byKeyboard(page, "the sign-in");
  await page.fill("[name=name]", "lan.desk");
  await page.fill("[name=password]", "not the password");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=alert]");
  expect("the name stays after a refusal", (await page.inputValue("[name=name]")) === "lan.desk");
  stage.faults = stage.faults.filter((f) => !/status of 422/.test(f));

  // The invitation, with two mistakes that are said beside their fields.
  await page.goto(`${base}/welcome?theme=light`);
  await accessible(page, "the invitation");
  const fill = async (first, again) => {
    await page.fill("[name=invitation]", process.env.INVITATION);
    await page.fill("[name=name]", "lan.desk");
    await page.fill("[name=password]", first);
    await page.fill("[name=again]", again);
    await page.click("button.main");
  };
  await fill("matkhau", "matkhau");
  await page.waitForSelector("[name=password][aria-invalid=true]");
  expect("what is no secret stays typed", (await page.inputValue("[name=name]")) === "lan.desk" && (await page.inputValue("[name=invitation]")).length > 10);
  await fill(password, password + "x");
  await page.waitForSelector("[name=again][aria-invalid=true]");
  await accessible(page, "the invitation, refused");
  await narrow(page, "the invitation at 360 px");
  stage.faults = stage.faults.filter((f) => !/status of 422/.test(f));
  await fill(password, password);

  await page.waitForSelector("svg.qr");
  await accessible(page, "the code's picture");
  await narrow(page, "the code's picture at 360 px");
  const secret = await page.locator(".secret code").innerText();
  await page.fill("[name=code]", "000000");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[name=code][aria-invalid=true]");
  stage.faults = stage.faults.filter((f) => !/status of 422/.test(f));
  await page.fill("[name=code]", code(secret));
  await page.keyboard.press("Enter");
  await page.waitForSelector(".codes");
  const recovery = await page.locator(".codes code").allInnerTexts();
  expect(`recovery codes (${recovery.length})`, recovery.length >= 8 && new Set(recovery).size === recovery.length);
  await accessible(page, "the recovery codes");
  await narrow(page, "the recovery codes at 360 px");
  await page.click("a.button.main");
  await page.waitForSelector("#board");
  expect("the board after the first sign-in", true);

  // Out, and in again by keyboard alone, to the page that was asked for.
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.click("form[action='/signout'] button");
  await page.waitForURL(/\/signin/);
  await page.goto(`${base}/board?severity=urgent`);
  await page.keyboard.type("lan.desk");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[name=code]");
  await page.keyboard.type(code(secret, 1)); // the code of this half minute has been used
  await page.keyboard.press("Enter");
  await page.waitForSelector("#board");
  expect("back at the page that was asked for", new URL(page.url()).search === "?severity=urgent");

  // A second browser, with a recovery code; the first one ends its session.
  const other = await stage.other("/signin");
  await other.fill("[name=name]", "lan.desk");
  await other.fill("[name=password]", password);
  await other.keyboard.press("Enter");
  await other.waitForSelector("[name=code]");
  await other.fill("[name=code]", recovery[0]);
  await other.keyboard.press("Enter");
  await other.waitForSelector("#board");
  await page.goto(`${base}/account`);
  expect("two sessions are listed", (await page.locator("tr[data-session]").count()) === 2);
  await accessible(page, "the account");
  await byKeyboard(page, "the account");
  await stage.shot(page, "account-own", { fullPage: true });
  await page.locator("tr[data-session] button").first().click();
  await page.waitForSelector(".note.good");
  expect("one session is left", (await page.locator("tr[data-session]").count()) === 1);
  await other.goto(`${base}/board`);
  expect("the ended session is out", new URL(other.url()).pathname === "/signin");
  await other.goto(`${base}/signin`);
  await other.fill("[name=name]", "lan.desk");
  await other.fill("[name=password]", password);
  await other.keyboard.press("Enter");
  await other.waitForSelector("[name=code]");
  await other.fill("[name=code]", recovery[0]);
  await other.keyboard.press("Enter");
  await other.waitForSelector("[role=alert]");
  expect("a recovery code works once", new URL(other.url()).pathname === "/signin/code");
  stage.faults = stage.faults.filter((f) => !/status of 4(22|01)|sse:error/.test(f));
  stage.clean();
});
