package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// codeOfDeeds finds every place of the program that writes a deed down: the function,
// and the kind.
func codeOfDeeds(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	eachFunc(t, func(name string, f *ast.FuncDecl) {
		for _, kind := range kindsIn(f) {
			found[name+" "+kind] = true
		}
	})
	return found
}

// eachFunc reads all functions of the program, without its tests.
func eachFunc(t *testing.T, each func(name string, f *ast.FuncDecl)) {
	t.Helper()
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				each(folder+" "+nameOf(f), f)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// kindsIn are the kinds that a function gives a deed, or hands to what writes one.
func kindsIn(f *ast.FuncDecl) (kinds []string) {
	add := func(e ast.Expr) {
		if s, ok := e.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "flows" && strings.HasPrefix(s.Sel.Name, "Deed") && s.Sel.Name != "DeedKind" && s.Sel.Name != "DeedKinds" {
				kinds = append(kinds, strings.TrimPrefix(s.Sel.Name, "Deed"))
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			add(n.Value)
		case *ast.CallExpr:
			for _, a := range n.Args {
				add(a)
			}
		case *ast.AssignStmt:
			for _, a := range n.Rhs {
				add(a)
			}
		}
		return true
	})
	return kinds
}

// nameOf is Type.Method, or the name of a function.
func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	of := f.Recv.List[0].Type
	if p, ok := of.(*ast.StarExpr); ok {
		of = p.X
	}
	if g, ok := of.(*ast.IndexExpr); ok { // of any type
		of = g.X
	}
	if g, ok := of.(*ast.IndexListExpr); ok {
		of = g.X
	}
	return of.(*ast.Ident).Name + "." + f.Name.Name
}

// doors are where the program opens what is sealed, and why that needs no deed, or
// where its deed is written.
var doors = map[string]string{
	"flows/access Guard.unseal":      "writes the deed first",
	"flows/access Guard.openField":   "below Export, which writes the deed first",
	"flows/record Service.unseal":    "below Read, which tells Opened first, and below what the writer of the form enters",
	"flows/dialog step.join":         "the parts of one text of a reporter, read by the machine while they arrive",
	"flows/account Desk.useCode":     "the secret of a telephone app, no text",
	"flows/account Desk.Enrolling":   "the same",
	"flows/account Desk.Confirm":     "the same",
	"cmd/hotline lastPapers.restore": "papers of the hotline, no text",
	"cmd/hotline lastTurns.add":      "remembered replies, for whoever asks again",
	"cmd/hotline openers.OpenUnder":  "the keys of several processes, for papers and turns",
	"store/vault Vault.Open":         "the lock itself",
	"store/vault Vault.OpenNote":     "remembered replies, for whoever asks again",
	"store/vault/relay Relay.Phone":  "for the sender alone, see TestTheReportersNumberIsForTheSenderAlone",
}

// TestEveryDoorToSealedTextIsKnown finds who opens what is sealed. A new door fails
// until somebody has said here where its deed is written.
func TestEveryDoorToSealedTextIsKnown(t *testing.T) {
	found := map[string]bool{}
	eachFunc(t, func(name string, f *ast.FuncDecl) {
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if s, ok := call.Fun.(*ast.SelectorExpr); ok && len(call.Args) == 4 && (s.Sel.Name == "Open" || s.Sel.Name == "OpenUnder") {
					found[name] = true
				}
			}
			return true
		})
	})
	if diff := gocmp.Diff(slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(doors))); diff != "" {
		t.Errorf("who opens - and who is known to +\n%s", diff)
	}
}
