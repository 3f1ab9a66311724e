package journal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/store/journal"
	records "hotline/store/record"
)

// life is a case that is filed, alerted and taken: three versions, two messages
// of which the first is settled.
func life(n int) []flows.Change {
	id := flows.CaseID(fmt.Sprintf("%02dcase%d", n%4, n))
	file := flows.BeginChange(start, flows.Case{ID: id})
	file.Case.Ref, file.Case.Status, file.Case.Severity = "K7F4", flows.StatusIntake, flows.Urgent
	file.Case.Opened, file.Case.Receipt, file.Case.PIN = start, "receipt-hash", "pin-hash"
	file.Case.Texts = []flows.Sealed{{Field: "text/1", Data: []byte("sealed")}}
	file.Arm(flows.TimerIntake, start.Add(time.Minute))
	file.Log(flows.Event{Kind: flows.EventFiled, Via: flows.USSD})
	file.Turn = &flows.Turn{Reply: flows.Reply{Text: "4821 9037 PIN 551208"}}
	file.Case.Version = 1

	route := flows.BeginChange(start.Add(time.Minute), file.Case)
	route.Case.Status = flows.StatusOpen
	route.Disarm(flows.TimerIntake)
	route.Arm(flows.TimerLadder, start.Add(16*time.Minute))
	first := route.Post(flows.Message{To: "m1", Channel: flows.SMS, Purpose: flows.PurposeAlert, Text: "GAP K7F4"})
	route.Post(flows.Message{To: "m2", Channel: flows.SMS, Purpose: flows.PurposeAlert, Text: "GAP K7F4"})
	route.Log(flows.Event{Kind: flows.EventAlerted, By: "m1"})
	route.Case.Version = 2

	sent := flows.BeginChange(start.Add(2*time.Minute), route.Case)
	sent.Settle = []flows.MessageID{first}
	sent.Log(flows.Event{Kind: flows.EventSent, Message: first, Detail: map[string]string{"provider": "twilio"}})
	sent.Case.Version = 3
	return []flows.Change{file, route, sent}
}

func encode(t testing.TB, ch flows.Change) journal.Record {
	t.Helper()
	r, err := journal.Encode(ch, ch.Case.Version)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestChangeComesBackWithoutItsTurn(t *testing.T) {
	for _, ch := range life(1) {
		r := encode(t, ch)
		if strings.Contains(string(r.Body), "4821 9037") || strings.Contains(string(r.Body), "551208") {
			t.Error("the record holds a receipt as it was shown")
		}
		got, err := journal.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		ch.Turn, ch.Was = nil, nil
		if diff := cmp.Diff(ch, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCodecRefuses(t *testing.T) {
	if _, err := journal.Encode(flows.Change{}, 0); err == nil {
		t.Error("Encode takes a change that was not committed")
	}
	if _, err := journal.Decode(journal.Record{Kind: journal.KindAudit}); err == nil {
		t.Error("Decode takes an audit record")
	}
	if _, err := journal.Decode(journal.Record{Kind: journal.KindChange, Body: []byte("{")}); err == nil {
		t.Error("Decode takes half a body")
	}
	if _, err := journal.DecodeSnapshot(journal.Record{Kind: journal.KindChange}); err == nil {
		t.Error("DecodeSnapshot takes a change")
	}
}

// memory is a store that takes cases back.
type memory struct {
	mu    sync.Mutex
	cases map[flows.CaseID]flows.Whole
	err   error
}

func (m *memory) put(cases []flows.Whole, kept []records.Kept) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cases == nil {
		m.cases = map[flows.CaseID]flows.Whole{}
	}
	for i, c := range cases {
		var err error
		if c.Timeline, err = journal.Timeline(kept[i]); err != nil {
			return err
		}
		m.cases[c.Case.ID] = c
	}
	return m.err
}

// rebuilt is what came back from journals beside the cases.
type rebuilt struct {
	reports []journal.Report
	gaps    []flows.CaseID
}

func rebuild(t testing.TB, dirs ...string) (*memory, rebuilt) {
	t.Helper()
	m, fold := &memory{}, journal.NewFold()
	reports, err := journal.Restore(t.Context(), dirs, key, fold.Add)
	if err == nil {
		err = fold.Each(t.Context(), 2, m.put)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m, rebuilt{reports, fold.Gaps()}
}

// versions is the last version of each case.
func (m *memory) versions() map[flows.CaseID]int64 {
	all := map[flows.CaseID]int64{}
	for id, w := range m.cases {
		all[id] = w.Case.Version
	}
	return all
}

func appendAll(t testing.TB, j *journal.Journal, records ...journal.Record) {
	t.Helper()
	for _, r := range records {
		if err := j.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
}

// whole is what a store must hold after a life.
func whole(changes []flows.Change) flows.Whole {
	s := flows.Whole{Case: changes[len(changes)-1].Case}
	for _, ch := range changes {
		s.Timeline = append(s.Timeline, ch.Events...)
	}
	m := changes[1].Send[1]
	m.Repeat = true
	s.Waiting = []flows.Message{m}
	return s
}

func TestRebuildGivesEveryCaseAsItWas(t *testing.T) {
	o := options(t.TempDir())
	j := open(t, o)
	wantCases := map[flows.CaseID]flows.Whole{}
	for n := range 20 {
		for _, ch := range life(n) {
			appendAll(t, j, encode(t, ch))
		}
		wantCases[life(n)[0].Case.ID] = whole(life(n))
	}
	m, out := rebuild(t, o.Dir)
	if diff := cmp.Diff(wantCases, m.cases); diff != "" {
		t.Error(diff)
	}
	if len(out.gaps) != 0 {
		t.Errorf("gaps = %v", out.gaps)
	}
	fold := journal.NewFold()
	if _, err := journal.Restore(t.Context(), []string{o.Dir}, key, fold.Add); err != nil {
		t.Fatal(err)
	}
	m = &memory{err: flows.ErrUnavailable}
	if err := fold.Each(t.Context(), 2, m.put); !errors.Is(err, flows.ErrUnavailable) {
		t.Errorf("cases for a store that is away: %v", err)
	}
}

func TestFoldKeepsTheLastWritingOfEachField(t *testing.T) {
	changes := life(1)
	changes[1].Answers = []flows.Answer{{Field: "01/sex", Version: 1, Data: []byte("old")}, {Field: "01/age", Version: 1}}
	changes[2].Answers = []flows.Answer{{Field: "01/sex", Version: 2, Data: []byte("new")}}
	fold := journal.NewFold()
	for _, ch := range []int{2, 0, 1} {
		if err := fold.Add(encode(t, changes[ch])); err != nil {
			t.Fatal(err)
		}
	}
	want := []flows.Answer{changes[1].Answers[1], changes[2].Answers[0]}
	err := fold.Each(t.Context(), 1, func(cases []flows.Whole, _ []records.Kept) error {
		if diff := cmp.Diff(cases[0].Answers, want); diff != "" {
			t.Error(diff)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestChainsOfSeveralProcessesMergeByVersion(t *testing.T) {
	changes := life(1)
	orders := [][]int{{0, 1, 2}, {2, 0, 1}, {1, 2, 0}, {0, 0, 2, 1, 1}}
	for _, order := range orders {
		a, b := options(t.TempDir()), options(t.TempDir())
		ja, jb := open(t, a), open(t, b)
		for i, n := range order {
			appendAll(t, []*journal.Journal{ja, jb}[i%2], encode(t, changes[n]))
		}
		for _, dirs := range [][]string{{a.Dir, b.Dir}, {b.Dir, a.Dir}} {
			m, out := rebuild(t, dirs...)
			if diff := cmp.Diff(whole(changes), m.cases[changes[0].Case.ID]); diff != "" || len(out.gaps) > 0 {
				t.Errorf("order %v: gaps %v, %s", order, out.gaps, diff)
			}
		}
	}
}

func TestMissingVersionIsNamed(t *testing.T) {
	o := options(t.TempDir())
	j := open(t, o)
	changes := life(1)
	appendAll(t, j, encode(t, changes[0]), encode(t, changes[2]))
	m, out := rebuild(t, o.Dir)
	id := changes[0].Case.ID
	if !slices.Equal(out.gaps, []flows.CaseID{id}) {
		t.Errorf("gaps = %v, want the case", out.gaps)
	}
	if diff := cmp.Diff(changes[2].Case, m.cases[id].Case); diff != "" {
		t.Error(diff)
	}
}

// TestPurgedCaseStaysEmpty: what a purge took out of a case does not come back,
// whichever process wrote it and in whichever order their journals are read.
func TestPurgedCaseStaysEmpty(t *testing.T) {
	a, b := options(t.TempDir()), options(t.TempDir())
	ja, jb := open(t, a), open(t, b)
	changes := life(1)
	field := flows.Answer{Field: "01/child_name", Version: 1, Data: []byte("sealed name")}
	changes[0].Answers = []flows.Answer{field}
	purged := changes[2]
	purged.From, purged.Answers = 3, []flows.Answer{{Field: field.Field, Version: 2}}
	purged.Case.Version = 4
	purged.Case.Purge(start)
	appendAll(t, ja, encode(t, changes[0]), encode(t, changes[2]))
	appendAll(t, jb, encode(t, changes[1]), encode(t, purged))
	for _, dirs := range [][]string{{a.Dir, b.Dir}, {b.Dir, a.Dir}} {
		m, out := rebuild(t, dirs...)
		w := m.cases[purged.Case.ID]
		if len(out.gaps) != 0 || w.Case.Version != 4 || w.Case.HoldsText() || w.Case.Purged.IsZero() {
			t.Errorf("gaps %v, the case is %+v", out.gaps, w.Case)
		}
		if len(w.Answers) != 1 || len(w.Answers[0].Data) > 0 {
			t.Errorf("the forms hold %+v", w.Answers)
		}
	}
}

func TestRebuildAroundADamagedSegment(t *testing.T) {
	o := options(t.TempDir())
	o.Segment = 4000
	j := open(t, o)
	for n := range 20 {
		for _, ch := range life(n) {
			appendAll(t, j, encode(t, ch))
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	files := dirFiles(t, o.Dir)
	data := read(t, files[2])
	data[100] ^= 1
	data[len(data)/2] ^= 1
	put(t, files[2], data)
	m, out := rebuild(t, o.Dir)
	if len(out.reports[0].Faults) != 2 || len(m.cases) != 20 {
		t.Errorf("%d cases, faults %v; want all 20 cases and 2 faults", len(m.cases), out.reports[0].Faults)
	}
}

// BenchmarkRebuild reads a journal of 10,000 cases back, without a store.
func BenchmarkRebuild(b *testing.B) {
	o := options(b.TempDir())
	j := open(b, o)
	const n = 10_000
	var wg sync.WaitGroup
	for w := range 32 {
		wg.Go(func() {
			for i := w; i < n; i += 32 {
				for _, ch := range life(i) {
					r, _ := journal.Encode(ch, ch.Case.Version)
					if err := j.Append(b.Context(), r); err != nil {
						b.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	run := func(b *testing.B) {
		for b.Loop() {
			m, fold := &memory{}, journal.NewFold()
			if _, err := journal.Restore(b.Context(), []string{o.Dir}, key, fold.Add); err != nil {
				b.Fatal(err)
			}
			if err := fold.Each(b.Context(), runtime.GOMAXPROCS(0), m.put); err != nil || len(m.cases) != n {
				b.Fatal(len(m.cases), err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/case")
	}
	b.Run("changes", run)
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	j = open(b, o)
	if _, err := j.Compact(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Run("snapshot", run)
}

func BenchmarkEncode(b *testing.B) {
	ch := life(1)[1]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := journal.Encode(ch, 2); err != nil {
			b.Fatal(err)
		}
	}
	j, _ := json.Marshal(ch.Case)
	b.ReportMetric(float64(len(j)), "bytes")
}
