// Writes generated webhooks, signed by Twilio's own library, as JSON lines:
// {"base", "path", "body", "signature"}. The same seed gives the same webhooks.
//
//   node sign.js COUNT TOKEN
"use strict";
const { getExpectedTwilioSignature } = require("twilio/lib/webhooks/webhooks");

const [count, token] = [Number(process.argv[2]), process.argv[3]];

let seed = 20261123;
const next = (n) => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * n);
};
const pick = (list) => list[next(list.length)];

const bases = [
  "https://hotline.example.org",
  "https://hotline.example.org:443",
  "https://hotline.example.org:8443",
  "http://hotline.example.org",
  "http://hotline.example.org:8080",
  "https://đường-dây.example.org",
  "https://hotline.example.org/prefix",
];
const paths = [
  "/twilio/sms",
  "/twilio/status?m=07abcdefgh%2F1",
  "/twilio/sms?a=1&b=two",
  "/twilio/sms?empty=&space=a%20b&plus=a+b",
  "/twilio/sms?q=M%E1%BA%ADu%20%C4%90%E1%BB%A9c",
  "/twilio/voice/press?m=07abcdefgh%2F2&r=K7F4",
  "/tin%20nhan/%C4%91%E1%BA%BFn",
];
const texts = [
  "",
  " ",
  "be gai nha ben bi danh, ban Lac, xa Mai Chau",
  "Bé gái nhà bên bị đánh, bản Lác, xã Mai Châu",
  "ạ".repeat(200),
  "a=b&c=d;e+f %2B 100%",
  "dòng một\r\ndòng hai\n\tba",
  "👧🏽 😢",
  "Co\u0302 be\u0301 (NFD)",
  "<Message>&amp;</Message>",
  "'\"\\`",
];
const names = ["Body", "FromCity", "NumMedia", "ToZip", "body", "a", "A", "a b", "tên", "x[0]", "Z.9", "_"];

const encode = (params) => {
  const out = [];
  for (const [k, v] of Object.entries(params)) {
    for (const one of Array.isArray(v) ? v : [v]) {
      out.push(encodeURIComponent(k) + "=" + encodeURIComponent(one));
    }
  }
  return out.join("&");
};

for (let i = 0; i < count; i++) {
  const params = {
    MessageSid: "SM" + String(i).padStart(32, "0"),
    From: "+849" + String(next(100000000)).padStart(8, "0"),
    To: "1111",
    Body: pick(texts),
  };
  for (let n = next(6); n > 0; n--) params[pick(names)] = pick(texts);
  if (next(4) === 0) params.MediaUrl = ["b", "a", "b", "https://example.org/?x=1"].slice(0, 1 + next(4));
  const [base, path] = [pick(bases), pick(paths)];
  const body = encode(params);
  const signature = getExpectedTwilioSignature(token, base + path, params);
  console.log(JSON.stringify({ base, path, body, signature }));
}
