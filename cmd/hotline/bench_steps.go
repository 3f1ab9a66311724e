package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"

	"hotline/configs"
)

type benchStepsCmd struct {
	benchFlags
	benchRounds
	Callers int  `help:"Callers at once." default:"16"`
	Workers bool `help:"Let timers and messages run beside the callers."`
	Journal bool `help:"Keep a journal and a key store beside Redis."`
}

// Run measures steps of the report over HTTP against a bare Echo handler that
// reads one key and writes one key of the same Redis.
func (c benchStepsCmd) Run(ctx context.Context, s streams) error {
	return c.measure(ctx, s, benchReport{
		Name: "USSD steps over HTTP",
		About: []string{
			fmt.Sprintf("%d callers without a pause play whole reports of %d steps; %d rounds of %v; workers %v, journal %v", c.Callers, len(reportDialogue()), c.Rounds, c.Time, c.Workers, c.Journal),
			"floor: a bare Echo handler that reads the form, GETs one key and SETs 500 bytes for a minute",
			"half load: reports begin at half the median rate whether or not the server keeps up; a step's time runs from the moment it was due",
		},
	}, c.one)
}

func (c benchStepsCmd) one(ctx context.Context, p *benchPart) error {
	rig, err := newRig(ctx, p.fsync, rigOptions{
		set:     func(cfg *configs.Config) { cfg.AfricasTalking.Token = configs.NewSecret("bench") },
		workers: c.Workers, journal: c.Journal,
	})
	if err != nil {
		return err
	}
	defer rig.close()
	bare, err := rig.floor(ctx, "/africastalking/:token/ussd", readAndWrite(rig.client))
	if err != nil {
		return err
	}
	dialled := &stepsLoad{client: callers(4 * c.Callers)}
	defer dialled.client.CloseIdleConnections()
	if err := c.contest(ctx, p, rig, "steps", func(ctx context.Context) (loadResult, error) {
		return dialled.pressed(ctx, bare, c.Callers, c.Time, "CON ")
	}, func(ctx context.Context) (loadResult, error) {
		return dialled.pressed(ctx, rig.full, c.Callers, c.Time, "END ")
	}); err != nil {
		return err
	}
	half, err := dialled.arriving(ctx, rig.full, p.row("hotline", "/s").Median/2, c.Time)
	if err != nil {
		return err
	}
	p.atHalfLoad(half)
	p.aim("ratio", 0.70, 0)
	p.aim("hotline, p99", 0, 5)
	p.aim("hotline: Redis round trips a step", 0, 2.05)
	return rig.profileRedis(ctx, p)
}

// readAndWrite is the floor of steps.
func readAndWrite(client *redis.Client) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, key := c.Request().Context(), "floor:"+c.FormValue("sessionId")
		old, err := client.Get(ctx, key).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		if err := client.Set(ctx, key, c.FormValue("text")+strings.Repeat("x", 500-min(500, len(old)/2)), time.Minute).Err(); err != nil {
			return err
		}
		return c.String(http.StatusOK, "CON Next")
	}
}

// stepsLoad dials whole reports; no two of its dialogues share a session or a
// number.
type stepsLoad struct {
	client *http.Client
	rounds int
}

// pressed keeps callers busy and checks every screen: a dialogue that does not
// end as it should is an error, not a step.
func (l *stepsLoad) pressed(ctx context.Context, to *listeners, callers int, d time.Duration, end string) (loadResult, error) {
	return load(ctx, callers, len(reportDialogue()), d, realTime, l.step(to, end))
}

// arriving lets steps come at a rate.
func (l *stepsLoad) arriving(ctx context.Context, to *listeners, rate float64, d time.Duration) (loadResult, error) {
	return arrivals(ctx, rate, len(reportDialogue()), d, realTime, l.step(to, "END "))
}

func (l *stepsLoad) step(to *listeners, end string) func(ctx context.Context, dialogue, hop int) error {
	l.rounds++
	round, hops := l.rounds, reportDialogue()
	call := &caller{client: l.client, base: base(to), token: "bench"}
	return func(ctx context.Context, dialogue, hop int) error {
		id := round*10_000_000 + dialogue
		status, screen, err := call.hop(ctx, "s"+strconv.Itoa(id), fmt.Sprintf("+8496%07d", (round*400_000+dialogue)%10_000_000), hops[hop])
		want := "CON "
		if hop == len(hops)-1 {
			want = end
		}
		if err == nil && (status != http.StatusOK || !strings.HasPrefix(screen, want)) {
			err = fmt.Errorf("status %d, a screen of %d bytes that does not begin with %q", status, len(screen), want)
		}
		return err
	}
}
