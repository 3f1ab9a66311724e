// A responder's phone at night: the case is taken at 360 px, form 01 saves itself
// as it is typed, survives a reload, a lost connection and a colleague who writes
// into the same field, is finished, and becomes a PDF that can be read.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { play, expect, narrow, accessible } from "./play.mjs";

const base = process.env.BASE_URL;
const phone = { width: 360, height: 740 };
const be = (who) => fetch(`${base}/test/be/${who}`, { method: "POST" });

await play(async (stage) => {
  const page = await stage.open("/cases/K7F4", phone);
  await page.click("button.take");
  await page.waitForSelector(".note.good");
  await narrow(page, "the case at 360 px");
  await stage.shot(page, "record-case", { fullPage: true });
  await page.click('.sheets a[href$="/forms/01"]');
  await page.waitForSelector("form.sheet");
  await narrow(page, "form 01 at 360 px");
  await accessible(page, "form 01");

  const saved = () => page.waitForFunction(() => /Đã lưu/.test(document.querySelector(".saving").textContent));
  const values = {
    organ: "UBND xã Mai Châu", number: "12/PTN", received: "2026-11-23T12:00", child_name: "Lò Thị Mỷ", child_age: "7",
    event_place: "Bản Lác, nhà bên suối", child_now: "Ở nhà bà ngoại, cùng bản", state: "Vết bầm ở tay trái.\nĐã ăn, ngủ được.", officer: "Lò Văn Inh",
  };
  for (const [name, text] of Object.entries(values)) await page.fill(`[name="f.${name}"]`, text);
  for (const [name, value] of [["kind", "abused"], ["source", "phone"], ["child_sex", "female"]]) {
    await page.check(`input[name="f.${name}"][value="${value}"]`);
  }
  await saved();
  await stage.shot(page, "record-form", { fullPage: true });

  await page.reload();
  for (const [name, text] of Object.entries(values)) {
    expect(`${name} is there after a reload`, (await page.inputValue(`[name="f.${name}"]`)) === text);
  }
  expect("the choice is there after a reload", await page.isChecked('input[name="f.child_sex"][value="female"]'));

  // Without a connection nothing is lost, and it is said.
  await page.route("**/forms/01", (route) => route.abort("internetdisconnected"));
  await page.fill('[name="f.carer"]', "Bà ngoại");
  await page.waitForSelector(".saving.bad");
  await stage.shot(page, "record-offline");
  await page.unroute("**/forms/01");
  await saved();

  // A colleague writes into the same field meanwhile.
  await be("head");
  const other = await stage.open("/cases/K7F4/forms/01", phone);
  await other.fill('[name="f.feared"]', "Có thể bị đánh nữa");
  await other.waitForFunction(() => /Đã lưu/.test(document.querySelector(".saving").textContent));
  await be("duty1");
  await page.fill('[name="f.feared"]', "Có thể phải bỏ học");
  await page.waitForSelector('.field[data-field="feared"] .rivals');
  const rivals = await page.locator('.field[data-field="feared"] .rivals').innerText();
  expect("both texts are shown", rivals.includes("Có thể bị đánh nữa") && rivals.includes("Có thể phải bỏ học") && rivals.includes("Hà Thị Nga"));
  await narrow(page, "two writings at 360 px");
  await accessible(page, "two writings");
  await page.locator('.field[data-field="feared"]').scrollIntoViewIfNeeded();
  await stage.shot(page, "record-conflict");
  await page.fill('[name="f.feared"]', "Có thể bị đánh nữa, và phải bỏ học");
  await page.click('.rivals button[value="feared|typed"]');
  await page.waitForFunction(() => !document.querySelector(".rivals"));
  await other.close();

  await page.click(".finish .main");
  await page.waitForSelector(".note.good");
  await page.reload();
  expect("what was chosen stays", (await page.inputValue('[name="f.feared"]')) === "Có thể bị đánh nữa, và phải bỏ học");

  // The paper, as it leaves the printer.
  const folder = mkdtempSync(join(tmpdir(), "hotline-paper-"));
  const file = join(folder, "K7F4-01.pdf");
  const answer = await page.request.get(base + (await page.getAttribute("a.pdf", "href")));
  expect("a PDF", answer.headers()["content-type"] === "application/pdf");
  writeFileSync(file, await answer.body());
  const text = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" });
  for (const part of ["PHIẾU TIẾP NHẬN THÔNG TIN", "Lò Thị Mỷ", "Bản Lác, nhà bên suối", "Có thể bị đánh nữa, và phải bỏ học", "Cán bộ tiếp nhận: Lò Văn Inh"]) {
    expect(`the paper says ${part}`, text.includes(part));
  }
  rmSync(folder, { recursive: true, force: true });

  for (const theme of ["light", "dark"]) {
    for (const lang of ["vi", "en"]) {
      for (const [path, name] of [["/cases/K7F4", "record-case"], ["/cases/K7F4/forms/01", "record-form"]]) {
        const p = await stage.open(`${path}?theme=${theme}&lang=${lang}`, phone);
        await accessible(p, `${name} ${theme} ${lang}`);
        await narrow(p, `${name} ${lang}`);
        await p.setViewportSize({ width: 320, height: 640 });
        await narrow(p, `${name} ${lang} at 320 px`);
        await p.setViewportSize({ width: 1280, height: 900 });
        await stage.shot(p, `${name}-${theme}-${lang}`, { fullPage: true });
        await p.close();
      }
    }
  }
  stage.faults = stage.faults.filter((f) => !/ERR_INTERNET_DISCONNECTED/.test(f));
  stage.clean();
});
