package store

import (
	"context"
	"crypto/sha1" //nolint:gosec // Redis names scripts by SHA-1
	_ "embed"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

var (
	//go:embed lua/turn.lua
	luaTurn string
	//go:embed lua/commit.lua
	luaCommit string
	//go:embed lua/save_turn.lua
	luaSaveTurn string
	//go:embed lua/claim.lua
	luaClaim string
	//go:embed lua/leave.lua
	luaLeave string
	//go:embed lua/retry.lua
	luaRetry string
	//go:embed lua/bury.lua
	luaBury string
	//go:embed lua/unbury.lua
	luaUnbury string
	//go:embed lua/sweep_silent.lua
	luaSweepSilent string
	//go:embed lua/restore.lua
	luaRestore string
	//go:embed lua/replace_directory.lua
	luaReplaceDirectory string
	//go:embed lua/save_signin.lua
	luaSaveSignin string
	//go:embed lua/attempt.lua
	luaAttempt string
	//go:embed lua/claim_once.lua
	luaClaimOnce string
	//go:embed lua/save_paper.lua
	luaSavePaper string
)

// script is a Lua script and the name Redis keeps it by. The name is an
// interface value, since every call passes it as one.
type script struct {
	source string
	sha    any
}

func newScript(source string) script {
	sum := sha1.Sum([]byte(source)) //nolint:gosec // see above
	return script{source: source, sha: hex.EncodeToString(sum[:])}
}

// scripts are all scripts of the store.
type scripts struct {
	commit, saveTurn, claim, leave, retry, bury, unbury, sweepSilent, restore, replaceDirectory, savePaper script
	saveSignin, attempt, claimOnce                                                                         script
}

// newScripts makes them; feed is the longest feed.
func newScripts(feed int) scripts {
	return scripts{
		commit:           newScript("local FEED = \"" + strconv.Itoa(feed) + "\"\n" + luaTurn + luaCommit),
		saveTurn:         newScript(luaTurn + luaSaveTurn),
		claim:            newScript(luaClaim),
		leave:            newScript(luaLeave),
		retry:            newScript(luaRetry),
		bury:             newScript(luaBury),
		unbury:           newScript(luaUnbury),
		sweepSilent:      newScript(luaSweepSilent),
		restore:          newScript(luaRestore),
		replaceDirectory: newScript(luaReplaceDirectory),
		saveSignin:       newScript(luaSaveSignin),
		attempt:          newScript(luaAttempt),
		claimOnce:        newScript(luaClaimOnce),
		savePaper:        newScript(luaSavePaper),
	}
}

// doer sends one command: a client, or one connection of it.
type doer interface {
	Do(ctx context.Context, args ...any) *redis.Cmd
}

// run sends a call by the script's name, and by its text when the server has
// forgotten it, as redis.Script does. Both are safe to send twice: every script
// knows its own attempts.
func run(ctx context.Context, d doer, c *call) (any, error) {
	v, err := d.Do(ctx, c.args...).Result()
	if isNoScript(err) {
		c.byText()
		v, err = d.Do(ctx, c.args...).Result()
	}
	return v, err
}

func isNoScript(err error) bool {
	return err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT")
}

// call is a script with its keys and arguments, in the form go-redis sends:
// "evalsha", name, number of keys, keys, arguments.
type call struct {
	script *script
	args   []any
}

func newCall(s *script, keys, args int) *call {
	c := &call{script: s, args: make([]any, 3, 3+keys+args)}
	c.args[0], c.args[1], c.args[2] = "evalsha", s.sha, keys
	return c
}

// endKeys says that what was added so far are the keys.
func (c *call) endKeys() { c.args[2] = len(c.args) - 3 }

// add appends keys first, then arguments.
func (c *call) add(values ...any) { c.args = append(c.args, values...) }

// byText turns the call into one that carries the whole script.
func (c *call) byText() { c.args[0], c.args[1] = "eval", c.script.source }
