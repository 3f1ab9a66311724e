package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"hotline/flows"
)

// File is a table in one small file, for a hotline that runs without Redis. Every
// change writes it whole under another name first, so that a crash leaves the old
// one or the new one.
type File struct {
	path string

	mu   sync.Mutex // one change at a time
	rows Memory
}

// OpenFile opens or makes the file of a table.
func OpenFile(path string) (*File, error) {
	f := &File{path: path}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	var rows []Row
	if err == nil {
		err = json.Unmarshal(data, &rows)
	}
	if err != nil {
		return nil, fmt.Errorf("open the numbers of reporters %s: %w", path, err)
	}
	for _, r := range rows {
		_ = f.rows.Put(context.Background(), r) // memory takes every row
	}
	return f, nil
}

// Put implements Table.
func (f *File) Put(ctx context.Context, r Row) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.rows.Put(ctx, r)
	return f.save()
}

// Delete implements Table.
func (f *File) Delete(ctx context.Context, id flows.CaseID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.rows.Delete(ctx, id)
	return f.save()
}

// Row implements Table.
func (f *File) Row(ctx context.Context, id flows.CaseID) (Row, error) { return f.rows.Row(ctx, id) }

// Of implements Table.
func (f *File) Of(ctx context.Context, reporter string) ([]flows.CaseID, error) {
	return f.rows.Of(ctx, reporter)
}

// Expired implements Table.
func (f *File) Expired(ctx context.Context, now time.Time, n int) ([]flows.CaseID, error) {
	return f.rows.Expired(ctx, now, n)
}

// save writes the rows as they are in memory, which is ahead of the file when a
// write failed; the next one brings it after.
func (f *File) save() error {
	data, err := json.Marshal(f.rows.all())
	if err == nil {
		err = replace(f.path, data)
	}
	if err != nil {
		return fmt.Errorf("write the numbers of reporters: %w", err)
	}
	return nil
}

// replace makes a file durable, whole or not at all.
func replace(path string, data []byte) error {
	temp, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (m *Memory) all() []Row {
	m.mu.Lock()
	defer m.mu.Unlock()
	rows := make([]Row, 0, len(m.rows))
	for _, r := range m.rows {
		rows = append(rows, r)
	}
	return rows
}
