// Keeps which cases are chosen on the board while its rows are sent anew, and says
// how many they are. Without it the marks are a plain form.
(() => {
  "use strict";
  const chosen = new Set();
  const boxes = () => [...document.querySelectorAll('.pick input[name="ref"]')];

  function show() {
    const all = boxes();
    const here = new Set(all.map((box) => box.value));
    for (const ref of chosen) if (!here.has(ref)) chosen.delete(ref);
    for (const box of all) box.checked = chosen.has(box.value);
    const form = document.getElementById("several");
    if (!form) return;
    form.classList.toggle("on", chosen.size > 0);
    const said = form.querySelector(".n");
    const text = chosen.size ? said.dataset.some.replace("{n}", chosen.size) : said.dataset.none;
    if (said.textContent !== text) said.textContent = text;
    for (const button of form.querySelectorAll("button")) button.disabled = chosen.size === 0;
    for (const every of document.querySelectorAll(".pick .every")) {
      const rows = [...every.closest("table").querySelectorAll('input[name="ref"]')];
      const n = rows.filter((box) => box.checked).length;
      every.hidden = false;
      every.checked = n > 0 && n === rows.length;
      every.indeterminate = n > 0 && n < rows.length;
    }
  }

  document.addEventListener("change", (e) => {
    const box = e.target;
    if (!box.matches?.(".pick input")) return;
    const all = box.matches(".every") ? [...box.closest("table").querySelectorAll('input[name="ref"]')] : [box];
    for (const one of all) {
      if (box.checked) chosen.add(one.value);
      else chosen.delete(one.value);
    }
    show();
  });
  document.addEventListener("htmx:sse:after:message", show);

  function start() {
    for (const box of boxes()) if (box.checked) chosen.add(box.value);
    show();
  }
  // A page that comes back has the marks it was left with.
  window.addEventListener("pageshow", start);
})();
