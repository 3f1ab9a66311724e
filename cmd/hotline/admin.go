package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
	"hotline/store/vault"
)

type adminCmds struct {
	Key    adminKeyCmd    `cmd:"" help:"Draw a new key and write it to a file that only you may read."`
	Invite adminInviteCmd `cmd:"" help:"Print a one-time code with which somebody makes their account of the console."`
	Rotate adminRotateCmd `cmd:"" help:"Put a new key in front of those of a key file."`
}

type adminRotateCmd struct {
	File   string `arg:"" help:"The key file: the new key becomes its first line." type:"existingfile"`
	Config string `help:"File of settings, for its journal." type:"path" short:"c"`
	answering
}

// Run leaves the old keys below the new one: a server that is started again seals
// under the new one, and seals anew, in the background, what the old ones hold.
func (c adminRotateCmd) Run(s streams) error {
	cfg, err := configs.Load(c.Config, s.environ)
	if err == nil {
		err = c.must(s, cfg, flows.DeedKey, "new key in front of "+filepath.Base(c.File))
	}
	if err != nil {
		return err
	}
	if err := vault.Rotate(c.File); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s begins with a new key. Start every hotline again; an hour later the lines below may go, when the audit says how many keys were sealed anew.\n", c.File)
	return nil
}

type adminKeyCmd struct {
	File string `arg:"" help:"The file to make; an existing one is never replaced."`
}

// Run makes the key file.
func (c adminKeyCmd) Run(s streams) error {
	if err := vault.NewKeyFile(c.File); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s holds a new key. Keep a copy where the hotline is not: without it no text can be read.\n", c.File)
	return nil
}

type adminInviteCmd struct {
	Config string `help:"File of settings." type:"path" short:"c"`
	Role   string `help:"responder, supervisor, committee, operator or auditor." enum:"responder,supervisor,committee,operator,auditor" required:""`
	Member string `help:"Id in members.csv; roles that see cases need one."`
	Again  string `help:"Name of an account that is to be set up anew, password and phone."`
	answering
}

// Run prints an invitation. It needs the key of the hotline and nothing else: the
// server may be running or not, with a Redis or without.
func (c adminInviteCmd) Run(ctx context.Context, s streams) error {
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	role := access.Role(c.Role)
	if role.OfCases() != (c.Member != "") {
		return errors.New("a responder, supervisor or member of the committee is somebody in members.csv: name them with --member; an operator or auditor is not")
	}
	m, err := material(ctx, cfg)
	if err != nil {
		return err
	}
	v, err := vault.OpenWith(ctx, m, &vault.MemoryKeys{}, vault.Options{})
	if err != nil {
		return err
	}
	in := account.Invitation{Role: role, Member: flows.MemberID(c.Member), Name: c.Again}
	code, err := account.NewInvitation(realTime(), in, v, rand.Reader)
	if err != nil {
		return err
	}
	if err := c.must(s, cfg, flows.DeedAccount, strings.TrimSpace("invite "+c.Role+" "+c.Member+c.Again)); err != nil {
		return err
	}
	page := strings.TrimSuffix(cfg.PublicURL, "/")
	if page == "" {
		page = "http://" + strings.Replace(cfg.Listen, "127.0.0.1", "localhost", 1)
	}
	fmt.Fprintf(s.out, "%s\n\nGive this to one person (%s). They open %s/welcome within two days and choose a name and a password.\n", code, c.Role, page)
	return nil
}
