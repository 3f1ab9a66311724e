package journal_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotline/store/journal"
)

// dirFiles are the segments and snapshots of a directory, in order.
func dirFiles(t testing.TB, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "0*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func put(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// frames cuts a file at its records, by the lengths in it.
func frames(data []byte) [][]byte {
	var list [][]byte
	for len(data) >= 8 {
		n := 8 + int(binary.BigEndian.Uint32(data[4:])) + 64
		list = append(list, data[:n:n])
		data = data[n:]
	}
	return list
}

func join(list [][]byte) []byte { return slices.Concat(list...) }

func TestVerifyNamesTheDamage(t *testing.T) {
	// Records 1 and 12 are the heads of two segments of ten records each.
	first, second := "000000000001.journal", "000000000002.journal"
	edit := func(name string, change func(list [][]byte) [][]byte) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			put(t, path, join(change(frames(read(t, path)))))
		}
	}
	tests := []struct {
		name   string
		damage func(t *testing.T, dir string)
		want   string
	}{
		{"nothing", func(*testing.T, string) {}, ""},
		{"a byte of a body", edit(first, func(l [][]byte) [][]byte {
			l[4][40] ^= 1
			return l
		}), "000000000001.journal at byte 551: record 5 changed"},
		{"a length", edit(first, func(l [][]byte) [][]byte {
			l[4][7]++
			return l
		}), "record 5 changed"},
		{"the head of a segment", edit(second, func(l [][]byte) [][]byte {
			l[0][50] ^= 1
			return l
		}), "000000000002.journal at byte 0: record 12 changed"},
		{"a record taken out", edit(first, func(l [][]byte) [][]byte { return slices.Delete(l, 4, 5) }), "record 5 dropped"},
		{"three records taken out", edit(second, func(l [][]byte) [][]byte { return slices.Delete(l, 2, 5) }), "records 14 to 16 dropped"},
		{"two neighbours swapped", edit(first, func(l [][]byte) [][]byte {
			l[4], l[5] = l[5], l[4]
			return l
		}), "record 5 reordered"},
		{"a record written twice", edit(first, func(l [][]byte) [][]byte { return slices.Insert(l, 5, l[4]) }), "record 5 reordered"},
		{"bytes put between", edit(first, func(l [][]byte) [][]byte { return slices.Insert(l, 5, []byte("hello")) }), "bytes foreign"},
		{"the first record taken out", edit(first, func(l [][]byte) [][]byte { return l[1:] }), "record 1 dropped"},
		{"the end of a closed segment", edit(first, func(l [][]byte) [][]byte { return l[:8] }), "records 9 to 11 truncated"},
		{"half a record at the end of a closed segment", func(t *testing.T, dir string) {
			path := filepath.Join(dir, first)
			data := read(t, path)
			put(t, path, data[:len(data)-30])
		}, "record 11 truncated"},
		{"a whole segment", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, first)); err != nil {
				t.Fatal(err)
			}
		}, "records 1 to 11 dropped"},
		{"the last segment", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, second)); err != nil {
				t.Fatal(err)
			}
		}, "records 12 to 22 truncated"},
		{"records at the very end", edit(second, func(l [][]byte) [][]byte { return l[:9] }), "records 21 to 22 truncated"},
		{"the last record", edit(second, func(l [][]byte) [][]byte {
			l[10][40] ^= 1
			return l
		}), "record 22 changed"},
		{"another journal with the same key", func(t *testing.T, dir string) {
			other := t.TempDir()
			fill(t, options(other), 1, 10)
			put(t, filepath.Join(dir, first), read(t, filepath.Join(other, first)))
		}, "rewritten"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t.TempDir())
			fill(t, o, 1, 10)
			point := fill(t, o, 11, 20)
			tt.damage(t, o.Dir)
			r := verify(t, o.Dir, point)
			got := fmt.Sprint(r.Faults)
			if tt.want == "" {
				if !r.OK() {
					t.Errorf("faults = %s, want none", got)
				}
				return
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("faults = %s, want %q", got, tt.want)
			}
		})
	}
}

func TestVerifySaysWhatTheTailIs(t *testing.T) {
	o := options(t.TempDir())
	point := fill(t, o, 1, 10)
	fill(t, o, 11, 14)
	r := verify(t, o.Dir, point)
	if r.Checked != 11 || r.Tail != 5 || r.Last != 16 {
		t.Errorf("checked %d, tail %d, last %d; want 11, 5, 16", r.Checked, r.Tail, r.Last)
	}
	if r := verify(t, o.Dir); r.Checked != 0 || r.Tail != 16 {
		t.Errorf("without checkpoints: checked %d, tail %d; want 0, 16", r.Checked, r.Tail)
	}
}

func TestAnotherKeySeesNoTrueRecord(t *testing.T) {
	o := options(t.TempDir())
	point := fill(t, o, 1, 10)
	r, err := journal.Verify(t.Context(), o.Dir, []byte("another key"), []journal.Checkpoint{point})
	if err != nil || r.Records != 0 || r.OK() {
		t.Errorf("report = %+v, %v, want no record and a fault", r, err)
	}
}

// TestEveryTamperingIsFound changes a journal in 1,000 random ways, one at a
// time: bytes anywhere, records cut, doubled, moved, replaced by their own older
// selves, files gone.
func TestEveryTamperingIsFound(t *testing.T) {
	o := options(t.TempDir())
	o.Segment = 3000
	fill(t, o, 1, 40)
	point := fill(t, o, 41, 80)
	fill(t, o, 81, 90) // the tail that no checkpoint vouches for
	files := dirFiles(t, o.Dir)
	files = files[:len(files)-1]
	if r := verify(t, o.Dir, point); !r.OK() || r.Tail == 0 {
		t.Fatalf("the sound journal: %+v", r)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	const wanted = 1000
	done := map[string]int{}
	for n := 0; n < wanted; {
		path := files[rnd.IntN(len(files))]
		before := read(t, path)
		how, after := tamper(rnd, before)
		if string(after) == string(before) {
			continue // as before: this changes nothing
		}
		n++
		kind, _, _ := strings.Cut(how, " ")
		done[kind]++
		if after == nil {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		} else {
			put(t, path, after)
		}
		if r := verify(t, o.Dir, point); r.OK() {
			t.Fatalf("tampering %d, %s in %s, was not found", n, how, filepath.Base(path))
		}
		put(t, path, before)
	}
	t.Logf("%d of %d found: %v", wanted, wanted, done)
}

// tamper changes a copy of a segment in some way.
func tamper(rnd *rand.Rand, data []byte) (how string, out []byte) {
	data = slices.Clone(data)
	list := frames(data)
	i, k := rnd.IntN(len(list)), rnd.IntN(len(list))
	switch rnd.IntN(9) {
	case 0, 1, 2:
		at := rnd.IntN(len(data))
		data[at] ^= byte(1 + rnd.IntN(255))
		return fmt.Sprintf("byte %d", at), data
	case 3:
		return fmt.Sprintf("drop frame %d", i), join(slices.Delete(list, i, i+1))
	case 4:
		return fmt.Sprintf("double frame %d", i), join(slices.Insert(list, k, list[i]))
	case 5:
		list[i], list[k] = list[k], list[i]
		return fmt.Sprintf("swap %d and %d", i, k), join(list)
	case 6:
		list[i] = list[k]
		return fmt.Sprintf("write %d over %d", k, i), join(list)
	case 7:
		return "cut short", data[:rnd.IntN(len(data))]
	}
	return "remove the file", nil
}

func FuzzVerifyBearsAnyBytes(f *testing.F) {
	o := options(f.TempDir())
	fill(f, o, 1, 3)
	f.Add(read(f, dirFiles(f, o.Dir)[0]))
	f.Add([]byte("\xf5HL1\x00\x00\x00\x1a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "000000000001.journal"), data)
		put(t, filepath.Join(dir, "000000000000.snapshot"), data)
		verify(t, dir)
		j, _, err := journal.Open(options(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Append(t.Context(), record(1)); err != nil {
			t.Error(err)
		}
		_ = j.Close()
	})
}
