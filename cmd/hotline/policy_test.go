package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/configs"
)

func TestPolicyExplainSaysWhoIsToldAndWhy(t *testing.T) {
	code, out, errs := command(t, "", nil, "policy", "explain", "--case-like", "Muong Dong, EXPLOITATION, danger", "--at", "2026-11-23T21:30", "--for", "30m")
	for _, want := range []string{
		"urgent, place 05014 Mường Động", "+3m  Mon 21:33  level 1  escalated: next_step", // the kind's own ladder
		"+10m  Mon 21:40  level 2  escalated: unanswered", "aid: neighbours",
	} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit code %d, want %q in\n%s%s", code, want, out, errs)
		}
	}
	if strings.Contains(out, "+84") {
		t.Errorf("a number is shown:\n%s", out)
	}
}

func TestAPolicyOfAnUnknownKindStopsTheStart(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, configs.Files); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "escalation.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	put(t, file, strings.Replace(string(data), "[EXPLOITATION]", "[EXPLOTATION]", 1))
	code, _, errs := command(t, "", nil, "policy", "explain", "--files", dir)
	if code == 0 || !strings.Contains(errs, `kind "EXPLOTATION" is not in categories.yaml`) {
		t.Errorf("exit code %d\n%s", code, errs)
	}
}
