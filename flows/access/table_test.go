package access_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows/access"
)

var update = flag.Bool("update", false, "write docs/access.md")

// TestTheTableForLawyers compares docs/access.md with the table that decides: what
// a lawyer reads is what the program does.
func TestTheTableForLawyers(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Who may do what to which case

Made from the table by which the program decides (` + "`flows/access/rules.go`" + `); a test holds the two together. Renew it with
` + "`go test ./flows/access -run Lawyers -update`" + `.

Before the table: whoever is party to a case, or whose office it is about, neither sees it nor does anything to it, whatever their
role. A case that somebody may not see is to them as if it were not there. Every refusal is written into the audit.

`)
	b.WriteString("| may |")
	for _, r := range access.Roles() {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(access.Roles())) + "\n")
	for _, v := range access.Verbs() {
		if v.Meaning() == "" {
			t.Errorf("%s has no meaning in words", v)
		}
		fmt.Fprintf(&b, "| **%s**: %s |", v, v.Meaning())
		for _, r := range access.Roles() {
			s := access.Rules()[v][r]
			if s.Meaning() == "" {
				t.Errorf("scope %s has no meaning in words", s)
			}
			fmt.Fprintf(&b, " %s |", s.Meaning())
		}
		b.WriteString("\n")
	}
	path := filepath.Join("..", "..", "docs", "access.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), b.String()); diff != "" {
		t.Errorf("docs/access.md is not the table, file - table +\n%s", diff)
	}
}
