package hook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
)

// Cases are where cases and what happened to them are read.
type Cases interface {
	Cases(ctx context.Context, ids []flows.CaseID) ([]flows.Case, error)
	Timelines(ctx context.Context, ids []flows.CaseID) ([][]flows.Event, error)
}

// Papers is where it is kept how far a receiver has come.
type Papers interface {
	Paper(ctx context.Context, name string) (body []byte, version int64, err error)
	SavePaper(ctx context.Context, name string, from int64, body []byte) error
}

// Moved finds the cases that something happened to. From zero it is what happened
// since the last call; otherwise every case that anything may have happened to
// since that moment.
type Moved func(ctx context.Context, from time.Time) ([]flows.CaseID, error)

// Worker tells one receiver. Set the fields before the first use.
type Worker struct {
	Name   string
	URL    string
	Key    []byte
	Cases  Cases
	Papers Papers
	Moved  Moved
	// Sees reports whether the receiver may know of a case.
	Sees func(*flows.Case) bool
	// Mine reports whether this process tells the receiver; of several one does.
	Mine   func(ctx context.Context) (bool, error)
	Client *http.Client
	Now    func() time.Time
	Warn   func(error)

	begun   bool
	version int64
	state   state
	pending map[flows.CaseID]bool
	failed  int
	retry   time.Time
}

// state is how far a receiver has come.
type state struct {
	At   time.Time            `json:"at"`   // the moment of the last event that it took
	Seen map[string]time.Time `json:"seen"` // what it took within the overlap before that
}

// overlap is how much later than another an event may be committed that happened
// before it: the deciding process was slow, or its clock was behind.
const overlap = 2 * time.Minute

// Told lists what a receiver hears of. Messages and their delivery are our affair.
func Told() []flows.EventKind {
	return []flows.EventKind{
		flows.EventFiled, flows.EventRouted, flows.EventTaken, flows.EventDeclined, flows.EventRaised, flows.EventLowered,
		flows.EventEscalated, flows.EventReopened, flows.EventBreached, flows.EventHanded, flows.EventMoved, flows.EventOnSite,
		flows.EventEntered, flows.EventReferred, flows.EventLinked, flows.EventAnswered, flows.EventClosed,
	}
}

// Run ticks until ctx ends.
func (w *Worker) Run(ctx context.Context) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := w.Tick(ctx); err != nil && ctx.Err() == nil {
				w.Warn(err)
			}
		}
	}
}

// Tick tells what has happened since the last one, unless the receiver is to be
// left alone for a while.
func (w *Worker) Tick(ctx context.Context) error {
	mine, err := w.Mine(ctx)
	if err != nil || !mine {
		w.begun = false // another process goes on from what is kept
		return err
	}
	if err := w.look(ctx); err != nil {
		return err
	}
	if len(w.pending) == 0 || w.Now().Before(w.retry) {
		return nil
	}
	list, err := w.due(ctx)
	if err != nil {
		return err
	}
	told, sent := w.tell(ctx, list)
	if told > 0 {
		if err := w.save(ctx); err != nil {
			return errors.Join(sent, err)
		}
	}
	if told == len(list) {
		clear(w.pending)
	}
	return sent
}

// look notes which cases have moved. The first time it is all that the receiver
// may have missed; one that is new hears of what comes.
func (w *Worker) look(ctx context.Context) error {
	var from time.Time
	if !w.begun {
		body, version, err := w.Papers.Paper(ctx, w.paper())
		if err != nil {
			return fmt.Errorf("read how far %s has come: %w", w.Name, err)
		}
		w.version, w.state, w.pending = version, state{At: w.Now(), Seen: map[string]time.Time{}}, map[flows.CaseID]bool{}
		if version > 0 {
			if err := json.Unmarshal(body, &w.state); err != nil {
				return fmt.Errorf("read how far %s has come: %w", w.Name, err)
			}
		} else if err := w.save(ctx); err != nil {
			return err
		}
		from = w.state.At.Add(-overlap)
	}
	moved, err := w.Moved(ctx, from)
	if err != nil {
		return fmt.Errorf("look for what %s must hear: %w", w.Name, err)
	}
	w.begun = true
	for _, id := range moved {
		w.pending[id] = true
	}
	return nil
}

func (w *Worker) paper() string { return "hook:" + w.Name }

// notice is one event on its way out.
type notice struct {
	id  string
	at  time.Time
	ref flows.Ref
	of  flows.EventKind
}

// due lists what the receiver has not heard, the oldest first.
func (w *Worker) due(ctx context.Context) ([]notice, error) {
	ids := slices.Sorted(maps.Keys(w.pending))
	cases, err := w.Cases.Cases(ctx, ids)
	if err != nil {
		return nil, err
	}
	lines, err := w.Cases.Timelines(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []notice
	for i := range cases {
		if cases[i].ID == "" || !w.Sees(&cases[i]) {
			continue
		}
		for n, e := range lines[i] {
			id := idOf(ids[i], n, e)
			if _, told := w.state.Seen[id]; !told && e.At.After(w.state.At.Add(-overlap)) && slices.Contains(Told(), e.Kind) {
				list = append(list, notice{id, e.At, cases[i].Ref, e.Kind})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b notice) int { return a.at.Compare(b.at) })
	return list, nil
}

// idOf is the same for the same event, whoever sends it and however often. It
// leads nobody to the id of the case.
func idOf(id flows.CaseID, n int, e flows.Event) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%d/%s", id, n, e.At.UnixNano(), e.Kind))
	return "evt_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:15]))
}

// tell posts notices until one is not taken, and returns how many were. Then it
// waits, longer each time.
func (w *Worker) tell(ctx context.Context, list []notice) (told int, err error) {
	began := w.Now()
	for _, n := range list {
		if err := w.post(ctx, n); err != nil {
			w.failed++
			w.retry = w.Now().Add(backoff(w.failed))
			return told, fmt.Errorf("tell %s: %w", w.Name, err)
		}
		told, w.failed = told+1, 0
		w.state.Seen[n.id] = n.at
		if n.at.After(w.state.At) {
			w.state.At = n.at
		}
		if w.Now().Sub(began) > 15*time.Second { // within the time for which it is ours
			break
		}
	}
	return told, nil
}

// backoff is the wait after so many failures in a row: from 1 s, doubling, up to
// five minutes.
func backoff(failed int) time.Duration {
	return min(time.Second<<min(failed-1, 9), 5*time.Minute)
}

func (w *Worker) post(ctx context.Context, n notice) error {
	body, err := json.Marshal(map[string]any{
		"type": "case." + string(n.of), "timestamp": n.at.UTC().Format(time.RFC3339Nano), "data": map[string]any{"ref": n.ref},
	})
	if err != nil {
		return err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	now := w.Now()
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Webhook-Id", n.id)
	q.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	q.Header.Set("Webhook-Signature", Sign(w.Key, n.id, now, body))
	res, err := w.Client.Do(q)
	if err != nil {
		return errors.New("it was not reached") // the cause may quote an address with a secret in it
	}
	_ = res.Body.Close()
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("it answered %d", res.StatusCode)
	}
	return nil
}

// save keeps how far the receiver has come.
func (w *Worker) save(ctx context.Context) error {
	maps.DeleteFunc(w.state.Seen, func(_ string, at time.Time) bool { return !at.After(w.state.At.Add(-overlap)) })
	body, err := json.Marshal(w.state)
	if err == nil {
		err = w.Papers.SavePaper(ctx, w.paper(), w.version, body)
	}
	if err != nil {
		w.begun = false // read again what stands there
		return fmt.Errorf("keep how far %s has come: %w", w.Name, err)
	}
	w.version++
	return nil
}
