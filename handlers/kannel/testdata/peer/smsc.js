// An operator's SMSC, driven by JSON lines: what it shall deliver or do comes on
// standard input, what it sees goes to standard output.
//
//   node smsc.js PORT
//   ← {"from":"84901234567","to":"1111","text":"…","op":1,"session":"0702"}
//   ← {"report":"UNDELIV"}   what becomes of the next texts; DELIVRD at first
//   ← {"die":"submit"}       ends when the next text comes, before it is accepted
//   → {"event":"listening"} {"event":"bound"} {"event":"submit","to":"…","text":"…","coding":8,"op":2,"session":"0702"}
"use strict";
const smpp = require("smpp");
const readline = require("readline");

const say = (o) => console.log(JSON.stringify(o));
let esme = null;
let count = 0;
let outcome = "DELIVRD";
let dies = false;

const server = smpp.createServer({}, (session) => {
  session.on("error", () => {});
  session.on("pdu", (pdu) => {
    switch (pdu.command) {
      case "bind_transceiver":
        session.send(pdu.response());
        esme = session;
        say({ event: "bound", user: pdu.system_id });
        break;
      case "submit_sm":
        submit(session, pdu);
        break;
      case "enquire_link":
      case "unbind":
        session.send(pdu.response());
        break;
    }
  });
});

// submit accepts a text and, where one is wanted, reports what became of it.
function submit(session, pdu) {
  if (dies) process.exit(1);
  const id = "op" + process.pid + "-" + ++count;
  session.send(pdu.response({ message_id: id }));
  const text = pdu.short_message.message;
  say({
    event: "submit",
    to: pdu.destination_addr,
    from: pdu.source_addr,
    text: typeof text === "string" ? text : text.toString(),
    coding: pdu.data_coding,
    service: pdu.service_type,
    op: pdu.ussd_service_op,
    session: pdu.its_session_info && Buffer.from(pdu.its_session_info).toString("hex"),
  });
  if (pdu.registered_delivery & 1) {
    session.deliver_sm({
      source_addr: pdu.destination_addr,
      destination_addr: pdu.source_addr,
      esm_class: 4,
      receipted_message_id: id,
      message_state: { DELIVRD: 2, UNDELIV: 5 }[outcome],
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2611230800 done date:2611230800 stat:${outcome} err:000 text:`,
    });
  }
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const m = JSON.parse(line);
  if (m.report) {
    outcome = m.report;
    return;
  }
  if (m.die) {
    dies = true;
    return;
  }
  const pdu = {
    source_addr: m.from,
    source_addr_ton: 1,
    source_addr_npi: 1,
    destination_addr: m.to,
    // The library writes GSM-7 or UCS-2 by what the text needs.
    short_message: m.text,
  };
  if (m.udh !== undefined) {
    // A part of a long text in UCS-2, as a handset cuts it: by code units.
    pdu.esm_class = 0x40;
    pdu.data_coding = 8;
    pdu.short_message = { udh: Buffer.from(m.udh, "hex"), message: Buffer.from(m.ucs2, "hex") };
  }
  if (m.op !== undefined) {
    Object.assign(pdu, { service_type: "USSD", ussd_service_op: m.op, its_session_info: Buffer.from(m.session, "hex") });
  }
  esme.deliver_sm(pdu);
});

server.listen(Number(process.argv[2]), "127.0.0.1", () => say({ event: "listening" }));
