package vault_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/store/vault"
)

func key(fill func(i int) byte, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = fill(i)
	}
	return base64.StdEncoding.EncodeToString(b)
}

var (
	keyA = key(func(i int) byte { return byte(i) }, 32)
	keyB = key(func(i int) byte { return byte(100 + i) }, 32)
)

func write(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hotline.key")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFileRefusesAKeyThatIsNotSafe(t *testing.T) {
	short := key(func(i int) byte { return byte(i) }, 31)
	tests := []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"readable by the group", keyA, 0o640, "others may read it (mode 0640); run: chmod 600 "},
		{"readable by all", keyA, 0o604, "others may read it (mode 0604); run: chmod 600 "},
		{"writable by the group", keyA, 0o620, "others may read it (mode 0620)"},
		{"too short", short, 0o600, "key 1: 31 bytes, want 32"},
		{"too long", key(func(i int) byte { return byte(i) }, 33), 0o600, "key 1: 33 bytes, want 32"},
		{"not base64", "correct horse battery staple", 0o600, "key 1: not base64"},
		{"empty", "\n", 0o600, "empty, want 32 random bytes in base64"},
		{"all zero", key(func(int) byte { return 0 }, 32), 0o600, "key 1: all bytes are the same"},
		{"a bad second key", keyA + "\n" + short, 0o600, "key 2: 31 bytes, want 32"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, tt.text, tt.mode)
			_, err := vault.File(path)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("File = %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), path) {
				t.Errorf("not one line that names the file: %q", err)
			}
			for word := range strings.FieldsSeq(tt.text) {
				if strings.Contains(err.Error(), word) {
					t.Errorf("the error repeats what the file holds")
				}
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		_, err := vault.File(filepath.Join(t.TempDir(), "none"))
		if err == nil || !strings.Contains(err.Error(), "hotline admin key") {
			t.Errorf("File = %v, want the command that makes one", err)
		}
	})
	t.Run("a directory", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.File(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("File = %v", err)
		}
	})
}

func TestNewKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hotline.key")
	if err := vault.NewKeyFile(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v, want 0600", info.Mode(), err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := vault.File(path)
	if err != nil {
		t.Fatal(err)
	}
	open(t, m)
	if err := vault.NewKeyFile(path); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("a second NewKeyFile = %v, want a refusal", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(before) {
		t.Errorf("the second call touched the file: %v", err)
	}
}

func TestFileAndValueGiveTheSameVault(t *testing.T) {
	a, err := vault.File(write(t, keyA+"\n", 0o600))
	if err != nil {
		t.Fatal(err)
	}
	b, err := vault.Value(" " + keyA)
	if err != nil {
		t.Fatal(err)
	}
	p := phone(t, number)
	if open(t, a).Session(flows.SMS, "1111", p) != open(t, b).Session(flows.SMS, "1111", p) {
		t.Error("the vaults differ")
	}
	if _, err := vault.Value("secret-" + keyA); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("Value of a bad text = %v, want an error that does not repeat it", err)
	}
	if _, err := vault.Open(vault.Material{}); err == nil {
		t.Error("Open accepts no key at all")
	}
}

func TestOldKeyStillOpensAfterRotation(t *testing.T) {
	value := func(s string) vault.Material {
		m, err := vault.Value(s)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	sealed, err := open(t, value(keyA)).Seal(t.Context(), caseA, "text/1", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := open(t, value(keyB+"\n"+keyA)).Open(t.Context(), caseA, "text/1", sealed)
	if err != nil || string(got) != text {
		t.Errorf("with the new key first: %q, %v", got, err)
	}
	if _, err := open(t, value(keyB)).Open(t.Context(), caseA, "text/1", sealed); err == nil {
		t.Error("opens without the old key")
	}
}
