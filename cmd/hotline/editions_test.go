package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestADialogueFinishesOnTheFlowsItBeganWith restarts the server on changed
// files while a caller is in the middle of a report.
func TestADialogueFinishesOnTheFlowsItBeganWith(t *testing.T) {
	s := startServed(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../configs")); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "HOTLINE_FILES="+dir)
	s.restart()
	nothing := func() {}
	s.insist(t, 1, "", nothing)
	s.insist(t, 1, "2", nothing)

	texts := filepath.Join(dir, "locales", "vi", "report.yaml")
	data, err := os.ReadFile(texts)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer("Ở xã, phường nào?", "Nơi xảy ra là xã nào?", "Trẻ bao nhiêu tuổi?", "Trẻ mấy tuổi?").Replace(string(data))
	put(t, texts, changed)
	flow := filepath.Join(dir, "flows", "report.yaml")
	if data, err = os.ReadFile(flow); err != nil {
		t.Fatal(err)
	}
	// Two lines change places: to an old caller they must stay where they were.
	swapped := strings.NewReplacer(`"4": 16-17`, `"4": {label: report.age.5, value: unsure}`, `"5": unsure`, `"5": {label: report.age.4, value: 16-17}`)
	put(t, flow, swapped.Replace(string(data)))
	s.restart()

	hear := func(who int, transcript, want string) {
		t.Helper()
		if got := s.insist(t, who, transcript, nothing); !strings.Contains(got, want) {
			t.Errorf("caller %d after %q reads %q, want %q", who, transcript, got, want)
		}
	}
	hear(1, "2*1", "O xa, phuong nao?")
	hear(2, "", "Co tre em")
	hear(2, "2", "Chuyen gi")
	hear(2, "2*1", "Noi xay ra la xa nao?")
	hear(1, "2*1*Mai Chau", "Tre bao nhieu tuoi?\n1 Duoi 6 tuoi\n2 6-10 tuoi\n3 11-15 tuoi\n4 16-17 tuoi\n5 Khong ro")
	hear(2, "2*1*Mai Chau", "Tre may tuoi?\n1 Duoi 6 tuoi\n2 6-10 tuoi\n3 11-15 tuoi\n4 Khong ro\n5 16-17 tuoi")
	s.insist(t, 1, "2*1*Mai Chau*2", nothing)
	if end := s.insist(t, 1, "2*1*Mai Chau*2*2", nothing); receiptIn(end) == "" {
		t.Errorf("the old dialogue ends with %q", end)
	}
}
