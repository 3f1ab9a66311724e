package handlertest

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"
)

// patience is how long a program of a test may take for one thing.
const patience = 30 * time.Second

// Operator is a mobile operator: an SMSC in a process of its own, which the npm
// library smpp speaks for. Kannel binds to it.
type Operator struct {
	Port string

	t      *testing.T
	folder string // of the script and its packages
	cmd    *exec.Cmd
	in     io.Writer
	ended  chan struct{} // closed when the process has said its last word

	mu    sync.Mutex
	heard []Heard
	fresh chan struct{} // closed and renewed with every event
}

// Heard is what the SMSC saw. Event is listening, bound or submit.
type Heard struct {
	Event, To, From, Text, Service, Session string
	Coding, Op                              int
}

// Handset is what a handset does: a text, or with Op one step of a USSD session.
// UDH and UCS2 are hexadecimal and stand for the text of one part of a long one.
type Handset struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Text    string `json:"text"`
	Op      *int   `json:"op,omitempty"`
	Session string `json:"session,omitempty"`
	UDH     string `json:"udh,omitempty"`
	UCS2    string `json:"ucs2,omitempty"`
}

// NewOperator starts an SMSC; folder is handlers/kannel as the test sees it. It
// ends with the test.
func NewOperator(t *testing.T, folder string) *Operator {
	t.Helper()
	o := &Operator{Port: FreePort(t), t: t, folder: folder + "/testdata/peer", fresh: make(chan struct{})}
	o.Start()
	t.Cleanup(o.Stop)
	return o
}

// Start starts it again after Stop, or after it ended by itself.
func (o *Operator) Start() {
	o.t.Helper()
	o.cmd = Node(o.t, o.folder, "smsc.js", o.Port)
	in, err1 := o.cmd.StdinPipe()
	out, err2 := o.cmd.StdoutPipe()
	o.cmd.Stderr = os.Stderr
	if err := o.cmd.Start(); err1 != nil || err2 != nil || err != nil {
		o.t.Fatal(err1, err2, err)
	}
	o.in, o.ended = in, make(chan struct{})
	go func(ended chan struct{}) {
		defer close(ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var h Heard
			if json.Unmarshal(lines.Bytes(), &h) == nil {
				o.hear(h)
			}
		}
	}(o.ended)
	o.Wait("listening")
}

func (o *Operator) hear(h Heard) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.heard = append(o.heard, h)
	close(o.fresh)
	o.fresh = make(chan struct{})
}

// Stop kills it.
func (o *Operator) Stop() {
	_ = o.cmd.Process.Kill()
	o.Ended()
}

// Ended waits until the process is gone.
func (o *Operator) Ended() {
	<-o.ended
	_ = o.cmd.Wait()
}

// Wait takes the next event of a kind.
func (o *Operator) Wait(event string) Heard {
	o.t.Helper()
	return o.WaitFor(event, func(h Heard) bool { return h.Event == event })
}

// Text takes the next text or screen to a number.
func (o *Operator) Text(to string) Heard {
	o.t.Helper()
	return o.WaitFor("a text", func(h Heard) bool { return h.Event == "submit" && h.To == to })
}

// WaitFor takes the first event that fits; the others stay. What it waits for is
// named by a word.
func (o *Operator) WaitFor(what string, fits func(Heard) bool) Heard {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), patience)
	defer cancel()
	for {
		o.mu.Lock()
		i, fresh := slices.IndexFunc(o.heard, fits), o.fresh
		if i >= 0 {
			h := o.heard[i]
			o.heard = slices.Delete(o.heard, i, i+1)
			o.mu.Unlock()
			return h
		}
		o.mu.Unlock()
		select {
		case <-fresh:
		case <-ctx.Done():
			o.t.Fatalf("the SMSC did not see %s within %s", what, patience)
		}
	}
}

// Rest are the texts and screens that nobody waited for.
func (o *Operator) Rest() []Heard {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(o.heard), func(h Heard) bool { return h.Event != "submit" })
}

// Deliver hands what a handset did to whoever is bound.
func (o *Operator) Deliver(h Handset) { o.t.Helper(); o.tell(h) }

// Reports says what becomes of texts from now on: DELIVRD or UNDELIV.
func (o *Operator) Reports(outcome string) {
	o.t.Helper()
	o.tell(map[string]string{"report": outcome})
}

// DieOnSubmit lets the SMSC end when the next text comes, before it accepts it.
func (o *Operator) DieOnSubmit() { o.t.Helper(); o.tell(map[string]string{"die": "submit"}) }

func (o *Operator) tell(v any) {
	o.t.Helper()
	b, err := json.Marshal(v)
	if err == nil {
		_, err = o.in.Write(append(b, '\n'))
	}
	if err != nil {
		o.t.Fatal(err)
	}
}
