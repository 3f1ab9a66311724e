package main_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport lists, for each package, the packages of ours that its code may use;
// tests may use more. An arrow that is not here does not exist.
var mayImport = map[string][]string{
	"configs":                      {},
	"docs":                         {},
	"flows":                        {},
	"flows/engine":                 {"flows"},
	"flows/escalation":             {"flows", "flows/fault"},
	"flows/escalation/roster":      {"flows", "flows/escalation", "flows/fault"},
	"flows/directory":              {"flows", "flows/escalation/roster", "flows/fault", "flows/places"},
	"flows/escalation/duty":        {"flows", "flows/escalation", "flows/sms"},
	"flows/escalation/ready":       {"flows", "flows/escalation/duty"},
	"flows/escalation/timing":      {"flows", "flows/escalation"},
	"flows/account":                {"flows", "flows/access"},
	"flows/access":                 {"flows", "flows/escalation", "flows/figures"},
	"flows/links":                  {"flows", "flows/escalation"},
	"flows/record":                 {"flows", "flows/escalation"},
	"flows/dispatch":               {"flows"},
	"flows/fault":                  {"flows"},
	"flows/places":                 {"flows", "flows/fault"},
	"flows/retention":              {"flows"},
	"flows/figures":                {"flows"},
	"flows/sms":                    {"flows"},
	"flows/transcript":             {"flows"},
	"flows/dialog":                 {"flows", "flows/engine", "flows/escalation", "flows/places", "flows/sms"},
	"store":                        {"flows", "store/record"},
	"store/journal":                {"flows", "store/record"},
	"store/journal/backup":         {},
	"store/record":                 {},
	"store/vault":                  {"flows"},
	"store/vault/relay":            {"flows", "store/vault"},
	"store/model":                  {},
	"store/loopback":               {},
	"store/storetest":              {"flows", "store", "store/loopback"},
	"handlers":                     {"flows", "handlers/*"},
	"handlers/africastalking":      {"flows", "handlers/wire"},
	"handlers/api":                 {"flows", "flows/access", "flows/account", "flows/dialog", "flows/escalation", "flows/escalation/duty", "flows/figures", "flows/record"},
	"handlers/authority":           {"flows/account"},
	"handlers/console":             {"flows", "flows/dialog", "flows/directory", "flows/fault", "flows/places", "flows/escalation/roster", "flows/escalation", "flows/escalation/duty", "flows/escalation/ready", "flows/access", "flows/account", "flows/figures", "flows/links", "flows/record", "handlers/print"},
	"handlers/console/browsertest": {},
	"handlers/gateway":             {"flows", "handlers/wire"},
	"handlers/handlertest":         {"flows", "handlers", "handlers/wire"},
	"handlers/hook":                {"flows"},
	"handlers/kannel":              {"flows", "handlers/wire"},
	"handlers/phones":              {"flows"},
	"handlers/print":               {},
	"handlers/twilio":              {"flows", "handlers/wire"},
	"handlers/wire":                {"flows"},
	"cmd/hotline":                  {"*"},
}

func TestImportsPointInward(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "hotline/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, "hotline/")
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("package %s is not in the list of packages", name)
		}
		for _, i := range p.Imports {
			if inner, ours := strings.CutPrefix(i, "hotline/"); ours && !allows(allowed, inner) {
				t.Errorf("%s imports %s", name, inner)
			}
		}
	}
}

func TestAllowsRefusesWhatIsNotListed(t *testing.T) {
	if allows(mayImport["flows/engine"], "store") || allows(mayImport["flows"], "flows/engine") || !allows(mayImport["cmd/hotline"], "store") {
		t.Error("the list lets through what it should not, or the reverse")
	}
}

func allows(list []string, name string) bool {
	return slices.ContainsFunc(list, func(a string) bool {
		prefix, wild := strings.CutSuffix(a, "*")
		return a == name || wild && strings.HasPrefix(name, prefix)
	})
}
