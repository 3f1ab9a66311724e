package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/store/loopback"
	"hotline/store/vault"
)

// benchProgram is which program a benchmark runs in processes of its own.
type benchProgram struct {
	Binary string `help:"The program; this one without it." hidden:"" type:"path"`
}

// benchJournal is a journal as a hotline left it, with the key of it, and how to
// run the program on it.
type benchJournal struct {
	binary, dir string
	environ     []string
}

// journaled makes a folder with the journal of a hotline that had so many cases.
func (b benchProgram) journaled(ctx context.Context, p *benchPart, cases, changes int) (benchJournal, func(), error) {
	binary := b.Binary
	if binary == "" {
		var err error
		if binary, err = os.Executable(); err != nil {
			return benchJournal{}, nil, fmt.Errorf("find this program: %w", err)
		}
	}
	dir, remove, err := tempDir()
	if err != nil {
		return benchJournal{}, nil, err
	}
	j := benchJournal{binary: binary, dir: dir}
	cfg, err := configs.Load("", nil)
	if err == nil {
		cfg.KeyFile, cfg.Journal.Dir = filepath.Join(dir, "key"), filepath.Join(dir, "journal")
		j.environ = []string{
			"HOTLINE_KEY_FILE=" + cfg.KeyFile, "HOTLINE_JOURNAL_DIR=" + cfg.Journal.Dir,
			"HOTLINE_AFRICASTALKING_TOKEN=bench", "HOTLINE_LOG_LEVEL=error",
		}
		err = errors.Join(vault.NewKeyFile(cfg.KeyFile), writeJournal(ctx, p, cfg, cases, changes))
	}
	if err != nil {
		remove()
		return benchJournal{}, nil, err
	}
	return j, remove, nil
}

// writeJournal leaves a journal behind as a hotline that had these cases would.
func writeJournal(ctx context.Context, p *benchPart, cfg configs.Config, cases, changes int) error {
	d, err := loadData(configs.Files)
	if err != nil {
		return err
	}
	a, err := openApp(ctx, parts{cfg: cfg, log: zap.NewNop(), now: realTime, data: d, send: nowhere{}})
	if err != nil {
		return err
	}
	defer a.close()
	random := newRandom()
	wait := func(context.Context) error { return nil }
	for n := range cases {
		if n%1000 == 0 {
			p.bar.show("writing a journal", n, cases)
			if err := a.ledger.Flush(ctx); err != nil {
				return err
			}
		}
		ch, err := bornCase(random, realTime().Truncate(time.Millisecond), n%a.store.Partitions(), a.store.Partitions(), 0)
		if err != nil {
			return err
		}
		for step := 1; step <= changes; step++ {
			ch.Case.Version = int64(step)
			wait = a.ledger.Keep(ch)
			ch = lived(ch.Case, step)
		}
	}
	return errors.Join(wait(ctx), a.ledger.Flush(ctx))
}

// benchProcess is the program at work.
type benchProcess struct {
	cmd    *exec.Cmd
	ended  chan error
	said   bytes.Buffer
	killed bool
}

// begin runs a command of the program. More settings are added to its own.
func (j benchJournal) begin(args ...string) (*benchProcess, error) {
	s := &benchProcess{cmd: exec.CommandContext(context.Background(), j.binary, args...), ended: make(chan error, 1)} //nolint:gosec // our own binary
	s.cmd.Env = append(os.Environ(), j.environ...)
	s.cmd.Stdout, s.cmd.Stderr = &s.said, &s.said
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start hotline: %w", err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return s, nil
}

// serve starts a server and returns when it is ready, with how long that took.
func (j benchJournal) serve(ctx context.Context) (*benchProcess, time.Duration, error) {
	public, err := loopback.FreeAddress(ctx)
	if err != nil {
		return nil, 0, err
	}
	internal, err := loopback.FreeAddress(ctx)
	if err != nil {
		return nil, 0, err
	}
	j.environ = append(append([]string{}, j.environ...), "HOTLINE_LISTEN="+public, "HOTLINE_INTERNAL_LISTEN="+internal)
	begun := realTime()
	s, err := j.begin("serve")
	if err != nil {
		return nil, 0, err
	}
	took, err := ready(ctx, "http://"+internal+"/readyz", begun, s.ended)
	if err != nil {
		_ = s.cmd.Process.Kill()
		return nil, 0, errors.Join(err, errors.New(strings.TrimSpace(s.said.String())))
	}
	return s, took, nil
}

// end waits for a command that ends by itself.
func (s *benchProcess) end() error {
	if err := <-s.ended; err != nil {
		return fmt.Errorf("hotline %s: %w: %s", strings.Join(s.cmd.Args[1:], " "), err, strings.TrimSpace(s.said.String()))
	}
	return nil
}

// stop asks a server to end.
func (s *benchProcess) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop hotline serve: %w", err)
	}
	return s.end()
}

// kill ends a server as a power cut would.
func (s *benchProcess) kill() error {
	s.killed = true
	if err := s.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill hotline serve: %w", err)
	}
	if err := <-s.ended; err == nil {
		return errors.New("kill hotline serve: it had ended by itself")
	}
	return nil
}

// processor is what an ended process used of all cores.
func (s *benchProcess) processor() time.Duration {
	return s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
}

// memory is the most an ended process held, in MB.
func (s *benchProcess) memory() float64 {
	usage, ok := s.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	unit := cmp.Or(map[string]float64{"darwin": 1}[runtime.GOOS], 1024.)
	return float64(usage.Maxrss) * unit / 1e6
}

// ready asks until the answer is yes.
func ready(ctx context.Context, url string, begun time.Time, ended <-chan error) (time.Duration, error) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return 0, fmt.Errorf("ask whether it is ready: %w", err)
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return realTime().Sub(begun), nil
			}
		}
		select {
		case err := <-ended:
			return 0, fmt.Errorf("it ended before it was ready: %w", err)
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-tick.C:
		}
	}
}
