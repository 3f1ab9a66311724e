package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v4"

	"hotline/configs"
)

// metric is what the registry says of one metric.
type metric struct {
	help   string
	labels []string
}

var describedAs = regexp.MustCompile(`fqName: "([^"]+)", help: "(.*)", constLabels: .*variableLabels: \{([^}]*)\}`)

// registered are all metrics of a server, also those that have no value yet.
func registered(t *testing.T) map[string]metric {
	t.Helper()
	w := smallWorld(t)
	descs := make(chan *prometheus.Desc, 1000)
	w.app.figures.web.Registry.Describe(descs)
	close(descs)
	all := map[string]metric{}
	for d := range descs {
		m := describedAs.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("not understood: %s", d)
		}
		labels := strings.FieldsFunc(m[3], func(r rune) bool { return r == ',' || r == ' ' })
		all[m[1]] = metric{m[2], labels}
	}
	return all
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

type alertRules struct {
	Groups []struct {
		Name  string `yaml:"name"`
		Rules []struct {
			Alert       string            `yaml:"alert"`
			Expr        string            `yaml:"expr"`
			For         string            `yaml:"for"`
			Labels      map[string]string `yaml:"labels"`
			Annotations map[string]string `yaml:"annotations"`
		} `yaml:"rules"`
	} `yaml:"groups"`
}

// TestAlertsNameWhatExists reads the rules as Prometheus would and looks up every
// metric, label and chapter of the manual in them.
func TestAlertsNameWhatExists(t *testing.T) {
	var r alertRules
	if err := yaml.Load([]byte(readFile(t, "deploy/prometheus/alerts.yaml")), &r, yaml.WithKnownFields()); err != nil {
		t.Fatal(err)
	}
	metrics, chapters := registered(t), anchors(readFile(t, "docs/operate.md"))
	seen := map[string]bool{}
	for _, g := range r.Groups {
		for _, a := range g.Rules {
			if a.Alert == "" || seen[a.Alert] {
				t.Errorf("alert %q has no name of its own", a.Alert)
			}
			seen[a.Alert] = true
			for _, fault := range faultsOf(a.Expr, metrics) {
				t.Errorf("%s: %s", a.Alert, fault)
			}
			if s := a.Labels["severity"]; s != "page" && s != "day" {
				t.Errorf("%s: severity %q", a.Alert, s)
			}
			if do := a.Annotations["do"]; !slices.Contains(chapters, do) {
				t.Errorf("%s: the manual has no chapter %q", a.Alert, do)
			}
			if a.Annotations["summary"] == "" {
				t.Errorf("%s: no summary", a.Alert)
			}
		}
	}
	if len(seen) < 10 {
		t.Errorf("%d alerts were read", len(seen))
	}
}

// TestDashboardNamesWhatExists does the same for the pictures.
func TestDashboardNamesWhatExists(t *testing.T) {
	var board struct {
		UID    string `json:"uid"`
		Panels []struct {
			ID          int    `json:"id"`
			Type        string `json:"type"`
			Title       string `json:"title"`
			Description string `json:"description"`
			Targets     []struct {
				Expr string `json:"expr"`
			} `json:"targets"`
		} `json:"panels"`
	}
	if err := json.Unmarshal([]byte(readFile(t, "deploy/grafana/hotline.json")), &board); err != nil {
		t.Fatal(err)
	}
	metrics, ids, asked := registered(t), map[int]bool{}, ""
	for _, p := range board.Panels {
		if ids[p.ID] {
			t.Errorf("two panels have the id %d", p.ID)
		}
		ids[p.ID] = true
		if p.Type == "row" {
			continue
		}
		if len(p.Targets) == 0 || p.Description == "" {
			t.Errorf("panel %q shows nothing or does not say what", p.Title)
		}
		for _, target := range p.Targets {
			asked += target.Expr + "\n"
			for _, fault := range faultsOf(target.Expr, metrics) {
				t.Errorf("panel %q: %s", p.Title, fault)
			}
		}
	}
	for name := range metrics {
		if strings.HasPrefix(name, "hotline_") && !strings.Contains(asked, name) {
			t.Errorf("no panel shows %s", name)
		}
	}
}

var (
	quoted    = regexp.MustCompile(`"[^"]*"`)
	matcher   = regexp.MustCompile(`([a-z_]+)(\{[^}]*\})`)
	label     = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)`)
	grouping  = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^)]*)\)`)
	durations = regexp.MustCompile(`\[[0-9a-z:]+\]`)
	word      = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	histogram = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// words of the language that the rules use; another one has to be added here.
var promQL = []string{
	"sum", "max", "min", "by", "and", "or", "unless", "rate", "increase", "delta", "abs", "histogram_quantile",
}

// faultsOf names what an expression asks for and no server has. It reads the
// few forms that the rules use, not the whole language.
func faultsOf(expr string, metrics map[string]metric) []string {
	var faults []string
	if strings.Count(expr, "(") != strings.Count(expr, ")") {
		faults = append(faults, "a bracket is missing")
	}
	plain := quoted.ReplaceAllString(expr, `""`)
	known := func(name string) (metric, bool) {
		if m, ok := metrics[name]; ok {
			return m, true
		}
		m, ok := metrics[histogram.ReplaceAllString(name, "")]
		return m, ok || name == "up"
	}
	// What the scrape itself adds, and what a histogram has.
	labels := []string{"job", "instance", "le"}
	for _, m := range matcher.FindAllStringSubmatch(plain, -1) {
		of, _ := known(m[1])
		for _, l := range label.FindAllStringSubmatch(m[2], -1) {
			edge := l[1] == "le" && strings.HasSuffix(m[1], "_bucket")
			if !edge && !slices.Contains(append([]string{"job", "instance"}, of.labels...), l[1]) {
				faults = append(faults, m[1]+" has no label "+l[1])
			}
		}
	}
	bare := durations.ReplaceAllString(matcher.ReplaceAllString(plain, "$1"), "")
	found := false
	for _, name := range word.FindAllString(grouping.ReplaceAllString(bare, ""), -1) {
		if slices.Contains(promQL, name) {
			continue
		}
		m, ok := known(name)
		if !ok {
			faults = append(faults, "there is no metric "+name)
		}
		found, labels = true, append(labels, m.labels...)
	}
	if !found {
		faults = append(faults, "it asks for nothing")
	}
	for _, g := range grouping.FindAllStringSubmatch(bare, -1) {
		for _, l := range word.FindAllString(g[1], -1) {
			if !slices.Contains(labels, l) {
				faults = append(faults, "nothing in it has the label "+l)
			}
		}
	}
	return faults
}

func TestFaultsOfFindsThem(t *testing.T) {
	metrics := map[string]metric{"hotline_a": {labels: []string{"fault"}}, "hotline_s": {}}
	for _, c := range []struct {
		name, expr string
		want       []string
	}{
		{"all is there", `max by (fault) (hotline_a{fault=~"x|y"}) > 1`, nil},
		{"a histogram", `sum by (le) (rate(hotline_s_bucket[5m])) * 60`, nil},
		{"no such metric", `sum(hotline_b) > 0`, []string{"there is no metric hotline_b"}},
		{"no such label", `hotline_a{falt="x"}`, []string{"hotline_a has no label falt"}},
		{"no such group", `max by (reason) (hotline_a)`, []string{"nothing in it has the label reason"}},
		{"no metric", `max(1)`, []string{"it asks for nothing"}},
		{"an open bracket", `max(hotline_a`, []string{"a bracket is missing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, faultsOf(c.expr, metrics)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestEveryMetricIsInTheManual holds both ways, names and labels.
func TestEveryMetricIsInTheManual(t *testing.T) {
	manual := map[string][]string{}
	row := regexp.MustCompile("(?m)^\\| `(hotline_[a-z_]+)` \\|([^|]*)\\| (.+) \\|$")
	for _, m := range row.FindAllStringSubmatch(readFile(t, "docs/operate.md"), -1) {
		manual[m[1]] = strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' })
	}
	program := map[string][]string{}
	for name, m := range registered(t) {
		if m.help == "" {
			t.Errorf("%s has no help", name)
		}
		if strings.HasPrefix(name, "hotline_") {
			program[name] = append([]string{}, m.labels...)
		}
	}
	if diff := cmp.Diff(program, manual); diff != "" {
		t.Errorf("-program +manual:\n%s", diff)
	}
}

// TestUnitIsHardened looks for the lines that keep an intruder small, and asks
// systemd where it is installed.
func TestUnitIsHardened(t *testing.T) {
	unit := readFile(t, "deploy/systemd/hotline.service")
	for _, line := range []string{
		"DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes",
		"MemoryDenyWriteExecute=yes", "RestrictAddressFamilies=AF_INET AF_INET6", "CapabilityBoundingSet=", "SystemCallFilter=@system-service",
		"LoadCredential=key:/etc/hotline/key", "LimitCORE=0", "UMask=0077", "StateDirectory=hotline", "StateDirectoryMode=0700",
	} {
		if !slices.Contains(strings.Split(unit, "\n"), line) {
			t.Errorf("the unit lacks %s", line)
		}
	}
	var set []string
	for _, m := range regexp.MustCompile(`(?m)^Environment=(HOTLINE_\S+)`).FindAllStringSubmatch(unit, -1) {
		set = append(set, m[1])
	}
	if _, err := configs.Load("", set); err != nil || len(set) == 0 {
		t.Errorf("the unit sets %q: %v", set, err)
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Fatal("systemd-analyze is not installed: apt-get install -y systemd")
	}
	// verify looks for the program itself, which is not installed here.
	file := filepath.Join(t.TempDir(), "hotline.service")
	unit = regexp.MustCompile(`(?m)^Documentation=.*\n`).ReplaceAllString(strings.ReplaceAll(unit, "/usr/local/bin/hotline", "/bin/true"), "")
	if err := os.WriteFile(file, []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", file).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	// From 0, nothing is exposed, to 100; today it is 12.
	if out, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=true", "--threshold=15", file).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}

type compose struct {
	Services map[string]struct {
		Image       string            `yaml:"image"`
		Command     []string          `yaml:"command"`
		Environment map[string]string `yaml:"environment"`
		Networks    []string          `yaml:"networks"`
		Ports       []string          `yaml:"ports"`
		Volumes     []string          `yaml:"volumes"`
		ReadOnly    bool              `yaml:"read_only"`
	} `yaml:"services"`
	Volumes map[string]any `yaml:"volumes"`
}

// TestComposeFilesAreSafe reads both variants: how many of each there are, how
// Redis keeps data, and that every setting of the hotline exists.
func TestComposeFilesAreSafe(t *testing.T) {
	for _, c := range []struct {
		file  string
		want  map[string]int
		redis []string
	}{
		{"compose.yaml", map[string]int{"redis": 1, "hotline": 1}, nil},
		{
			"deploy/compose-ha.yaml",
			map[string]int{"redis": 3, "sentinel": 3, "hotline": 2, "balancer": 1},
			[]string{"--min-replicas-to-write 1", "--min-replicas-max-lag 10"},
		},
	} {
		t.Run(c.file, func(t *testing.T) {
			var f compose
			if err := yaml.Load([]byte(readFile(t, c.file)), &f); err != nil {
				t.Fatal(err)
			}
			got, first, journals := map[string]int{}, []string{}, []string(nil)
			for name, s := range f.Services {
				kind := strings.TrimRight(name, "0123456789")
				got[kind]++
				line := strings.Join(s.Command, " ")
				for _, v := range s.Volumes {
					if from, _, _ := strings.Cut(v, ":"); !strings.HasPrefix(from, ".") && !slices.Contains(slices.Collect(maps.Keys(f.Volumes)), from) {
						t.Errorf("%s: there is no volume %s", name, from)
					}
				}
				switch kind {
				case "redis":
					for _, want := range append(c.redis, "--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction", "--aof-load-truncated no") {
						if !strings.Contains(line, want) {
							t.Errorf("%s lacks %s", name, want)
						}
					}
					if len(s.Volumes) != 1 || len(s.Ports) > 0 {
						t.Errorf("%s: volumes %q, ports %q; want one, none", name, s.Volumes, s.Ports)
					}
					first = append(first, s.Environment["FIRST"])
				case "sentinel":
					if !strings.Contains(line, "sentinel monitor hotline redis1 6379 2") {
						t.Errorf("%s watches something else", name)
					}
				case "hotline":
					checkHotline(t, name, s.Environment)
					if len(s.Volumes) != 1 || !strings.HasSuffix(s.Volumes[0], ":/var/lib/hotline") || slices.Contains(journals, s.Volumes[0]) {
						t.Errorf("%s: volumes %q; want one for its journal alone", name, s.Volumes)
					}
					journals = append(journals, s.Volumes...)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if slices.Sort(first); len(first) == 3 && !slices.Equal(first, []string{"", "replicaof redis1 6379", "replicaof redis1 6379"}) {
				t.Errorf("at first the servers are %q, want one master and two replicas of it", first)
			}
		})
	}
}

func checkHotline(t *testing.T, name string, environment map[string]string) {
	t.Helper()
	var set []string
	for k, v := range environment {
		set = append(set, k+"="+v)
	}
	cfg, err := configs.Load("", set)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if !strings.HasPrefix(cfg.Journal.Dir, "/var/lib/hotline/") {
		t.Errorf("%s: its journal is in %q, not in its volume", name, cfg.Journal.Dir)
	}
	if cfg.Redis.Weak != "refuse" || cfg.KeyFile == "" || len(cfg.Redis.Addresses) == 0 {
		t.Errorf("%s: weak %q, key %q, Redis %q", name, cfg.Redis.Weak, cfg.KeyFile, cfg.Redis.Addresses)
	}
	if cfg.Redis.Master != "" && (len(cfg.Redis.Addresses) != 3 || cfg.Redis.WaitReplicas < 1) {
		t.Errorf("%s: with Sentinel it asks %q and waits for %d replicas", name, cfg.Redis.Addresses, cfg.Redis.WaitReplicas)
	}
}

// TestBalancerAsksForReadiness: a hotline that cannot work gets no callers.
func TestBalancerAsksForReadiness(t *testing.T) {
	cfg := readFile(t, "deploy/haproxy.cfg")
	for _, want := range []string{"option httpchk GET /readyz", "http-check expect status 200", "port 9090", "hotline1:8080", "hotline2:8080", "option forwardfor"} {
		if !strings.Contains(cfg, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	if regexp.MustCompile(`(?m)^\s*(log|option httplog)\b`).MatchString(cfg) {
		t.Error("it logs requests")
	}
}
