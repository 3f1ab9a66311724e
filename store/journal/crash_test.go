package journal_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"hotline/store/journal"
)

// child is the environment variable that makes the test binary the process that
// is killed: the directory of its journal.
const child = "JOURNAL_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(child); dir != "" {
		writeUntilKilled(dir, os.Args[len(os.Args)-1])
		return
	}
	os.Exit(m.Run())
}

// writeUntilKilled appends from eight goroutines and prints the name of each
// record once it is acknowledged.
func writeUntilKilled(dir, run string) {
	o := options(dir)
	o.Segment = 20_000
	j, _, err := journal.Open(o)
	if err != nil {
		fmt.Println("open:", err)
		return
	}
	var mu sync.Mutex
	for w := range 8 {
		go func() {
			for n := 0; ; n++ {
				r := record(n)
				r.Body = fmt.Appendf(nil, "%s/%d/%d", run, w, n)
				if err := j.Append(context.Background(), r); err != nil {
					fmt.Println("append:", err)
					return
				}
				mu.Lock()
				fmt.Println(string(r.Body))
				mu.Unlock()
				if n%16 == 15 && w == 0 {
					if _, err := j.Compact(context.Background()); err != nil {
						fmt.Println("compact:", err)
					}
				}
			}
		}()
	}
	select {}
}

// TestKilledProcessKeepsEveryAcknowledgedRecord kills a writing process at random
// moments, again and again on the same journal. JOURNAL_KILLS=1000 does it in full.
func TestKilledProcessKeepsEveryAcknowledgedRecord(t *testing.T) {
	kills := 25
	if s := os.Getenv("JOURNAL_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(3, 4))
	acknowledged := map[string]bool{}
	for n := range kills {
		for _, name := range killed(t, dir, n, 1+rnd.IntN(300)) {
			acknowledged[name] = true
		}
		if n%50 == 49 || n == kills-1 {
			checkAll(t, dir, acknowledged)
		}
	}
	if len(acknowledged) < kills {
		t.Errorf("only %d records were acknowledged in %d lives: this tests nothing", len(acknowledged), kills)
	}
	t.Logf("%d kills, %d acknowledged records, all there", kills, len(acknowledged))
}

// killed lets a child write until it has acknowledged some records, kills it
// wherever it is, and returns all that it acknowledged.
func killed(t *testing.T, dir string, run, after int) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], strconv.Itoa(run))
	cmd.Env = append(os.Environ(), child+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var names []string
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break // half a line was not told to anybody
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(line, ":") {
			t.Errorf("run %d: %s", run, line)
		}
		names = append(names, strings.TrimSuffix(line, "\n"))
		if len(names) == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait()
	return names
}

func checkAll(t *testing.T, dir string, acknowledged map[string]bool) {
	t.Helper()
	have := map[string]bool{}
	for _, b := range bodies(t, dir) {
		have[b] = true
	}
	for name := range acknowledged {
		if !have[name] {
			t.Fatalf("record %s was acknowledged and is not there", name)
		}
	}
	if r := verify(t, dir); !r.OK() {
		t.Fatalf("faults: %v", r.Faults)
	}
}
