package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
	"hotline/flows/escalation/roster"
	"hotline/handlers/console"
)

// TestEverythingToAnswerForIsWrittenDown goes once through everything in the program
// that writes a deed down: pages, API, sign-in, loops, start, and the commands of the
// server's shell. Each must be in the journal and on the auditor's page with who, why
// and from where. A place of the code that is not driven here fails the test.
func TestEverythingToAnswerForIsWrittenDown(t *testing.T) {
	v := newArchive(t)
	said := func(c *flows.Case) {
		words, err := v.vault.Seal(t.Context(), c.ID, "text/1", []byte(sealedWords))
		if err != nil {
			t.Fatal(err)
		}
		c.Texts = []flows.Sealed{{Field: "text/1", Data: words}}
	}
	v.file(0, "PAN3", said)
	v.file(1, "HTH4", func(c *flows.Case) {
		said(c)
		c.Status, c.Holder, c.Taken = flows.StatusTaken, "mai-chau-head", c.Opened
	})
	v.file(2, "FAR4", said)
	driven := map[string]bool{}
	for _, e := range v.everything() {
		driven[e.where] = true
		before := len(v.all())
		e.do()
		list := v.all()
		if !slices.ContainsFunc(list, e.says) {
			t.Errorf("%s: %s by %q from %q is not in the journal; new there: %+v", e.where, e.what, e.who, e.from, list[before:])
		}
	}
	if diff := gocmp.Diff(slices.Sorted(maps.Keys(codeOfDeeds(t))), slices.Sorted(maps.Keys(driven))); diff != "" {
		t.Errorf("what the code writes down - and what is driven here +\n%s", diff)
	}
	list := v.all()
	v.eachKind(list)
	v.readByTheAuditor(list)
	v.nobodyChangesIt(v.all())
	t.Logf("%d places of the code, %d deeds, %d kinds", len(driven), len(list), len(flows.DeedKinds()))
}

// archive is an office on a real Redis in which everything is done once that
// somebody must answer for.
type archive struct {
	*office
	kept    *keptApp
	environ []string
	dir     string // for the files of commands
}

func newArchive(t *testing.T) *archive {
	t.Helper()
	live := console.NewLive()
	k := newKeptApp(t, func(p *parts) { p.changed = live.Committed })
	v := &archive{kept: k, office: openOffice(t, k.app, live), dir: t.TempDir()}
	v.environ = []string{
		"HOTLINE_REDIS_ADDRESSES=" + k.redis.Addr, "HOTLINE_REDIS_PARTITIONS=4",
		"HOTLINE_JOURNAL_DIR=" + k.cfg.Journal.Dir, "HOTLINE_KEY_FILE=" + k.cfg.KeyFile,
	}
	return v
}

// shell runs a command on the archive's own settings.
func (v *archive) shell(args ...string) {
	v.t.Helper()
	if code, out, errs := command(v.t, "", v.environ, args...); code != 0 {
		v.t.Errorf("hotline %s exits with %d: %s%s", strings.Join(args, " "), code, out, errs)
	}
	v.ledger.collect(v.t.Context())
}

// why is what people at the shell say for themselves here.
const why = "nửa năm một lần"

// audited is one place of the program that writes a deed down, as codeOfDeeds names
// it, what drives it, and what the audit must then say.
type audited struct {
	where string
	who   string // of the deed; empty: the hotline itself
	what  string // how it begins
	from  string // how it begins
	do    func()
}

// everything is in the order in which it is done.
func (v *archive) everything() []audited {
	ctx, t := v.t.Context(), v.t
	shell := string(atShell(v.environ))
	page := func(who, method, path string, form url.Values) func() {
		return func() {
			if status, _, _ := v.ask(who, method, path, form); status >= 400 && status != http.StatusForbidden {
				t.Errorf("%s %s: got %d", method, path, status)
			}
		}
	}
	words := url.Values{"why": {"để đến thăm cháu"}}
	used := func(ref flows.Ref, verb access.Verb) func() {
		return func() { v.post("desk", "/requests/"+v.agreed(ref, verb)+"/use", nil) }
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	desk, here := v.accounts(), account.Caller{Address: "x"}
	signed := func(who string) account.SignedIn {
		in, err := desk.Whose(ctx, v.cookies[who], false)
		must(err)
		return in
	}
	subject := account.Subject{Issuer: "https://id.example.org", Name: "an"}
	var secret string // of a program
	ids, officers := officersOf(t, v.dir, "An", "Binh")
	escrow, half, again := filepath.Join(v.dir, "escrow"), filepath.Join(v.dir, "half"), filepath.Join(v.dir, "again")
	keeper, err := age.GenerateX25519Identity()
	must(err)
	identity, copied := filepath.Join(v.dir, "keeper.id"), filepath.Join(v.dir, "journal.age")
	must(os.WriteFile(identity, []byte(keeper.String()+"\n"), 0o600))
	back := filepath.Join(v.dir, "back")
	return []audited{
		{"flows/access Guard.Words Read", "mai-chau-head", "1 texts", "console ", page("head", "POST", "/cases/HTH4/words", words)},
		{"cmd/hotline app.record Read", "mai-chau-head", "form 01", "console ", page("head", "GET", "/cases/HTH4/forms/01", nil)},
		{"flows/access Guard.Reveal Reveal", "desk-1", "1 texts", "console ", used("PAN3", access.Reveal)},
		{"flows/access Guard.Export Export", "desk-1", "1 texts", "console ", used("PAN3", access.Export)},
		{"flows/access Pairs.save Request", "desk-2", "export agreed", "console ", func() {}}, // above
		{"flows/access Guard.May Denied", "auditor", "see", "console ", page("auditor", "GET", "/board", nil)},
		{"handlers/console Console.taken Export", "desk-1", "response-times.csv", "console ", page("desk", "GET", "/times.csv", nil)},
		{"handlers/console Console.taken Export", "desk-1", "response-times.xlsx", "console ", page("desk", "GET", "/times.xlsx", nil)},
		{"handlers/console Console.taken Export", "desk-1", "response-times.json", "console ", page("desk", "GET", "/times.json", nil)},
		{"handlers/console Console.taken Export", "desk-1", "report-", "console ", page("desk", "GET", "/report.pdf", nil)},
		{"handlers/console Console.taken Export", "desk-1", "report-", "console ", page("desk", "GET", "/report.xlsx", nil)},
		{"handlers/console Console.workloadCSV Export", "desk-1", "workload", "console ", page("desk", "GET", "/workload.csv", nil)},
		{"handlers/console Console.exportDirectory Export", "operator", "directory members", "console ", page("operator", "GET", "/directory/files/members.csv", nil)},
		{"handlers/console Console.proveMember Directory", "desk-1", "phone code of mai-chau-head", "console ", page("desk", "POST", "/directory/code", url.Values{"member": {"mai-chau-head"}, "digits": {"000000"}})},
		{"handlers/console Console.resendCode Directory", "desk-1", "phone code of mai-chau-head", "console ", page("desk", "POST", "/directory/resend", url.Values{"member": {"mai-chau-head"}})},
		{"handlers/console Console.startDrill Drill", "desk-1", "drill of communes", "console ", page("desk", "POST", "/drills", nil)},
		{"cmd/hotline app.rotaChanged Rota", "desk-1", "version ", "console ", page("desk", "POST", "/duty", url.Values{
			"place": {maiChau}, "level": {"1"}, "member": {"mai-chau-duty-1"}, "from": {"2031-01-01T08:00"}, "to": {"2031-01-01T20:00"},
		})},
		{"handlers/console Console.confirmImport Directory", "operator", "version ", "console ", func() { v.importPage(t) }},
		{"flows/account Desk.NewToken Account", "desk-1", "make token", "console ", func() {
			made, err := desk.NewToken(ctx, signed("desk"), account.Token{Name: "x", Verbs: []access.Verb{access.See}, Until: v.now().Add(time.Hour)}, v.code("desk"), here)
			must(err)
			secret = made
		}},
		{"handlers/api API.primeroCase Export", "desk-1", "case for Primero", "api ", func() { v.program(secret, "/api/v1/cases/PAN3/primero") }},
		{"flows/account Desk.RevokeToken Account", "desk-1", "revoke token", "console ", func() {
			must(desk.RevokeToken(ctx, signed("desk").Who, strings.Split(secret, "_")[1]))
		}},
		{"flows/account Desk.Enter Denied", "duty", "sign in", "console", func() { _, _ = desk.Enter(ctx, "duty", "không phải mật khẩu", here) }},
		{"flows/account Desk.Finish Denied", "mai-chau-duty-1", "sign in", "console ", func() {
			half, err := desk.Enter(ctx, "duty", "ban lac co 12 mai nha", here)
			must(err)
			_, _, _ = desk.Finish(ctx, half, "000000", here)
		}},
		{"flows/account Desk.within Account", "mai-chau-duty-1", "sign in", "console ", func() {}}, // signUp
		{"flows/account Desk.make Account", "mai-chau-duty-1", "make account", "console ", func() {}},
		{"flows/account Desk.Connect Account", "mai-chau-duty-2", "connect with", "console ", func() { must(desk.Connect(ctx, signed("duty-2"), subject)) }},
		{"flows/account Desk.Vouched Denied", "", "sign in", "console", func() { _, _ = desk.Vouched(ctx, account.Subject{Issuer: "x", Name: "y"}, here) }},
		{"flows/account Desk.ChangePassword Account", "mai-chau-duty-2", "change the password", "console ", func() {
			must(desk.ChangePassword(ctx, signed("duty-2"), "ban lac co 12 mai nha", "mot mat khau khac han 7", here))
		}},
		{"flows/account Desk.Recover Account", "mai-chau-chair", "draw recovery codes", "console ", func() {
			_, err := desk.Recover(ctx, signed("chair"), v.code("chair"), here)
			must(err)
		}},
		{"flows/account Desk.Invite Account", "desk-1", "invite ", "console ", page("desk", "POST", "/accounts", url.Values{"for": {"mai-chau-police"}})},
		{"flows/account Desk.Close Account", "desk-1", "close account duty-2", "console ", page("desk", "POST", "/accounts/duty-2/close", nil)},
		{"flows/account Desk.End Account", "committee", "sign out", "console ", page("committee", "POST", "/signout", nil)},

		{"cmd/hotline escrowCmd.Run Key", shell, "escrow for An, Binh", "shell ", func() { v.shell(append([]string{"keys", "escrow", escrow, "--why", why}, officers...)...) }},
		{"cmd/hotline drillKeys.Run Drill", shell, "escrow escrow", "shell ", func() { v.shell("keys", "drill", escrow, "-i", ids[0], "-i", ids[1], "--why", why) }},
		{"cmd/hotline halfCmd.Run Key", shell, "first half of escrow", "shell ", func() { v.shell("keys", "half", escrow, half, "-i", ids[0], "--why", why) }},
		{"cmd/hotline recoverCmd.Run Key", shell, "key made anew from the escrow", "shell ", func() { v.shell("keys", "recover", half, again, "-i", ids[1], "--why", why) }},
		{"cmd/hotline backupMakeCmd.Run Backup", shell, "backup of the journal", "shell ", func() { v.shell("backup", "make", copied, "--to", keeper.Recipient().String(), "--why", why) }},
		{"cmd/hotline backupCheckCmd.Run Drill", shell, "read to its end the backup", "shell ", func() { v.shell("backup", "check", copied, "-i", identity, "--why", why) }},
		{"cmd/hotline backupRestoreCmd.Run Backup", shell, "took apart the backup", "shell ", func() {
			v.shell("backup", "restore", copied, "-i", identity, "--into", back, "--why", why)
			v.inTray(filepath.Join(back, "journal"), func(d flows.Deed) error { return v.ledger.Audit(ctx, d) })
		}},
		{"cmd/hotline adminInviteCmd.Run Account", shell, "invite auditor", "shell ", func() { v.shell("admin", "invite", "--role", "auditor", "--why", why) }},
		{"cmd/hotline dirExportCmd.Run Export", shell, "members with their numbers", "shell ", func() { v.shell("directory", "export", filepath.Join(v.dir, "people"), "--why", why) }},
		{"cmd/hotline drillStartCmd.Run Drill", shell, "drill of communes 1", "shell ", func() {
			v.kept.pass(time.Hour) // the drill before is over
			must(v.clerk.Tick(ctx, v.now()))
			v.shell("drill", "start", "--place", "05200", "--why", why)
		}},
		{"cmd/hotline dirImportCmd.replace Directory", shell, "version ", "shell ", func() { v.shell("directory", "import", sampleFolder(t), "--why", why) }},
		{"cmd/hotline app.followOnce Directory", "", "version ", "directory import", func() { must(v.followOnce(ctx)) }},

		{"flows/access Guard.SetHold Hold", "desk-2", "set", "console ", func() {
			v.closes("PAN3")
			v.post("desk-2", "/cases/PAN3/hold", url.Values{"what": {"set"}, "why": {"QĐ 12/2026/TA"}})
			v.post("desk-2", "/cases/PAN3/hold", url.Values{"what": {"lift"}, "why": {"hết hiệu lực"}})
		}},
		{"flows/access Guard.Destroy Purge", "desk-1", "texts", "console ", used("PAN3", access.Delete)},
		{"flows/retention Worker.first Purge", "", "texts", "retention", func() {
			v.closes("HTH4")
			v.kept.pass(v.cfg.Retention.Text + time.Hour)
			_, err := v.purges.Tick(ctx, v.now())
			must(err)
		}},
		{"cmd/hotline safe.forget Purge", "", "number", "retention", func() { must(v.safe.forget(ctx, v.now(), v.ledger)) }},
		{"cmd/hotline safe.advance Key", "", "epoch ", "retention", func() { must(v.safe.advance(ctx, v.now(), nil, v.ledger)) }},
		{"cmd/hotline adminRotateCmd.Run Key", shell, "new key in front of", "shell ", func() { v.shell("admin", "rotate", v.cfg.KeyFile, "--why", why) }},
		{"cmd/hotline app.noteSettings Config", shell, "all settings", "start ", func() { v.auditSettings(ctx, configs.Files) }},
		{"cmd/hotline app.noteSettings Config", shell, "settings bundle, key in use", "start ", func() { v.reopen(t, ctx) }},
		{"cmd/hotline safe.rewrap Key", "", "", "rotation", func() { must(v.safe.advance(ctx, v.now(), nil, v.ledger)) }},
		{"cmd/hotline journalRestoreCmd.Run Backup", shell, "restore of Redis", "shell ", func() { v.ledger.collect(ctx) }}, // above, while it was down
	}
}

// closes ends a case.
func (v *archive) closes(ref flows.Ref) {
	v.t.Helper()
	c, err := v.store.CaseByRef(v.t.Context(), ref)
	if err != nil {
		v.t.Fatal(err)
	}
	v.kept.end(v.t, c.ID)
}

// code is a recovery code of somebody, which is good once.
func (v *archive) code(who string) string {
	c := v.codes[who][0]
	v.codes[who] = v.codes[who][1:]
	return c
}

// program asks as a token does.
func (v *archive) program(token, path string) {
	v.t.Helper()
	status, body := v.bearer(token, path)
	if status != http.StatusOK {
		v.t.Errorf("GET %s: got %d %s", path, status, body)
	}
}

// bearer is a request of a program with a token.
func (v *archive) bearer(token, path string) (int, string) {
	r := httptest.NewRequestWithContext(v.t.Context(), http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	v.echo.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// importPage replaces the members of the directory, as the page of it does.
func (v *archive) importPage(t *testing.T) {
	t.Helper()
	d, err := v.store.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := roster.Write(&file, d, roster.KindMembers); err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(file.String(), "Vì Thu Sơn", "Vì Thu Sơn Hà", 1)
	form := url.Values{"members.csv": {base64.StdEncoding.EncodeToString([]byte(changed))}, "from": {d.Version}}
	if note, _ := v.post("operator", "/directory/import", form); note != "imported" {
		t.Errorf("an import says %s", note)
	}
}

// inTray looks for the one deed beside a journal that nobody has opened yet.
func (v *archive) inTray(journal string, taken func(flows.Deed) error) {
	v.t.Helper()
	if n, damaged, err := trayOf(journal).take(taken); n != 1 || damaged != 0 || err != nil {
		v.t.Errorf("beside %s lie %d deeds, %d damaged, %v", journal, n, damaged, err)
	}
}

// reopen is a start with a changed setting, and with the key that was put in front.
func (v *archive) reopen(t *testing.T, ctx context.Context) {
	t.Helper()
	live := console.NewLive()
	p := parts{cfg: v.cfg, log: zap.NewNop(), now: v.now, data: v.data, send: nowhere{}, changed: live.Committed}
	p.cfg.Bundle += time.Second
	v.app.close()
	if code, out, errs := command(t, "", v.environ, "journal", "restore", "--why", why); code != 0 {
		t.Errorf("hotline journal restore exits with %d: %s%s", code, out, errs)
	}
	a, err := openApp(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	if err := a.dir.refresh(ctx); err != nil {
		t.Fatal(err)
	}
	v.kept.app, v.office = a, serveOffice(t, a, live)
	v.auditSettings(ctx, configs.Files)
}
