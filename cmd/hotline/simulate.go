package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/transcript"
)

type simulateCmd struct {
	Files []string `arg:"" optional:"" help:"Story files. Without one you type at a phone." type:"existingfile"`
	Quiet bool     `help:"Print only what differs." short:"q"`
}

// Run plays stories and exits non-zero where one goes another way than told.
func (c simulateCmd) Run(ctx context.Context, s streams) error {
	if len(c.Files) == 0 {
		return typeAtPhone(ctx, s)
	}
	differs := false
	for _, file := range c.Files {
		log := s.out
		if c.Quiet {
			log = nil
		}
		if err := playFile(ctx, file, log); err != nil {
			fmt.Fprintf(s.err, "%v\n", err)
			differs = true
			continue
		}
		fmt.Fprintf(s.out, "ok %s\n", file)
	}
	if differs {
		return errDiffers
	}
	return nil
}

// playFile plays one story in a world of its own.
func playFile(ctx context.Context, file string, log io.Writer) error {
	story, err := transcript.Read(os.DirFS(filepath.Dir(file)), filepath.Base(file))
	if err != nil {
		return err
	}
	w, err := newWorld(ctx, story.Scene, configs.Files)
	if err != nil {
		return err
	}
	defer w.close()
	return transcript.Play(ctx, story, w, log)
}

const phoneHelp = `You hold a reporter's phone. Type what you would type there:
  1, Mai Chau, …   an answer to the screen
  dial, *1111*1#   dial the short code again, or with a shortcut
  sms TEXT         send a text to the short code
  sms WHO: TEXT    a text from a member who was alerted, as: sms mc-an: 1
  wait 15m         let time pass
  board            the open cases
  quit
`

// typeAtPhone lets a person play the reporter, and the responders, by hand.
func typeAtPhone(ctx context.Context, s streams) error {
	w, err := newWorld(ctx, transcript.Scene{Begin: realTime().Truncate(time.Minute)}, configs.Files)
	if err != nil {
		return err
	}
	defer w.close()
	phone, err := flows.ParsePhone(demoReporter)
	if err != nil {
		return err
	}
	h := hand{world: w, phone: phone, out: s.out}
	fmt.Fprint(s.out, phoneHelp, "\n")
	if err := h.do(ctx, "dial"); err != nil {
		return err
	}
	lines := bufio.NewScanner(s.in)
	for fmt.Fprint(s.out, "> "); lines.Scan(); fmt.Fprint(s.out, "> ") {
		line := strings.TrimSpace(lines.Text())
		if line == "quit" {
			break
		}
		if err := h.do(ctx, line); err != nil {
			fmt.Fprintf(s.out, "  (%v)\n", err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return lines.Err()
}

// hand is a person at the phones.
type hand struct {
	world *world
	phone flows.Phone
	out   io.Writer
}

// do carries out one typed line and shows what came of it.
func (h hand) do(ctx context.Context, line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	var err error
	switch verb {
	case "help":
		fmt.Fprint(h.out, phoneHelp)
	case "dial":
		err = h.show(h.world.Dial(ctx, h.phone, ""))
	case "sms":
		err = h.text(ctx, rest)
	case "wait":
		var d time.Duration
		if d, err = time.ParseDuration(rest); err == nil {
			err = h.world.Advance(ctx, d)
		}
	case "board":
		err = h.board(ctx)
	default:
		if strings.HasPrefix(line, "*") && strings.HasSuffix(line, "#") {
			err = h.show(h.world.Dial(ctx, h.phone, line))
			break
		}
		err = h.show(h.world.Answer(ctx, h.phone, line))
	}
	for _, m := range h.world.Sent() {
		fmt.Fprintf(h.out, "  %s %s to %s: %s\n", m.At.In(h.world.app.dialog.Settings.Zone).Format("15:04"), m.Via, m.To, m.Text)
	}
	return err
}

// text sends a text from the reporter's phone, or from a member's.
func (h hand) text(ctx context.Context, rest string) error {
	from := h.phone
	if who, text, ok := strings.Cut(rest, ": "); ok {
		if p, known := h.world.app.dir.Phone(flows.MemberID(who), 0); known {
			from, rest = p, text
		}
	}
	return h.show(h.world.Text(ctx, from, rest))
}

func (h hand) show(r flows.Reply, err error) error {
	if err != nil {
		return err
	}
	fmt.Fprintf(h.out, "\n  | %s\n\n", strings.ReplaceAll(r.Text, "\n", "\n  | "))
	return nil
}

func (h hand) board(ctx context.Context) error {
	cases, err := h.world.app.store.Open(ctx)
	if err != nil {
		return err
	}
	if len(cases) == 0 {
		fmt.Fprintln(h.out, "  no open cases")
	}
	for _, c := range cases {
		fmt.Fprintf(h.out, "  %s %s %s level %d %s holder %s\n", c.Ref, c.Severity, c.Status, c.Level, h.world.app.dir.placeName(c.Place), c.Holder)
	}
	return nil
}
