package main

import (
	"fmt"

	"hotline/store/vault"
)

type adminCmds struct {
	Key adminKeyCmd `cmd:"" help:"Draw a new key and write it to a file that only you may read."`
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
