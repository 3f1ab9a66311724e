package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

var caseLink = regexp.MustCompile(`/cases/([A-Z0-9]{4,8})\b`)

// get fetches a page, as the supervisor if it needs one.
func (r *arena) get(ctx context.Context, url string, signed bool) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", fmt.Errorf("ask for a page: %w", err)
	}
	if signed {
		req.Header.Set("Cookie", r.cookie)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return 0, "", fmt.Errorf("ask for a page: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return 0, "", fmt.Errorf("read a page: %w", err)
	}
	return resp.StatusCode, string(body), nil
}

// board is what the console shows: the references of the open cases.
func (r *arena) board(ctx context.Context, s *serving) (map[string]bool, error) {
	if err := r.signIn(ctx, s); err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	refs := map[string]bool{}
	for n := 1; ; n++ {
		status, page, err := r.get(ctx, fmt.Sprintf("http://%s/board?page=%d", s.public, n), true)
		if err != nil || status != http.StatusOK {
			return nil, fmt.Errorf("the board answers %d, %w", status, err)
		}
		before := len(refs)
		for _, m := range caseLink.FindAllStringSubmatch(page, -1) {
			refs[m[1]] = true
		}
		if len(refs) == before {
			return refs, nil
		}
	}
}

// findings are those of the self-audit on the readiness page.
func (r *arena) findings(ctx context.Context, s *serving) (int, error) {
	_, page, err := r.get(ctx, "http://"+s.ready+"/readyz", false)
	if err != nil {
		return 0, err
	}
	var ready struct {
		Details struct {
			Findings map[string]int `json:"findings"`
		} `json:"details"`
	}
	if err := json.Unmarshal([]byte(page), &ready); err != nil {
		return 0, fmt.Errorf("read the readiness page: %w", err)
	}
	n := 0
	for _, some := range ready.Details.Findings {
		n += some
	}
	return n, nil
}

// check looks from outside at what is left: the board, every receipt dialled as
// its owner would, what the providers got. It does not use the store.
func (x *trial) check(ctx context.Context) error {
	s := x.procs[0]
	if err := x.awaitReady(ctx, s); err != nil {
		return err
	}
	x.damage.Acknowledged = len(x.shown.of)
	refs, err := x.board(ctx, s)
	if err != nil {
		return err
	}
	missing := max(0, len(x.shown.of)-len(refs))
	x.damage.Doubled = max(0, len(refs)-len(x.shown.of))
	deaf, err := x.dialAll(ctx)
	if err != nil {
		return err
	}
	if x.damage.Lost = max(missing, deaf); missing > 0 {
		x.damage.note("%d cases are not on the board", missing)
	}
	x.say("every receipt dialled")
	if x.damage.Findings, err = x.findings(ctx, s); err != nil {
		return err
	}
	x.alerted(ctx, refs)
	return nil
}

// mostDialled is of how many reports the receipt is tried: PINs are slow to
// compare, on purpose. The board is asked for all of them.
const mostDialled = 10

// What a caller reads first of a report that is known, and of none.
const (
	knownReceipt   = "END Da "
	unknownReceipt = "CON Ma hoac PIN"
)

// dialAll asks for reports by their receipt, each on a phone of its own, and
// returns how many are not known. To be told that the hotline is busy is no
// answer.
func (x *trial) dialAll(ctx context.Context) (int, error) {
	const patience = 2 * time.Minute
	lost, n, most := 0, 0, realTime().Add(patience)
	for number, shown := range x.shown.of {
		if n++; n > mostDialled {
			break
		}
		var screen string
		err := x.until(ctx, most.Sub(realTime()), "a receipt is answered", func() bool {
			screen = x.dialStatus(ctx, n, number, shown.pin)
			return strings.HasPrefix(screen, knownReceipt) || strings.HasPrefix(screen, unknownReceipt)
		})
		switch {
		case ctx.Err() != nil:
			return lost, err
		case err != nil:
			x.damage.note("only %d receipts were answered within %v: this machine is busy", n-1, patience)
			return lost, nil
		case !strings.HasPrefix(screen, knownReceipt):
			lost++
			x.damage.note("a receipt was answered with %.60q", screen)
		}
	}
	return lost, nil
}

// dialStatus asks once, as the owner of a receipt would.
func (x *trial) dialStatus(ctx context.Context, n int, number, pin string) (screen string) {
	session, phone := fmt.Sprintf("status-%d-%d", n, realTime().UnixNano()), fmt.Sprintf("+8492%07d", n)
	for _, transcript := range []string{"", "3", "3*" + number, "3*" + number + "*" + pin} {
		var err error
		if _, screen, err = x.at(0).hop(ctx, session, phone, transcript); err != nil {
			return ""
		}
	}
	return screen
}

// alerted waits until the providers have heard of every case, and counts those
// that nobody was told of and the messages that came again.
func (x *trial) alerted(ctx context.Context, refs map[string]bool) {
	_ = x.until(ctx, 90*time.Second, "all cases are alerted", func() bool { return x.unheard(refs) == 0 })
	if n := len(x.kills); n > 0 {
		_ = wait(ctx, afterLease-realTime().Sub(x.kills[n-1]))
	}
	x.repeats(ctx)
	x.damage.Unalerted = x.unheard(refs)
}
