// Command hotline is the whole product in one binary: the server, a demo that
// needs nothing else, and the tools of the people who run it.
//
// main.go lists the commands, one file each. app.go is the only place that wires
// the parts together and reads the real clock.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the container has no zones of its own

	"github.com/alecthomas/kong"
	"github.com/redis/go-redis/v9"
)

// commands is the command line, in the order of its help.
type commands struct {
	Demo      demoCmd     `cmd:"" help:"Run everything in one process, with phones in the browser. Keeps nothing."`
	Serve     serveCmd    `cmd:"" help:"Run the hotline: webhooks, timers, messages, console."`
	Simulate  simulateCmd `cmd:"" help:"Play a story file on a virtual clock, or type at a phone."`
	Flow      flowCmds    `cmd:"" help:"Check, draw, try and compare the flows of questions."`
	Directory dirCmds     `cmd:"" help:"Check, import and search places, groups and rota."`
	Drill     drillCmds   `cmd:"" help:"Ask the people on duty whether they would answer, and show how ready each commune is."`
	Ready     readyCmd    `cmd:"" help:"Say what is still missing before the hotline is live; exits 0 when nothing is."`
	Policy    policyCmds  `cmd:"" help:"Explain who would be told, when and why."`
	Admin     adminCmds   `cmd:"" help:"Make keys and invitations to the console."`
	Keys      keysCmds    `cmd:"" help:"Give the key into the hands of officers, prove that two of them bring it back, and do so."`
	Journal   journalCmds `cmd:"" help:"Check the journal, and bring everything back from it."`
	Backup    backupCmds  `cmd:"" help:"Copy the journal or the keys to people who can open them, and back."`
	Paper     paperCmd    `cmd:"" help:"Print the poster for communes and the guides of one page."`
	Bench     benchCmds   `cmd:"" help:"Measure on this machine, beside a floor taken in the same run."`
	Chaos     chaosCmd    `cmd:"" help:"Break things around the real program, and tell what it cost."`
	Health    healthCmd   `cmd:"" help:"Ask a running hotline whether it is ready; exits 0 if so."`
}

// streams are the standard streams and environment of a command, so that tests
// run commands as functions.
type streams struct {
	in      io.Reader
	out     io.Writer
	err     io.Writer
	environ []string
}

// errDiffers says that a command ran well and its answer is no: a story that did
// not go as told, a check that found faults. Its text has been printed.
var errDiffers = errors.New("differs")

func main() {
	redis.SetLogger(silent{})
	afterEachGC(setGC)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr, os.Environ()})
	stop()
	os.Exit(code)
}

// silent takes what the Redis client would print by itself: what matters comes
// back to us as an error, and is logged once.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// run is main without the process: 0 done, 1 the answer is no or the command
// could not do its work, 2 the command line is wrong.
func run(ctx context.Context, args []string, s streams) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("hotline"),
		kong.Description("An anonymous child-protection hotline over SMS and USSD."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: false}),
	)
	if err != nil {
		fmt.Fprintln(s.err, err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(s.err, "hotline: %v\nTry: hotline --help\n", err)
		return 2
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	switch err := parsed.Run(s); {
	case err == nil:
		return 0
	case errors.Is(err, errDiffers):
		return 1
	default:
		fmt.Fprintf(s.err, "hotline: %v\n", err)
		return 1
	}
}
