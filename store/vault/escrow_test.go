package vault_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"hotline/store/vault"
)

func officers(t *testing.T, n int) ([]vault.Officer, []age.Identity) {
	t.Helper()
	var list []vault.Officer
	var ids []age.Identity
	for i := range n {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, vault.Officer{Name: fmt.Sprintf("officer %d", i), Recipient: id.Recipient().String()})
		ids = append(ids, id)
	}
	return list, ids
}

func TestAnyTwoOfficersRecoverTheKeyAndNoneAlone(t *testing.T) {
	m := value(t, keyA)
	list, ids := officers(t, 4)
	e, err := vault.MakeEscrow(m, list)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "escrow.json")
	if err := e.Save(path); err != nil {
		t.Fatal(err)
	}
	if e, err = vault.LoadEscrow(path); err != nil {
		t.Fatal(err)
	}
	v := open(t, m)
	sealed := seal(t, v, caseA)
	for i := range ids {
		for j := range ids {
			got, err := e.Recover(ids[i], ids[j])
			if i == j {
				if err == nil {
					t.Errorf("officer %d recovers the key alone", i)
				}
				continue
			}
			if err != nil {
				t.Errorf("officers %d and %d: %v", i, j, err)
				continue
			}
			if _, err := open(t, got).Open(t.Context(), caseA, "text/1", sealed); err != nil {
				t.Errorf("officers %d and %d recover another key: %v", i, j, err)
			}
			if err := e.Drill(v, ids[i], ids[j]); err != nil {
				t.Errorf("the drill of %d and %d: %v", i, j, err)
			}
		}
	}
	_, strangers := officers(t, 2)
	if _, err := e.Recover(strangers[0], strangers[1]); err == nil {
		t.Error("two strangers recover the key")
	}
	if _, err := e.Recover(ids[0], strangers[0]); err == nil {
		t.Error("an officer and a stranger recover the key")
	}
}

func TestHalvesTravelBetweenOfficers(t *testing.T) {
	list, ids := officers(t, 3)
	e, err := vault.MakeEscrow(value(t, keyB+" "+keyA), list)
	if err != nil {
		t.Fatal(err)
	}
	halves, err := e.First(ids[0])
	if err != nil || len(halves) != 2 {
		t.Fatalf("First = %d halves, %v, want 2", len(halves), err)
	}
	data, err := json.Marshal(halves)
	if err != nil || strings.Contains(string(data), keyA) || strings.Contains(string(data), keyB) {
		t.Fatal("the halves show a key", err)
	}
	if err := json.Unmarshal(data, &halves); err != nil {
		t.Fatal(err)
	}
	m, err := halves[1].Second(ids[2])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "hotline.key")
	if err := vault.SaveKeyFile(path, m); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != keyB+"\n"+keyA+"\n" {
		t.Errorf("the recovered key file is not the old one, %v", err)
	}
	if _, err := halves[1].Second(ids[1]); err == nil || !strings.Contains(err.Error(), "officer 2") {
		t.Errorf("Second by the wrong officer = %v, want the name of the right one", err)
	}
	if _, err := e.First(ids[2]); err == nil {
		t.Error("the last officer opens a first seal")
	}
}

func TestDrillFindsAnOldEscrow(t *testing.T) {
	list, ids := officers(t, 2)
	e, err := vault.MakeEscrow(value(t, keyA), list)
	if err != nil {
		t.Fatal(err)
	}
	err = e.Drill(open(t, value(t, keyB+" "+keyA)), ids[0], ids[1])
	if err == nil || !strings.Contains(err.Error(), "older key") {
		t.Errorf("Drill = %v, want that the escrow is old", err)
	}
}

func TestMakeEscrowRefuses(t *testing.T) {
	list, _ := officers(t, 2)
	for name, bad := range map[string][]vault.Officer{
		"one officer":        list[:1],
		"the same twice":     {list[0], list[0]},
		"two with one key":   {list[0], {Name: "another", Recipient: list[0].Recipient}},
		"no recipient":       {list[0], {Name: "another", Recipient: "AGE-SECRET-KEY"}},
		"an officer unnamed": {list[0], {Recipient: list[1].Recipient}},
	} {
		if _, err := vault.MakeEscrow(vault.Random(), bad); err == nil {
			t.Errorf("%s: MakeEscrow takes it", name)
		}
	}
	if _, err := vault.MakeEscrow(vault.Material{}, list); err == nil {
		t.Error("MakeEscrow takes no key")
	}
	if err := vault.SaveKeyFile(filepath.Join(t.TempDir(), "k"), vault.Material{}); err == nil {
		t.Error("SaveKeyFile takes no key")
	}
}

func TestRotateKeepsTheOldKeyBelow(t *testing.T) {
	path := write(t, keyA, 0o600)
	if err := vault.Rotate(path); err != nil {
		t.Fatal(err)
	}
	m, err := vault.File(path)
	if err != nil {
		t.Fatal(err)
	}
	old := open(t, value(t, keyA))
	if v := open(t, m); v.Fingerprint() == old.Fingerprint() {
		t.Error("the first key is the old one")
	} else if _, err := v.Open(t.Context(), caseA, "text/1", seal(t, old, caseA)); err != nil {
		t.Errorf("the old key is gone: %v", err)
	}
	if err := vault.Rotate(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("Rotate of a file that does not exist succeeds")
	}
}

func TestCommandGivesTheKey(t *testing.T) {
	m, err := vault.Command(t.Context(), "echo", keyA)
	if err != nil {
		t.Fatal(err)
	}
	if open(t, m).Fingerprint() != open(t, value(t, keyA)).Fingerprint() {
		t.Error("it is another key")
	}
	for _, bad := range [][]string{{"false"}, {"echo", "nothing"}, {"/no/such/command"}} {
		if _, err := vault.Command(t.Context(), bad[0], bad[1:]...); err == nil || strings.Contains(err.Error(), "nothing") {
			t.Errorf("%v: %v, want an error that does not repeat the output", bad, err)
		}
	}
}
