package record_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/store/record"
	"hotline/store/storetest"
)

func codecOf[T any](t testing.TB, numbers map[string][]string) record.Codec[T] {
	t.Helper()
	c, err := record.New[T](numbers)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRecordsKeepWhatJSONWould(t *testing.T) {
	type part struct {
		N    int
		At   time.Time
		Flag bool
	}
	type whole struct {
		Text   string
		Bytes  []byte
		Small  int8
		Parts  []part
		Flags  []bool
		Lists  [][]string
		Times  map[string]time.Time
		Nested map[string]map[int]string
		Part   *part
		None   *part
	}
	saigon := time.FixedZone("", 7*3600)
	want := whole{
		Text: strings.Repeat("dài ", 40), Bytes: []byte{0, '\n', 0x1e, 255}, Small: -128,
		Parts:  []part{{}, {N: -1 << 62, At: time.Date(1960, 1, 2, 3, 4, 5, 6, saigon), Flag: true}},
		Flags:  []bool{false, true, false},
		Lists:  [][]string{nil, {"a", ""}, {strings.Repeat("b", 200)}},
		Times:  map[string]time.Time{"a": {}, "b": time.Unix(1, 999)},
		Nested: map[string]map[int]string{"x": {-5: "five"}},
		Part:   &part{},
	}
	for _, numbers := range []map[string][]string{nil, {"whole": {"Text", "Part", "Parts", "Gone"}, "part": {"At", "N"}}} {
		var got whole
		if err := codecOf[whole](t, numbers).Decode(string(codecOf[whole](t, numbers).Append(nil, &want)), &got); err != nil {
			t.Fatal(err)
		}
		for i := range got.Parts {
			if !got.Parts[i].At.Equal(want.Parts[i].At) {
				t.Errorf("moment %v, want %v", got.Parts[i].At, want.Parts[i].At)
			}
			got.Parts[i].At = want.Parts[i].At
		}
		for k := range got.Times {
			if !got.Times[k].Equal(want.Times[k]) {
				t.Errorf("moment %v, want %v", got.Times[k], want.Times[k])
			}
		}
		got.Times, got.Lists[0] = want.Times, nil // empty or nil is one
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// Programs of two versions share one Redis while one replaces the other.
func TestOldAndNewProgramsReadEachOther(t *testing.T) {
	type older struct{ A, B string }
	type newer struct {
		A     string
		Added map[string]int
		B     string
	}
	numbers := map[string][]string{"older": {"A", "B"}, "newer": {"A", "B"}}
	later := map[string][]string{"newer": {"A", "B", "Added"}}
	full := newer{A: "a", B: "b", Added: map[string]int{"x": 1}}
	byName := string(codecOf[newer](t, numbers).Append(nil, &full))
	byNumber := string(codecOf[newer](t, later).Append(nil, &full))

	for name, record := range map[string]string{"by name": byName, "by number": byNumber} {
		var o older
		if err := codecOf[older](t, numbers).Decode(record, &o); err != nil || o != (older{"a", "b"}) {
			t.Errorf("an older program reads a field that goes %s: %+v, %v", name, o, err)
		}
		var n newer
		if err := codecOf[newer](t, later).Decode(record, &n); err != nil || !reflect.DeepEqual(n, full) {
			t.Errorf("the newest program reads a field that goes %s: %+v, %v", name, n, err)
		}
	}
	var n newer
	if err := codecOf[newer](t, later).Decode(string(codecOf[older](t, numbers).Append(nil, &older{"a", "b"})), &n); err != nil || n.A+n.B != "ab" {
		t.Errorf("a new program reads an old record: %+v, %v", n, err)
	}
}

func TestEveryFieldHasANumber(t *testing.T) {
	numbers := record.Fields()
	for _, typ := range []reflect.Type{
		reflect.TypeFor[flows.Case](), reflect.TypeFor[flows.Alert](), reflect.TypeFor[flows.Sealed](), reflect.TypeFor[flows.Question](),
		reflect.TypeFor[flows.Session](), reflect.TypeFor[flows.Mark](), reflect.TypeFor[flows.Option](), reflect.TypeFor[flows.Reply](),
		reflect.TypeFor[flows.Message](), reflect.TypeFor[flows.Event](),
	} {
		known := map[string]int{}
		for _, name := range numbers[typ.Name()] {
			known[name]++
		}
		for f := range typ.Fields() {
			if known[f.Name] != 1 {
				t.Errorf("%s.%s: append it to Fields() in fields.go, once", typ, f.Name)
			}
		}
	}
}

func TestWhatCannotBeStoredIsRefused(t *testing.T) {
	for name, learn := range map[string]func() error{
		"a phone, which masks itself": func() error {
			_, err := record.New[struct{ P flows.Phone }](nil)
			return err
		},
		"a function":                func() error { _, err := record.New[struct{ F func() }](nil); return err },
		"a number with a point":     func() error { _, err := record.New[struct{ F float64 }](nil); return err },
		"a hidden field":            func() error { _, err := record.New[struct{ f int }](nil); return err },
		"a list of pointers":        func() error { _, err := record.New[struct{ P []*int }](nil); return err },
		"a hidden field in a field": func() error { _, err := record.New[struct{ S []struct{ f int } }](nil); return err },
	} {
		if learn() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func FuzzDecodeCase(f *testing.F) {
	c := codecOf[flows.Case](f, record.Fields())
	var filled flows.Case
	storetest.Fill(&filled)
	f.Add(string(c.Append(nil, &filled)))
	f.Add("\x01\x00\x03Ref\x04K7F4")
	f.Fuzz(func(t *testing.T, record string) {
		var first, second flows.Case
		if c.Decode(record, &first) != nil {
			return
		}
		again := string(c.Append(nil, &first))
		if err := c.Decode(again, &second); err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%+v is read back as %+v, %v", first, second, err)
		}
	})
}
