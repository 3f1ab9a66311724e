package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// keySize is the length of every key of ours, in bytes.
const keySize = 32

// Material is what every key is drawn from: the present key and, while a
// rotation lasts, the ones before it. However it is printed it shows nothing.
type Material struct{ keys func() [][keySize]byte } // a function, as in Vault

// File reads the material from a key file: one key of 32 random bytes in base64
// on a line. The first line is the present key; further lines are older ones
// that may still open what they sealed. A file that others may read is refused.
func File(path string) (Material, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Material{}, fmt.Errorf("key file %s: it does not exist; make one with: hotline admin key %s", path, path)
	}
	if err != nil {
		return Material{}, fmt.Errorf("key file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Material{}, fmt.Errorf("key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return Material{}, fmt.Errorf("key file %s: not a regular file", path)
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 {
		return Material{}, fmt.Errorf("key file %s: others may read it (mode %04o); run: chmod 600 %s", path, perm, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return Material{}, fmt.Errorf("key file: %w", err)
	}
	m, err := parse(text)
	if err != nil {
		return Material{}, fmt.Errorf("key file %s: %w", path, err)
	}
	return m, nil
}

// Value reads the material from a text, as an environment variable holds it: the
// same form as a key file, with spaces or line ends between keys.
func Value(s string) (Material, error) {
	m, err := parse([]byte(s))
	if err != nil {
		return Material{}, fmt.Errorf("key: %w", err)
	}
	return m, nil
}

// Random draws material that dies with the process. It is for the demo and for
// tests: what it seals nobody can ever open again.
func Random() Material {
	return material([][keySize]byte{[keySize]byte(newKey())})
}

// NewKeyFile draws a key and writes it to a new file that only its owner may
// read. It never replaces a file: the key in it may be the only one.
func NewKeyFile(path string) error {
	return writeKeyFile(path, [][keySize]byte{[keySize]byte(newKey())})
}

func writeKeyFile(path string, keys [][keySize]byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("key file %s: it exists already and is left as it is", path)
	}
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	for _, k := range keys {
		_, e := fmt.Fprintln(f, base64.StdEncoding.EncodeToString(k[:]))
		err = errors.Join(err, e)
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// Command reads the material from the output of a command, such as the client
// of a key server. What the command writes to its error output is not kept.
func Command(ctx context.Context, name string, args ...string) (Material, error) {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return Material{}, fmt.Errorf("key command %s: it ended with %s", name, exit.ProcessState)
		}
		return Material{}, fmt.Errorf("key command: %w", err)
	}
	m, err := parse(out)
	if err != nil {
		return Material{}, fmt.Errorf("key command %s: %w", name, err)
	}
	return m, nil
}

func material(keys [][keySize]byte) Material {
	return Material{func() [][keySize]byte { return keys }}
}

// parse reads one key per word. Its errors name the place, never the text.
func parse(text []byte) (Material, error) {
	var keys [][keySize]byte
	for i, word := range bytes.Fields(text) {
		b, err := base64.StdEncoding.DecodeString(string(word))
		if err != nil {
			return Material{}, fmt.Errorf("key %d: not base64", i+1)
		}
		if len(b) != keySize {
			return Material{}, fmt.Errorf("key %d: %d bytes, want %d", i+1, len(b), keySize)
		}
		if bytes.Count(b, b[:1]) == keySize {
			return Material{}, fmt.Errorf("key %d: all bytes are the same, so it was not drawn at random", i+1)
		}
		keys = append(keys, [keySize]byte(b))
	}
	if len(keys) == 0 {
		return Material{}, errors.New("empty, want 32 random bytes in base64")
	}
	return material(keys), nil
}

// Format shows nothing, whatever the verb.
func (Material) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[key material]") }

// MarshalText shows nothing in JSON, XML or YAML.
func (Material) MarshalText() ([]byte, error) { return []byte("[key material]"), nil }

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
