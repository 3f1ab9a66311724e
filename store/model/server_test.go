package model_test

import (
	"context"
	"crypto/sha1" //nolint:gosec // Redis names scripts by SHA-1
	"encoding/hex"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store"
)

// server is the real store on an in-process server whose contents can be taken
// out and put back.
type server struct {
	mini    *miniredis.Miniredis
	store   *store.Store
	attempt string // names the next writing call, so that equal ways lead to equal states
	broken  map[string]string
	named   []string      // the scripts that are told who asks
	kept    *flows.Change // what the store said it has committed
	held    string        // the key of what it holds now
}

// image is all that a server holds.
type image struct {
	key  string
	data map[string]content
}

// content is one key: exactly one of the fields is used.
type content struct {
	text   *string
	list   []string
	hash   map[string]string
	scored map[string]float64
}

// breakage replaces a piece of a script.
type breakage struct{ script, old, with string }

// newServer opens the store, with one script broken if b says so.
func newServer(t testing.TB, b breakage) *server {
	t.Helper()
	s := &server{mini: miniredis.NewMiniRedis(), broken: map[string]string{}}
	t.Cleanup(s.mini.Close)
	client := redis.NewClient(&redis.Options{
		Addr:             "127.0.0.1:0",
		Dialer:           func(context.Context, string, string) (net.Conn, error) { return s.mini.Dial() },
		PipelinePoolSize: -1,
	})
	t.Cleanup(func() { _ = client.Close() })
	client.AddHook(hook{s})
	var err error
	s.store, err = store.Open(t.Context(), store.Options{
		Client: client, Partitions: 1, OnCommit: func(ch flows.Change) { s.kept = &ch },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.named = []string{name(source(t, "commit")), name(source(t, "save_turn"))}
	if b.script != "" {
		s.breakScript(t, b)
	}
	return s
}

// sources are the scripts as the store sends them.
func source(t testing.TB, name string) string {
	t.Helper()
	var all []byte
	if name == "commit" {
		all = []byte("local FEED = \"2000\"\n")
	}
	files := []string{name}
	if name == "commit" || name == "save_turn" {
		files = []string{"turn", name}
	}
	for _, f := range files {
		b, err := os.ReadFile("../lua/" + f + ".lua")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return string(all)
}

func (s *server) breakScript(t testing.TB, b breakage) {
	t.Helper()
	right := source(t, b.script)
	if strings.Count(right, b.old) != 1 {
		t.Fatalf("%s.lua has the line to break %d times: %s", b.script, strings.Count(right, b.old), b.old)
	}
	wrong := strings.Replace(right, b.old, b.with, 1)
	s.broken[name(right)] = wrong
}

func name(script string) string {
	sum := sha1.Sum([]byte(script)) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

// hook renames attempts and exchanges broken scripts on their way.
type hook struct{ *server }

func (h hook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			h.meddle(cmd.Args())
		}
		return next(ctx, cmds)
	}
}

func (h hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		h.meddle(cmd.Args())
		return next(ctx, cmd)
	}
}

// meddle exchanges a script that is to be broken, and names its attempt.
func (h hook) meddle(args []any) {
	if len(args) < 4 || args[0] != "evalsha" && args[0] != "eval" {
		return
	}
	sha, _ := args[1].(string)
	if args[0] == "eval" {
		sha = name(sha)
	}
	if wrong := h.broken[sha]; wrong != "" {
		args[0], args[1] = "eval", wrong
	}
	if slices.Contains(h.named, sha) {
		h.rename(args)
	}
}

// rename gives the attempt of commit and save_turn the name of the step.
func (h hook) rename(args []any) {
	keys, _ := args[2].(int)
	was := args[3+keys]
	for i := 3 + keys; i < min(5+keys, len(args)); i++ {
		if args[i] == was {
			args[i] = h.attempt
		}
	}
}

// put makes the server hold an image.
func (s *server) put(img *image) {
	if s.held == img.key {
		return
	}
	s.mini.FlushAll()
	for k, c := range img.data {
		switch {
		case c.text != nil:
			_ = s.mini.Set(k, *c.text)
		case c.list != nil:
			_, _ = s.mini.Push(k, c.list...)
		case c.hash != nil:
			for f, v := range c.hash {
				s.mini.HSet(k, f, v)
			}
		default:
			for m, score := range c.scored {
				_, _ = s.mini.ZAdd(k, score, m)
			}
		}
	}
	s.held = img.key
}

// take reads what the server holds now. The feed is left out: its ids are times.
func (s *server) take() *image {
	img := &image{data: map[string]content{}}
	var b strings.Builder
	for _, k := range s.mini.Keys() {
		c := content{}
		switch s.mini.Type(k) {
		case "string":
			v, _ := s.mini.Get(k)
			c.text = &v
			fmt.Fprintf(&b, "%q=%q\n", k, v)
		case "list":
			list, _ := s.mini.List(k)
			c.list = slices.Clone(list)
			fmt.Fprintf(&b, "%q=%q\n", k, c.list)
		case "hash":
			c.hash = map[string]string{}
			fields, _ := s.mini.HKeys(k)
			slices.Sort(fields)
			for _, f := range fields {
				c.hash[f] = s.mini.HGet(k, f)
				fmt.Fprintf(&b, "%q.%q=%q\n", k, f, c.hash[f])
			}
		case "zset":
			scored, _ := s.mini.SortedSet(k)
			c.scored = maps.Clone(scored) // it is the server's own
			members, _ := s.mini.ZMembers(k)
			slices.Sort(members)
			for _, m := range members {
				fmt.Fprintf(&b, "%q.%q=%.0f\n", k, m, c.scored[m])
			}
		default:
			continue
		}
		img.data[k] = c
	}
	img.key = digest(b.String())
	s.held = img.key
	return img
}

// digest shortens what only has to be told apart.
func digest(s string) string {
	sum := sha1.Sum([]byte(s)) //nolint:gosec // not a secret
	return string(sum[:])
}
