package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// english are words that no page in Vietnamese shows: small ones that stand in
// every sentence, and those of the program's own states and errors.
var english = regexp.MustCompile(`(?i)\b(and|or|the|for|asked|agreed|refused|make|made|again|typed|started|token|version|danger|of|from|with|without|more|line|unknown|expected|missing|not|is|are|was|nobody|somebody|failed|error|taken|open|closed|case|member|place|level|days?|hours?|minutes?|weeks?|months?|page|next|previous|search|show|save|send|cancel|delete|urgent|normal|sent|delivered)\b`)

// ours are names that are not words of a sentence: products, files, formats and
// what stands in the files of an import.
var ours = regexp.MustCompile(`\b[a-z_]+\.(csv|pdf|xlsx|json|yaml)\b|\bhotline [a-z]+( [a-z]+)*|\b[a-z-]+-(duty|head|chair)(-\d)?\b`)

// TestNoEnglishIsLeftOnAVietnamesePage reads every page, what an import says, and
// what is said of a deed, and looks at what people see and hear: texts, and the
// names that only screen readers say.
func TestNoEnglishIsLeftOnAVietnamesePage(t *testing.T) {
	o := newOffice(t)
	for i, c := range matrixCases {
		o.file(i, c.ref, c.change)
	}
	o.busy()
	for _, p := range append(o.pages(), o.states()...) {
		if len(p.Files) > 0 {
			continue // what an import says has a test of its own, see handlers/console
		}
		join := "?"
		if strings.Contains(p.Path, "?") {
			join = "&"
		}
		_, body, header := o.ask(p.Who, http.MethodGet, p.Path+join+"lang=vi", nil)
		if !strings.HasPrefix(header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: no page: %s", p.Path, header.Get("Content-Type"))
			continue
		}
		for _, found := range leftovers(t, body) {
			t.Errorf("%s as %q: %s", p.Path, p.Who, found)
		}
	}
	for _, name := range []string{"report", "resume", "status", "advice", "responder"} {
		_, body, _ := o.ask("desk", http.MethodGet, "/settings/flow/"+name+".svg?lang=vi", nil)
		for _, found := range regexp.MustCompile(`\band \d+ more\b|>Flow `).FindAllString(body, -1) {
			t.Errorf("the picture of %s: %s", name, found)
		}
	}
}

// TestTheSearchForEnglishFindsSome: it would be worth nothing if it found none.
func TestTheSearchForEnglishFindsSome(t *testing.T) {
	found := leftovers(t, `<html lang="vi"><body><p>Còn lại and 4 more</p><img alt="unknown"><p lang="en">and more</p><code>not</code><script>is</script><p>Tệp members.csv</p></body></html>`)
	if len(found) != 2 {
		t.Errorf("found %q", found)
	}
}

// leftovers are the English words in what a page says. What is marked as another
// language, code and what was typed is passed over.
func leftovers(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	look := func(text string) {
		if w := english.FindString(ours.ReplaceAllString(text, "")); w != "" {
			found = append(found, fmt.Sprintf("%q in %q", w, strings.Join(strings.Fields(text), " ")))
		}
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			look(n.Data)
		}
		if n.Type == html.ElementNode {
			switch n.Data {
			case "script", "style", "code", "pre":
				return
			}
			for _, a := range n.Attr {
				switch a.Key {
				case "lang":
					if a.Val != "vi" {
						return
					}
				case "alt", "aria-label", "title", "placeholder", "data-text", "data-none", "data-some":
					look(a.Val)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return found
}
