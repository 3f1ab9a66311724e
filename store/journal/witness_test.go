package journal_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/store/journal"
)

func TestTestifyReachesEveryWitness(t *testing.T) {
	var posted []journal.Checkpoint
	status := http.StatusNoContent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var c journal.Checkpoint
		if err := json.NewDecoder(r.Body).Decode(&c); err != nil || r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("a request that is no checkpoint: %s %v", r.Method, err)
		}
		posted = append(posted, c)
		w.WriteHeader(status)
	}))
	defer server.Close()
	o := options(t.TempDir())
	j := open(t, o)
	path := filepath.Join(t.TempDir(), "checkpoints")
	web := journal.HTTPWitness{Client: server.Client(), URL: server.URL, Token: "secret"}
	appendAll(t, j, record(1))
	first, err := j.Testify(t.Context(), web, journal.FileWitness(path))
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, j, record(2))
	status = http.StatusForbidden
	second, err := j.Testify(t.Context(), web, journal.FileWitness(path))
	if err == nil || !strings.Contains(err.Error(), "403") || strings.Contains(err.Error(), "secret") {
		t.Errorf("Testify before a witness that refuses = %v", err)
	}
	want := []journal.Checkpoint{first, second}
	kept, err := journal.ReadCheckpoints(path)
	if diff := cmp.Diff(want, kept); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if diff := cmp.Diff(want, posted); diff != "" {
		t.Error(diff)
	}
	if r := verify(t, o.Dir, kept...); !r.OK() || r.Tail != 0 {
		t.Errorf("report = %+v", r)
	}
	server.Close()
	if _, err := j.Testify(t.Context(), web); err == nil {
		t.Error("a witness that is away is not missed")
	}
	web.URL = "http://\x7f"
	if _, err := j.Testify(t.Context(), web); err == nil {
		t.Error("an address that is none is taken")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(verb, web); strings.Contains(s, "secret") {
			t.Errorf("%s shows the token", verb)
		}
	}
}

func TestReadCheckpointsNamesABadLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoints")
	if list, err := journal.ReadCheckpoints(path); err != nil || len(list) != 0 {
		t.Errorf("no file = %v, %v, want none", list, err)
	}
	for _, bad := range []string{"x", `{"hash":"12"}`, `{"hash":"zz"}`} {
		put(t, path, []byte("{}\n"+bad+"\n"))
		if _, err := journal.ReadCheckpoints(path); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: %v, want the number of the line", bad, err)
		}
	}
	if err := journal.WriteCheckpoint(filepath.Join(path, "x"), journal.Checkpoint{}); err == nil {
		t.Error("a checkpoint below a file is written")
	}
}
