// Every page of the console, from the table of its routes: in both themes and both
// languages, wide and at 360 px. What axe calls serious is a fault, and so is what
// the keyboard does not reach, what is wider than its window, and what is not said
// in words.
import { play, narrow, accessible, byKeyboard, spoken } from "./play.mjs";

const base = process.env.BASE_URL;
const { pages, cookies } = JSON.parse(process.env.PAGES);

// kept are the pictures that docs/ has, by the name of the page.
const kept = { "ready-page": "ready", "settings-place-none-kind-VIOLENCE-page": "settings", "accounts-page": "accounts" };

await play(async (stage) => {
  const wrong = [];
  const look = async (what, check) => {
    try {
      await check();
    } catch (e) {
      wrong.push(`${what}: ${e.message}`);
    }
  };
  for (const { who, path, name } of pages) {
    await stage.be(who ? cookies[who] : "");
    const join = path.includes("?") ? "&" : "?";
    for (const [theme, lang] of [["light", "vi"], ["dark", "en"]]) {
      const page = await stage.open(`${path}${join}theme=${theme}&lang=${lang}`, { width: 1280, height: 900 });
      const what = `${path} as ${who || "anybody"}, ${theme}, ${lang}`;
      await look(what, () => accessible(page, what));
      await look(what, () => spoken(page, what));
      await look(what, () => narrow(page, what));
      await stage.shot(page, `${name}-${theme}-${lang}`, { fullPage: true });
      if (theme === "light" && kept[name]) await look(what, () => stage.keep(page, kept[name]));
      if (theme === "light") await look(what, () => byKeyboard(page, what));
      await page.setViewportSize({ width: 360, height: 740 });
      await look(what, () => narrow(page, `${what} at 360 px`));
      if (theme === "light") await look(what, () => accessible(page, `${what} at 360 px`));
      await stage.shot(page, `${name}-360-${theme}-${lang}`, { fullPage: true });
      await page.close();
    }
  }
  stage.faults = stage.faults.filter((f) => !/sse:error|status of 40[34]/.test(f));
  if (wrong.length) throw new Error(`${wrong.length} faults:\n` + wrong.join("\n"));
  stage.clean();
});
