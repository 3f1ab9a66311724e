package relay_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/store/vault/relay"
)

func TestFileKeepsRowsAcrossAStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay")
	f := openFile(t, path)
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, r := range []relay.Row{
		{Case: "07a", Reporter: "who", Number: []byte("sealed"), Expires: at},
		{Case: "07b", Reporter: "who", Number: []byte("other"), Expires: at.Add(time.Hour)},
	} {
		if err := f.Put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Delete(t.Context(), "07a"); err != nil {
		t.Fatal(err)
	}
	f = openFile(t, path)
	if ids, err := f.Of(t.Context(), "who"); err != nil || !cmp.Equal(ids, []flows.CaseID{"07b"}) {
		t.Errorf("cases of the reporter = %v, %v; want the one that was not deleted", ids, err)
	}
	if _, err := f.Row(t.Context(), "07a"); !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("the deleted row = %v, want ErrNotFound", err)
	}
	if ids, err := f.Expired(t.Context(), at.Add(2*time.Hour), 5); err != nil || len(ids) != 1 {
		t.Errorf("expired = %v, %v", ids, err)
	}
	if data, err := os.ReadFile(path); err != nil || bytes.Contains(data, []byte("07a")) {
		t.Errorf("the file still names the deleted case, or %v", err)
	}
}

func TestFileThatIsNoTableIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay")
	if err := os.WriteFile(path, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := relay.OpenFile(path); err == nil {
		t.Error("opened")
	}
}

func openFile(t *testing.T, path string) *relay.File {
	t.Helper()
	f, err := relay.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
