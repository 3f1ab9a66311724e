// Ticks the clocks of a page between two words from the server, and says when
// the server can no longer be heard.
(() => {
  "use strict";
  const root = document.documentElement;
  const base = { now: 0, speed: 1, at: performance.now(), offset: 0 };

  // set takes the server's time as the truth from which clocks run on.
  function set(now, speed) {
    base.now = Number(now);
    base.speed = Number(speed) || 1;
    base.at = performance.now();
  }

  function read() {
    const state = document.querySelector("[data-now]");
    if (!state) return;
    base.offset = Number(state.dataset.offset) || 0;
    set(state.dataset.now, state.dataset.speed);
  }

  const now = () => base.now + (performance.now() - base.at) * base.speed;

  const two = (n) => String(n).padStart(2, "0");

  // left writes a time as page.go does.
  function left(ms) {
    const sign = ms < 0 ? "+" : "";
    const s = Math.floor(Math.abs(ms) / 1000);
    if (s >= 172800) return `${sign}${Math.floor(s / 86400)} ${root.dataset.day} ${Math.floor((s % 86400) / 3600)} ${root.dataset.hour}`;
    if (s >= 3600) return `${sign}${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
    return `${sign}${Math.floor(s / 60)}:${two(s % 60)}`;
  }

  function put(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  function tick() {
    const t = now();
    for (const node of document.querySelectorAll(".time[data-due]")) {
      const due = Number(node.dataset.due);
      put(node, left(due - t));
      if (!node.dataset.warn) continue;
      const holder = node.closest(".case, p.clock");
      const tone = t >= due ? "late" : t >= Number(node.dataset.warn) ? "warn" : "good";
      for (const other of ["late", "warn", "good"]) holder.classList.toggle(other, other === tone);
      const start = Number(node.dataset.start);
      const share = t >= due || due <= start ? 0 : Math.min(100, ((due - t) * 100) / (due - start));
      node.parentElement.querySelector(".bar .left").setAttribute("width", share.toFixed(1));
    }
    const local = new Date(t + base.offset * 1000);
    for (const node of document.querySelectorAll(".daytime")) {
      const text = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
      put(node, "seconds" in node.dataset ? `${text}:${two(local.getUTCSeconds())}` : text);
    }
  }

  // title tells the waiting cases even when the page is one tab among many.
  const plain = document.title;
  function title() {
    const n = Number(document.querySelector(".state")?.dataset.waiting || 0);
    document.title = n ? `(${n}) ${plain}` : plain;
  }

  let heard = performance.now();
  function hear() {
    heard = performance.now();
    lost(false);
  }

  // lost shows or hides that the page may be out of date, with its age.
  function lost(yes) {
    if ((root.dataset.live === "lost") === yes) return;
    root.dataset.live = yes ? "lost" : "on";
    const note = document.querySelector(".offline");
    if (!note) return;
    note.hidden = !yes;
    const at = new Date(base.now + base.offset * 1000);
    note.textContent = note.dataset.text.replace("{at}", `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`);
  }

  document.addEventListener("htmx:sse:after:message", () => { hear(); tick(); title(); });
  document.addEventListener("clock", (e) => {
    const [at, speed] = e.detail.data.split(" ");
    set(at, speed);
    hear();
  });
  document.addEventListener("htmx:sse:error", () => lost(true));
  document.addEventListener("htmx:sse:close", () => lost(true));

  function start() {
    read();
    tick();
    title();
    setInterval(() => {
      tick();
      if (document.querySelector("[hx-sse\\:connect]") && performance.now() - heard > 12000) lost(true);
    }, 250);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();

  // On a phone the pages slide; the one that is open is in sight.
  document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
})();
