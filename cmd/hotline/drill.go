package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/escalation/duty"
	"hotline/store"
)

type drillCmds struct {
	Start drillStartCmd `cmd:"" help:"Ask everybody on duty whether they would answer. Every text says that it is a drill."`
	Show  drillShowCmd  `cmd:"" help:"Print how ready each commune is, from the drills of a year, as JSON."`
}

type drillStartCmd struct {
	Place  []string      `help:"Codes of communes; all that have people of their own without any."`
	Wait   time.Duration `help:"How long answers count." default:"30m"`
	Config string        `help:"File of settings." type:"path" short:"c"`
	answering
}

// Run leaves the drill to a running server, which begins it within seconds.
func (c drillStartCmd) Run(ctx context.Context, s streams) error {
	if c.Wait < time.Minute || c.Wait > 24*time.Hour {
		return fmt.Errorf("wait %s: expected a minute to a day", c.Wait)
	}
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	st, err := openStoreOf(ctx, c.Config, s)
	if err != nil {
		return err
	}
	defer st.Close()
	d, err := st.Directory(ctx)
	if err != nil {
		return fmt.Errorf("read the directory: %w", err)
	}
	places, err := placesOf(d, c.Place)
	if err != nil {
		return err
	}
	if err := c.must(s, cfg, flows.DeedDrill, drillOf(places)); err != nil {
		return err
	}
	var drill duty.Drill
	err = duty.Update(ctx, st, func(b duty.Book) (duty.Book, error) {
		var err error
		b, drill, err = duty.StartDrill(realTime(), b, "", places, c.Wait)
		return b, err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "drill %s begins when a running hotline looks, within half a minute; answers count for %s. Then: hotline drill show\n", drill.ID, c.Wait)
	return nil
}

// drillOf says how many are asked.
func drillOf(places []flows.PlaceID) string {
	if len(places) == 0 {
		return "drill of all communes"
	}
	return fmt.Sprintf("drill of communes %d", len(places))
}

// placesOf finds the communes of codes.
func placesOf(d flows.Directory, codes []string) ([]flows.PlaceID, error) {
	var places []flows.PlaceID
	var faults []error
	for _, code := range codes {
		found := flows.PlaceID("")
		for _, p := range d.Places {
			if p.ID.Code() == code && p.Until == "" {
				found = p.ID
			}
		}
		if found == "" {
			faults = append(faults, fmt.Errorf("no place of today has the code %q", code))
		}
		places = append(places, found)
	}
	return places, errors.Join(faults...)
}

type drillShowCmd struct {
	Config string `help:"File of settings." type:"path" short:"c"`
}

// Run reads what has ended.
func (c drillShowCmd) Run(ctx context.Context, s streams) error {
	st, err := openStoreOf(ctx, c.Config, s)
	if err != nil {
		return err
	}
	defer st.Close()
	drills, err := duty.ReadDrills(ctx, st)
	if err != nil {
		return err
	}
	out := json.NewEncoder(s.out)
	out.SetIndent("", "  ")
	return out.Encode(readiness(realTime(), drills))
}

// readinessReport is readiness as JSON.
type readinessReport struct {
	Drills   int              `json:"drills"`
	Communes []duty.Readiness `json:"communes"`
}

func readiness(now time.Time, drills []duty.Drill) readinessReport {
	var year []duty.Drill
	for _, d := range drills {
		if now.Sub(d.At) < 366*24*time.Hour {
			year = append(year, d)
		}
	}
	return readinessReport{len(year), duty.Ready(year)}
}

// openStoreOf opens the Redis of the settings for a command.
func openStoreOf(ctx context.Context, config string, s streams) (*store.Store, error) {
	cfg, err := configs.Load(config, s.environ)
	if err != nil {
		return nil, err
	}
	if len(cfg.Redis.Addresses) == 0 {
		return nil, errors.New("this needs the Redis of the hotline: set redis.addresses, or HOTLINE_REDIS_ADDRESSES; without one use the console")
	}
	return openRedis(cfg.Redis, zap.NewNop())(ctx, store.Options{Partitions: cfg.Redis.Partitions})
}
