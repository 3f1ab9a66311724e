package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/flows/escalation"
	"hotline/handlers/console"
	"hotline/handlers/console/browsertest"
)

// reporter stands for the dialogue: it says what may be asked and notes what was.
type reporter struct {
	dialog.Asking
	asked  []string
	refuse error
}

// questions is a reporter as the console asks for it.
type questions struct{ *reporter }

func (q questions) Asking(context.Context, flows.Case) (dialog.Asking, error) {
	return q.reporter.Asking, nil
}

func (q questions) Ask(_ context.Context, by flows.MemberID, id flows.CaseID, via flows.Channel, key string) (flows.Case, error) {
	q.asked = append(q.asked, strings.Join([]string{string(by), string(id), string(via), key}, " "))
	return flows.Case{}, q.refuse
}

func templates() []dialog.Template {
	return []dialog.Template{
		{Key: "ask.hamlet", Text: "Hoi: o thon, xom nao?"},
		{Key: "ask.still", Text: "Hoi: viec con tiep dien khong?", Waits: true},
	}
}

func withReporter(r *reporter) func(*console.Options) {
	return func(o *console.Options) { o.Questions = questions{r} }
}

const notice = "Ma cua ban co tin moi. Gui MA, so ma va PIN de xem."

func TestTheCasePageSaysHowAReporterLearnsOfAQuestion(t *testing.T) {
	for _, c := range []struct {
		name   string
		asking dialog.Asking
		change func(*flows.Case)
		event  flows.EventKind
		want   []string
		not    []string
	}{
		{
			"a text leaves at once",
			dialog.Asking{Questions: templates(), Notice: notice, Due: start},
			nil, "",
			[]string{`value="ask.hamlet"`, "Hoi: o thon, xom nao?", notice, "nhận ngay", `value="ask.still" id="q-ask.still" required disabled`},
			nil,
		},
		{
			"it waits for their hours",
			dialog.Asking{Questions: templates(), Notice: notice, Due: start.Add(8 * time.Hour)},
			func(k *flows.Case) { k.Hours = flows.Evening }, "",
			[]string{"chỉ tối, 18-21 giờ", "đợi tới 17:30", notice, "Đặt câu hỏi, báo sau"},
			nil,
		},
		{
			"they did not allow texts",
			dialog.Asking{Questions: templates(), NoText: dialog.NotAllowed},
			func(k *flows.Case) { k.Contact = false }, "",
			[]string{"không cho nhắn tin", `value="ask.hamlet"`},
			[]string{notice},
		},
		{
			"they took it back",
			dialog.Asking{Questions: templates(), NoText: dialog.NotAllowed},
			func(k *flows.Case) { k.Contact = false }, flows.EventForgotten,
			[]string{"đã nhắn DUNG và số máy đã bị xoá"},
			[]string{notice},
		},
		{
			"the number is forgotten",
			dialog.Asking{Questions: templates(), NoText: dialog.Forgotten},
			nil, "",
			[]string{"không còn được giữ"},
			[]string{notice},
		},
		{
			"they cannot read anything",
			dialog.Asking{Questions: templates(), Refused: dialog.RefusedReceipt},
			nil, "",
			[]string{"chưa có mã và PIN"},
			[]string{`value="ask.hamlet"`},
		},
		{
			"questions and answers of before",
			dialog.Asking{Questions: templates(), NoText: dialog.Told},
			func(k *flows.Case) {
				k.Questions = []flows.Question{
					{Key: "ask.hamlet", By: "m1", Asked: start, Answered: start.Add(35 * time.Minute)},
					{Key: "ask.still", By: "m2", Asked: start},
				}
			}, "",
			[]string{"Ở thôn, bản nào", "Lò Văn Inh", "đã trả lời 10:05", "Hà Thị Nga", "chờ trả lời", "câu này hiện ngay sau câu trước"},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTown(t, false, as(&desk{}, "m1"), withReporter(&reporter{Asking: c.asking}))
			w.file("U4AA", func(k *flows.Case) {
				k.Contact = true
				if c.change != nil {
					c.change(k)
				}
			})
			if c.event != "" {
				w.events["00U4AA"] = []flows.Event{{At: start, Kind: c.event}}
			}
			_, page, _ := w.get(t, "/cases/U4AA")
			has(t, page, c.want...)
			for _, no := range c.not {
				if strings.Contains(page, no) {
					t.Errorf("the page says %q", no)
				}
			}
		})
	}
}

func TestAMemberPutsAQuestion(t *testing.T) {
	for _, c := range []struct {
		name   string
		form   url.Values
		refuse error
		want   string
		note   string
	}{
		{"chosen", url.Values{"question": {"ask.hamlet"}}, nil, "m1 00U4AA console ask.hamlet", "Đã đặt câu hỏi"},
		{"none chosen", nil, nil, "", "Hãy chọn một câu hỏi"},
		{
			"put by somebody else meanwhile",
			url.Values{"question": {"ask.hamlet"}},
			&escalation.Refused{Reason: dialog.RefusedWaits, Ref: "U4AA"}, "m1 00U4AA console ask.hamlet", "đang chờ trả lời",
		},
		{
			"the case was closed meanwhile",
			url.Values{"question": {"ask.hamlet"}},
			&escalation.Refused{Reason: escalation.RefusedClosed, Ref: "U4AA"}, "m1 00U4AA console ask.hamlet", "Chưa có gì bị thay đổi",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &reporter{refuse: c.refuse}
			w := newTown(t, false, as(&desk{}, "m1"), withReporter(r))
			w.file("U4AA", func(*flows.Case) {})
			status, to := w.post(t, "/cases/U4AA/ask", c.form, "Sec-Fetch-Site", "same-origin")
			if got := strings.Join(r.asked, "\n"); status != http.StatusSeeOther || got != c.want {
				t.Fatalf("got status %d, asked %q", status, got)
			}
			_, page, _ := w.get(t, to)
			has(t, page, c.note)
		})
	}
}

func TestNobodyAsksAboutACaseOfAnotherCommune(t *testing.T) {
	r := &reporter{Asking: dialog.Asking{Questions: templates()}}
	w := newTown(t, false, as(&desk{}, "m1"), withReporter(r))
	w.file("U4AA", func(k *flows.Case) { k.Place = "tan-lac" })
	if status, _ := w.post(t, "/cases/U4AA/ask", url.Values{"question": {"ask.hamlet"}}); status != http.StatusNotFound || len(r.asked) > 0 {
		t.Errorf("got status %d, asked %v", status, r.asked)
	}
}

// TestEveryTemplateHasAName: a template without one would be shown by its key.
func TestEveryTemplateHasAName(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "configs", "locales", "vi", "ask.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	asks := map[string]string{}
	if err := yaml.Unmarshal(data, &asks); err != nil || len(asks) == 0 {
		t.Fatalf("%d templates, %v", len(asks), err)
	}
	for lang, words := range texts(t) {
		for key := range asks {
			if words["console.ask.name."+strings.TrimPrefix(key, "ask.")] == "" {
				t.Errorf("%s has no name in %s", key, lang)
			}
		}
	}
}

func TestAskInTheBrowser(t *testing.T) {
	r := &reporter{Asking: dialog.Asking{Notice: notice, Due: start.Add(8 * time.Hour), Questions: append(templates(),
		dialog.Template{Key: "ask.find", Text: "Hoi: lam sao tim duoc nha?"}, dialog.Template{Key: "ask.call", Text: "Hoi: goi 111 ke them duoc khong?"})}}
	w := newTown(t, false, as(&desk{}, "m1"), withReporter(r))
	w.file("U4AA", func(k *flows.Case) {
		k.Contact, k.Hours = true, flows.Evening
		k.Questions = []flows.Question{{Key: "ask.hamlet", By: "m1", Asked: start, Answered: start.Add(35 * time.Minute)}, {Key: "ask.still", By: "m2", Asked: start}}
	})
	w.echo.POST("/test/:what", w.happen)
	s := httptest.NewServer(w.echo)
	defer s.CloseClientConnections()
	browsertest.Play(t, "ask.mjs", s.URL, shots(t))
	if len(r.asked) != 1 || r.asked[0] != "m1 00U4AA console ask.find" {
		t.Errorf("asked %v", r.asked)
	}
}
