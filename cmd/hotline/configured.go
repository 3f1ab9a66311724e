package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"hotline/configs"
	"hotline/flows"
)

// paperConfigured begins the name of what a hotline was started with last: a keyed
// digest of every setting and every file of data.
const paperConfigured = "configured:"

// settingsNamed is how many changed settings and files a deed names one by one.
const settingsNamed = 12

// auditSettings writes down which settings and files of data are others than at the
// last start of this hotline: nobody can change one without leaving that. It names
// them and never says what they are. Who started it is whom the machine knows. A
// journal that cannot be written keeps nobody from starting: the next start says it.
func (a *app) auditSettings(ctx context.Context, files fs.FS) {
	if err := a.noteSettings(ctx, files); err != nil {
		a.warn("settings")(err)
	}
}

func (a *app) noteSettings(ctx context.Context, files fs.FS) error {
	now := map[string]string{"key in use": a.vault.Lasting("configured", a.vault.Fingerprint())}
	a.digest(now, "", reflect.ValueOf(a.cfg))
	if err := a.digestFiles(now, files); err != nil {
		return fmt.Errorf("look for changed files: %w", err)
	}
	name := paperConfigured + a.vault.Lasting("configured", filepath.Clean(a.cfg.Journal.Dir), a.cfg.Listen)[:16]
	body, version, err := a.papers.Paper(ctx, name)
	if err != nil && !errors.Is(err, flows.ErrNotFound) {
		return fmt.Errorf("read the settings of the last start: %w", err)
	}
	before := map[string]string{}
	if version > 0 {
		if err := json.Unmarshal(body, &before); err != nil {
			return fmt.Errorf("read the settings of the last start: %w", err)
		}
	}
	what, why := changedSettings(before, now)
	if what == "" {
		return nil
	}
	d := flows.Deed{Who: atShell(nil), Kind: flows.DeedConfig, What: what, Why: why, From: "start " + hostName()}
	if err := a.writeDown(ctx, d); err != nil {
		return err
	}
	if body, err = json.Marshal(now); err == nil {
		err = a.papers.SavePaper(ctx, name, version, body)
	}
	if errors.Is(err, flows.ErrConflict) {
		return nil // another process of this name was faster, and has said so
	}
	return err
}

// changedSettings names what is new, gone or other; nothing: all is as it was.
func changedSettings(before, now map[string]string) (what, why string) {
	if len(before) == 0 {
		return "all settings", "first start"
	}
	var names []string
	for name, digest := range now {
		if before[name] != digest {
			names = append(names, name)
		}
	}
	for name := range before {
		if _, there := now[name]; !there {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", ""
	}
	slices.Sort(names)
	why = "other than at the last start"
	if more := len(names) - settingsNamed; more > 0 {
		why += fmt.Sprintf(", and %d more", more)
		names = names[:settingsNamed]
	}
	return "settings " + strings.Join(names, ", "), why
}

// digest takes every setting below v. Secrets are looked into: a changed password is
// a change, too, and the digest is keyed.
func (a *app) digest(into map[string]string, path string, v reflect.Value) {
	if s, ok := reflect.TypeAssert[configs.Secret](v); ok {
		into[path] = a.vault.Lasting("configured", path, s.Reveal())
		return
	}
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
			if path != "" {
				name = path + "." + name
			}
			a.digest(into, name, v.Field(i))
		}
		return
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct {
		for i := range v.Len() {
			a.digest(into, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
		return
	}
	into[path] = a.vault.Lasting("configured", path, fmt.Sprint(v.Interface()))
}

// digestFiles takes the files of data: questions, words, policy, calendar, forms. The
// places and the rota have deeds of their own.
func (a *app) digestFiles(into map[string]string, files fs.FS) error {
	return fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(path) != ".yaml" || path == "hotline.yaml" {
			return err
		}
		body, err := fs.ReadFile(files, path)
		if err == nil {
			into["files/"+path] = a.vault.Lasting("configured", path, string(body))
		}
		return err
	})
}
