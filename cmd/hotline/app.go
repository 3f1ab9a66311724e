package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/dialog"
	"hotline/flows/directory"
	"hotline/flows/dispatch"
	"hotline/flows/escalation"
	"hotline/flows/escalation/duty"
	"hotline/flows/retention"
	"hotline/handlers/hook"
	"hotline/store"
	"hotline/store/vault"
)

// app is one running hotline: everything between the listeners and Redis.
type app struct {
	cfg   configs.Config
	log   *zap.Logger
	now   func() time.Time
	store *store.Store
	// papers are what the store keeps beside cases.
	papers *papers
	vault  *vault.Vault
	data   *data
	dir    *current
	// figures are for monitoring, watch reads those that only Redis knows.
	figures *figures
	watch   *watch
	counted *tallied // what happened, for reports
	ledger  *ledger  // nil: no journal
	deeds   *deeds
	safe    *safe
	sole    *store.Embedded // nil: Redis
	lost    atomic.Bool     // Redis has lost its data while we ran
	drawn   *receipts
	// traffic is what every provider did in the last hour.
	traffic func(now time.Time) []flows.Traffic
	closed  chan flows.CaseID // cases just closed: their reporter's number goes sooner

	purges     *retention.Worker
	dialog     *dialog.Service
	casework   *escalation.Service
	ladder     *escalation.Worker
	mail       *dispatch.Worker
	deliveries *dispatch.Deliveries
	clerk      *duty.Clerk // what members are asked about their duty
	hooked     []*hook.Worker
}

// parts are what an app is made of. Send carries messages out.
type parts struct {
	cfg   configs.Config
	log   *zap.Logger
	now   func() time.Time
	vault *vault.Vault
	// safe is where the vault keeps its keys and the numbers of reporters, if
	// anywhere; ledger is the journal, if there is one.
	safe   *safe
	ledger *ledger
	data   *data
	send   dispatch.Sender
	find   map[string]dispatch.Finder
	turns  *dispatch.Turns // nil: all providers can be asked, or may have all at once
	// alarms text supervisors past the store, in this order.
	alarms []dispatch.Sender
	// traffic is what the providers did; nil: nobody knows.
	traffic func(now time.Time) []flows.Traffic
	// changed is told of every commit of this process, if set.
	changed func(flows.Change)
	// figures count; nil makes new ones.
	figures *figures
	// own is the clock of this machine where now is another's; nil: now is.
	own func() time.Time
	// shared is the clock of Redis; nil when there is none.
	shared *sharedClock
	// serverTime asks Redis for its clock; nil when there is none to ask.
	serverTime func(context.Context) (time.Time, error)
	// embedded lets the store be opened in this process.
	open func(ctx context.Context, o store.Options) (*store.Store, error)
}

// newApp opens the store and wires the parts. Nothing runs yet.
func newApp(ctx context.Context, p parts) (*app, error) {
	a := &app{
		cfg: p.cfg, log: p.log, now: p.now, vault: p.vault, data: p.data, figures: p.figures,
		ledger: p.ledger, safe: p.safe, closed: make(chan flows.CaseID, 1024), traffic: p.traffic,
	}
	if a.safe == nil {
		a.safe = &safe{vault: p.vault}
	}
	if a.figures == nil {
		a.figures = newFigures()
	}
	if a.traffic == nil {
		a.traffic = a.figures.web.LastHour
	}
	a.deeds = &deeds{ledger: a.ledger, demo: a.ledger == nil && len(p.cfg.Redis.Addresses) == 0, now: p.now}
	zone, err := time.LoadLocation(directory.Zone)
	if err != nil {
		return nil, fmt.Errorf("load the time zone: %w", err)
	}
	o := store.Options{
		Partitions: p.cfg.Redis.Partitions, WaitReplicas: p.cfg.Redis.WaitReplicas, Zone: zone,
		OnCommit: func(ch flows.Change) { a.committed(ch, p.changed) },
		Ended:    a.rules().Ended, Notes: p.vault,
	}
	if a.ledger != nil {
		o.Keep, o.OnDoubt = a.ledger.keep, a.ledger.Doubt
		a.ledger.failing = a.figures.witness
	}
	if a.store, err = p.open(ctx, o); err != nil {
		return nil, err
	}
	a.papers = &papers{Store: a.store, ledger: a.ledger, seal: p.vault, now: p.now}
	a.drawn = &receipts{
		stock: vault.NewReceipts(p.vault, newRandom(), a.store.Partitions(), readyReceipts),
		vault: p.vault, cases: a.store, now: p.now, warn: a.warn("receipts"), soft: make(chan flows.CaseID, softReceipts),
	}
	a.drawn.stock.Pause = receiptPause
	a.dir = &current{store: a.store, data: p.data, now: p.now}
	a.casework = &escalation.Service{Store: a.desk(), World: a.dir.world, Now: p.now}
	a.ladder = &escalation.Worker{
		Timers: a.due(p.shared), Cases: a.store, World: a.dir.world, Now: p.now,
		Partitions: a.partitions(), Warn: a.warn("timers"),
	}
	a.deliveries = &dispatch.Deliveries{Store: a.store, Now: p.now, Done: a.figures.delivered(p.now)}
	a.mail = &dispatch.Worker{
		Outbox: a.due(p.shared), Cases: a.store, Phones: a.phones(), Sender: a.sender(p.send), Finders: p.find, Now: p.now,
		Warn:    a.warn("messages"),
		Turns:   p.turns,
		Bundles: &dispatch.Bundles{Window: p.cfg.Bundle, Text: a.bundleText},
	}
	a.clerk = &duty.Clerk{
		Papers: a.papers, Directories: a.papers, Board: a.store, Sender: p.send, World: a.dir.world, Now: p.now,
		Random: rand.Reader, Warn: a.warn("duty"), Changed: a.rotaChanged,
	}
	if a.hooked, err = a.hooks(); err != nil {
		return nil, err
	}
	a.dialog = a.newDialog(zone)
	a.counted = newTallied(a.store, a.warn("figures"))
	a.purges = a.newPurges()
	a.watch = newWatch(a, p.serverTime)
	if p.own != nil {
		a.watch.own = p.own
	}
	a.watch.guard = newGuard(p.cfg, a.alarm(p.alarms), &http.Client{Timeout: 10 * time.Second})
	a.figures.follow(a)
	return a, nil
}

func (a *app) newDialog(zone *time.Location) *dialog.Service {
	s := dialog.Defaults()
	s.Code, s.Language = a.cfg.Service.Code, a.cfg.Service.Language
	s.Partitions = a.store.Partitions()
	s.Keep, s.KeepText, s.Remember = a.cfg.Sessions.USSD, a.cfg.Sessions.SMS, a.cfg.Sessions.Remember
	s.Patience = a.cfg.WebhookTimeout - 500*time.Millisecond
	s.Zone = zone
	d := &dialog.Service{
		Conversations: a.desk(), Cases: a.desk(), Keys: a.vault, Vault: a.vault, Draw: a.drawn.draw,
		Flows: a.data.flows, Guide: a.dir.guide, Texts: a.data.texts, Words: a.data.words,
		Random: newRandom(), Settings: s, Warn: a.warn("conversations"), Postpone: a.rules().Input,
		Hamlet: a.hamlet,
	}
	if a.safe.numbers != nil {
		d.Relay = a.safe.numbers
	}
	d.Rota = a.clerk
	return d
}

// casebook is the store as the people of the hotline see it: what it says is
// done is safe.
type casebook interface {
	dialog.Conversations
	dialog.Cases
	retention.Cases
}

func (a *app) desk() casebook {
	if a.ledger != nil && a.ledger.sole {
		return desk{a.store, a.ledger}
	}
	return a.store
}

// sender lets messages out after the journal's disk, where nothing else keeps
// what they follow from.
func (a *app) sender(s dispatch.Sender) dispatch.Sender {
	if a.ledger != nil && a.ledger.sole {
		return afterDisk{s, a.ledger}
	}
	return s
}

// phones finds numbers when messages leave: those of members in the directory,
// those of reporters in the relay.
func (a *app) phones() dispatch.Phones {
	if a.safe.numbers == nil {
		return a.dir
	}
	return everybody{a.dir, a.safe.numbers, a.now, a.warn("numbers")}
}

// committed wakes the workers when a change gave them work.
func (a *app) committed(ch flows.Change, tell func(flows.Change)) {
	a.figures.committed(ch)
	a.drawn.committed(ch)
	if ch.Case.Status == flows.StatusClosed && ch.Case.Contact && a.safe.numbers != nil {
		select {
		case a.closed <- ch.Case.ID:
		default: // the number goes with its own time
		}
	}
	if len(ch.Send) > 0 {
		a.mail.Nudge()
	}
	a.ladder.Committed(ch)
	if tell != nil {
		tell(ch)
	}
}

func (a *app) partitions() []int {
	all := make([]int, a.store.Partitions())
	for i := range all {
		all[i] = i
	}
	return all
}

// warn logs what went wrong in a loop; the loop goes on. A store that is gone
// would be logged many times a second, so equal lines within a second are one.
func (a *app) warn(loop string) func(error) { return warner(a.log, a.now, loop) }

func warner(log *zap.Logger, clock func() time.Time, loop string) func(error) {
	var mu sync.Mutex
	var last time.Time
	return func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if now := clock(); now.Sub(last) >= time.Second {
			last = now
			log.Warn("a loop goes on after a fault", zap.String("loop", loop), zap.Error(err))
		}
	}
}

// install makes sure that there is a directory: the stored one, else the one
// that read returns.
func (a *app) install(ctx context.Context, read func() (flows.Directory, error)) error {
	err := a.dir.refresh(ctx)
	if err == nil && a.sole != nil && a.cfg.Directory != "" {
		return a.renewDirectory(ctx, read)
	}
	if !errors.Is(err, flows.ErrNotFound) {
		return err
	}
	d, err := read()
	if err != nil {
		return err
	}
	if err := a.papers.ReplaceDirectory(ctx, "", d); err != nil && !errors.Is(err, flows.ErrConflict) {
		return fmt.Errorf("store the directory: %w", err)
	}
	return a.dir.refresh(ctx)
}

// renewDirectory is for a hotline without a Redis, which nobody can import into
// while it runs: at its start it takes over a folder that was changed. The rest
// of the time the stored directory stays, with the turns that people swapped.
func (a *app) renewDirectory(ctx context.Context, read func() (flows.Directory, error)) error {
	d, err := read()
	if err != nil {
		return err
	}
	version, _ := a.dir.inUse()
	if files, _, _ := strings.Cut(version, "+"); files == d.Version {
		return nil
	}
	if err := a.papers.ReplaceDirectory(ctx, version, d); err != nil {
		return fmt.Errorf("replace the directory: %w", err)
	}
	return a.dir.refresh(ctx)
}

// rotaChanged notes what the clerk changed in the directory, and uses it at once. Who
// changed it says so on a page or to the clerk, by a text.
func (a *app) rotaChanged(ctx context.Context, by flows.MemberID, what, why string) {
	d := flows.Deed{Who: by, Kind: flows.DeedRota, What: what, Why: why, From: "duty"}
	if access.From(ctx).Role != "" {
		d.From = access.Mark(ctx)
	}
	a.ledger.audit(ctx, d)
	if err := a.dir.refresh(ctx); err != nil {
		a.warn("directory")(err)
	}
}

// forgotten is for a Redis that answers and has lost the directory, and so all
// else. Work goes on with the directory in memory, so that new reports reach
// somebody; readiness fails until a person has brought the cases back.
func (a *app) forgotten(ctx context.Context) error {
	v := a.dir.view.Load()
	if v == nil {
		return flows.ErrNotFound
	}
	a.lost.Store(true)
	a.log.Error("Redis has lost its data: bring the cases back with `hotline journal restore`, then start again")
	if err := a.store.ReplaceDirectory(ctx, "", v.directory); err != nil && !errors.Is(err, flows.ErrConflict) {
		return fmt.Errorf("put the directory back: %w", err)
	}
	return nil
}

// haveStore is the readiness check of the store.
func (a *app) haveStore(ctx context.Context) error {
	if a.lost.Load() {
		return errors.New("it has lost its data: run `hotline journal restore`, then start again")
	}
	return a.store.Ping(ctx)
}
