package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// Styles and scripts lie beside the pages they belong to; assets/ holds what
// others made: htmx, its server-sent events, and the typeface.
//
//go:embed *.css *.js icon.svg assets
var files embed.FS

// assets are all files that pages load, under one address that changes with
// their content, so that browsers may keep them for ever.
type assets struct {
	version string
	files   map[string][]byte
	small   map[string][]byte // the same compressed, where that helps
}

// styles are joined into one file, in this order: tokens first.
func styles() []string {
	return []string{
		"base.css",
		"account.css",
		"board.css",
		"several.css",
		"case.css",
		"form.css",
		"ask.css",
		"pair.css",
		"times.css",
		"workload.css",
		"duty.css",
		"providers.css",
		"ready.css",
		"settings.css",
		"directory.css",
		"health.css",
		"tokens.css",
		"demo.css",
		"frame.css",
	}
}

// scripts are joined into htmx.js, in this order. In two files htmx could start before
// its streams were there, on a slow line or a busy machine, and the page was never live.
func scripts() []string { return []string{"htmx.min.js", "hx-sse.min.js"} }

func loadAssets() (*assets, error) {
	a := &assets{files: map[string][]byte{}, small: map[string][]byte{}}
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(sum, "%s %d ", name, len(data))
		sum.Write(data)
		a.files[strings.TrimPrefix(name, "assets/")] = data
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	a.join("console.css", styles())
	a.join("htmx.js", scripts())
	a.version = hex.EncodeToString(sum.Sum(nil)[:6])
	for name, data := range a.files {
		if a.small[name], err = squeeze(data); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// join makes one file of several.
func (a *assets) join(name string, parts []string) {
	var all []byte
	for _, part := range parts {
		all = append(append(all, a.files[part]...), '\n')
	}
	a.files[name] = all
}

// url is the address of an asset.
func (a *assets) url(name string) string { return "/assets/" + a.version + "/" + name }

func (a *assets) serve(x echo.Context) error {
	data, ok := a.files[x.Param("*")]
	if !ok {
		return echo.ErrNotFound
	}
	if x.Param("version") == a.version {
		x.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	kind := mime.TypeByExtension(path.Ext(x.Param("*")))
	if kind == "" {
		kind = "application/octet-stream"
	}
	if small := a.small[x.Param("*")]; small != nil {
		x.Response().Header().Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
		if takesGzip(x.Request()) {
			x.Response().Header().Set(echo.HeaderContentEncoding, "gzip")
			data = small
		}
	}
	return x.Blob(http.StatusOK, kind, data)
}
