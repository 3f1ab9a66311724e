package backup_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"hotline/flows"
	"hotline/store/journal"
	"hotline/store/journal/backup"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func identity(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// kept is a journal that is open, with 50 records, and its options.
func kept(t *testing.T) (*journal.Journal, journal.Options) {
	t.Helper()
	o := journal.Options{Dir: filepath.Join(t.TempDir(), "journal"), Key: []byte("key"), Segment: 2000, Now: func() time.Time { return start }}
	j, _, err := journal.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	for n := range 50 {
		if err := j.Append(t.Context(), record(n)); err != nil {
			t.Fatal(err)
		}
	}
	return j, o
}

func record(n int) journal.Record {
	return journal.Record{At: start, Kind: journal.KindChange, Case: flows.CaseID(fmt.Sprint(n)), Version: 1, Body: []byte("body")}
}

func made(t *testing.T, sources []backup.Source, to ...age.Recipient) []byte {
	t.Helper()
	var out bytes.Buffer
	m, err := backup.Write(t.Context(), &out, start, to, sources)
	if err != nil || len(m.Files) == 0 {
		t.Fatal(m, err)
	}
	return out.Bytes()
}

func TestBackupOfAJournalBeingWrittenComesBack(t *testing.T) {
	j, o := kept(t)
	point := j.Checkpoint()
	stop, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for n := 1000; ; n++ {
			select {
			case <-stop:
				return
			default:
				_ = j.Append(context.Background(), record(n))
			}
		}
	}()
	a, b := identity(t), identity(t)
	data := made(t, []backup.Source{{Name: "journal", Path: o.Dir}}, a.Recipient(), b.Recipient())
	close(stop)
	<-done
	for _, id := range []age.Identity{a, b} {
		if _, err := backup.Verify(t.Context(), bytes.NewReader(data), id); err != nil {
			t.Fatal(err)
		}
		into := filepath.Join(t.TempDir(), "back")
		if _, err := backup.Restore(t.Context(), bytes.NewReader(data), into, id); err != nil {
			t.Fatal(err)
		}
		r, err := journal.Verify(t.Context(), filepath.Join(into, "journal"), o.Key, []journal.Checkpoint{point})
		if err != nil || !r.OK() || r.Last < point.Count {
			t.Errorf("the journal that came back: %+v, %v", r, err)
		}
		if _, err := backup.Restore(t.Context(), bytes.NewReader(data), into, id); err == nil {
			t.Error("Restore writes into a folder that is not empty")
		}
	}
	if bytes.Contains(data, []byte("body")) || bytes.Contains(data, []byte("journal/")) {
		t.Error("the backup shows what is in it")
	}
}

func TestDamagedBackupIsRefused(t *testing.T) {
	_, o := kept(t)
	id := identity(t)
	data := made(t, []backup.Source{{Name: "journal", Path: o.Dir}}, id.Recipient())
	for name, bad := range map[string][]byte{
		"cut short":      data[:len(data)-10],
		"cut in half":    data[:len(data)/2],
		"nothing":        nil,
		"a byte changed": append(append(bytes.Clone(data[:len(data)/2]), data[len(data)/2]^1), data[len(data)/2+1:]...),
	} {
		if _, err := backup.Verify(t.Context(), bytes.NewReader(bad), id); err == nil {
			t.Errorf("%s: Verify is content", name)
		}
		if _, err := backup.Restore(t.Context(), bytes.NewReader(bad), filepath.Join(t.TempDir(), "x"), id); err == nil {
			t.Errorf("%s: Restore is content", name)
		}
	}
	if _, err := backup.Verify(t.Context(), bytes.NewReader(data), identity(t)); err == nil {
		t.Error("a stranger opens the backup")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := backup.Verify(ctx, bytes.NewReader(data), id); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify = %v, want context.Canceled", err)
	}
	if _, err := backup.Write(ctx, &bytes.Buffer{}, start, []age.Recipient{id.Recipient()}, []backup.Source{{Name: "journal", Path: o.Dir}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Write = %v, want context.Canceled", err)
	}
}

// forged is a stream sealed to the right person that no Write of ours made.
func forged(t *testing.T, to age.Recipient, entries ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(w)
	a := tar.NewWriter(z)
	for _, h := range entries {
		if err := a.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Write([]byte(`{"format":1}`)[:h.Size]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(a.Close(), z.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestForgedBackupCannotWriteElsewhere(t *testing.T) {
	id := identity(t)
	list := tar.Header{Name: "manifest.json", Mode: 0o600, Size: 12}
	for name, entries := range map[string][]tar.Header{
		"a path that leads out":    {{Name: "../out", Size: 1, Mode: 0o600}, list},
		"an absolute path":         {{Name: "/tmp/out", Size: 1, Mode: 0o600}, list},
		"a link":                   {{Name: "x", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}, list},
		"a file that is not named": {{Name: "x", Size: 1, Mode: 0o600}, list},
		"no list":                  {{Name: "x", Size: 1, Mode: 0o600}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := backup.Restore(t.Context(), bytes.NewReader(forged(t, id.Recipient(), entries...)), filepath.Join(dir, "in"), id)
			if err == nil {
				t.Error("Restore is content")
			}
			if _, err := os.Stat(filepath.Join(dir, "out")); !errors.Is(err, os.ErrNotExist) {
				t.Error("it wrote outside its folder")
			}
		})
	}
}

// removing is a writer that takes files away while the backup is made.
type removing struct {
	bytes.Buffer
	dir string
}

func (r *removing) Write(b []byte) (int, error) {
	all, _ := filepath.Glob(filepath.Join(r.dir, "*.journal"))
	if r.Len() > 100_000 && len(all) > 0 {
		_ = os.Remove(all[len(all)-1])
	}
	return r.Buffer.Write(b)
}

func TestBackupOfFilesThatGoAwayIsNone(t *testing.T) {
	_, o := kept(t)
	noise := make([]byte, 300_000) // does not get smaller, so it is written before the rest is read
	_, _ = rand.Read(noise)
	if err := os.WriteFile(filepath.Join(o.Dir, "0"), noise, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := backup.Write(t.Context(), &removing{dir: o.Dir}, start, []age.Recipient{identity(t).Recipient()}, []backup.Source{{Name: "journal", Path: o.Dir}})
	if !errors.Is(err, backup.ErrMoved) {
		t.Errorf("Write = %v, want ErrMoved", err)
	}
}

func TestWriteRefuses(t *testing.T) {
	id := identity(t)
	for name, s := range map[string]backup.Source{
		"no name":        {Path: t.TempDir()},
		"a path as name": {Name: "a/b", Path: t.TempDir()},
		"no such folder": {Name: "a", Path: filepath.Join(t.TempDir(), "none")},
	} {
		if _, err := backup.Write(t.Context(), &bytes.Buffer{}, start, []age.Recipient{id.Recipient()}, []backup.Source{s}); err == nil {
			t.Errorf("%s: Write is content", name)
		}
	}
	if _, err := backup.Write(t.Context(), &bytes.Buffer{}, start, nil, nil); err == nil {
		t.Error("a backup for nobody is made")
	}
}
