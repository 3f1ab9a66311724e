// Every page of the console, from the table of its routes: in both themes and both
// languages, wide and at 360 px. What axe calls serious is a fault, and so is what
// the keyboard does not reach, what is wider than its window, and what is not said
// in words.
import { play, narrow, accessible, byKeyboard, spoken } from "./play.mjs";

const { pages, cookies } = JSON.parse(process.env.PAGES);

// kept are the pictures that docs/ has, by the name of the page.
const kept = { "ready-page": "ready", settings: "settings", "accounts-page": "accounts" };

// The server makes a page in these; the other theme is put on the page as it is,
// since a theme is nothing but its colours.
const made = [["light", "vi"], ["dark", "en"]];

// expected are what Chromium reports of pages that refuse, which some of these do,
// and of a stream that ends with its page.
const expected = /sse:error|status of (403|404|422)/;

await play(async (stage) => {
  const wrong = [];
  const look = async (what, check) => {
    try {
      await check();
    } catch (e) {
      wrong.push(`${what}: ${e.message}`);
    }
  };
  const wear = (page, theme) => page.evaluate((t) => { document.documentElement.dataset.theme = t; }, theme);
  for (const { who, path, name, files } of pages) {
    await stage.be(who ? cookies[who] : "");
    const join = path.includes("?") ? "&" : "?";
    for (const [theme, lang] of made) {
      const page = await stage.open(`${path}${join}theme=${theme}&lang=${lang}`, { width: 1280, height: 900 });
      const what = `${name}: ${path} as ${who || "anybody"}, ${theme}, ${lang}`;
      if (files) await upload(page, files);
      await look(what, () => accessible(page, what));
      await look(what, () => spoken(page, what));
      await look(what, () => narrow(page, what));
      await stage.shot(page, `${name}-${theme}-${lang}`, { fullPage: true });
      if (theme === "light" && kept[name]) await look(what, () => stage.keep(page, kept[name]));
      const other = theme === "light" ? "dark" : "light";
      await wear(page, other);
      await look(what, () => accessible(page, `${what}, worn ${other}`, "color-contrast"));
      await wear(page, theme);
      if (theme === "light") await look(what, () => byKeyboard(page, what));
      await page.setViewportSize({ width: 360, height: 740 });
      await look(what, () => narrow(page, `${what} at 360 px`));
      if (theme === "light") await look(what, () => accessible(page, `${what} at 360 px`));
      await stage.shot(page, `${name}-360-${theme}-${lang}`, { fullPage: true });
      await page.close();
    }
  }
  stage.faults = stage.faults.filter((f) => !expected.test(f));
  if (wrong.length) throw new Error(`${wrong.length} faults:\n` + wrong.join("\n"));
  stage.clean();
});

// upload gives files to the form of a page and shows what the server says of them.
async function upload(page, files) {
  await page.setInputFiles("input[type=file]", files.map(({ name, text }) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) })));
  await Promise.all([page.waitForNavigation(), page.click("form[enctype] button")]);
}
