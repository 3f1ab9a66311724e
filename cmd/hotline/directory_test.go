package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/store"
)

// command runs a command with what is typed into it and returns its exit code
// and what it printed.
func command(t *testing.T, typed string, environ []string, args ...string) (int, string, string) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, streams{in: strings.NewReader(typed), out: &out, err: &errs, environ: environ})
	return code, out.String(), errs.String()
}

// sampleFolder is the sample province in a folder that the test may change.
func sampleFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	sample, err := fs.Sub(configs.Files, "sample")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, sample); err != nil {
		t.Fatal(err)
	}
	return dir
}

// installed is a Redis with the sample province imported, and how commands
// reach it.
func installed(t *testing.T) (*store.Store, []string) {
	t.Helper()
	server, err := newRedisServer(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := server.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.kill)
	environ := []string{"HOTLINE_REDIS_ADDRESSES=" + server.addr}
	if code, out, errs := command(t, "", environ, "directory", "import", sampleFolder(t)); code != 0 || !strings.Contains(out, "in place of \"\"") {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	cfg, err := configs.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	st, err := openRedis(cfg.Redis, zap.NewNop())(t.Context(), store.Options{Partitions: cfg.Redis.Partitions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st, environ
}

func directoryOf(t *testing.T, st *store.Store) flows.Directory {
	t.Helper()
	d, err := st.Directory(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDirectoryImportOfListsKeepsThePeople(t *testing.T) {
	st, environ := installed(t)
	before := directoryOf(t, st)
	dir := sampleFolder(t)
	list := filepath.Join(dir, "places.csv")
	data, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	grown := string(data) + "99999,Xóm Thử,,,25,Tỉnh Phú Thọ,Xã,2025-07-01,,,,\n"

	put(t, list, grown+"9999,Sai,,,25,Tỉnh Phú Thọ,Làng,2025-07-01,,,,\n")
	code, out, errs := command(t, "", environ, "directory", "import", "--places", list)
	if line := strings.Count(grown, "\n") + 1; code != 1 || !strings.Contains(errs, fmt.Sprintf("places.csv:%d: code", line)) || out != "" {
		t.Errorf("exit code %d, faults of line %d:\n%s%s", code, line, out, errs)
	}
	// The people of Mai Châu cannot stay without it.
	put(t, list, without(grown, "05200,"))
	if code, _, errs = command(t, "", environ, "directory", "import", "--places", list); code != 1 || !strings.Contains(errs, "05200@2025-07-01 is not in the directory") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	put(t, list, grown)
	if code, out, _ = command(t, "", environ, "directory", "import", "--dry-run", "--places", list); code != 0 || !strings.Contains(out, "places: 1 added, 0 removed, 0 changed") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if diff := cmp.Diff(directoryOf(t, st).Version, before.Version); diff != "" {
		t.Errorf("faults or a dry run changed the directory: %s", diff)
	}
	if code, out, errs = command(t, "", environ, "directory", "import", "--places", list); code != 0 || !strings.Contains(out, "people and rota:") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	after := directoryOf(t, st)
	if diff := cmp.Diff(after, before, cmpopts.IgnoreFields(flows.Directory{}, "Version", "Places"), cmp.Comparer(samePhone)); diff != "" {
		t.Errorf("more than the places changed (-got +want):\n%s", diff)
	}
	if len(after.Places) != len(before.Places)+1 || after.Version == before.Version {
		t.Errorf("%d places after %d, version %s", len(after.Places), len(before.Places), after.Version)
	}
}

// TestDirectoryImportOfTheOfficialLists is the nation before and after July 2025.
func TestDirectoryImportOfTheOfficialLists(t *testing.T) {
	old, now, mapping := official("communes_pre2025_national.csv"), official("communes_2025_national.csv"), official("map_hoa_binh_2025.csv")
	if _, err := os.Stat(old); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the official lists are not at hand")
	}
	st, environ := installed(t)
	begun := realTime()
	code, out, errs := command(t, "", environ, "directory", "import", "--places", now, "--places", old, "--mapping", mapping)
	took := realTime().Sub(begun)
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, errs)
	}
	t.Logf("%s in %s", strings.TrimSpace(out), took.Round(time.Millisecond))
	if n := len(directoryOf(t, st).Places); n < 10_035+3_321 {
		t.Errorf("%d places", n)
	}
	if took > time.Minute { // 2 s where nothing else runs
		t.Errorf("the import took %s", took)
	}
}

func TestDirectoryImportWantsAFolderOrLists(t *testing.T) {
	for _, args := range [][]string{{}, {"../../configs/sample", "--places", "../../configs/sample/places.csv"}} {
		if code, _, errs := command(t, "", nil, append([]string{"directory", "import"}, args...)...); code != 1 || !strings.Contains(errs, "either a folder or lists") {
			t.Errorf("%q: exit code %d, %s", args, code, errs)
		}
	}
}

// official is one of the official lists, which lie beside the repository.
func official(name string) string { return filepath.Join("..", "..", "..", "shared", "data", name) }

func samePhone(a, b flows.Phone) bool { return a == b }

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// without is a text without the lines that begin so.
func without(text, begin string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, begin) {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestDirectoryCheckNamesEveryFault(t *testing.T) {
	dir := sampleFolder(t)
	if code, out, errs := command(t, "", nil, "directory", "check", dir); code != 0 || out != "46 places, 31 successions, 81 members, 81 shifts, 3 overrides: no faults\n" {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	put(t, filepath.Join(dir, "rota.csv"), "place,level,member,days,from,to\n05200@2025-07-01,1,nobody,mon-sun,00:00,00:00\n")
	put(t, filepath.Join(dir, "places.csv"), "code,name,province_code,province_name,type\n5200,Mai Châu,25,Tỉnh Phú Thọ,Xã\n")
	code, out, errs := command(t, "", nil, "directory", "check", dir)
	if code != 1 || out != "" || !strings.Contains(errs, `places.csv:2: code "5200"`) || !strings.Contains(errs, "rota.csv:2: ") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}

func TestDirectoryFindPrintsALineForEach(t *testing.T) {
	list := filepath.Join(t.TempDir(), "list.csv")
	put(t, list, "code,name,province_code,province_name,type\n00001,Tân Lập,25,Tỉnh Phú Thọ,Xã\n00002,Tân Hòa,25,Tỉnh Phú Thọ,Xã\n")
	for _, c := range []struct {
		name, typed string
		args        []string
		want        []string
	}{
		{"in the sample province", "mai chau\nnowhere at all\n", nil, []string{`{"text":"mai chau","code":"05200"`, `{"text":"nowhere at all","none":true`}},
		{"in a list", "xa tan hoa\nTan Lapp\n", []string{"--places", list}, []string{`"code":"00002"`, `{"text":"Tan Lapp",`}},
		{"on a day before the list", "tan hoa\n", []string{"--places", list, "--day", "2020-01-01"}, []string{`"none":true`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := command(t, c.typed, nil, append([]string{"directory", "find"}, c.args...)...)
			lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
			if code != 0 || len(lines) != len(c.want) {
				t.Fatalf("exit code %d\n%s%s", code, out, errs)
			}
			for i, want := range c.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("got %s, want %s", lines[i], want)
				}
			}
		})
	}
	if code, _, errs := command(t, "", nil, "directory", "find", "--day", "tomorrow"); code != 1 || !strings.Contains(errs, "expected YYYY-MM-DD") {
		t.Errorf("exit code %d, %s", code, errs)
	}
}

func TestDirectoryImportLetsOnlyProvenPhonesCount(t *testing.T) {
	st, environ := installed(t)
	dir := sampleFolder(t)
	file := filepath.Join(dir, "members.csv")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// The head of Mai Châu is not vouched for any more, but their phone counts
	// already; the chair has a new one.
	text := strings.Replace(string(data), "2,+84900000102,vi,yes", "2,+84900000102,vi,", 1)
	text = strings.Replace(text, "3,+84900000103,vi,yes", "3,+84900000777,vi,", 1)
	put(t, file, text)
	code, out, errs := command(t, "", environ, "directory", "import", "--dry-run", dir)
	if want := "members without a verified phone, who get no alerts until they send back their code: 1 (mai-chau-chair)"; code != 0 || !strings.Contains(out, want) || strings.Contains(out, "+84") {
		t.Errorf("exit code %d, want %q in\n%s%s", code, want, out, errs)
	}
	if code, out, errs = command(t, "", environ, "directory", "import", dir); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	counts := func(id flows.MemberID) int {
		d := directoryOf(t, st)
		return len(d.Members[slices.IndexFunc(d.Members, func(m flows.Member) bool { return m.ID == id })].Phones)
	}
	if counts("mai-chau-head") != 1 || counts("mai-chau-chair") != 0 {
		t.Errorf("phones that count: head %d, chair %d; want 1 and 0", counts("mai-chau-head"), counts("mai-chau-chair"))
	}
	exported := filepath.Join(t.TempDir(), "out")
	if code, out, errs = command(t, "", environ, "directory", "export", exported); code != 0 || strings.Contains(out, "+84") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if code, _, _ = command(t, "", environ, "directory", "export", exported); code == 0 {
		t.Error("an export writes over files")
	}
	if info, err := os.Stat(filepath.Join(exported, "members.csv")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the exported numbers: %v, %v", info.Mode(), err)
	}
	if code, out, errs = command(t, "", environ, "directory", "import", "--verified", dir); code != 0 || counts("mai-chau-chair") != 1 {
		t.Errorf("vouched for: exit code %d\n%s%s", code, out, errs)
	}
}
