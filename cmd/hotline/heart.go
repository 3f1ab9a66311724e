package main

import (
	"context"
	"slices"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/handlers/console"
)

// health is what the last reading of the watch says to people. A reading that
// failed leaves the one before, whose age the page tells; what is wrong now is not
// in it, but in the texts to the supervisors.
func (w *watch) health() console.Health {
	h := console.Health{Every: watchEvery, Parts: w.app.store.Partitions()}
	if w.guard == nil {
		return h
	}
	if told := w.guard.told.Load(); told != nil {
		h.Told = *told
	}
	s := w.seen.Load()
	if s == nil {
		return h
	}
	h.At, h.Unwell, h.Open, h.Found, h.Served = s.At, s.Unwell, s.open, s.worst, s.served
	h.Oldest, h.Waiting, h.Dead, h.Skew = s.overdue, s.waiting, s.Dead, s.skew
	if s.Heartbeat != nil {
		h.Watched, h.Pinged, h.Deaf = true, s.Heartbeat.At, s.Heartbeat.Fault
	}
	return h
}

// worse counts a finding of an audit among those of its reason.
func worse(list []console.Finding, f escalation.Finding) []console.Finding {
	i := slices.IndexFunc(list, func(o console.Finding) bool { return o.Reason == string(f.Reason) })
	if i < 0 {
		return append(list, console.Finding{Reason: string(f.Reason), N: 1, Late: f.Late})
	}
	list[i].N++
	list[i].Late = max(list[i].Late, f.Late)
	return list
}

// registry is the directory as a page replaces it: kept in the journal, and in use
// at once.
type registry struct{ app *app }

// Directory is the one in use.
func (r registry) Directory(ctx context.Context) (flows.Directory, error) {
	return r.app.papers.Directory(ctx)
}

// ReplaceDirectory puts another one in its place.
func (r registry) ReplaceDirectory(ctx context.Context, from string, d flows.Directory) error {
	if err := r.app.papers.ReplaceDirectory(ctx, from, d); err != nil {
		return err
	}
	return r.app.dir.refresh(ctx)
}
