package gateway_test

import (
	"strings"
	"testing"

	"hotline/flows"
	"hotline/handlers/gateway"
	"hotline/handlers/handlertest"
)

// own is a dialect that no preset has: XML with attributes in, XML out.
const own = `
ussd:
  body: xml
  fields: {session: page.session_id, from: page.mobile.@number, to: page.gate, text: page.data}
  signal: {field: page.status.@code, hangup: ["9"]}
  reply:
    body: xml
    template: <?xml version="1.0"?><page session="$session"><div>$text</div><more>$more</more></page>
    headers: {X-Session: $more}
    more: 1
    end: 0
`

func parse(t *testing.T, base, text string) *gateway.Dialect {
	t.Helper()
	var from gateway.Dialect
	if base != "" {
		var err error
		if from, err = gateway.Preset(base); err != nil {
			t.Fatal(err)
		}
	}
	d, err := gateway.Parse(from, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

func TestXML(t *testing.T) {
	public, desk := speak(t, "", func(c *gateway.Config) { c.Dialect = parse(t, "", own) })
	hook := func(name, body string) handlertest.Hook {
		return handlertest.Hook{Name: name, Path: "/gateway/gw/ussd", Type: "text/xml; charset=utf-8", Body: body}
	}
	page := func(inner string) string {
		return `<?xml version="1.0"?><page><session_id>s1</session_id><mobile number="233241234567" net="x"/><gate>111</gate>` + inner + `</page>`
	}
	good := hook("an answer", page(`<data>1 &amp; 2</data>`))
	good.Reply, good.Inbound = flows.Reply{Text: "<a> & $text"}, caller(flows.Input, "111", "s1", "1 & 2")
	good.Answer = `<?xml version="1.0"?><page session="s1"><div>&lt;a&gt; &amp; $text</div><more>1</more></page>`
	over := hook("the end", page(`<status code="9"/>`))
	over.Inbound = caller(flows.Hangup, "111", "s1", "")
	over.Answer = `<?xml version="1.0"?><page session="s1"><div></div><more>1</more></page>`
	broken := hook("broken XML", `<page><data>`)
	broken.Status, broken.Answer = 400, `{"reason":"malformed XML"}`
	deep := hook("nested without end", strings.Repeat("<a>", 1000))
	deep.Status, deep.Answer = 400, `{"reason":"malformed XML"}`
	none := hook("no number", `<page><session_id>s1</session_id><data>1</data></page>`)
	none.Status, none.Answer = 400, `{"reason":"missing field: page.mobile.@number"}`
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{good, over, broken, deep, none})
}

func TestDialectOverPreset(t *testing.T) {
	public, desk := speak(t, "", func(c *gateway.Config) {
		c.Dialect = parse(t, "hubtel", "ussd: {fields: {from: MSISDN}, signal: {field: Type, begin: [Start]}}")
	})
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{{
		Name: "one name differs", Path: "/gateway/gw/ussd", Type: jsonType, Body: `{"Type":"START","MSISDN":"233241234567","SessionId":"1","ServiceCode":"713","Message":"713"}`,
		Answer:  `{"SessionId":"1","Type":"response","Message":"","Label":"","ClientState":"","DataType":"input","FieldType":"text"}`,
		Inbound: caller(flows.Begin, "713", "1", ""),
	}})
}

func TestParseTellsEveryFault(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"an unknown name", "ussd:\n  bodi: json\n", []string{"line 2", "bodi"}},
		{"a kind of body that is none", "ussd: {body: yaml, fields: {from: a}}", []string{`ussd.body is "yaml"`, "ussd.fields need from and text", "ussd needs a reply"}},
		{"a status word that means nothing", "status: {body: json, id: id, word: w, words: {OK: fine}}", []string{`status.words.OK is "fine"`}},
		{"texts without a way to answer", "sms: {body: json, fields: {from: a, text: b}}", []string{"sms has no reply"}},
		{"fields that are a list", "send:\n  body: json\n  fields: [a]\n", []string{"line 3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := gateway.Parse(gateway.Dialect{}, []byte(tt.text))
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		})
	}
}

func FuzzUSSD(f *testing.F) {
	f.Add("/gateway/gw/ussd", jsonType, `{"session":"s","from":"+84901234567","text":"1"}`)
	f.Add("/gateway/gw/ussd/a/b", "application/xml", `<page><mobile number="1"/></page>`)
	f.Fuzz(func(t *testing.T, path, kind, body string) {
		if !strings.HasPrefix(path, "/gateway/gw/") || strings.ContainsAny(path+kind, " \r\n\t\x00") {
			t.Skip()
		}
		for _, base := range []string{"plain", "infobip", "safaricom"} {
			d := parse(t, base, "")
			if d.USSD.Body == gateway.JSON && strings.Contains(kind, "xml") {
				d = parse(t, "", own)
			}
			g, err := gateway.New(gateway.Config{Name: "gw", Dialect: d})
			if err != nil {
				t.Fatal(err)
			}
			h := handlertest.Hook{Path: "/gateway/gw/ussd", Type: kind, Body: body}
			list, err := g.USSD(h.Request())
			if err == nil && len(list) != 1 {
				t.Fatalf("%d exchanges and no error", len(list))
			}
		}
	})
}
