package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/places"
)

// zoneName is the time zone of the law and of every rota in it.
const zoneName = "Asia/Ho_Chi_Minh"

// readDirectory reads places.csv, mapping.csv, members.csv, rota.csv and
// overrides.csv from a folder. It reports every fault of every file, each with
// its line, and then no directory. The last two files may be missing.
func readDirectory(fsys fs.FS, dir string) (flows.Directory, error) {
	d := flows.Directory{Zone: zoneName}
	digest := sha256.New()
	var faults []error
	file := func(name string, optional bool, read func(io.Reader) error) {
		data, err := fs.ReadFile(fsys, path.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) && optional {
			return
		}
		if err == nil {
			digest.Write(data)
			err = read(bytes.NewReader(data))
		}
		if err != nil {
			faults = append(faults, err)
		}
	}
	file("places.csv", false, func(r io.Reader) (err error) { d.Places, err = places.ReadPlaces("places.csv", r); return })
	file("mapping.csv", true, func(r io.Reader) (err error) { d.Mapping, err = places.ReadMapping("mapping.csv", r); return })
	ids := currentPlaces(&d)
	file("members.csv", false, func(r io.Reader) (err error) {
		d.Members, err = escalation.ReadMembers("members.csv", r, ids)
		return
	})
	file("rota.csv", false, func(r io.Reader) (err error) { d.Shifts, err = escalation.ReadRota("rota.csv", r, ids); return })
	file("overrides.csv", true, func(r io.Reader) (err error) {
		d.Overrides, err = escalation.ReadOverrides("overrides.csv", r, ids, d.Zone)
		return
	})
	if len(faults) == 0 {
		faults = append(faults, places.Check(d.Places, d.Mapping))
		_, err := escalation.NewRoster(d)
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return flows.Directory{}, fmt.Errorf("read the directory:\n%w", err)
	}
	d.Version = hex.EncodeToString(digest.Sum(nil)[:6])
	return d, nil
}

// currentPlaces sets the province of a directory and returns how the other files
// call its places: by the code of today, or "province".
func currentPlaces(d *flows.Directory) map[string]flows.PlaceID {
	ids := map[string]flows.PlaceID{}
	for _, p := range d.Places {
		if p.Until != "" {
			continue
		}
		ids[p.ID.Code()] = p.ID
		if places.Above(p) && d.Province == "" {
			d.Province = p.ID
			ids["province"] = p.ID
		}
	}
	return ids
}
