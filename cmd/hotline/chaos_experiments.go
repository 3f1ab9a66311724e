package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// experiment is one kind of trouble.
type experiment struct {
	name    string
	what    string
	reports int
	setup   arenaOptions
	run     func(ctx context.Context, x *trial) error
}

// experiments are all of them, in the order of the table of faults.
func experiments() []experiment {
	return []experiment{
		{"kill", "the program is killed at random moments", 60, arenaOptions{}, killed},
		{"kill-mute", "the same, and the provider cannot be asked what it has", 60, arenaOptions{mute: true}, killed},
		{"kill-alone", "the same without Redis: all comes back from the journal", 60, arenaOptions{topology: "none"}, killed},
		{"redis-kill", "Redis is killed under load, three times", 150, arenaOptions{}, redisKilled},
		{"redis-stop", "Redis stops for three seconds and goes on", 150, arenaOptions{}, redisStopped},
		{"data-deleted", "the data of Redis is deleted; the journal brings it back", 40, arenaOptions{}, dataDeleted},
		{"sentinel", "the master is killed while one of two replicas is stalled", 150, arenaOptions{topology: "sentinel"}, masterKilled},
		{"cluster", "one of three masters is killed under load", 150, arenaOptions{topology: "cluster"}, clusterKilled},
		{"provider-down", "the first provider is down; the second takes over", 40, arenaOptions{second: true}, providerDown},
		{"provider-lies", "the provider takes messages and says that it failed", 40, arenaOptions{}, providerLies},
		{"provider-hangs", "the provider takes messages and never answers, for a while", 20, arenaOptions{}, providerHangs},
		{"duplicates", "every webhook comes five times at once", 60, arenaOptions{replicas: 2}, duplicated},
		{"disk-full", "the disk of the journal is full", 150, arenaOptions{smallDisk: true}, diskFull},
		{"slow-redis", "every answer of Redis takes 200 ms longer", 24, arenaOptions{proxy: true}, redisSlow},
		{"memory-full", "Redis is out of memory for three seconds", 150, arenaOptions{}, memoryFull},
		{"clock", "the clock of Redis is set an hour back, and two hours on", 24, arenaOptions{replicas: 2, proxy: true}, clockStepped},
		{"resets", "every fiftieth answer of Redis is lost with its connection", 120, arenaOptions{proxy: true}, resets},
		{"two-versions", "two versions share the work: replaced one by one, and taken back", 200, arenaOptions{replicas: 2}, rolled},
	}
}

// killed kills the program again and again while reports are filed. What it had
// handed to the provider and not recorded is asked for, and does not leave twice;
// where the provider cannot be asked, one message for each kill may, and is marked.
func killed(ctx context.Context, x *trial) error {
	if x.marked = true; x.options.mute {
		x.damage.Allowed = x.cmd.Kills
	}
	began := realTime()
	err := x.under(ctx, func(ctx context.Context) error {
		for n := range x.cmd.Kills {
			if err := x.between(ctx, 5*time.Millisecond, 400*time.Millisecond); err != nil {
				return err
			}
			x.kills = append(x.kills, realTime())
			x.procs[0].kill()
			if err := x.procs[0].start(x.options.log); err != nil {
				return err
			}
			// Not before it works again, or nothing would ever be under way.
			if err := x.awaitReady(ctx, x.procs[0]); err != nil {
				return fmt.Errorf("after kill %d: %w", n+1, err)
			}
			if (n+1)%50 == 0 {
				x.say(fmt.Sprintf("%d of %d kills", n+1, x.cmd.Kills))
			}
		}
		return nil
	})
	x.damage.note("%d kills, one every %v", len(x.kills), (realTime().Sub(began) / time.Duration(max(1, len(x.kills)))).Round(time.Millisecond))
	return err
}

func redisKilled(ctx context.Context, x *trial) error {
	return x.under(ctx, func(ctx context.Context) error {
		for range 3 {
			if err := x.between(ctx, 300*time.Millisecond, time.Second); err != nil {
				return err
			}
			x.servers[0].kill()
			if err := x.servers[0].start(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func redisStopped(ctx context.Context, x *trial) error {
	return x.under(ctx, func(ctx context.Context) error {
		if err := x.between(ctx, 300*time.Millisecond, time.Second); err != nil {
			return err
		}
		if err := x.servers[0].stall(); err != nil {
			return err
		}
		return errors.Join(wait(ctx, 3*time.Second), x.servers[0].resume())
	})
}

// dataDeleted is what an operator does when Redis has lost everything.
func dataDeleted(ctx context.Context, x *trial) error {
	nothing := func(context.Context) error { return nil }
	if err := x.under(ctx, nothing); err != nil {
		return err
	}
	refs, err := x.board(ctx, x.procs[0])
	if err != nil {
		return err
	}
	if err := x.until(ctx, time.Minute, "everything has left", func() bool { return x.unheard(refs) == 0 }); err != nil {
		return err
	}
	began := realTime()
	err = x.bringBack(ctx)
	x.damage.Outage = realTime().Sub(began).Seconds()
	return err
}

// bringBack deletes what Redis holds and fills it from the journal.
func (x *trial) bringBack(ctx context.Context) error {
	x.servers[0].kill()
	if _, err := x.procs[0].stop(); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(x.servers[0].dir, "appendonlydir")); err != nil {
		return fmt.Errorf("delete the data: %w", err)
	}
	if err := x.servers[0].start(ctx); err != nil {
		return err
	}
	if _, err := x.command(ctx, "journal", "restore"); err != nil {
		return err
	}
	if err := x.procs[0].start(x.options.log); err != nil {
		return err
	}
	return x.awaitReady(ctx, x.procs[0])
}

// masterKilled stalls one replica and kills the master: what was confirmed is on
// the other one.
func masterKilled(ctx context.Context, x *trial) error {
	return x.under(ctx, func(ctx context.Context) error {
		if err := x.between(ctx, 300*time.Millisecond, time.Second); err != nil {
			return err
		}
		if err := x.servers[2].stall(); err != nil {
			return err
		}
		if err := wait(ctx, 700*time.Millisecond); err != nil {
			return err
		}
		x.servers[0].kill()
		// min-replicas-to-write needs the other replica back before anything is written.
		return errors.Join(wait(ctx, 4*time.Second), x.servers[2].resume())
	})
}

func clusterKilled(ctx context.Context, x *trial) error {
	return x.under(ctx, func(ctx context.Context) error {
		if err := x.between(ctx, 300*time.Millisecond, time.Second); err != nil {
			return err
		}
		x.servers[0].kill()
		if err := wait(ctx, 6*time.Second); err != nil {
			return err
		}
		return x.servers[0].start(ctx) // as a replica of the one that took over
	})
}

// providerLies: what it says decides, so a message that it took and denied goes
// again; never more often than the tries of a message.
func providerLies(ctx context.Context, x *trial) error {
	x.damage.Allowed = 8 * x.reports
	x.providers[0].be("lies")
	err := x.under(ctx, func(context.Context) error { return nil })
	x.providers[0].be("")
	return err
}

// providerHangs: what it took without a word is asked for, and does not leave
// again.
func providerHangs(ctx context.Context, x *trial) error {
	x.providers[0].be("hangs")
	err := x.under(ctx, func(ctx context.Context) error { return wait(ctx, 12*time.Second) }) // longer than a try
	x.providers[0].be("")
	// Longer than the doubt whether it has a message, and the rest that it gets.
	return errors.Join(err, wait(ctx, 60*time.Second))
}

// duplicated sends every hop five times at once, to two programs.
func duplicated(ctx context.Context, x *trial) error {
	return x.under(ctx, func(ctx context.Context) error {
		hops := reportDialogue()
		for n := range x.reports / 2 {
			number := 500_000 + n
			var last string
			for _, transcript := range hops {
				screens := make([]string, 5)
				var wg sync.WaitGroup
				for i := range screens {
					wg.Go(func() {
						_, screens[i], _ = x.at(i).hop(ctx, fmt.Sprintf("storm-%d", number), fmt.Sprintf("+8493%07d", number), transcript)
					})
				}
				wg.Wait()
				for _, s := range screens {
					if s != screens[0] {
						x.damage.broken("the same turn was answered in two ways")
					}
				}
				last = screens[0]
			}
			if receiptIn(last) == "" {
				return fmt.Errorf("storm %d ended without a receipt", n)
			}
			x.shown.add(number, last)
		}
		return nil
	})
}

func redisSlow(ctx context.Context, x *trial) error {
	x.proxy.slow.Store(int64(200 * time.Millisecond))
	err := x.under(ctx, func(context.Context) error { return nil })
	x.proxy.slow.Store(0)
	return err
}

func memoryFull(ctx context.Context, x *trial) error {
	return x.under(ctx, func(ctx context.Context) error {
		if err := x.between(ctx, 300*time.Millisecond, time.Second); err != nil {
			return err
		}
		x.servers[0].says(ctx, "config", "set", "maxmemory", "1")
		err := wait(ctx, 3*time.Second)
		x.servers[0].says(ctx, "config", "set", "maxmemory", "0")
		return err
	})
}

func resets(ctx context.Context, x *trial) error {
	x.proxy.cut.Store(50)
	err := x.under(ctx, func(context.Context) error { return nil })
	x.proxy.cut.Store(0)
	return err
}
