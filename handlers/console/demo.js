// The phones of the demo. The reporter's phone talks to the same gateway
// address as a real provider would; the responders' phones show what the
// program sends them.
(() => {
  "use strict";
  const demo = document.getElementById("demo");
  const $ = (sel, in_ = document) => in_.querySelector(sel);
  const all = (sel, in_ = document) => [...in_.querySelectorAll(sel)];
  const id = () => crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2);
  const two = (n) => String(n).padStart(2, "0");

  async function post(url, body) {
    const r = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!r.ok) throw new Error(String(r.status));
    return r.status === 204 ? {} : r.json();
  }

  function clock() {
    return $(".daytime[data-seconds]").textContent.slice(0, 5);
  }

  // bubble adds one text to a thread.
  function bubble(thread, text, mine, at) {
    const li = document.createElement("li");
    li.className = mine ? "mine" : "theirs";
    const p = document.createElement("p");
    p.textContent = text;
    const t = document.createElement("time");
    t.textContent = at || clock();
    li.append(p, t);
    thread.append(li);
    thread.scrollTop = thread.scrollHeight;
  }

  function local(stamp) {
    const offset = Number($(".state").dataset.offset) * 1000;
    const d = new Date(Date.parse(stamp) + offset);
    return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
  }

  function buzz(phone) {
    phone.classList.remove("buzz");
    void phone.offsetWidth; // restarts the animation
    phone.classList.add("buzz");
  }

  // ---- the reporter's phone ----
  const reporter = $("#reporter");
  const ussd = $(".ussd", reporter);
  const typed = $("#typed");
  const call = { session: "", busy: false };

  function show(reply) {
    ussd.textContent = reply.text;
    call.session = reply.end ? "" : call.session;
    reporter.classList.toggle("open", !reply.end);
    reporter.classList.toggle("ended", !!reply.end);
    label(!!reply.end);
    typed.value = "";
    if (!reply.end) typed.focus({ preventScroll: true });
  }

  // label turns "cancel" into "close" when there is nothing left to cancel.
  const stopKey = $(".stop", reporter);
  const cancel = stopKey.textContent;
  function label(over) {
    stopKey.textContent = over ? ussd.dataset.close : cancel;
  }

  async function hop(text) {
    if (call.busy) return;
    call.busy = true;
    reporter.classList.add("busy");
    try {
      show(await post("/gateway/demo/ussd", { id: id(), session: call.session, from: reporter.dataset.number, to: demo.dataset.code, text }));
    } catch {
      ussd.textContent = demo.dataset.fault;
      call.session = "";
      reporter.classList.remove("open");
    }
    call.busy = false;
    reporter.classList.remove("busy");
  }

  function dial() {
    tab("dial");
    if (call.session) return send();
    call.session = id();
    hop("");
  }

  function send() {
    if (!call.session) return dial();
    const text = typed.value.trim();
    if (text) hop(text);
  }

  function stop() {
    call.session = "";
    reporter.classList.remove("open", "ended");
    ussd.textContent = ussd.dataset.ready;
    label(false);
    typed.value = "";
  }

  function tab(name) {
    for (const t of all("[role=tab]", reporter)) {
      const on = t.getAttribute("aria-controls") === name;
      t.setAttribute("aria-selected", String(on));
      t.tabIndex = on ? 0 : -1;
      document.getElementById(t.getAttribute("aria-controls")).hidden = !on;
    }
  }

  ussd.dataset.ready = ussd.textContent;
  for (const t of all("[role=tab]", reporter)) {
    t.addEventListener("click", () => tab(t.getAttribute("aria-controls")));
    t.addEventListener("keydown", (e) => {
      if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
      const other = all("[role=tab]", reporter).find((o) => o !== t);
      other.focus();
      other.click();
    });
  }
  $("form.answer", reporter).addEventListener("submit", (e) => { e.preventDefault(); send(); });
  $(".stop", reporter).addEventListener("click", stop);
  for (const key of all(".keys .key", reporter)) {
    key.addEventListener("click", () => {
      if (key.dataset.do === "call") return dial();
      if (key.dataset.do === "stop") return stop();
      const field = $("#dial").hidden ? $("#text") : typed;
      field.value += key.dataset.key;
    });
  }

  // texting wires a phone's thread to the gateway; what comes back in the same
  // answer is the hotline's reply.
  function texting(phone, number) {
    const form = $("form.write", phone);
    const field = $("input", form);
    const thread = $(".thread", phone);
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const text = field.value.trim();
      if (!text) return;
      field.value = "";
      bubble(thread, text, true);
      remember(number(), text, true);
      try {
        const reply = await post("/gateway/demo/sms", { id: id(), session: "", from: number(), to: demo.dataset.short, text });
        if (reply.text) {
          bubble(thread, reply.text, false);
          remember(number(), reply.text, false);
        }
      } catch {
        bubble(thread, demo.dataset.fault, false);
      }
    });
  }

  // What a phone itself sent is known to this page alone.
  const said = new Map();
  function remember(number, text, mine) {
    if (!said.has(number)) said.set(number, []);
    said.get(number).push({ text, mine, at: clock(), order: Date.now() });
  }

  texting(reporter, () => reporter.dataset.number);

  // ---- the responders' phones ----
  const phones = all(".responder");

  async function load(phone) {
    const number = phone.dataset.number;
    const state = await (await fetch("/phones/" + encodeURIComponent(number))).json();
    if (phone.dataset.number !== number) return; // another was chosen meanwhile
    const thread = $(".thread", phone);
    thread.replaceChildren();
    const lines = state.texts.map((t) => ({ text: t.text, mine: false, at: local(t.at) }));
    for (const line of lines.concat(said.get(number) || [])) bubble(thread, line.text, line.mine, line.at);
    power(phone, state.on);
    const last = state.calls.at(-1);
    ring(phone, last && (last.state === "ringing" || last.state === "answered") ? last : null);
  }

  function power(phone, on) {
    $(".power input", phone).checked = on;
    phone.classList.toggle("dark", !on);
    $("form.write input", phone).disabled = !on;
    $("form.write button", phone).disabled = !on;
  }

  // ring shows a call on the phone, or puts it away.
  function ring(phone, c) {
    const box = $(".ring", phone);
    box.hidden = !c;
    phone.classList.toggle("ringing", !!c && c.state === "ringing");
    if (!c) return;
    phone.dataset.call = c.id;
    const answered = c.state === "answered";
    $(".ringing", box).hidden = answered;
    $(".pickup", box).hidden = answered;
    $(".callkeys", box).hidden = !answered;
    $(".say", box).textContent = answered ? c.text : "";
    const reject = $(".reject", box);
    reject.dataset.decline ||= reject.textContent;
    reject.textContent = answered ? reject.dataset.hangup : reject.dataset.decline;
  }

  async function press(phone, body) {
    const url = `/phones/${encodeURIComponent(phone.dataset.number)}/calls/${encodeURIComponent(phone.dataset.call)}`;
    try {
      const c = await post(url, body);
      const over = c.state !== "ringing" && c.state !== "answered";
      if (over && c.text && body.key) {
        $(".say", phone).textContent = c.text;
        $(".callkeys", phone).hidden = true;
        setTimeout(() => ring(phone, null), 3500);
      } else ring(phone, over ? null : c);
    } catch {
      $(".say", phone).textContent = demo.dataset.fault;
    }
  }

  for (const phone of phones) {
    texting(phone, () => phone.dataset.number);
    $(".person", phone).addEventListener("change", (e) => { phone.dataset.number = e.target.value; load(phone); });
    $(".power input", phone).addEventListener("change", async (e) => {
      power(phone, e.target.checked);
      await post(`/phones/${encodeURIComponent(phone.dataset.number)}/power`, { on: e.target.checked });
    });
    $(".pickup", phone).addEventListener("click", () => press(phone, { key: "" }));
    $(".reject", phone).addEventListener("click", () => press(phone, { hangup: true }));
    for (const key of all("[data-press]", phone)) key.addEventListener("click", () => press(phone, { key: key.dataset.press }));
  }

  // ---- what arrives ----
  const toast = $(".toast");
  function arrive(e) {
    if (e.number === reporter.dataset.number) {
      if (e.kind === "text") { bubble($(".thread", reporter), e.text.text, false, local(e.text.at)); buzz(reporter); }
      return;
    }
    let phone = phones.find((p) => p.dataset.number === e.number);
    if (!phone && e.kind !== "power") phone = idle(e.number);
    if (!phone) return e.kind === "power" ? undefined : tell(e.number);
    if (e.kind === "text") {
      bubble($(".thread", phone), e.text.text, false, local(e.text.at));
      buzz(phone);
    } else if (e.kind === "call") {
      ring(phone, e.call.state === "ringing" || e.call.state === "answered" ? e.call : null);
      if (e.call.state === "missed") bubble($(".thread", phone), demo.dataset.missed, false, local(e.call.at));
    } else if (e.kind === "power") power(phone, e.on);
  }

  // idle gives a phone that has nothing on it to a person who is not shown yet,
  // so that the newcomer sees who is asked next.
  function idle(number) {
    const phone = phones.findLast((p) => $(".thread", p).children.length === 0 && $(".ring", p).hidden);
    if (!phone || !choose(phone, number)) return null;
    return null; // load() shows the text that arrived
  }

  function choose(phone, number) {
    const who = $(".person", phone);
    if (!all("option", who).some((o) => o.value === number)) return false;
    who.value = number;
    phone.dataset.number = number;
    load(phone).then(() => buzz(phone));
    return true;
  }

  function tell(number) {
    if (phones.some((p) => p.dataset.number === number)) return;
    const option = all(".person option").find((o) => o.value === number);
    if (!option) return;
    $("span", toast).textContent = toast.dataset.new.replace("{who}", option.textContent);
    toast.hidden = false;
    $("button", toast).onclick = () => { choose(phones.at(-1), number); toast.hidden = true; };
  }

  // A page in the background gives its connection back: a browser has few.
  let stream;
  function listen() {
    stream = new EventSource("/phones/events");
    stream.addEventListener("message", (e) => arrive(JSON.parse(e.data)));
    stream.addEventListener("open", () => phones.forEach(load));
  }
  listen();
  document.addEventListener("visibilitychange", () => {
    stream.close();
    if (!document.hidden) listen();
  });

  // ---- what the program did, and why ----
  const retell = () => htmx.ajax("GET", "/demo/story", { target: "#story", swap: "innerMorph" });
  document.addEventListener("htmx:sse:after:message", retell);

  // ---- the speed of time ----
  $("form.speed").addEventListener("click", async (e) => {
    const button = e.target.closest("button");
    if (!button) return;
    e.preventDefault();
    await fetch("/demo/speed", { method: "POST", body: new URLSearchParams({ speed: button.value }), redirect: "manual" });
    for (const b of all("form.speed button")) b.setAttribute("aria-pressed", String(b === button));
  });
})();
