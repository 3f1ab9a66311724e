package console

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/escalation/roster"
	"hotline/flows/fault"
	"hotline/flows/places"
)

// importPart is files that somebody wants to put in the place of those in use:
// what would change, or what is wrong with them.
type importPart struct {
	Files  []upload
	From   string   // the version that they were compared with
	Faults []string // each with its file and line
	Change roster.Preview
	Places places.Changes
	Lines  []string
}

// upload is a file on its way: it comes back with the confirmation, so that
// nothing is kept here for somebody who may never confirm.
type upload struct {
	Name string
	Data string // base64
	data []byte
}

// largestImport is how much the files of an import may be together: a country has
// some megabytes of places.
const largestImport = 8 << 20

// previewImport says what files would change, and changes nothing.
func (c *Console) previewImport(x echo.Context) error {
	p, err := c.directoryOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	p.Import = &importPart{From: p.Version}
	x.Request().Body = http.MaxBytesReader(x.Response(), x.Request().Body, largestImport)
	form, err := x.MultipartForm()
	if err != nil {
		p.Import.Faults = []string{p.T("directory.import.unread")}
		return c.render(x, http.StatusUnprocessableEntity, "directory", p)
	}
	if p.Import.Files, err = uploads(form.File["files"]); err != nil || len(p.Import.Files) == 0 {
		p.Import.Faults = []string{p.T("directory.import.unread")}
		return c.render(x, http.StatusUnprocessableEntity, "directory", p)
	}
	old, err := c.Directory.Directory(x.Request().Context())
	if err != nil {
		return c.fault(x, err)
	}
	next, err := directory.Update(old, contents(p.Import.Files))
	if err != nil {
		p.Import.Faults = p.faultLines(err)
		return c.render(x, http.StatusUnprocessableEntity, "directory", p)
	}
	if p.Import.Change, err = roster.Compare(p.now, old, next); err != nil {
		p.Import.Faults = p.faultLines(err)
		return c.render(x, http.StatusUnprocessableEntity, "directory", p)
	}
	p.Import.Places = places.Compare(old, next)
	p.Import.Lines = p.changes(p.Import, next)
	return c.render(x, http.StatusOK, "directory", p)
}

// confirmImport puts the files that were previewed in the place of those in use,
// all or nothing. Where the directory has moved on since, nothing happens: what
// was shown is no longer what would change.
func (c *Console) confirmImport(x echo.Context) error {
	ctx := x.Request().Context()
	x.Request().Body = http.MaxBytesReader(x.Response(), x.Request().Body, 2*largestImport)
	files := map[string][]byte{}
	if err := x.Request().ParseForm(); err != nil {
		return c.fault(x, flows.ErrNotFound)
	}
	for _, name := range directory.Names() {
		if text := x.Request().PostForm.Get(name); text != "" {
			data, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return c.fault(x, flows.ErrNotFound)
			}
			files[name] = data
		}
	}
	old, err := c.Directory.Directory(ctx)
	if err != nil {
		return c.fault(x, err)
	}
	if len(files) == 0 || old.Version != x.FormValue("from") {
		return x.Redirect(http.StatusSeeOther, "/directory?note=moved")
	}
	next, err := directory.Update(old, files)
	if err != nil {
		return c.fault(x, flows.ErrNotFound) // it was checked before it was shown
	}
	if err := c.noted(ctx, flows.DeedDirectory, "version "+next.Version, "in place of "+old.Version); err != nil {
		return c.fault(x, err)
	}
	err = c.Directory.ReplaceDirectory(ctx, old.Version, next)
	switch {
	case errors.Is(err, flows.ErrConflict):
		return x.Redirect(http.StatusSeeOther, "/directory?note=moved")
	case err != nil:
		return c.fault(x, err)
	}
	return x.Redirect(http.StatusSeeOther, "/directory?note=imported")
}

// exportDirectory writes one file of the directory in the form that an import
// takes back. That of the members holds their numbers.
func (c *Console) exportDirectory(x echo.Context) error {
	kind := roster.Kind(strings.TrimSuffix(x.Param("file"), ".csv"))
	kinds := []roster.Kind{roster.KindMembers, roster.KindRota, roster.KindOverrides, roster.KindRotations, roster.KindPeriods}
	if !slices.Contains(kinds, kind) {
		return c.fault(x, flows.ErrNotFound)
	}
	ctx := x.Request().Context()
	d, err := c.Directory.Directory(ctx)
	if err != nil {
		return c.fault(x, err)
	}
	if err := c.noted(ctx, flows.DeedExport, "directory "+string(kind), "version "+d.Version); err != nil {
		return c.fault(x, err)
	}
	attach(x, "text/csv; charset=utf-8", string(kind)+".csv")
	return roster.Write(x.Response(), d, kind)
}

func uploads(headers []*multipart.FileHeader) ([]upload, error) {
	var list []upload
	for _, h := range headers {
		f, err := h.Open()
		if err != nil {
			return nil, fmt.Errorf("open a file of an import: %w", err)
		}
		data, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("read a file of an import: %w", err)
		}
		if h.Filename != "" {
			list = append(list, upload{path.Base(h.Filename), base64.StdEncoding.EncodeToString(data), data})
		}
	}
	return list, nil
}

func contents(list []upload) map[string][]byte {
	files := make(map[string][]byte, len(list))
	for _, u := range list {
		files[u.Name] = u.data
	}
	return files
}

// mostFaults is how many faults are shown; the rest is counted.
const mostFaults = 200

// faultLines are the faults of files in the reader's language, one a line, with
// no number in them.
func (p directoryPage) faultLines(err error) []string {
	list := fault.In(err)
	var lines []string
	for _, f := range list[:min(len(list), mostFaults)] {
		lines = append(lines, p.faultLine(f))
	}
	if more := len(list) - mostFaults; more > 0 {
		lines = append(lines, p.T("csv.more", "n", more))
	}
	return lines
}

// dated is a value that is a day, a moment or a place with the day it began: all
// have as many digits as a number, and are none.
var dated = regexp.MustCompile(`^"?(\d{2,5}@)?\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?"?$`)

func (p directoryPage) faultLine(f fault.Fault) string {
	with := make([]any, len(f.With))
	for i, v := range f.With {
		with[i] = v
		if !dated.MatchString(v) {
			with[i] = flows.MaskNumbers(v)
		}
	}
	line := p.T("csv."+string(f.Kind), with...)
	if f.Of != "" {
		line = p.T("csv.of."+f.Of, "which", f.Which) + ": " + line
	}
	switch {
	case f.File != "" && f.Line > 0:
		line = p.T("csv.at", "file", f.File, "line", f.Line) + ": " + line
	case f.File != "":
		line = f.File + ": " + line
	}
	return line
}

// changes says what an import would change, the most important first.
func (p directoryPage) changes(part *importPart, next flows.Directory) []string {
	var lines []string
	name := func(id flows.PlaceID) string {
		for _, place := range next.Places {
			if place.ID == id {
				return place.Type + " " + place.Name
			}
		}
		return id.Code()
	}
	v := part.Change
	for _, m := range v.Missing {
		lines = append(lines, p.T("directory.change.missing", "place", name(m.Place), "level", p.T(fmt.Sprintf("level.%d", m.Level))))
	}
	for i, g := range v.Gaps {
		if i == 20 {
			lines = append(lines, p.T("directory.change.gaps", "n", len(v.Gaps)-i))
			break
		}
		lines = append(lines, p.T("directory.change.gap", "place", name(g.Place), "level", p.T(fmt.Sprintf("level.%d", g.Level)), "from", p.When(g.Start), "to", p.When(g.End)))
	}
	for _, n := range []struct {
		key string
		ids []flows.MemberID
	}{
		{"added", v.Added}, {"removed", v.Removed}, {"changed", v.Changed}, {"phones", v.Phones}, {"silent", v.Silent},
	} {
		if len(n.ids) > 0 {
			lines = append(lines, p.T("directory.change."+n.key, "n", len(n.ids), "who", roster.Some(n.ids)))
		}
	}
	if v.Rota > 0 {
		lines = append(lines, p.T("directory.change.rota", "n", v.Rota))
	}
	return lines
}
