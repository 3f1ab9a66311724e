// Saves a form while it is typed, one field at a time, and shows what another
// person wrote into the same field meanwhile. Nothing typed is ever dropped: what
// could not be sent waits and is tried again.
(() => {
  "use strict";
  const form = document.querySelector("form.sheet");
  const status = form?.querySelector(".saving");
  if (!form || !status) return;
  const dirty = new Map(); // field → extra values to send with it
  let busy = false, timer = 0, wait = 700;

  const control = (name) => form.elements[`f.${name}`];
  const block = (name) => form.querySelector(`.field[data-field="${CSS.escape(name)}"]`);

  function say(text, bad) {
    status.textContent = text;
    status.classList.toggle("bad", Boolean(bad));
  }

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(send, ms);
  }

  function touched(e) {
    const name = e.target.name?.startsWith("f.") && e.target.name.slice(2);
    if (!name) return;
    if (!dirty.has(name)) dirty.set(name, {});
    say(form.dataset.saving);
    later(e.type === "change" ? 50 : wait);
  }

  async function send() {
    if (busy || dirty.size === 0) return;
    const [name, extra] = dirty.entries().next().value;
    const typed = control(name).value;
    dirty.delete(name);
    busy = true;
    // Who chooses has seen what stands now; who only types on has not.
    const seen = (extra.choose && block(name).dataset.stands) || form.elements[`v.${name}`].value;
    const body = new URLSearchParams({ [`f.${name}`]: typed, [`v.${name}`]: seen, ...extra });
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      took(name, typed, Boolean(extra.choose), await answer.json());
      wait = 700;
    } catch {
      if (!dirty.has(name)) dirty.set(name, extra);
      say(form.dataset.unsaved, true);
      wait = 3000;
    }
    busy = false;
    if (dirty.size) later(wait === 700 ? 50 : wait);
  }

  function took(name, typed, chosen, s) {
    const at = block(name);
    at.querySelector(".fault").textContent = s.result === "fault" ? s.note : "";
    at.classList.toggle("wrong", s.result === "fault");
    control(name).setAttribute?.("aria-invalid", s.result === "fault");
    if (s.result === "fault") return say(s.note, true);
    at.dataset.stands = s.version;
    if (s.result !== "conflict") {
      form.elements[`v.${name}`].value = s.version;
      form.elements[`h.${name}`].value = s.mark;
    }
    at.querySelector(".met").innerHTML = s.html;
    if (chosen && control(name).value === typed) control(name).value = s.text;
    if (!dirty.size) say(s.note, s.result === "conflict");
  }

  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  form.addEventListener("click", (e) => {
    const button = e.target.closest('button[name="choose"]');
    if (!button) return;
    e.preventDefault();
    const name = button.value.split("|")[0];
    dirty.set(name, { choose: button.value });
    say(form.dataset.saving);
    later(0);
  });
  form.addEventListener("submit", (e) => { if (dirty.size) { e.preventDefault(); later(0); } });
  document.querySelector("form.finish")?.addEventListener("submit", async (e) => {
    if (!dirty.size && !busy) return;
    e.preventDefault(); // first what is not saved yet
    later(0);
    const until = setInterval(() => { if (!dirty.size && !busy) { clearInterval(until); e.target.submit(); } }, 100);
  });
  addEventListener("online", () => later(0));
  addEventListener("beforeunload", (e) => { if (dirty.size || busy) e.preventDefault(); });
})();
