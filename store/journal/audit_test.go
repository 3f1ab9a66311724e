package journal_test

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/store/journal"
)

func TestAuditComesBackAfterCompact(t *testing.T) {
	o := options(t.TempDir())
	j := open(t, o)
	entries := []journal.Audit{
		{Who: "m1", Deed: journal.DeedRead, What: "text/1", Why: "visit today", From: "console"},
		{Who: "m2", Second: "m3", Deed: journal.DeedReveal, Why: "court order 12/2026", From: "console"},
		{Deed: journal.DeedPurge, Why: "retention"},
	}
	for i, a := range entries {
		if err := j.Audit(t.Context(), start.Add(time.Duration(i)*time.Hour), "07abc", a); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Audit(t.Context(), start, "", journal.Audit{Who: "m1"}); err == nil {
		t.Error("an entry without a deed is taken")
	}
	check := func() {
		t.Helper()
		var got []journal.Audit
		_, err := journal.ReadAudit(t.Context(), []string{o.Dir}, key, func(e journal.Entry) error {
			if want := start.Add(time.Duration(len(got)) * time.Hour); !e.At.Equal(want) || e.Case != "07abc" || e.Seq == 0 {
				t.Errorf("entry = %+v, want at %v", e, want)
			}
			got = append(got, e.Audit)
			return nil
		})
		if diff := cmp.Diff(entries, got); err != nil || diff != "" {
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

func TestAuditThatCannotBeWrittenIsAnError(t *testing.T) {
	d, full := &disk{}, error(syscall.ENOSPC)
	o := options(t.TempDir())
	o.Create = d.open
	j := open(t, o)
	d.write.Store(&full)
	err := j.Audit(t.Context(), start, "07abc", journal.Audit{Who: "m1", Deed: journal.DeedRead})
	if !errors.Is(err, journal.ErrUnwritten) {
		t.Errorf("Audit = %v, want ErrUnwritten: the text must stay closed", err)
	}
}
