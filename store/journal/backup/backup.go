// Package backup takes the hotline's files out and brings them back: one stream,
// compressed, sealed to the age recipients of named people, with a list of what
// must be in it. Who makes a backup cannot read it.
//
// A journal is copied while it is being written: what is copied of its last
// segment is a beginning of it, which is as good as a journal that was cut off
// there by a crash.
package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
)

// manifestName is the last entry: it lists all others.
const manifestName = "manifest.json"

// maxFile is the largest file that a backup may hold.
const maxFile = 1 << 40

// ErrMoved says that a file went away while the backup was made, as when a journal
// is compacted. What was written is not to be used; make the backup again.
var ErrMoved = errors.New("a file went away meanwhile; make the backup again")

// Source is a file or folder that goes into a backup under a name.
type Source struct {
	Name string // as "journal", without slashes
	Path string
}

// Manifest says what is in a backup.
type Manifest struct {
	Format int       `json:"format"`
	Made   time.Time `json:"made"`
	Files  []File    `json:"files"`
}

// File is one file of a backup.
type File struct {
	Name string `json:"name"` // name of the source, slash, path below it
	Size int64  `json:"size"`
	Hash string `json:"sha256"`
}

// Write streams a backup of the sources to w, which only the recipients can open.
func Write(ctx context.Context, w io.Writer, now time.Time, recipients []age.Recipient, sources []Source) (Manifest, error) {
	m := Manifest{Format: 1, Made: now.UTC()}
	sealed, err := age.Encrypt(w, recipients...)
	if err != nil {
		return m, fmt.Errorf("back up: %w", err)
	}
	packed := gzip.NewWriter(sealed)
	archive := tar.NewWriter(packed)
	for _, s := range sources {
		if s.Name == "" || s.Name == manifestName || strings.ContainsAny(s.Name, `/\`) {
			return m, fmt.Errorf("back up: %q is no name of a source", s.Name)
		}
		if err := m.add(ctx, archive, s); err != nil {
			return m, fmt.Errorf("back up %s: %w", s.Name, err)
		}
	}
	list, err := json.Marshal(m)
	if err != nil {
		return m, fmt.Errorf("back up: %w", err)
	}
	err = archive.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(list)), ModTime: m.Made})
	if err == nil {
		_, err = archive.Write(list)
	}
	if err := errors.Join(err, archive.Close(), packed.Close(), sealed.Close()); err != nil {
		return m, fmt.Errorf("back up: %w", err)
	}
	return m, nil
}

// add puts the files of a source into the archive.
func (m *Manifest) add(ctx context.Context, archive *tar.Writer, s Source) error {
	return filepath.WalkDir(s.Path, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && p != s.Path {
			return ErrMoved
		}
		if err != nil || !d.Type().IsRegular() {
			return errors.Join(err, ctx.Err())
		}
		below, err := filepath.Rel(s.Path, p)
		if err != nil {
			return err
		}
		f, err := addFile(ctx, archive, p, path.Join(s.Name, filepath.ToSlash(below)))
		if errors.Is(err, fs.ErrNotExist) {
			return ErrMoved
		}
		if err == nil {
			m.Files = append(m.Files, f)
		}
		return err
	})
}

// addFile copies as much of a file as it has when it is opened.
func addFile(ctx context.Context, archive *tar.Writer, from, name string) (File, error) {
	in, err := os.Open(from)
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return File{}, err
	}
	f := File{Name: name, Size: info.Size()}
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: f.Size, ModTime: info.ModTime()}); err != nil {
		return f, err
	}
	sum := sha256.New()
	_, err = io.CopyN(io.MultiWriter(archive, sum), stopping{ctx, in}, f.Size)
	f.Hash = hex.EncodeToString(sum.Sum(nil))
	return f, err
}

// stopping is a reader that ends with a context.
type stopping struct {
	ctx context.Context
	r   io.Reader
}

func (s stopping) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(b)
}

// Verify reads a backup to its end and checks every file of it.
func Verify(ctx context.Context, r io.Reader, identities ...age.Identity) (Manifest, error) {
	m, err := read(ctx, r, identities, func(string, io.Reader) error { return nil })
	if err != nil {
		return m, fmt.Errorf("verify backup: %w", err)
	}
	return m, nil
}

// Restore writes the files of a backup below a folder that must be empty or not
// exist, one folder for each source. If it fails, what it wrote is not to be used.
func Restore(ctx context.Context, r io.Reader, into string, identities ...age.Identity) (Manifest, error) {
	entries, err := os.ReadDir(into)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, fmt.Errorf("restore backup: %w", err)
	}
	if len(entries) > 0 {
		return Manifest{}, fmt.Errorf("restore backup: %s is not empty", into)
	}
	m, err := read(ctx, r, identities, func(name string, body io.Reader) error {
		return writeFile(filepath.Join(into, filepath.FromSlash(name)), body)
	})
	if err != nil {
		return m, fmt.Errorf("restore backup: %w", err)
	}
	return m, nil
}

func writeFile(name string, body io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, body)
	return errors.Join(err, f.Sync(), f.Close())
}

// read goes through a backup, hands every file to take, and compares what came
// with the list at the end.
func read(ctx context.Context, r io.Reader, identities []age.Identity, take func(name string, body io.Reader) error) (Manifest, error) {
	var m Manifest
	open, err := age.Decrypt(stopping{ctx, r}, identities...)
	if err != nil {
		return m, err
	}
	packed, err := gzip.NewReader(open)
	if err != nil {
		return m, err
	}
	archive := tar.NewReader(packed)
	found := map[string]File{}
	for {
		h, err := archive.Next()
		if err != nil {
			return m, notEnd(err)
		}
		if h.Name == manifestName {
			break
		}
		if !filepath.IsLocal(h.Name) || h.Typeflag != tar.TypeReg || h.Size > maxFile {
			return m, errors.New("it holds an entry that no backup of ours has")
		}
		body := &counter{r: archive, sum: sha256.New()}
		if err := take(h.Name, body); err != nil {
			return m, err
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return m, err
		}
		found[h.Name] = File{h.Name, body.n, hex.EncodeToString(body.sum.Sum(nil))}
	}
	if err := json.NewDecoder(archive).Decode(&m); err != nil {
		return m, err
	}
	if _, err := io.Copy(io.Discard, packed); err != nil {
		return m, err
	}
	return m, m.compare(found)
}

func notEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("it ends before its list of files")
	}
	return err
}

// compare checks the files that came against the list.
func (m Manifest) compare(found map[string]File) error {
	for _, f := range m.Files {
		if found[f.Name] != f {
			return fmt.Errorf("%s is missing or changed", f.Name)
		}
		delete(found, f.Name)
	}
	if len(found) > 0 {
		return errors.New("it holds a file that its list does not name")
	}
	return nil
}

// counter measures what is read through it.
type counter struct {
	r   io.Reader
	n   int64
	sum hash.Hash
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	c.sum.Write(b[:n])
	return n, err
}
