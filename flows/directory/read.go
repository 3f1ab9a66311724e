// Package directory reads the CSV files of places, members and the rota into one
// directory, whole or not at all: from a folder, or some files in place of those
// in use. It is pure.
package directory

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"hotline/flows"
	"hotline/flows/escalation/roster"
	"hotline/flows/fault"
	"hotline/flows/places"
)

// Zone is the time zone of the law and of every rota in it.
const Zone = "Asia/Ho_Chi_Minh"

// Names are the files, as they are called. Those after the third may be missing
// in a folder.
func Names() []string {
	return []string{"places.csv", "members.csv", "rota.csv", "mapping.csv", "overrides.csv", "rotations.csv", "periods.csv"}
}

// Read reads the files of a folder. It reports every fault of every file, each
// with its line, and then no directory.
func Read(fsys fs.FS, dir string) (flows.Directory, error) {
	files := map[string][]byte{}
	var faults []error
	for i, name := range Names() {
		data, err := fs.ReadFile(fsys, path.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist) && i > 2:
			continue
		case err != nil:
			faults = append(faults, err)
			continue
		}
		files[name] = data
	}
	d := flows.Directory{Version: version("", files), Zone: Zone}
	d, err := read(d, files)
	if err := errors.Join(append(faults, err)...); err != nil {
		return flows.Directory{}, fmt.Errorf("read the directory:\n%w", err)
	}
	return d, nil
}

// Update puts some files in the place of those that a directory was made of. What
// no file is given for stays. Phones that count already go on counting. It reports
// every fault of every file, each with its line, and then no directory.
func Update(old flows.Directory, files map[string][]byte) (flows.Directory, error) {
	for name := range files {
		if !slices.Contains(Names(), name) {
			return flows.Directory{}, fault.New("unknown_file", "want", strings.Join(Names(), ", ")).At(name, 0)
		}
	}
	whole := map[string][]byte{}
	for _, kind := range []roster.Kind{roster.KindMembers, roster.KindRota, roster.KindOverrides, roster.KindRotations, roster.KindPeriods} {
		var b bytes.Buffer
		if err := roster.Write(&b, old, kind); err != nil {
			return flows.Directory{}, err
		}
		whole[string(kind)+".csv"] = b.Bytes()
	}
	maps.Copy(whole, files)
	base := flows.Directory{Version: version(old.Version, files), Zone: old.Zone, Places: old.Places, Mapping: old.Mapping, Province: old.Province}
	d, err := read(base, whole)
	if err != nil {
		return flows.Directory{}, err
	}
	return roster.Keep(old, d), nil
}

// read reads files over the places of a base, if there is no file of them.
func read(d flows.Directory, files map[string][]byte) (flows.Directory, error) {
	var faults []error
	if data := files["places.csv"]; data != nil {
		var err error
		if d.Places, err = places.ReadPlaces("places.csv", bytes.NewReader(data)); err != nil {
			faults = append(faults, err)
		}
	}
	if data := files["mapping.csv"]; data != nil {
		var err error
		if d.Mapping, err = places.ReadMapping("mapping.csv", bytes.NewReader(data)); err != nil {
			faults = append(faults, err)
		}
		named, err := places.ReadMapped("mapping.csv", bytes.NewReader(data))
		if err != nil && len(faults) == 0 {
			faults = append(faults, err)
		}
		d.Places = places.Join(d.Places, named)
	}
	if len(faults) == 0 {
		faults = append(faults, places.Check(d.Places, d.Mapping))
	}
	d.Province = province(d.Places)
	source := func(name string) roster.Source {
		return roster.Source{Name: name, Reader: bytes.NewReader(files[name])}
	}
	optional := func(name string) (s roster.Source) {
		if files[name] != nil {
			s = source(name)
		}
		return s
	}
	whole, err := roster.Read(d, roster.Files{
		Members: source("members.csv"), Rota: source("rota.csv"), Overrides: source("overrides.csv"),
		Rotations: optional("rotations.csv"), Periods: optional("periods.csv"),
	})
	return whole, errors.Join(append(faults, err)...)
}

// version is a name for the content of files on top of what there was.
func version(before string, files map[string][]byte) string {
	digest := sha256.New()
	if before != "" {
		_, _ = fmt.Fprintf(digest, "over %s\n", before)
	}
	for _, name := range Names() {
		if data, ok := files[name]; ok {
			_, _ = fmt.Fprintf(digest, "%s %d\n", name, len(data))
			digest.Write(data)
		}
	}
	return hex.EncodeToString(digest.Sum(nil)[:6])
}

// province is the unit above the communes whose desk takes what has no commune.
func province(list []flows.Place) flows.PlaceID {
	for _, p := range list {
		if p.Until == "" && places.Above(p) {
			return p.ID
		}
	}
	return ""
}
