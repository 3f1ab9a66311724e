package gateway

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed presets/*.yaml
var presets embed.FS

// Presets are the names of the dialects that are known.
func Presets() []string {
	files, _ := fs.Glob(presets, "presets/*.yaml")
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return names
}

// Preset is a dialect by its name.
func Preset(name string) (Dialect, error) {
	data, err := presets.ReadFile("presets/" + name + ".yaml")
	if err != nil {
		return Dialect{}, fmt.Errorf("gateway: no preset %q, there are %s", name, strings.Join(Presets(), ", "))
	}
	return Parse(Dialect{}, data)
}
