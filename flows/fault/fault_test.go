package fault_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows/fault"
)

func TestAFaultSaysWhereAndWhat(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"a line", fault.New("blank", "column", "name").At("a.csv", 3).Error(), "a.csv:3: name is empty"},
		{"a file", fault.New("unknown_file", "want", "b.csv").At("a.csv", 0).Error(), "a.csv: expected one of b.csv"},
		{"a thing", fault.About("shift", 2, fault.New("backwards")).Error(), "shift 2: ends before it starts"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestEveryFaultIsFoundInATreeOfErrors(t *testing.T) {
	a, b := fault.New("phoneless"), fault.New("backwards").At("x.csv", 2)
	err := fmt.Errorf("read: %w", errors.Join(
		fmt.Errorf("version 1: %w", errors.Join(fault.About("member", "m1", a), nil)),
		fault.List{b}, errors.New("no file for 0960000001"),
	))
	a.Of, a.Which = "member", "m1"
	want := fault.List{a, b, fault.New(fault.Other, "what", "no file for #")}
	if d := cmp.Diff(want, fault.In(err)); d != "" {
		t.Error(d)
	}
	if fault.In(nil).Err() != nil || fault.About("member", "m1", nil) != nil {
		t.Error("nothing wrong is something wrong")
	}
}

// TestEveryKindHasWordsAndIsUsed reads the code of the packages that find faults.
func TestEveryKindHasWordsAndIsUsed(t *testing.T) {
	used := map[string]bool{"other": true}
	call := regexp.MustCompile(`(?:fault|New)\("([a-z_]+)"`)
	var files []string
	for _, dir := range []string{".", "../places", "../escalation", "../escalation/roster", "../directory"} {
		some, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	for _, name := range files {
		if ok, _ := filepath.Match("*_test.go", filepath.Base(name)); ok {
			continue
		}
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllSubmatch(code, -1) {
			used[string(m[1])] = true
			if _, ok := fault.Kinds()[string(m[1])]; !ok {
				t.Errorf("%s: the kind %s has no words", name, m[1])
			}
		}
	}
	for kind := range fault.Kinds() {
		if !used[kind] {
			t.Errorf("nothing has the kind %s", kind)
		}
	}
}
