package main

import (
	"errors"
	"testing"

	"hotline/flows"
)

// TestDeedsAreWrittenDownOrNotDone: in service in the journal, in the demo in
// memory, and without a journal not at all, so that they must not be done.
func TestDeedsAreWrittenDownOrNotDone(t *testing.T) {
	a := soleApp(t, t.TempDir())
	defer a.close()
	for name, d := range map[string]*deeds{"journal": a.deeds, "demo": {demo: true, now: realTime}} {
		for _, why := range []string{"visit today", "second visit"} {
			if err := d.Audit(t.Context(), flows.Deed{Who: "m1", Kind: flows.DeedRead, Case: "01abc", What: "text/1", Why: why}); err != nil {
				t.Fatal(err)
			}
		}
		got, whole, err := d.Deeds(t.Context(), flows.DeedFilter{Who: "m1", Limit: 1})
		if err != nil || !whole || len(got) != 1 || got[0].Why != "second visit" || got[0].At.IsZero() || got[0].Seq == 0 {
			t.Errorf("%s: deeds = %+v, %v, %v", name, got, whole, err)
		}
	}
	none := deeds{now: realTime}
	if err := none.Audit(t.Context(), flows.Deed{Who: "m1", Kind: flows.DeedRead}); !errors.Is(err, errNoJournal) {
		t.Errorf("without a journal: %v", err)
	}
}
