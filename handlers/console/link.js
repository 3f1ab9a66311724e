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
    const action = localStorage.getItem(key);
    if (!action || sending) return;
    sending = true;
    try {
      const r = await fetch(action, { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: "" });
      if (r.status < 500) {
        localStorage.removeItem(key);
        location.href = r.url || location.pathname;
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
      localStorage.setItem(key, form.getAttribute("action"));
      show(true);
      send();
    });
  }
  addEventListener("online", send);
  setInterval(send, 5000);
  send();
})();
