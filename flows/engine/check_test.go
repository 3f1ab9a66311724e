package engine_test

import (
	"os"
	"testing"

	"hotline/flows/engine"
)

func TestShippedFlowsPassTheCheck(t *testing.T) {
	packs, err := engine.LoadPacks(os.DirFS("../../configs"))
	if err != nil {
		t.Fatal(err)
	}
	report := shipped(t).Check(engine.Rules{Packs: packs})
	for _, f := range report.Faults {
		if f.Warning {
			t.Log(f)
		} else {
			t.Error(f)
		}
	}
	t.Logf("%d states, %d paths, %d screens", report.States, report.Paths, report.Screens)
	if report.States < 30 || report.Paths < 1000 || report.Screens < 100 {
		t.Errorf("explored only %d states, %d paths, %d screens", report.States, report.Paths, report.Screens)
	}
}
