package main

import (
	"context"
	"fmt"
	"time"

	"hotline/configs"
)

type benchGrowthCmd struct {
	benchFlags
	Rounds  int           `help:"Rounds; the sizes take turns in each." default:"5"`
	Time    time.Duration `help:"Length of one measurement." default:"2s"`
	Callers int           `help:"Callers at once." default:"16"`
	Cases   []int         `help:"Sizes of the store. Every case takes 2 KB of memory in Redis." default:"1000,100000,1000000"`
}

// Run measures whether a step costs more because history is long.
func (c benchGrowthCmd) Run(ctx context.Context, s streams) error {
	return c.measure(ctx, s, benchReport{
		Name: "Cost of a step by the number of stored cases",
		About: []string{
			fmt.Sprintf("stores of %v cases, one in a hundred open, loaded with plain commands as a restore does; then %d callers play whole reports", c.Cases, c.Callers),
			fmt.Sprintf("the sizes take turns in %d rounds of %v; growth is the cost with the most cases by that with the fewest, round by round", c.Rounds, c.Time),
		},
	}, c.one)
}

// grownRig is a hotline with a history.
type grownRig struct {
	*benchRig
	cases int
	load  *stepsLoad
}

func (c benchGrowthCmd) one(ctx context.Context, p *benchPart) error {
	var rigs []*grownRig
	defer func() {
		for _, r := range rigs {
			r.close()
		}
	}()
	for _, n := range c.Cases {
		r, err := c.grow(ctx, p, n)
		if r != nil {
			rigs = append(rigs, r)
		}
		if err != nil {
			return err
		}
	}
	for i := range c.Rounds {
		p.bar.show("growth, "+p.Setting, i, c.Rounds)
		var costs, trips []float64
		for _, r := range rigs {
			result, used, err := r.spending(ctx, func(ctx context.Context) (loadResult, error) {
				return r.load.pressed(ctx, r.full, c.Callers, c.Time, "END ")
			})
			if err != nil {
				return fmt.Errorf("with %d cases: %w", r.cases, err)
			}
			n := float64(max(result.Steps, 1))
			costs = append(costs, float64(used.redis.Microseconds())/n)
			trips = append(trips, float64((used.redis+used.own).Microseconds())/n)
			p.row(fmt.Sprintf("%d cases: steps", r.cases), "/s").add(result.rate())
			p.row(fmt.Sprintf("%d cases: processor of Redis a step", r.cases), "µs").add(costs[len(costs)-1])
			p.row(fmt.Sprintf("%d cases: processor of all a step", r.cases), "µs").add(trips[len(trips)-1])
		}
		p.row("growth of the cost in Redis", "").add(costs[len(costs)-1] / costs[0])
		p.row("growth of the cost in all", "").add(trips[len(trips)-1] / trips[0])
	}
	p.aim("growth of the cost in Redis", 0, 1.2)
	p.aim("growth of the cost in all", 0, 1.2)
	return nil
}

// grow starts a hotline and gives it a history.
func (c benchGrowthCmd) grow(ctx context.Context, p *benchPart, cases int) (*grownRig, error) {
	rig, err := newRig(ctx, p.fsync, rigOptions{set: func(cfg *configs.Config) { cfg.AfricasTalking.Token = configs.NewSecret("bench") }})
	if err != nil {
		return nil, err
	}
	r := &grownRig{benchRig: rig, cases: cases, load: &stepsLoad{client: callers(c.Callers)}}
	begun := realTime()
	err = fillCases(ctx, rig.app.store, begun, cases, 100, func(done int) {
		p.bar.show("loading cases, "+p.Setting, done, cases)
	})
	p.row(fmt.Sprintf("%d cases: loaded", cases), "/s").add(float64(cases) / realTime().Sub(begun).Seconds())
	return r, err
}
