package record_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/store/record"
)

// line is an event, inner what holds some.
type (
	line struct {
		Kind, Message string
		Level         int
		Later         string // has no number yet
	}
	inner struct{ One line }
	raw   struct{ One string }
)

// What is taken out of a field must be what the type's own record would be.
func TestTheContentOfAFieldBecomesARecord(t *testing.T) {
	numbers := map[string][]string{"line": {"Kind", "Message", "Level"}, "inner": {"One"}, "raw": {"One"}}
	whole, err := record.New[inner](numbers)
	if err != nil {
		t.Fatal(err)
	}
	part, err := record.New[raw](numbers)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := record.New[line](numbers)
	if err != nil {
		t.Fatal(err)
	}
	number := record.Number(numbers, "line", "Message")
	for name, c := range map[string]struct{ given, want line }{
		"the prefix goes":          {line{"07k3", "07k3/1", 2, "x"}, line{"07k3", "/1", 2, "x"}},
		"another text stays whole": {line{"sent", "06k3/1", -2, ""}, line{"sent", "06k3/1", -2, ""}},
		"nothing is left":          {line{"sent", "07k3", 0, "07k3"}, line{"sent", "", 0, "07k3"}},
		"no such field":            {line{Kind: "filed"}, line{Kind: "filed"}},
	} {
		t.Run(name, func(t *testing.T) {
			var content raw
			if err := part.Decode(string(whole.Append(nil, &inner{c.given})), &content); err != nil {
				t.Fatal(err)
			}
			b, err := record.AppendContent(nil, content.One, number, "07k3")
			if err != nil {
				t.Fatal(err)
			}
			var got, unchanged line
			if err := lines.Decode(string(b), &got); err != nil || got != c.want {
				t.Errorf("got %+v, want %+v: %v", got, c.want, err)
			}
			if err := lines.DecodeContent(content.One, &unchanged); err != nil || unchanged != c.given {
				t.Errorf("the content is %+v, want %+v: %v", unchanged, c.given, err)
			}
			if diff := cmp.Diff(len(b), len(lines.Append(nil, &c.want))); diff != "" && c.want.Message != "" {
				t.Error("its length:", diff)
			}
		})
	}
	if record.Number(numbers, "line", "Later") != 0 {
		t.Error("a field without a number has one")
	}
	if _, err := record.AppendContent(nil, "\x01\x09short", number, "07k3"); err == nil {
		t.Error("half a field is taken")
	}
}
