package configs

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/caarlos0/env/v11"
	"go.yaml.in/yaml/v4"
)

// Faults are all that is wrong with a configuration, one line each.
type Faults []string

func (f Faults) Error() string { return strings.Join(f, "\n") }

// Load reads the defaults, then the file at path (none if it is empty), then the
// environment, given as the pairs of os.Environ. The error is [Faults], with
// every fault at once, or says why the file cannot be read.
func Load(path string, environ []string) (Config, error) {
	defaults, err := Files.ReadFile("hotline.yaml")
	if err != nil {
		return Config{}, fmt.Errorf("read the built-in settings: %w", err)
	}
	if path == "" {
		return load("", nil, defaults, environ)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read the settings: %w", err)
	}
	return load(path, data, defaults, environ)
}

func load(name string, data, defaults []byte, environ []string) (Config, error) {
	var c Config
	if faults := decode("hotline.yaml", defaults, &c); len(faults) > 0 {
		return Config{}, faults
	}
	faults := decode(name, data, &c)
	set, more := overlay(&c, environ)
	faults = append(faults, more...)
	at := locate(name, data, set)
	for _, f := range c.check() {
		faults = append(faults, at(f.path)+": "+f.path+": "+f.want)
	}
	if len(faults) > 0 {
		return Config{}, fmt.Errorf("the settings have faults:\n%w", faults)
	}
	return c, nil
}

// decode lays a file over c and turns every complaint into file:line: what.
func decode(name string, data []byte, c *Config) Faults {
	if len(strings.TrimSpace(string(data))) == 0 {
		return nil
	}
	err := yaml.Load(data, c, yaml.WithKnownFields())
	var many *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many):
		var faults Faults
		for _, e := range many.Errors {
			faults = append(faults, fmt.Sprintf("%s:%d: %s", name, e.Mark.Line, plain(e.Message)))
		}
		return faults
	case errors.As(err, &one):
		return Faults{fmt.Sprintf("%s:%d: %s", name, one.Mark.Line, plain(one.Message))}
	}
	return Faults{name + ": expected YAML"}
}

var (
	unknownField = regexp.MustCompile(`^field (\S+) not found`)
	wrongType    = regexp.MustCompile(`into ([\w.\[\]]+)`)
)

// plain says in the operator's words what the decoder found. Values stay out:
// one may be a password that was put in the wrong place.
func plain(message string) string {
	if m := unknownField.FindStringSubmatch(message); m != nil {
		return m[1] + ": no such setting"
	}
	if m := wrongType.FindStringSubmatch(message); m != nil {
		return "expected " + form(m[1])
	}
	return message
}

// form describes a Go type to somebody who writes YAML.
func form(goType string) string {
	switch goType {
	case "int":
		return "a whole number"
	case "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "string", "configs.Secret":
		return "a text"
	case "time.Duration":
		return "a duration, as 2s or 15m"
	case "[]string":
		return "a list of texts"
	case "[]int":
		return "a list of whole numbers"
	}
	return "a group of settings"
}

const prefix = "HOTLINE_"

// overlay lays the environment over c. It returns the names that were set, and
// complains about names that mean nothing: a misspelt setting must not pass.
func overlay(c *Config, environ []string) (map[string]bool, Faults) {
	known, set := names(reflect.TypeFor[Config](), prefix), map[string]bool{}
	pairs := map[string]string{}
	var faults Faults
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if !slices.Contains(known, name) && !strings.HasPrefix(name, prefix+"GATEWAYS_") {
			faults = append(faults, name+": no such setting")
			continue
		}
		pairs[name], set[name] = value, true
	}
	if err := env.ParseWithOptions(c, env.Options{Environment: pairs, Prefix: prefix}); err != nil {
		var all env.AggregateError
		if !errors.As(err, &all) {
			return set, append(faults, "environment: a value has the wrong form")
		}
		for _, e := range all.Errors {
			if p, ok := errors.AsType[env.ParseError](e); ok {
				faults = append(faults, fmt.Sprintf("environment: %s: expected %s", p.Name, form(p.Type.String())))
			}
		}
	}
	slices.Sort(faults)
	return set, faults
}

// names lists the environment names of a struct, without those of slices.
func names(t reflect.Type, prefix string) []string {
	var out []string
	for f := range t.Fields() {
		if sub, ok := f.Tag.Lookup("envPrefix"); ok && f.Type.Kind() == reflect.Struct {
			out = append(out, names(f.Type, prefix+sub)...)
		} else if n, ok := f.Tag.Lookup("env"); ok {
			out = append(out, prefix+n)
		}
	}
	return out
}

// locate returns a function from a setting's path, as redis.partitions, to where
// it was set: the environment, a line of the file, or the defaults.
func locate(name string, data []byte, set map[string]bool) func(path string) string {
	var doc yaml.Node
	if len(data) > 0 {
		_ = yaml.Load(data, &doc)
	}
	return func(path string) string {
		if n := prefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_")); set[n] {
			return "environment " + n
		}
		if line := lineOf(&doc, strings.Split(path, ".")); line > 0 {
			return fmt.Sprintf("%s:%d", name, line)
		}
		if name == "" {
			return "settings"
		}
		return name
	}
}

// lineOf is the line of the deepest part of path that the file has, or 0. A
// number in the path is a place in a list, from 0.
func lineOf(n *yaml.Node, path []string) int {
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	if n.Kind == yaml.SequenceNode && len(path) > 0 {
		if i, err := strconv.Atoi(path[0]); err == nil && i < len(n.Content) {
			return max(n.Content[i].Line, lineOf(n.Content[i], path[1:]))
		}
	}
	if n.Kind != yaml.MappingNode || len(path) == 0 {
		return 0
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == path[0] {
			return max(n.Content[i].Line, lineOf(n.Content[i+1], path[1:]))
		}
	}
	return 0
}
