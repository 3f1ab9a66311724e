package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"filippo.io/age"
)

// Officer is somebody who holds a part of the escrow: a name and an age
// recipient, as age1….
type Officer struct {
	Name      string `json:"name"`
	Recipient string `json:"recipient"`
}

// Escrow is a copy of the key that any two of its officers can open together and
// none alone. For every pair the key is sealed to the one and the result to the
// other, so it needs no mathematics but age's. It may lie anywhere.
type Escrow struct {
	Fingerprint string    `json:"fingerprint"` // of the key in it
	Officers    []Officer `json:"officers"`
	Pairs       []pair    `json:"pairs"`
}

// pair is the key for two officers: the first opens the outer seal, the second
// the inner one.
type pair struct {
	First  string `json:"first"`
	Second string `json:"second"`
	Box    []byte `json:"box"`
}

// MakeEscrow seals the present key for every pair of officers.
func MakeEscrow(m Material, officers []Officer) (*Escrow, error) {
	if len(officers) < 2 || len(officers) > 20 {
		return nil, errors.New("escrow: it takes 2 to 20 officers")
	}
	v, err := Open(m)
	if err != nil {
		return nil, fmt.Errorf("escrow: %w", err)
	}
	e := &Escrow{Fingerprint: v.Fingerprint(), Officers: officers}
	recipients, err := parseOfficers(officers)
	if err != nil {
		return nil, fmt.Errorf("escrow: %w", err)
	}
	var lines []string
	for _, k := range m.keys() {
		lines = append(lines, base64.StdEncoding.EncodeToString(k[:]))
	}
	key := []byte(strings.Join(lines, "\n"))
	for i := range officers {
		for j := i + 1; j < len(officers); j++ {
			box, err := sealTwice(key, recipients[i], recipients[j])
			if err != nil {
				return nil, fmt.Errorf("escrow: %w", err)
			}
			e.Pairs = append(e.Pairs, pair{officers[i].Name, officers[j].Name, box})
		}
	}
	return e, nil
}

func parseOfficers(officers []Officer) ([]age.Recipient, error) {
	var list []age.Recipient
	names, keys := map[string]bool{}, map[string]bool{}
	for _, o := range officers {
		if o.Name == "" || names[o.Name] || keys[o.Recipient] {
			return nil, fmt.Errorf("officer %q: names and recipients must differ", o.Name)
		}
		names[o.Name], keys[o.Recipient] = true, true
		parsed, err := age.ParseRecipients(strings.NewReader(o.Recipient))
		if err != nil || len(parsed) != 1 {
			return nil, fmt.Errorf("officer %s: not one age recipient", o.Name)
		}
		list = append(list, parsed[0])
	}
	return list, nil
}

func sealTwice(key []byte, first, second age.Recipient) ([]byte, error) {
	inner, err := sealTo(key, second)
	if err != nil {
		return nil, err
	}
	return sealTo(inner, first)
}

func sealTo(data []byte, to age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(data)
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}

func openWith(data []byte, id age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(data), id)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// Half is the escrow opened by one of two officers. It is worth nothing without
// the other, and may be carried to them.
type Half struct {
	Fingerprint string `json:"fingerprint"`
	For         string `json:"for"` // who opens it
	Box         []byte `json:"box"`
}

// First opens the outer seals with one officer's identity: one half for each
// officer who comes after in the list.
func (e *Escrow) First(id age.Identity) ([]Half, error) {
	var halves []Half
	for _, p := range e.Pairs {
		inner, err := openWith(p.Box, id)
		if err != nil {
			continue // not for this officer
		}
		halves = append(halves, Half{e.Fingerprint, p.Second, inner})
	}
	if len(halves) == 0 {
		return nil, errors.New("escrow: this identity opens no first seal; let the other officer begin")
	}
	return halves, nil
}

// Second opens a half with the other officer's identity and gives the key.
func (h Half) Second(id age.Identity) (Material, error) {
	key, err := openWith(h.Box, id)
	if err != nil {
		return Material{}, fmt.Errorf("escrow: this half is for %s, and the identity is not theirs", h.For)
	}
	m, err := parse(key)
	if err != nil {
		return Material{}, fmt.Errorf("escrow: %w", err)
	}
	v, err := Open(m)
	if err != nil || v.Fingerprint() != h.Fingerprint {
		return Material{}, errors.New("escrow: it holds another key than it says")
	}
	return m, nil
}

// Recover opens the escrow with two identities, in either order.
func (e *Escrow) Recover(a, b age.Identity) (Material, error) {
	for _, ids := range [][2]age.Identity{{a, b}, {b, a}} {
		halves, err := e.First(ids[0])
		if err != nil {
			continue
		}
		for _, h := range halves {
			if m, err := h.Second(ids[1]); err == nil {
				return m, nil
			}
		}
	}
	return Material{}, errors.New("escrow: these two identities do not open it together")
}

// Drill proves that two officers could bring the key back: it opens the escrow
// with their identities and compares what comes out with the key in use, which
// it does not show. The names are those of the two.
func (e *Escrow) Drill(v *Vault, a, b age.Identity) error {
	m, err := e.Recover(a, b)
	if err != nil {
		return err
	}
	w, err := Open(m)
	if err != nil {
		return fmt.Errorf("escrow: %w", err)
	}
	if w.Fingerprint() != v.Fingerprint() {
		return errors.New("escrow: it holds an older key than the one in use; make a new one")
	}
	return nil
}

// Save writes the escrow to a new file.
func (e *Escrow) Save(path string) error { return saveNew(path, e) }

// SaveHalves writes what First gave to a new file, for the second officer.
func SaveHalves(path string, halves []Half) error { return saveNew(path, halves) }

// LoadHalves reads what SaveHalves wrote.
func LoadHalves(path string) ([]Half, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load the half of an escrow: %w", err)
	}
	var halves []Half
	if err := json.Unmarshal(data, &halves); err != nil || len(halves) == 0 {
		return nil, fmt.Errorf("%s is no half of an escrow", path)
	}
	return halves, nil
}

func saveNew(path string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("save escrow: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("save escrow: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("save escrow: %w", err)
	}
	return nil
}

// LoadEscrow reads what Save wrote.
func LoadEscrow(path string) (*Escrow, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load escrow: %w", err)
	}
	var e Escrow
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("load escrow %s: %w", path, err)
	}
	return &e, nil
}

// SaveKeyFile writes recovered material to a new key file, which only its owner
// may read.
func SaveKeyFile(path string, m Material) error {
	if m.keys == nil {
		return errors.New("key file: there is no key")
	}
	return writeKeyFile(path, slices.Clone(m.keys()))
}
