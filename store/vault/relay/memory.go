package relay

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"hotline/flows"
)

// Memory is a table that dies with the process, for the demo and tests.
type Memory struct {
	mu   sync.Mutex
	rows map[flows.CaseID]Row
}

// Put implements Table.
func (m *Memory) Put(_ context.Context, r Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = map[flows.CaseID]Row{}
	}
	m.rows[r.Case] = r
	return nil
}

// Row implements Table.
func (m *Memory) Row(_ context.Context, id flows.CaseID) (Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := m.rows[id]; ok {
		return r, nil
	}
	return Row{}, flows.ErrNotFound
}

// Delete implements Table.
func (m *Memory) Delete(_ context.Context, id flows.CaseID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, id)
	return nil
}

// Of implements Table.
func (m *Memory) Of(_ context.Context, reporter string) ([]flows.CaseID, error) {
	return m.find(func(r Row) bool { return r.Reporter == reporter }), nil
}

// Expired implements Table.
func (m *Memory) Expired(_ context.Context, now time.Time, n int) ([]flows.CaseID, error) {
	ids := m.find(func(r Row) bool { return !now.Before(r.Expires) })
	return ids[:min(n, len(ids))], nil
}

// find lists the cases of the rows that fit, the soonest to expire first.
func (m *Memory) find(fits func(Row) bool) []flows.CaseID {
	m.mu.Lock()
	defer m.mu.Unlock()
	var rows []Row
	for _, r := range m.rows {
		if fits(r) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(a.Expires.Compare(b.Expires), cmp.Compare(a.Case, b.Case))
	})
	ids := make([]flows.CaseID, len(rows))
	for i, r := range rows {
		ids[i] = r.Case
	}
	return ids
}
