package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"hotline/store/vault"
)

// officersOf makes the identity files of officers and the flags that name them.
func officersOf(t *testing.T, dir string, names ...string) (ids, flags []string) {
	t.Helper()
	for _, name := range names {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name+".id")
		if err := os.WriteFile(path, []byte(id.String()+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		ids, flags = append(ids, path), append(flags, "--officer", name+"="+id.Recipient().String())
	}
	return ids, flags
}

// TestTwoOfficersBringTheKeyBack goes through the commands: an escrow for three, a
// drill that shows no key, one officer alone who gets nothing, and two who make the
// same key file anew.
func TestTwoOfficersBringTheKeyBack(t *testing.T) {
	dir := t.TempDir()
	key, escrow := filepath.Join(dir, "key"), filepath.Join(dir, "escrow.json")
	if err := vault.NewKeyFile(key); err != nil {
		t.Fatal(err)
	}
	secret, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	environ := []string{"HOTLINE_KEY_FILE=" + key}
	ids, flags := officersOf(t, dir, "An", "Binh", "Chi")
	if code, _, errs := command(t, "", environ, "keys", "escrow", escrow, flags[0], flags[1]); code == 0 || !strings.Contains(errs, "2 to 20 officers") {
		t.Errorf("one officer: exit code %d\n%s", code, errs)
	}
	code, out, errs := command(t, "", environ, append([]string{"keys", "escrow", escrow}, flags...)...)
	if code != 0 || !strings.Contains(out, "An, Binh, Chi") {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	if code, _, _ := command(t, "", environ, append([]string{"keys", "escrow", escrow}, flags...)...); code == 0 {
		t.Error("an escrow was replaced")
	}
	said := out
	code, out, errs = command(t, "", environ, "keys", "drill", escrow, "-i", ids[2], "-i", ids[0])
	if code != 0 || !strings.Contains(out, "the one in use") {
		t.Errorf("a drill of two: exit code %d\n%s%s", code, out, errs)
	}
	said += out
	if code, _, errs := command(t, "", environ, "keys", "drill", escrow, "-i", ids[1], "-i", ids[1]); code == 0 || !strings.Contains(errs, "do not open it together") {
		t.Errorf("a drill of one: exit code %d\n%s", code, errs)
	}
	half, again := filepath.Join(dir, "half"), filepath.Join(dir, "again")
	code, out, errs = command(t, "", nil, "keys", "half", escrow, half, "-i", ids[0])
	if code != 0 || !strings.Contains(out, "Binh or Chi") {
		t.Fatalf("half: exit code %d\n%s%s", code, out, errs)
	}
	said += out
	if code, _, errs := command(t, "", nil, "keys", "recover", half, again, "-i", ids[0]); code == 0 || !strings.Contains(errs, "this half is for") {
		t.Errorf("one officer alone: exit code %d\n%s", code, errs)
	}
	code, out, errs = command(t, "", nil, "keys", "recover", half, again, "-i", ids[1])
	if code != 0 {
		t.Fatalf("recover: exit code %d\n%s%s", code, out, errs)
	}
	said += out
	if back, err := os.ReadFile(again); err != nil || string(back) != string(secret) {
		t.Errorf("the key that came back is another one, %v", err)
	}
	for _, path := range []string{escrow, half} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		said += string(data)
	}
	if strings.Contains(said, strings.TrimSpace(string(secret))) {
		t.Error("a command or a file shows the key")
	}
	if code, _, errs := command(t, "", nil, "admin", "rotate", key); code != 0 {
		t.Fatal(errs)
	}
	if code, _, errs := command(t, "", environ, "keys", "drill", escrow, "-i", ids[2], "-i", ids[0]); code == 0 || !strings.Contains(errs, "older key than the one in use") {
		t.Errorf("a drill after the key was changed: exit code %d\n%s", code, errs)
	}
}

// TestTheKeyComesFromWhereTheSettingsSay: a file, the environment or a command, the
// same key each time, and one clear line when it is not to be had.
func TestTheKeyComesFromWhereTheSettingsSay(t *testing.T) {
	dir := t.TempDir()
	key, open := filepath.Join(dir, "key"), filepath.Join(dir, "open")
	if err := vault.NewKeyFile(key); err != nil {
		t.Fatal(err)
	}
	secret, err := os.ReadFile(key)
	if err == nil {
		err = os.WriteFile(open, secret, 0o640)
	}
	if err == nil {
		err = os.Chmod(open, 0o640)
	}
	if err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(dir, "short")
	if err := os.WriteFile(short, []byte("c2hvcnQ=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	value := strings.TrimSpace(string(secret))
	want := ""
	for _, test := range []struct{ name, set, fault string }{
		{"a file", "HOTLINE_KEY_FILE=" + key, ""},
		{"the environment", "HOTLINE_KEY=" + value, ""},
		{"a command", "HOTLINE_KEY_COMMAND=cat," + key, ""},
		{"no file", "HOTLINE_KEY_FILE=" + filepath.Join(dir, "none"), "does not exist; make one with: hotline admin key"},
		{"a file that the group may read", "HOTLINE_KEY_FILE=" + open, "others may read it (mode 0640); run: chmod 600"},
		{"a file with something else in it", "HOTLINE_KEY_FILE=" + short, "5 bytes, want 32"},
		{"a command that fails", "HOTLINE_KEY_COMMAND=false", "key command false: it ended with exit status 1"},
		{"no command", "HOTLINE_KEY_COMMAND=/no/such/program", "key command"},
		{"nothing", "HOTLINE_LISTEN=127.0.0.1:0", "serve needs a key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			journal := filepath.Join(t.TempDir(), "journal")
			environ := []string{test.set, "HOTLINE_JOURNAL_DIR=" + journal}
			if test.fault == "" {
				m, _, err := keyOf(t.Context(), "", environ)
				if err != nil {
					t.Fatal(err)
				}
				v, err := vault.Open(m)
				if err != nil {
					t.Fatal(err)
				}
				if want == "" {
					want = v.Fingerprint()
				}
				if v.Fingerprint() != want {
					t.Error("it is another key")
				}
				return
			}
			code, out, errs := command(t, "", environ, "serve")
			lines := strings.Split(strings.TrimSpace(errs), "\n")
			if code == 0 || len(lines) != 1 || !strings.Contains(errs, test.fault) {
				t.Errorf("serve: exit code %d, %d lines, want one with %q\n%s%s", code, len(lines), test.fault, out, errs)
			}
			if strings.Contains(out+errs, value) {
				t.Error("it shows the key")
			}
			if _, err := os.Stat(journal); err == nil {
				t.Error("it began before it had a key")
			}
		})
	}
	if _, _, err := keyOf(t.Context(), "", []string{"HOTLINE_KEY_FILE=" + key, "HOTLINE_KEY_COMMAND=cat," + key}); err == nil || !strings.Contains(err.Error(), "one of them") {
		t.Errorf("two ways at once: %v", err)
	}
}
