package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hotline/flows"
	"hotline/flows/account"
	"hotline/store/journal"
)

// nobodyChangesIt tries every route with every method as one of each role, then what
// commands there are. What was written down must stand as it did. Then it is changed by
// hand, every deed once, where it lies: each time that is found.
func (v *archive) nobodyChangesIt(list []flows.Deed) {
	v.t.Helper()
	people := map[string]account.Invitation{"reader": {}}
	for _, who := range []string{"desk", "head", "committee", "operator"} {
		name := who + "-again"
		people[name] = matrixPeople[who]
		v.cookies[name] = v.signUp(name, matrixPeople[who])
	}
	tried := 0
	for _, r := range v.echo.Routes() {
		path := strings.NewReplacer(":ref", "PAN3", ":form", "01", ":name", "nobody", ":id", "none", ":deed", "delete", "*", "x").Replace(r.Path)
		if path == "/signout" || strings.HasPrefix(path, "/account/sessions") || strings.HasPrefix(path, "/assets") {
			continue // they must stay signed in
		}
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			for who := range people {
				tried++
				v.ask(who, method, path, url.Values{"kind": {"read"}, "seq": {"1"}, "delete": {"1"}})
			}
		}
	}
	v.stillStands("any route", list)
	v.changedByHand(v.kept.cfg.Journal.Dir, list, true)
	v.app.close()
	for _, args := range [][]string{{"journal", "verify"}, {"journal", "compact"}, {"journal", "verify"}, {"journal", "restore"}} {
		if code, out, errs := command(v.t, "", v.environ, args...); code != 0 {
			v.t.Errorf("hotline %s exits with %d: %s%s", strings.Join(args, " "), code, out, errs)
		}
	}
	v.stillStands("any command", list)
	v.changedByHand(v.kept.cfg.Journal.Dir, list, false)
	v.t.Logf("%d requests that might change the audit", tried)
}

// stillStands compares what the audit said with what it says.
func (v *archive) stillStands(after string, list []flows.Deed) {
	v.t.Helper()
	// A snapshot counts its records anew.
	place := cmpopts.IgnoreFields(flows.Deed{}, "Seq")
	now := v.all()
	if diff := gocmp.Diff(list, now[:min(len(list), len(now))], place); diff != "" {
		v.t.Errorf("after %s the audit differs: %s", after, diff)
	}
}

// changedByHand puts another letter into every deed in turn, in the files.
func (v *archive) changedByHand(dir string, list []flows.Deed, served bool) {
	v.t.Helper()
	files := map[string][]byte{}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		v.t.Fatal(err)
	}
	for _, name := range names {
		if data, err := os.ReadFile(name); err == nil {
			files[name] = data
		}
	}
	found := 0
	for i, d := range list {
		body, err := json.Marshal(d)
		if err != nil {
			v.t.Fatal(err)
		}
		for name, data := range files {
			at := bytes.Index(data, body)
			if at < 0 {
				continue
			}
			found++
			forged := bytes.Clone(data)
			forged[at+len(body)/2] ^= 1
			if err := os.WriteFile(name, forged, 0o600); err != nil {
				v.t.Fatal(err)
			}
			if r, err := journal.Verify(v.t.Context(), dir, v.ledger.key, nil); err != nil || r.OK() {
				v.t.Errorf("%s: deed %d was changed by hand and nothing shows it, %v", filepath.Base(name), d.Seq, err)
			}
			if i == 0 {
				v.shown(served)
			}
			if err := os.WriteFile(name, data, 0o600); err != nil {
				v.t.Fatal(err)
			}
		}
	}
	if found < len(list) {
		v.t.Errorf("only %d of %d deeds were found in the files", found, len(list))
	}
}

// shown looks at what people see of a journal that somebody has changed.
func (v *archive) shown(served bool) {
	v.t.Helper()
	if code, out, _ := command(v.t, "", v.environ, "journal", "verify"); code != 1 || !strings.Contains(out, "record") {
		v.t.Errorf("hotline journal verify exits with %d and says %s", code, out)
	}
	if served {
		if _, page, _ := v.ask("reader", "GET", "/audit", nil); !strings.Contains(page, `class="note bad" role="alert"`) {
			v.t.Error("the auditor's page does not say that the journal was changed")
		}
	}
}
