package main

import (
	"cmp"
	"fmt"
	"html"
	"os"
	"regexp"
	"slices"
	"strings"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
)

// deeds are all that the journal holds, the earliest first.
func (v *archive) all() []flows.Deed {
	v.t.Helper()
	list, whole, err := v.deeds.Deeds(v.t.Context(), flows.DeedFilter{})
	if err != nil || !whole {
		v.t.Fatalf("the audit: whole %v, %v", whole, err)
	}
	slices.SortFunc(list, func(a, b flows.Deed) int { return cmp.Compare(a.Seq, b.Seq) })
	return list
}

// says reports whether a deed is the one that was driven.
func (a audited) says(d flows.Deed) bool {
	return "Deed"+a.kind() == kindName(d.Kind) && string(d.Who) == a.who && strings.HasPrefix(d.What, a.what) && strings.HasPrefix(d.From, a.from)
}

func (a audited) kind() string { return a.where[strings.LastIndex(a.where, " ")+1:] }

// kindName is the name of a kind in the program.
func kindName(k flows.DeedKind) string {
	return "Deed" + strings.ToUpper(string(k[:1])) + string(k[1:])
}

// eachKind holds the list of kinds against the vocabulary and against what was done,
// and every deed against what a deed must say.
func (v *archive) eachKind(list []flows.Deed) {
	v.t.Helper()
	seen := map[flows.DeedKind]bool{}
	itself := []string{"retention", "rotation", "directory import"}
	for _, d := range list {
		seen[d.Kind] = true
		nobody := d.Who == "" && !slices.Contains(itself, d.From) && !(d.Kind == flows.DeedDenied && d.What == "sign in")
		if nobody || d.What == "" || d.Why == "" || d.From == "" || d.At.IsZero() {
			v.t.Errorf("a deed says too little: %+v", d)
		}
	}
	source, err := os.ReadFile("../../flows/deed.go")
	if err != nil {
		v.t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`DeedKind += "([a-z]+)"`).FindAllSubmatch(source, -1) {
		k := flows.DeedKind(m[1])
		if !slices.Contains(flows.DeedKinds(), k) || !seen[k] {
			v.t.Errorf("nobody did anything of the kind %s, or the auditor cannot look for it", k)
		}
	}
}

var (
	auditRow  = regexp.MustCompile(`(?s)<tr><td><time.*?</tr>`)
	auditSeq  = regexp.MustCompile(`(\d+)</small></td>`)
	auditCell = regexp.MustCompile(`(?s)<t[dh][^>]*>(.*?)</t[dh]>`)
	markup    = regexp.MustCompile(`<[^>]*>`)
)

// readByTheAuditor reads the audit page by page, in both languages, and looks for
// every deed on it.
func (v *archive) readByTheAuditor(list []flows.Deed) {
	v.t.Helper()
	v.cookies["reader"] = v.signUp("reader", account.Invitation{Role: access.Auditor})
	for _, lang := range []string{"vi", "en"} {
		rows := map[string][]string{}
		for n := 1; n <= len(list)/50+2; n++ {
			_, page, _ := v.ask("reader", "GET", fmt.Sprintf("/audit?lang=%s&page=%d", lang, n), nil)
			if strings.Contains(page, `role="alert"`) {
				v.t.Fatal("the page says that the journal was changed")
			}
			for _, row := range auditRow.FindAllString(page, -1) {
				var cells []string
				for _, c := range auditCell.FindAllStringSubmatch(row, -1) {
					cells = append(cells, strings.TrimSpace(html.UnescapeString(markup.ReplaceAllString(c[1], ""))))
				}
				rows[auditSeq.FindStringSubmatch(row)[1]] = cells
			}
		}
		for _, d := range list {
			cells := rows[fmt.Sprint(d.Seq)]
			if len(cells) != 6 {
				v.t.Errorf("%s: the auditor does not find %+v", lang, d)
				continue
			}
			who := cells[1]
			if d.Who != "" && !strings.Contains(who, string(d.Who)) || who == "" || cells[2] == "" || cells[3] == "" || cells[4] == "" || cells[5] == "" {
				v.t.Errorf("%s: of %+v the auditor reads %q", lang, d, cells)
			}
		}
	}
}
