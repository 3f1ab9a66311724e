package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/configs"
	"hotline/flows"
)

// TestTrayTakesOnlyDeedsOfTheShell: what a command left is taken in once, after the
// record of it is made; what speaks for somebody else, or is no deed, is put aside.
func TestTrayTakesOnlyDeedsOfTheShell(t *testing.T) {
	home := t.TempDir()
	box := trayOf(filepath.Join(home, "journal"))
	own := flows.Deed{At: realTime(), Who: "shell:an", Kind: flows.DeedBackup, What: "backup", Why: "x", From: "shell host"}
	if err := box.put(own); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"forged":  `{"at":"2026-11-23T00:00:00Z","who":"desk-1","deed":"read","from":"console 4f2a"}`,
		"nobody":  `{"at":"2026-11-23T00:00:00Z","deed":"read","from":"shell host"}`,
		"second":  `{"at":"2026-11-23T00:00:00Z","who":"shell:an","second":"desk-1","deed":"reveal","from":"shell host"}`,
		"unknown": `{"at":"2026-11-23T00:00:00Z","who":"shell:an","deed":"nothing","from":"shell host"}`,
		"broken":  `{`,
	} {
		if err := os.WriteFile(filepath.Join(string(box), name+trayDeed), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	away := errors.New("the disk is full")
	if n, _, err := box.take(func(flows.Deed) error { return away }); n != 0 || !errors.Is(err, away) {
		t.Errorf("on a full disk %d are taken, %v", n, err)
	}
	var got []flows.Deed
	n, damaged, err := box.take(func(d flows.Deed) error { got = append(got, d); return nil })
	if n != 1 || damaged != 0 || err != nil || !got[0].At.Equal(own.At) || got[0].Who != own.Who || got[0].Kind != own.Kind || got[0].Why != own.Why {
		t.Errorf("taken: %d %+v, put aside now %d, %v", n, got, damaged, err)
	}
	aside, err := filepath.Glob(filepath.Join(string(box), "*"+trayDamaged))
	if err != nil || len(aside) != 5 {
		t.Errorf("put aside: %v, %v", aside, err)
	}
	if n, _, err := box.take(func(flows.Deed) error { return away }); n != 0 || err != nil {
		t.Errorf("it is taken again: %d, %v", n, err)
	}
}

// TestCommandThatCannotBeAnsweredFor is not carried out, but for what saves a hotline
// that has lost something; where there is no journal the command says so.
func TestCommandThatCannotBeAnsweredFor(t *testing.T) {
	home := t.TempDir()
	blocked := filepath.Join(home, "journal")
	if err := os.WriteFile(string(trayOf(blocked)), nil, 0o600); err != nil { // no folder
		t.Fatal(err)
	}
	var said strings.Builder
	s := streams{err: &said}
	cfg := configs.Config{}
	cfg.Journal.Dir = blocked
	if err := (answering{}).must(s, cfg, flows.DeedExport, "x"); err == nil {
		t.Error("it would be done")
	}
	if (answering{}).try(s, blocked, flows.DeedBackup, "x"); !strings.Contains(said.String(), "goes on all the same") {
		t.Errorf("a rescue says %q", said.String())
	}
	said.Reset()
	if err := (answering{}).must(s, configs.Config{}, flows.DeedKey, "x"); err != nil || !strings.Contains(said.String(), "name no journal") {
		t.Errorf("without a journal: %v, %q", err, said.String())
	}
}
