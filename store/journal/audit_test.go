package journal_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hotline/flows"
	"hotline/store/journal"
)

// done are deeds of different people, an hour apart.
func done() []flows.Deed {
	list := []flows.Deed{
		{Who: "m1", Kind: flows.DeedRead, Case: "07abc", What: "text/1", Why: "visit today", From: "console"},
		{Who: "m2", Second: "m3", Kind: flows.DeedReveal, Case: "07abc", Why: "court order 12/2026", From: "console"},
		{Kind: flows.DeedPurge, Case: "07xyz", Why: "retention"},
		{Who: "m3", Kind: flows.DeedRota, What: "week 12"},
	}
	for i := range list {
		list[i].At = start.Add(time.Duration(i) * time.Hour)
	}
	return list
}

func TestAuditComesBackAfterCompact(t *testing.T) {
	o := options(t.TempDir())
	j := open(t, o)
	for _, d := range done() {
		if err := j.Audit(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Audit(t.Context(), flows.Deed{Who: "m1"}); err == nil {
		t.Error("a deed without a kind is taken")
	}
	chain := j.Checkpoint().Chain
	check := func() {
		t.Helper()
		var got []flows.Deed
		_, err := journal.ReadAudit(t.Context(), []string{o.Dir}, key, func(d flows.Deed) error {
			if d.Seq == 0 || d.Chain != chain {
				t.Errorf("deed = %+v has no place in chain %s", d, chain)
			}
			got = append(got, d)
			return nil
		})
		if diff := cmp.Diff(done(), got, cmpopts.IgnoreFields(flows.Deed{}, "Seq", "Chain")); err != nil || diff != "" {
			t.Error(err, diff)
		}
	}
	check()
	_ = j.Close()
	j = open(t, o)
	if _, err := j.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	check()
}

func TestDeedsAreFoundLatestFirst(t *testing.T) {
	o := options(t.TempDir())
	j := open(t, o)
	all := done()
	for _, d := range all {
		if err := j.Audit(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		filter flows.DeedFilter
		want   []int
	}{
		"all":                  {flows.DeedFilter{}, []int{3, 2, 1, 0}},
		"the last two":         {flows.DeedFilter{Limit: 2}, []int{3, 2}},
		"of a member":          {flows.DeedFilter{Who: "m1"}, []int{0}},
		"also as the second":   {flows.DeedFilter{Who: "m3"}, []int{3, 1}},
		"of a kind":            {flows.DeedFilter{Kind: flows.DeedPurge}, []int{2}},
		"of a case":            {flows.DeedFilter{Case: "07abc"}, []int{1, 0}},
		"of a time":            {flows.DeedFilter{After: all[1].At, Before: all[3].At}, []int{2, 1}},
		"of a case at no time": {flows.DeedFilter{Case: "07abc", After: all[3].At}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, reports, err := journal.Deeds(t.Context(), []string{o.Dir}, key, c.filter)
			var want []flows.Deed
			for _, i := range c.want {
				want = append(want, all[i])
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(flows.Deed{}, "Seq", "Chain")); err != nil || diff != "" {
				t.Error(err, diff)
			}
			if len(reports) != 1 || !reports[0].OK() {
				t.Errorf("reports = %+v", reports)
			}
		})
	}
}

// TestAuditMasksNumbers: a member may type a number into a reason, and the chain
// would keep it for ten years.
func TestAuditMasksNumbers(t *testing.T) {
	o := options(t.TempDir())
	j := open(t, o)
	err := j.Audit(t.Context(), flows.Deed{Kind: flows.DeedReveal, Who: "m1", What: "+84901234567", Why: "gọi lại 0901 234 567, lệnh 12/2026", From: "84901234567"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range dirFiles(t, o.Dir) {
		if data := string(read(t, f)); strings.Contains(data, "1234567") || strings.Contains(data, "234 567") || !strings.Contains(data, "12/2026") {
			t.Errorf("the record shows a number, or not the order: %q", data)
		}
	}
}

func TestAuditThatCannotBeWrittenIsAnError(t *testing.T) {
	d, full := &disk{}, error(syscall.ENOSPC)
	o := options(t.TempDir())
	o.Create = d.open
	j := open(t, o)
	d.write.Store(&full)
	err := j.Audit(t.Context(), flows.Deed{Case: "07abc", Who: "m1", Kind: flows.DeedRead})
	if !errors.Is(err, journal.ErrUnwritten) {
		t.Errorf("Audit = %v, want ErrUnwritten: the text must stay closed", err)
	}
}
