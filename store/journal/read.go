package journal

import (
	"errors"
	"os"
	"sync"
)

// readPart is how much of a file one goroutine reads: memory that is touched for the
// first time takes longer than the reading.
const readPart = 16 << 20

// readFile reads a file whole, large ones with several goroutines. Of one that is
// being written it reads what it had at first.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() <= readPart {
		return os.ReadFile(path)
	}
	data := make([]byte, info.Size())
	faults := make([]error, (len(data)+readPart-1)/readPart)
	var wg sync.WaitGroup
	for i := range faults {
		wg.Go(func() {
			from := i * readPart
			_, faults[i] = f.ReadAt(data[from:min(from+readPart, len(data))], int64(from))
		})
	}
	wg.Wait()
	if err := errors.Join(faults...); err != nil {
		return os.ReadFile(path) // it has become shorter, or says why not
	}
	return data, nil
}

// reading is a file on its way into memory.
type reading chan contents

type contents struct {
	data []byte
	err  error
}

// readAhead begins to read a file.
func readAhead(path string) reading {
	r := make(reading, 1)
	go func() {
		data, err := readFile(path)
		r <- contents{data, err}
	}()
	return r
}
