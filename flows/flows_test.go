package flows_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	thtml "html/template"
	"strings"
	"testing"
	ttext "text/template"

	"hotline/flows"
)

func TestPhoneIsMaskedHoweverItIsPrinted(t *testing.T) {
	const number = "+84912345678"
	p, err := flows.ParsePhone(number)
	if err != nil {
		t.Fatal(err)
	}
	type holder struct {
		P       flows.Phone
		List    []flows.Phone
		Map     map[flows.Phone]flows.Phone
		private flows.Phone // fmt does not call the methods of what is here
		pointer *flows.Phone
		nested  struct{ list []flows.Phone }
	}
	h := holder{P: p, List: []flows.Phone{p}, Map: map[flows.Phone]flows.Phone{p: p}, private: p, pointer: &p}
	h.nested.list = []flows.Phone{p}
	var shown []string
	for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%q", "%x", "%X", "%d", "%T %v", "%10s", "%t", "%c", "%U"} {
		shown = append(shown, fmt.Sprintf(verb, p), fmt.Sprintf(verb, h), fmt.Sprintf(verb, &h))
	}
	j, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var text, page bytes.Buffer
	const show = "{{.}} {{.P}} {{.List}} {{.Map}} {{printf \"%v %s %q %x\" .P .P .P .P}} {{len .List}}"
	if err := errors.Join(ttext.Must(ttext.New("").Parse(show)).Execute(&text, h), thtml.Must(thtml.New("").Parse(show+"<script>var x = {{.P}}</script><a href='?{{.P}}'>")).Execute(&page, h)); err != nil {
		t.Fatal(err)
	}
	shown = append(shown, text.String(), page.String(), panicked(p), panicked(h), panicked(&h))
	shown = append(shown, string(j), fmt.Errorf("about %v: %w", p, flows.ErrPhone).Error())
	for _, s := range shown {
		if strings.Contains(s, "4912") || strings.Contains(s, "5678") || strings.Contains(s, fmt.Sprintf("%x", "5678")) {
			t.Errorf("shows digits of the number: %s", strings.ReplaceAll(s, number, "[number]"))
		}
	}
	if p.E164() != number {
		t.Error("E164 does not give the number back")
	}
}

// panicked is what whoever recovers from a panic prints.
func panicked(v any) (said string) {
	defer func() { said = fmt.Sprintf("%v %+v", recover(), v) }()
	panic(v) //nolint:forbidigo // what a panic prints is what is tested
}

func TestParsePhone(t *testing.T) {
	for _, bad := range []string{"", "+", "0912345678", "84912345678", "+8491234567890123", "+84 912 345", "+0912345678", "+84912x4567", "1111"} {
		if _, err := flows.ParsePhone(bad); err == nil {
			t.Errorf("ParsePhone accepts %q", bad)
		} else if bad != "" && bad != "+" && strings.Contains(err.Error(), bad) {
			t.Errorf("the error for %q repeats it", bad)
		}
	}
}

func TestPhonesOfTheSameNumberAreEqual(t *testing.T) {
	a, _ := flows.ParsePhone("+84912345678")
	b, _ := flows.ParsePhone("+8491234" + "5678")
	c, _ := flows.ParsePhone("+84912345679")
	if a != b || !a.Equal(b) || a == c || a.Equal(c) || a.IsZero() || !(flows.Phone{}).IsZero() || (flows.Phone{}).E164() != "" {
		t.Error("phones do not compare as their numbers do")
	}
}

func TestReceiptIsMaskedHoweverItIsPrinted(t *testing.T) {
	r := flows.Receipt{Number: "48219037", PIN: "551208"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if s := fmt.Sprintf(verb, r); s != "[receipt]" {
			t.Errorf("%s prints %s", verb, s)
		}
	}
}

func TestPartitionNeverChanges(t *testing.T) {
	// A hotline that is installed finds its cases by these numbers.
	for _, key := range []string{"", "K7F4", "48219037", strings.Repeat("kq3v", 20)} {
		h := fnv.New32a()
		_, _ = h.Write([]byte(key))
		if got, want := flows.Partition(key, 64), int(h.Sum32()%64); got != want {
			t.Errorf("partition of %q = %d, want %d", key, got, want)
		}
	}
}

func TestNewRefFallsInItsPartition(t *testing.T) {
	for want := range 64 {
		ref, err := flows.NewRef(rand.Reader, 4, want, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := flows.Partition(string(ref), 64); got != want {
			t.Errorf("partition of %s = %d, want %d", ref, got, want)
		}
		lower := " " + strings.ToLower(string(ref[:2])) + " " + string(ref[2:])
		if got, ok := flows.ParseRef(lower); !ok || got != ref {
			t.Errorf("ParseRef(%q) = %q, %v", lower, got, ok)
		}
	}
}

func TestReceiptFindsEverySingleWrongDigit(t *testing.T) {
	r, err := flows.NewReceipt(rand.Reader, 7, 64)
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := flows.ParseReceipt(r.Groups()); !ok || n != r.Number {
		t.Fatalf("its own groups are refused")
	}
	for i := range 8 {
		for d := byte('0'); d <= '9'; d++ {
			b := []byte(r.Number)
			if b[i] == d {
				continue
			}
			b[i] = d
			if _, ok := flows.ParseReceipt(string(b)); ok {
				t.Errorf("digit %d changed is accepted", i)
			}
		}
	}
	if s := fmt.Sprintf("%v %+v %#v %s", r, r, r, r); strings.Contains(s, r.Number) || strings.Contains(s, r.PIN) {
		t.Error("printing a receipt shows it")
	}
}

func TestCaseIDKnowsItsPartition(t *testing.T) {
	id, err := flows.NewCaseID(rand.Reader, 7)
	if err != nil {
		t.Fatal(err)
	}
	if id.Partition() != 7 || len(id) != 28 {
		t.Errorf("id %s: partition %d, length %d", id, id.Partition(), len(id))
	}
	if got := flows.MessageID(string(id) + "/3").Case(); got != id {
		t.Errorf("case of its message = %s", got)
	}
	if _, err := flows.NewCaseID(bytes.NewReader(nil), 1); err == nil {
		t.Error("a source without bytes gives an id")
	}
}

func TestThenKeepsTheVersionThatWasRead(t *testing.T) {
	first := flows.BeginChange(flows.Moment(1000), flows.Case{ID: "07x", Version: 4})
	first.Log(flows.Event{Kind: flows.EventRefined})
	first.Arm(flows.TimerIntake, flows.Moment(5000))
	second := flows.BeginChange(flows.Moment(1000), first.Case)
	second.Disarm(flows.TimerIntake)
	id := second.Post(flows.Message{To: "m1"})
	both := first.Then(second)
	if both.From != 4 || len(both.Events) != 1 || len(both.Send) != 1 || len(both.Case.Timers) != 0 {
		t.Errorf("joined change = %+v", both)
	}
	if id != "07x/1" || both.Case.Sequel != 1 {
		t.Errorf("message id %s, sequel %d", id, both.Case.Sequel)
	}
	if len(first.Case.Timers) != 1 {
		t.Error("the second step changed the case of the first")
	}
}
