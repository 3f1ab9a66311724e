package journal_test

import (
	"bytes"
	"crypto/rand"
	"path/filepath"
	"testing"

	"hotline/store/journal"
)

// A file of many megabytes is read, proven and looked at in pieces, side by side. The
// records come in order all the same, and a changed one is the only one missing.
func TestALargeFileIsProvenInPieces(t *testing.T) {
	const records = 9000
	dir := filepath.Join(t.TempDir(), "journal")
	j, _, err := journal.Open(journal.Options{Dir: dir, Key: key, Now: now, Segment: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	body := make([]byte, 4000) // 36 MB: three pieces to read, eighteen to prove
	_, _ = rand.Read(body)
	for range records {
		if err := j.Post(journal.Record{At: start, Kind: journal.KindAudit, Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	path := dirFiles(t, dir)[0]
	whole := read(t, path)
	const frame = 8 + 24 + 2 + len("audit") + 4000 + 64
	for name, at := range map[string]int{
		"nothing": -1, "an early one": 3 * frame, "at the end of a piece": 2 << 20, "behind it": 2<<20 + frame, "far behind": 5000 * frame, "in the last": len(whole) - 100,
	} {
		t.Run(name, func(t *testing.T) {
			data := bytes.Clone(whole)
			want := records
			if at >= 0 {
				data[at] ^= 1
				want--
			}
			put(t, path, data)
			n, last := 0, uint64(0)
			reports, err := journal.Restore(t.Context(), []string{dir}, key, func(r journal.Record) error {
				if r.Seq <= last || r.Kind == journal.KindAudit && !bytes.Equal(r.Body, body) {
					t.Fatalf("record %d after %d", r.Seq, last)
				}
				if last = r.Seq; r.Kind == journal.KindAudit {
					n++
				}
				return nil
			})
			if err != nil || n != want || want == records != reports[0].OK() {
				t.Errorf("%d records, want %d, %v, %v", n, want, reports[0].Faults, err)
			}
		})
	}
}
