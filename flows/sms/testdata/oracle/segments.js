// Reads one JSON string a line, prints alphabet and number of segments a line.
const { SegmentedMessage } = require("sms-segments-calculator");
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
const out = lines.map((line) => {
  const m = new SegmentedMessage(JSON.parse(line), "auto");
  return m.encodingName + " " + m.segmentsCount;
});
process.stdout.write(out.join("\n") + "\n");
