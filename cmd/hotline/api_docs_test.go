package main

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	"hotline/flows/access"
)

// TestTheAPIPageWorks runs the tested commands of docs/api.md, in their order,
// against the real program.
func TestTheAPIPageWorks(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("curl is not installed: apt-get install -y curl")
	}
	b := newBureau(t)
	for i, c := range matrixCases {
		b.file(i, c.ref, c.change)
	}
	server := httptest.NewServer(b.echo)
	t.Cleanup(server.Close)
	token := b.token("desk", nil, access.Grantable(access.Supervisor)...)
	blocks := testedBlock.FindAllStringSubmatch(readFile(t, "docs/api.md"), -1)
	if len(blocks) < 5 {
		t.Fatalf("the page has %d tested blocks", len(blocks))
	}
	for _, m := range blocks {
		c := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", m[1])
		c.Env = append(os.Environ(), "HOTLINE="+server.URL, "TOKEN="+token)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s%s", err, m[1], out)
		}
	}
}
