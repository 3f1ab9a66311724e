// Keeps what the responder decided when the connection is gone, and sends it
// once it is back. The server takes the same decision twice without harm.
(() => {
  "use strict";
  const wait = document.querySelector(".wait");
  if (!wait) return;
  const key = "queued " + location.pathname;
  const buttons = () => document.querySelectorAll(".deed button");

  function show(on) {
    wait.hidden = !on;
    for (const b of buttons()) b.disabled = on;
  }

  let sending = false;
  async function send() {
    const kept = localStorage.getItem(key);
    if (!kept || sending) return;
    const { action, body } = JSON.parse(kept);
    sending = true;
    try {
      const r = await fetch(action, { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body });
      if (r.status < 500) {
        localStorage.removeItem(key);
        // What was the last of this link has no other page to go to.
        if (r.ok && !r.redirected) {
          const page = new DOMParser().parseFromString(await r.text(), "text/html");
          document.querySelector("main").replaceWith(page.querySelector("main"));
        } else location.href = r.url || location.pathname;
        return;
      }
    } catch {
      // Still no connection: the next try comes by itself.
    } finally {
      sending = false;
    }
    show(true);
  }

  for (const form of document.querySelectorAll(".deed")) {
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      // Of the form there is only the button that was pressed: the reason of a no.
      const pressed = e.submitter?.name ? [[e.submitter.name, e.submitter.value]] : [];
      localStorage.setItem(key, JSON.stringify({ action: form.getAttribute("action"), body: String(new URLSearchParams(pressed)) }));
      show(true);
      send();
    });
  }
  addEventListener("online", send);
  setInterval(send, 5000);
  send();
})();
