package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/dispatch"
)

type benchAlertsCmd struct {
	benchFlags
	Reports    int `help:"Urgent reports, one after the other." default:"300"`
	Responders int `help:"Members on duty, all alerted at once." default:"20"`
	AtOnce     int `help:"Messages under way at once, 1 as at a provider that cannot be asked what it has; 0: any number." default:"0"`
}

// Run files urgent reports over HTTP and watches a provider that answers at
// once.
func (c benchAlertsCmd) Run(ctx context.Context, s streams) error {
	return c.measure(ctx, s, benchReport{
		Name: "Alerts",
		About: []string{
			fmt.Sprintf("%d urgent reports one after the other, %d responders each, a provider that answers at once", c.Reports, c.Responders),
		},
	}, c.one)
}

func (c benchAlertsCmd) one(ctx context.Context, p *benchPart) error {
	fast := &fastProvider{sent: make(chan time.Time, 4*c.Responders)}
	rig, err := newRig(ctx, p.fsync, rigOptions{
		set:       func(cfg *configs.Config) { cfg.AfricasTalking.Token = configs.NewSecret("bench") },
		directory: func() (flows.Directory, error) { return crowded(c.Responders) },
		send:      fast, workers: true,
		turns: &dispatch.Turns{Of: func(*flows.Message, flows.Phone) (string, int) { return "fast", c.AtOnce }},
	})
	if err != nil {
		return err
	}
	defer rig.close()
	first, last, err := c.reports(ctx, p, &caller{client: http.DefaultClient, base: base(rig.full), token: "bench"}, fast)
	if err != nil {
		return err
	}
	for _, n := range []int{50, 99} {
		p.row(fmt.Sprintf("last key press to first alert, p%d", n), "ms").add(ms(first[len(first)*n/100]))
		p.row(fmt.Sprintf("first alert of a case to its last, p%d", n), "ms").add(ms(last[len(last)*n/100]))
	}
	p.aim("last key press to first alert, p99", 0, 50)
	p.aim("first alert of a case to its last, p99", 0, 200)
	return rig.profileRedis(ctx, p)
}

// reports files them and returns, in order of length, how long the first alert
// of each took and how long the last came after it.
func (c benchAlertsCmd) reports(ctx context.Context, p *benchPart, call *caller, fast *fastProvider) (first, last []time.Duration, err error) {
	for n := range c.Reports {
		p.bar.show("alerts, "+p.Setting, n, c.Reports)
		session, phone := "s"+strconv.Itoa(n), fmt.Sprintf("+8496%07d", n)
		if _, _, err := call.hop(ctx, session, phone, "1*1*Mai Chau*2"); err != nil {
			return nil, nil, err
		}
		fast.drain()
		begun := realTime()
		if status, _, err := call.hop(ctx, session, phone, "1*1*Mai Chau*2*2"); err != nil || status != http.StatusOK {
			return nil, nil, fmt.Errorf("file report %d: status %d, %w", n, status, err)
		}
		at, err := fast.take(ctx, c.Responders)
		if err != nil {
			return nil, nil, fmt.Errorf("report %d: %w", n, err)
		}
		first, last = append(first, at[0].Sub(begun)), append(last, at[len(at)-1].Sub(at[0]))
	}
	slices.Sort(first)
	slices.Sort(last)
	return first, last, nil
}

// crowded is the sample province with many people on duty in Mai Châu.
func crowded(n int) (flows.Directory, error) {
	d, err := directory.Read(configs.Files, "sample")
	if err != nil {
		return d, err
	}
	var place flows.PlaceID
	for _, p := range d.Places {
		if p.Name == "Mai Châu" && p.Until == "" {
			place = p.ID
		}
	}
	d.Shifts = slices.DeleteFunc(d.Shifts, func(s flows.Shift) bool { return s.Place == place && s.Level == flows.LevelDuty })
	week := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	for i := range n {
		phone, err := flows.ParsePhone(fmt.Sprintf("+84900001%03d", i))
		if err != nil {
			return d, err
		}
		id := flows.MemberID("many-" + strconv.Itoa(i))
		d.Members = append(d.Members, flows.Member{ID: id, Name: "One of many", Role: "duty member", Place: place, Level: flows.LevelDuty, Phones: []flows.Phone{phone}, Language: "vi"})
		d.Shifts = append(d.Shifts, flows.Shift{Place: place, Level: flows.LevelDuty, Member: id, Days: week, From: 0, To: 24 * 60})
	}
	return d, nil
}

// fastProvider takes every message at once and remembers when.
type fastProvider struct {
	sent chan time.Time
}

// Send notes the moment.
func (f *fastProvider) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	f.sent <- realTime()
	return flows.Sending{Provider: "fast", ID: string(m.ID)}, nil
}

func (f *fastProvider) drain() {
	for {
		select {
		case <-f.sent:
		default:
			return
		}
	}
}

// take waits for n messages.
func (f *fastProvider) take(ctx context.Context, n int) ([]time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var at []time.Time
	for range n {
		select {
		case t := <-f.sent:
			at = append(at, t)
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d alerts left within 10 s", len(at), n)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return at, nil
}
