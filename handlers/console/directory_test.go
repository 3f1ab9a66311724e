package console_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/engine"
	"hotline/flows/escalation/duty"
	"hotline/flows/fault"
	"hotline/handlers/console"
)

// registry is a store of one directory, and the clerk who proves phones.
type registry struct {
	flows.Directory
	replaced int
	proved   []string
	again    []flows.MemberID
	moved    bool // somebody else replaces it at the same moment
}

func (r *registry) take(_ context.Context, from string, d flows.Directory) error {
	if r.moved || from != r.Version {
		return flows.ErrConflict
	}
	r.Directory = d
	r.replaced++
	return nil
}

// shelf is the registry as the console reads it.
type shelf struct{ *registry }

// Directory is the one in use.
func (s shelf) Directory(context.Context) (flows.Directory, error) { return s.registry.Directory, nil }

// ReplaceDirectory puts another one in its place.
func (s shelf) ReplaceDirectory(ctx context.Context, from string, d flows.Directory) error {
	return s.take(ctx, from, d)
}

// ProveFor knows one code.
func (s shelf) ProveFor(_ context.Context, id flows.MemberID, mark, digits string) (bool, error) {
	s.proved = append(s.proved, string(id)+" "+mark)
	return digits == "4821", nil
}

// Resend notes for whom.
func (s shelf) Resend(_ context.Context, id flows.MemberID) error {
	s.again = append(s.again, id)
	return nil
}

func withDirectory(t *testing.T) (*registry, func(*console.Options)) {
	t.Helper()
	d, err := directory.Read(configs.Files, "sample")
	if err != nil {
		t.Fatal(err)
	}
	r := &registry{Directory: d}
	return r, func(o *console.Options) {
		o.Directory, o.Prover = shelf{r}, shelf{r}
		o.Member = func(id flows.MemberID) (flows.Member, bool) {
			if m, ok := member(id); ok {
				return m, true
			}
			i := slices.IndexFunc(r.Members, func(m flows.Member) bool { return m.ID == id })
			if i < 0 {
				return flows.Member{}, false
			}
			return r.Members[i], true
		}
	}
}

// send posts files as a form does.
func (w *town) send(t *testing.T, path string, files map[string]string) (int, string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, content := range files {
		part, err := form.CreateFormFile("files", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(content))
	}
	_ = form.Close()
	if !strings.Contains(path, "?") {
		path += "?lang=en"
	}
	q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, &b)
	q.Header.Set("Content-Type", form.FormDataContentType())
	rec := httptest.NewRecorder()
	w.echo.ServeHTTP(rec, q)
	return rec.Code, rec.Body.String()
}

// csvOf is one of the directory's own files.
func csvOf(t *testing.T, w *town, name string) string {
	t.Helper()
	status, body, _ := w.get(t, "/directory/files/"+name)
	if status != http.StatusOK {
		t.Fatalf("%s: status %d", name, status)
	}
	return body
}

var fullNumber = regexp.MustCompile(`\+84[0-9]{9}`)

func TestDirectoryShowsMembersAndWhatGroupsLack(t *testing.T) {
	r, with := withDirectory(t)
	head := slices.IndexFunc(r.Members, func(m flows.Member) bool { return m.ID == "mai-chau-head" })
	r.Members = slices.Delete(slices.Clone(r.Members), head, head+1)
	w := newTown(t, false, with)
	status, page, _ := w.get(t, "/directory?lang=en&q=mai+chau")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	has(t, page, "posts lack somebody", "Mai Châu</b></a> · has nobody at:", "verified", `aria-current="page">Directory`)
	if n := fullNumber.FindString(page); n != "" {
		t.Error("a page shows a whole number")
	}
	if strings.Contains(page, "console.directory") || strings.Contains(page, "{n}") {
		t.Error("a text is missing")
	}
	_, page, _ = w.get(t, "/directory?lang=vi&q=khong-co-ai")
	has(t, page, "Không có ai như vậy")
}

func TestDirectoryComesInPages(t *testing.T) {
	r, with := withDirectory(t)
	one := r.Members[0]
	for i := range 120 {
		m := one
		m.ID, m.Name, m.Phones, m.Unproven = flows.MemberID("extra-"+string(rune('a'+i%26))+string(rune('a'+i/26))), "Người Thêm", nil, nil
		r.Members = append(r.Members, m)
	}
	w := newTown(t, false, with)
	_, page, _ := w.get(t, "/directory?lang=en&q=nguoi+them")
	has(t, page, "120 people", "page=2")
	if n := strings.Count(page, `<th scope="row">Người Thêm`); n != 50 {
		t.Errorf("%d on the first page", n)
	}
	_, page, _ = w.get(t, "/directory?lang=en&q=nguoi+them&page=3")
	if n := strings.Count(page, `<th scope="row">Người Thêm`); n != 20 || strings.Contains(page, "page=4") {
		t.Errorf("%d on the last page", n)
	}
}

// TestNobodyFindsOutWhoseANumberIs: a search looks at no number.
func TestNobodyFindsOutWhoseANumberIs(t *testing.T) {
	r, with := withDirectory(t)
	w := newTown(t, false, with)
	_, page, _ := w.get(t, "/directory?lang=en&q="+url.QueryEscape(r.Members[0].Phones[0].E164()[5:]))
	has(t, page, "0 people")
}

func TestImportShowsWhatChangesAndThenDoesIt(t *testing.T) {
	r, with := withDirectory(t)
	w := newTown(t, false, with)
	file := csvOf(t, w, "members.csv")
	lines := strings.Split(strings.TrimSpace(file), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "mai-chau-duty") })
	columns := strings.Split(lines[at], ",")
	columns[0], columns[1], columns[5], columns[8] = "new-one", "Người Mới", "+84960000001", ""
	before := len(r.Members)
	status, page := w.send(t, "/directory/preview", map[string]string{"members.csv": file + strings.Join(columns, ",") + "\n"})
	if status != http.StatusOK || r.replaced != 0 {
		t.Fatalf("status %d, replaced %d: %s", status, r.replaced, page)
	}
	has(t, page, "1 added: new-one", "Confirm and replace")
	data := regexp.MustCompile(`name="members.csv" value="([^"]+)"`).FindStringSubmatch(page)
	from := regexp.MustCompile(`name="from" value="([^"]+)"`).FindStringSubmatch(page)
	if data == nil || from == nil {
		t.Fatal("the page brings nothing back")
	}
	form := url.Values{"members.csv": {strings.ReplaceAll(data[1], "&#43;", "+")}, "from": {from[1]}}
	if status, _ := w.post(t, "/directory/import", form); status != http.StatusSeeOther || r.replaced != 1 || len(r.Members) != before+1 {
		t.Fatalf("status %d, replaced %d, %d members", status, r.replaced, len(r.Members))
	}
	if !slices.ContainsFunc(w.deeds, func(d flows.Deed) bool { return d.Kind == flows.DeedDirectory && d.Who == "m3" }) {
		t.Errorf("nobody answers for it: %+v", w.deeds)
	}
	// The same form again meets another directory than the one it was shown for.
	if w.post(t, "/directory/import", form); r.replaced != 1 {
		t.Error("an old form was carried out")
	}
}

// TestImportWithABadLineChangesNothing: every bad line is named, at once.
func TestImportWithABadLineChangesNothing(t *testing.T) {
	r, with := withDirectory(t)
	w := newTown(t, false, with)
	file := csvOf(t, w, "members.csv") + "bad-one,Ai,duty member,nowhere,1,+84960000002,,yes,,,\nbad-two,Ai,duty member,province,9,12,,yes,,,\n"
	status, page := w.send(t, "/directory/preview", map[string]string{"members.csv": file})
	n := strings.Count(strings.TrimSpace(file), "\n") + 1
	if status != http.StatusUnprocessableEntity || r.replaced != 0 || strings.Contains(page, "Confirm and replace") {
		t.Fatalf("status %d", status)
	}
	for _, line := range []int{n - 1, n} {
		has(t, page, "members.csv, line "+strconv.Itoa(line)+": ")
	}
	if fullNumber.MatchString(page) {
		t.Error("a fault shows a whole number")
	}
}

// TestFaultsOfAnImportAreToldInTheReadersLanguage: in Vietnamese nothing of the
// English of the commands is left, but for columns and values of the files.
func TestFaultsOfAnImportAreToldInTheReadersLanguage(t *testing.T) {
	_, with := withDirectory(t)
	w := newTown(t, false, with)
	for name, c := range map[string]struct{ file, text, want string }{
		"a member of no place":    {"members.csv", csvOf(t, w, "members.csv") + "bad-one,Ai,duty member,nowhere,1,+84960000002,,yes,,,\n", `: place: cần mã địa danh hoặc`},
		"a level of the province": {"members.csv", csvOf(t, w, "members.csv") + "bad-one,Ai,officer,05200,4,+84960000002,,yes,,,\n", `người bad-one: cấp 4 thuộc tỉnh, nhưng ghi địa danh 05200@2025-07-01`},
		"a rota of nobody":        {"rota.csv", "place,level,member,days,from,to\n04891,1,nobody,mon-sun,00:00,24:00\n", `rota.csv, dòng 2: member: `},
		"another file":            {"accounts.csv", "id\n", "accounts.csv: tên tệp phải là một trong places.csv"},
		"an empty list of places": {"places.csv", "", "places.csv, dòng 1: tệp trống"},
		"a date that is none":     {"places.csv", "code,name,province_code,province_name,type,from\n05200,A,25,Phú Thọ,Xã,1/7/2025\n", "cần ngày như 2025-07-01"},
	} {
		status, page := w.send(t, "/directory/preview?lang=vi", map[string]string{c.file: c.text})
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, status)
		}
		has(t, page, c.want)
		for _, word := range []string{" line ", " and ", "expected", " want ", "missing", " not ", "belongs", "[csv"} {
			if strings.Contains(page, word) {
				t.Errorf("%s: %q is left in the page", name, word)
			}
		}
	}
}

// TestThePagesAndTheCommandsSayTheSameOfAFault, and every kind is said in both
// languages.
func TestThePagesAndTheCommandsSayTheSameOfAFault(t *testing.T) {
	texts, err := engine.LoadTexts(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	for kind, english := range fault.Kinds() {
		if got := texts["en"]["console.csv."+kind]; got != english {
			t.Errorf("%s: the page says %q, the command %q", kind, got, english)
		}
		if vi := texts["vi"]["console.csv."+kind]; vi == "" || vi == english && kind != string(fault.Other) {
			t.Errorf("%s: in Vietnamese %q", kind, vi)
		}
	}
}

func TestExportIsWhatImportTakesBack(t *testing.T) {
	r, with := withDirectory(t)
	w := newTown(t, false, with)
	files := map[string][]byte{}
	for _, name := range []string{"members.csv", "rota.csv", "overrides.csv"} {
		files[name] = []byte(csvOf(t, w, name))
	}
	d, err := directory.Update(r.Directory, files)
	if err != nil || len(d.Members) != len(r.Members) || len(d.Shifts) != len(r.Shifts) {
		t.Fatalf("%v", err)
	}
	if n := len(w.deeds); n != 3 || w.deeds[0].Kind != flows.DeedExport {
		t.Errorf("%d deeds: %+v", n, w.deeds)
	}
	if status, _, _ := w.get(t, "/directory/files/accounts.csv"); status != http.StatusNotFound {
		t.Errorf("a file that there is not: %d", status)
	}
}

func TestACodeThatWasHeardIsTyped(t *testing.T) {
	r, with := withDirectory(t)
	w := newTown(t, false, with)
	m := &r.Members[0]
	m.Unproven = []flows.Unproven{{Phone: m.Phones[0]}}
	m.Phones = nil
	_, page, _ := w.get(t, "/directory?lang=en&q="+string(m.ID))
	has(t, page, "not verified", "Gets no alerts", `name="digits"`, "Send a code again")
	form := url.Values{"member": {string(m.ID)}, "mark": {duty.PhoneMark(m.Unproven[0].Phone)}, "digits": {"4821"}}
	if _, where := w.post(t, "/directory/code", form); !strings.Contains(where, "note=proven") {
		t.Errorf("went to %s", where)
	}
	form.Set("digits", "1111")
	if _, where := w.post(t, "/directory/code", form); !strings.Contains(where, "note=wrong") {
		t.Errorf("went to %s", where)
	}
	w.post(t, "/directory/resend", form)
	if len(r.proved) != 2 || len(r.again) != 1 || len(w.deeds) != 3 {
		t.Errorf("%v, %v, %d deeds", r.proved, r.again, len(w.deeds))
	}
	if _, where := w.post(t, "/directory/resend", url.Values{"member": {"nobody"}}); !strings.Contains(where, "note=wrong") || len(r.again) != 1 {
		t.Errorf("a member who is none: %s, %v", where, r.again)
	}
}

func TestDirectoryIsNotForTheCommune(t *testing.T) {
	_, with := withDirectory(t)
	w := newTown(t, false, with, as(nil, "m1"))
	for _, path := range []string{"/directory", "/directory/files/members.csv"} {
		if status, _, _ := w.get(t, path); status != http.StatusForbidden {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

// TestHealth: before the first look, calm, unwell, and too long ago.
func TestHealth(t *testing.T) {
	var h console.Health
	w := newTown(t, false, func(o *console.Options) { o.Health = func() console.Health { return h } })
	_, page, _ := w.get(t, "/health?lang=en")
	has(t, page, "It has not looked yet", `aria-current="page">Health`)
	h = console.Health{At: start, Every: 15 * time.Second, Open: 12, Parts: 64, Served: 64, Watched: true, Pinged: start, Skew: 3 * time.Millisecond}
	_, page, _ = w.get(t, "/health?lang=en")
	has(t, page, "All is well", "64 / 64", "each has a timer", "3 ms", "Nobody had to be texted")
	h.Unwell, h.Served = []string{"timer_overdue", "not_served"}, 60
	h.Found = []console.Finding{{Reason: "timer_overdue", N: 3, Late: 4 * time.Minute}, {Reason: "not_served", N: 4, Late: 2 * time.Minute}}
	h.Oldest, h.Dead, h.Deaf = 4*time.Minute, 2, "the watcher answers 500"
	h.Told = []console.Telling{{At: start, Reason: "timer_overdue", Reached: 2}}
	_, page, _ = w.get(t, "/health?lang=en")
	has(t, page, "2 things are wrong", "timers are late", "60 / 64", "4 min late", "2 messages given up", "the watcher does not answer", "2 people")
	h.Oldest, h.Waiting, h.Skew = 2*time.Hour+3*time.Minute+4*time.Second, 65*time.Second, -1200*time.Millisecond
	_, page, _ = w.get(t, "/health?lang=vi")
	has(t, page, "hẹn giờ bị trễ", "2 giờ 3 phút<", "1 phút 5 giây", "−1 giây")
	h.Unwell, h.At = nil, start.Add(-2*time.Minute)
	_, page, _ = w.get(t, "/health?lang=en")
	has(t, page, "The last look is too long ago")
	if strings.Contains(page, "console.health") || strings.Contains(page, "{n}") || strings.Contains(page, "unwell.") {
		t.Error("a text is missing")
	}
}
