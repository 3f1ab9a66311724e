package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"hotline/flows"
	"hotline/flows/escalation/roster"
	"hotline/flows/places"
)

// zoneName is the time zone of the law and of every rota in it.
const zoneName = "Asia/Ho_Chi_Minh"

// directoryFiles are the files of a folder. Those after the third may be missing.
var directoryFiles = []string{"places.csv", "members.csv", "rota.csv", "mapping.csv", "overrides.csv", "rotations.csv", "periods.csv"}

// readDirectory reads the files of a folder. It reports every fault of every file,
// each with its line, and then no directory.
func readDirectory(fsys fs.FS, dir string) (flows.Directory, error) {
	files, version, err := readFiles(fsys, dir)
	if err != nil {
		return flows.Directory{}, err
	}
	d := flows.Directory{Version: version, Zone: zoneName}
	var faults []error
	if d.Places, err = places.ReadPlaces("places.csv", bytes.NewReader(files["places.csv"])); err != nil {
		faults = append(faults, err)
	}
	if data := files["mapping.csv"]; data != nil {
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
	whole, err := roster.Read(d, roster.Files{Members: source("members.csv"), Rota: source("rota.csv"), Overrides: source("overrides.csv"), Rotations: optional("rotations.csv"), Periods: optional("periods.csv")})
	if err := errors.Join(append(faults, err)...); err != nil {
		return flows.Directory{}, fmt.Errorf("read the directory:\n%w", err)
	}
	return whole, nil
}

// readFiles reads the files and makes a version of their content.
func readFiles(fsys fs.FS, dir string) (map[string][]byte, string, error) {
	files, digest := map[string][]byte{}, sha256.New()
	var faults []error
	for i, name := range directoryFiles {
		data, err := fs.ReadFile(fsys, path.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist) && i > 2:
			continue
		case err != nil:
			faults = append(faults, err)
			continue
		}
		files[name] = data
		fmt.Fprintf(digest, "%s %d\n", name, len(data))
		digest.Write(data)
	}
	return files, hex.EncodeToString(digest.Sum(nil)[:6]), errors.Join(faults...)
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
