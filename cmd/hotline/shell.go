package main

import (
	"cmp"
	"fmt"
	"os"
	"os/user"
	"strings"

	"hotline/configs"
	"hotline/flows"
)

// answering are the flags of a command that somebody must answer for.
type answering struct {
	Why string `help:"Why, in your own words: it stands in the audit." placeholder:"REASON"`
}

// noReason stands in the audit when nobody gave one.
const noReason = "no reason given"

// must writes a deed of this shell down before it is done. Whoever gets an error must
// not do it. Settings without a journal have nowhere to write to; it says so.
func (a answering) must(s streams, cfg configs.Config, kind flows.DeedKind, what string) error {
	return a.leave(s, cfg.Journal.Dir, kind, what)
}

// try is must for what saves a hotline that has lost something: it is done although
// its disk takes nothing down.
func (a answering) try(s streams, journal string, kind flows.DeedKind, what string) {
	if err := a.leave(s, journal, kind, what); err != nil {
		fmt.Fprintf(s.err, "hotline: %v; it goes on all the same: tell whoever reads the audit\n", err)
	}
}

func (a answering) leave(s streams, journal string, kind flows.DeedKind, what string) error {
	if journal == "" {
		fmt.Fprintln(s.err, "this is written down nowhere: the settings here name no journal (journal.dir). Tell whoever reads the audit")
		return nil
	}
	return trayOf(journal).put(flows.Deed{
		At: realTime(), Who: atShell(s.environ), Kind: kind, What: what,
		Why: cmp.Or(strings.TrimSpace(a.Why), noReason), From: shellMark + " " + hostName(),
	})
}

// atShell is who types, as far as the machine knows: the account of the process, or
// whoever became root by sudo.
func atShell(environ []string) flows.MemberID {
	name := fmt.Sprint("uid ", os.Getuid()) // a container may know no names
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	for _, pair := range environ {
		if by, ok := strings.CutPrefix(pair, "SUDO_USER="); ok && by != "" && os.Geteuid() == 0 {
			name = by + ", sudo"
		}
	}
	return flows.MemberID(shellMark + ":" + name)
}

// hostName names this machine. It is no address.
func hostName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "of an unnamed machine"
	}
	return name
}
