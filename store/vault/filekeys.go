package vault

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"hotline/flows"
)

// FileKeys is a key store in one file of fixed slots. A key is destroyed by
// writing zeros over its slot; what a disk may still hold of it underneath is
// sealed under the key-encryption key, and dies with that at the next rotation.
// Writers that come together share one fsync.
type FileKeys struct {
	file *os.File

	mu      sync.Mutex
	moved   sync.Cond
	slots   map[string]int64 // name → slot
	free    []int64
	end     int64  // slots in the file
	written uint64 // writes so far
	synced  uint64 // writes that are on the disk
	syncing bool
	err     error // of an fsync: nothing is known of the disk after one
}

// A slot: state, length and bytes of the name, length and bytes of the sealed
// key, zeros, checksum. It lies within one sector of any disk.
const (
	slotSize   = 256
	slotUsed   = 0xA5
	slotMax    = slotSize - 4 - 3 // for name and key together
	keysHeader = "hotline keys 1\n"
)

// OpenKeys opens or makes the file of a key store. Only one process may.
func OpenKeys(path string) (*FileKeys, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open key store: %w", err)
	}
	k := &FileKeys{file: f, slots: map[string]int64{}}
	k.moved.L = &k.mu
	if err := errors.Join(k.lock(), k.load(), syncDir(filepath.Dir(path))); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open key store %s: %w", path, err)
	}
	return k, nil
}

func (k *FileKeys) lock() error {
	if err := syscall.Flock(int(k.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.New("another process uses it")
	}
	return nil
}

// load reads every slot. Slot 0 says what the file is.
func (k *FileKeys) load() error {
	info, err := k.file.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("others may read it (mode %04o)", info.Mode().Perm())
	}
	if info.Size() == 0 {
		head := append([]byte(keysHeader), make([]byte, slotSize-len(keysHeader))...)
		k.end = 1
		_, err := k.file.WriteAt(head, 0)
		return errors.Join(err, k.file.Sync())
	}
	data, err := os.ReadFile(k.file.Name())
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(data, []byte(keysHeader)) {
		return errors.New("it is no key store")
	}
	k.end = int64(len(data)+slotSize-1) / slotSize
	for n := int64(1); n < k.end; n++ {
		slot := data[n*slotSize : min((n+1)*slotSize, int64(len(data)))]
		name, _, ok := readSlot(slot)
		if _, twice := k.slots[name]; ok && !twice {
			k.slots[name] = n
			continue
		}
		k.free = append(k.free, n) // empty, torn, or the half of a replacement
	}
	return nil
}

func writeSlot(name string, sealed []byte) ([]byte, error) {
	if name == "" || len(name)+len(sealed) > slotMax {
		return nil, fmt.Errorf("key %q: name and key have at most %d bytes", name, slotMax)
	}
	b := make([]byte, 0, slotSize)
	b = append(append(b, slotUsed, byte(len(name))), name...)
	b = append(append(b, byte(len(sealed))), sealed...)
	b = b[:slotSize]
	binary.BigEndian.PutUint32(b[slotSize-4:], crc32.ChecksumIEEE(b[:slotSize-4]))
	return b, nil
}

func readSlot(b []byte) (name string, sealed []byte, ok bool) {
	if len(b) != slotSize || b[0] != slotUsed || binary.BigEndian.Uint32(b[slotSize-4:]) != crc32.ChecksumIEEE(b[:slotSize-4]) {
		return "", nil, false
	}
	n := int(b[1])
	m := int(b[2+n])
	return string(b[2 : 2+n]), b[3+n : 3+n+m], true
}

// Key implements KeyStore.
func (k *FileKeys) Key(_ context.Context, name string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.read(name)
}

func (k *FileKeys) read(name string) ([]byte, error) {
	n, ok := k.slots[name]
	if !ok {
		return nil, flows.ErrNotFound
	}
	b := make([]byte, slotSize)
	if _, err := k.file.ReadAt(b, n*slotSize); err != nil {
		return nil, fmt.Errorf("read key store: %w", err)
	}
	_, sealed, ok := readSlot(b)
	if !ok {
		return nil, fmt.Errorf("read key store: slot %d is damaged", n)
	}
	return sealed, nil
}

// AddKey implements KeyStore.
func (k *FileKeys) AddKey(_ context.Context, name string, sealed []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if have, err := k.read(name); !errors.Is(err, flows.ErrNotFound) {
		if err == nil {
			err = k.wait(k.written) // it may be the unsynced one of a neighbour
		}
		return have, err
	}
	if err := k.place(name, sealed); err != nil {
		return nil, err
	}
	return sealed, k.wait(k.written)
}

// place writes a key to a free slot.
func (k *FileKeys) place(name string, sealed []byte) error {
	b, err := writeSlot(name, sealed)
	if err != nil {
		return err
	}
	n := k.end
	if len(k.free) > 0 {
		n = k.free[len(k.free)-1]
	}
	if err := k.write(b, n); err != nil {
		return err
	}
	if n == k.end {
		k.end++
	} else {
		k.free = k.free[:len(k.free)-1]
	}
	k.slots[name] = n
	return nil
}

func (k *FileKeys) write(b []byte, n int64) error {
	if k.err != nil {
		return k.err
	}
	if _, err := k.file.WriteAt(b, n*slotSize); err != nil {
		return fmt.Errorf("write key store: %w", err)
	}
	k.written++
	return nil
}

// wait returns when the writes up to a number are on the disk. The first who
// waits syncs for all.
func (k *FileKeys) wait(number uint64) error {
	for k.synced < number && k.err == nil {
		if k.syncing {
			k.moved.Wait()
			continue
		}
		k.syncing = true
		upto := k.written
		k.mu.Unlock()
		err := k.file.Sync()
		k.mu.Lock()
		k.syncing = false
		if err != nil {
			k.err = fmt.Errorf("write key store: %w", err)
		} else {
			k.synced = upto
		}
		k.moved.Broadcast()
	}
	return k.err
}

// ReplaceKey implements KeyStore. The new key is on the disk before the old one
// is overwritten.
func (k *FileKeys) ReplaceKey(_ context.Context, name string, old, sealed []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	have, err := k.read(name)
	if err != nil || !bytes.Equal(have, old) {
		return errors.Join(flows.ErrConflict, ignoreMissing(err))
	}
	was := k.slots[name]
	if err := k.place(name, sealed); err != nil {
		return err
	}
	if err := k.wait(k.written); err != nil {
		return err
	}
	return k.erase(was)
}

func ignoreMissing(err error) error {
	if errors.Is(err, flows.ErrNotFound) {
		return nil
	}
	return err
}

// DeleteKey implements KeyStore.
func (k *FileKeys) DeleteKey(_ context.Context, name string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	n, ok := k.slots[name]
	if !ok {
		return nil
	}
	if err := k.erase(n); err != nil {
		return err
	}
	delete(k.slots, name)
	return k.wait(k.written)
}

// erase writes zeros over a slot.
func (k *FileKeys) erase(n int64) error {
	if err := k.write(make([]byte, slotSize), n); err != nil {
		return err
	}
	k.free = append(k.free, n)
	return nil
}

// EachKey implements KeyStore.
func (k *FileKeys) EachKey(ctx context.Context, do func(name string, sealed []byte) error) error {
	k.mu.Lock()
	names := make([]string, 0, len(k.slots))
	for name := range k.slots {
		names = append(names, name)
	}
	k.mu.Unlock()
	for _, name := range names {
		sealed, err := k.Key(ctx, name)
		if errors.Is(err, flows.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := do(name, sealed); err != nil {
			return err
		}
	}
	return nil
}

// Health is nil while keys can be written.
func (k *FileKeys) Health() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}

// Close ends the use of the file.
func (k *FileKeys) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := errors.Join(k.wait(k.written), k.file.Close()); err != nil {
		return fmt.Errorf("close key store: %w", err)
	}
	return nil
}
