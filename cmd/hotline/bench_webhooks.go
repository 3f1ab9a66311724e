package main

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"

	"hotline/configs"
)

type benchWebhooksCmd struct {
	benchFlags
	benchRounds
	Connections int `help:"Connections at once." default:"64"`
}

// The text that becomes an urgent case at once, and the account that signs it.
const (
	benchText    = "cứu cháu với, đang bị nhốt ở xã Mai Châu"
	benchToken   = "bench"
	benchAddress = "https://hotline.example.org"
)

// Run measures signed texts to committed cases and replies against a bare Echo
// handler that checks the same signature, reads one key and writes one key of
// the same Redis.
func (c benchWebhooksCmd) Run(ctx context.Context, s streams) error {
	return c.measure(ctx, s, benchReport{
		Name: "Signed texts to committed cases over HTTP",
		About: []string{
			fmt.Sprintf("%d connections without a pause, each text from a phone of its own and an urgent case of its own; %d rounds of %v", c.Connections, c.Rounds, c.Time),
			"floor: a bare Echo handler that checks the same signature, reads the form, GETs one key and SETs 500 bytes for a minute",
			"half load: texts come at half the median rate whether or not the server keeps up; a text's time runs from the moment it was due",
		},
	}, c.one)
}

func (c benchWebhooksCmd) one(ctx context.Context, p *benchPart) error {
	rig, err := newRig(ctx, p.fsync, rigOptions{set: func(cfg *configs.Config) {
		cfg.PublicURL = benchAddress
		cfg.Twilio.Account, cfg.Twilio.Token, cfg.Twilio.From = "AC1", configs.NewSecret(benchToken), "+15550100"
	}})
	if err != nil {
		return err
	}
	defer rig.close()
	bare, err := rig.floor(ctx, "/twilio/sms", verifyAndWrite(rig))
	if err != nil {
		return err
	}
	texts := &textsLoad{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: c.Connections, MaxConnsPerHost: c.Connections}}}
	defer texts.client.CloseIdleConnections()
	if err := c.contest(ctx, p, rig, "webhooks", func(ctx context.Context) (loadResult, error) {
		return texts.pressed(ctx, bare, c.Connections, c.Time)
	}, func(ctx context.Context) (loadResult, error) {
		return texts.pressed(ctx, rig.full, c.Connections, c.Time)
	}); err != nil {
		return err
	}
	half, err := texts.arriving(ctx, rig.full, p.row("hotline", "/s").Median/2, c.Time)
	if err != nil {
		return err
	}
	p.atHalfLoad(half)
	p.aim("ratio", 0.60, 0)
	p.aim("hotline at half load, p99", 0, 50)
	p.aim("hotline: Redis round trips a step", 0, 2.05)
	return rig.profileRedis(ctx, p)
}

// verifyAndWrite is the floor of texts.
func verifyAndWrite(rig *benchRig) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := rig.accounts.twilio.Verify(c.Request()); err != nil {
			return err
		}
		ctx, key := c.Request().Context(), "floor:"+c.FormValue("From")
		old, err := rig.client.Get(ctx, key).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		if err := rig.client.Set(ctx, key, cmp.Or(old, strings.Repeat("x", 500)), time.Minute).Err(); err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "text/xml", []byte("<Response><Message>Da nhan.</Message></Response>"))
	}
}

// textsLoad sends texts, each from a number that has sent none before: a second
// one would be no new case.
type textsLoad struct {
	client *http.Client
	next   int
}

// pressed keeps all connections busy.
func (l *textsLoad) pressed(ctx context.Context, to *listeners, connections int, d time.Duration) (loadResult, error) {
	first := l.next
	r, err := load(ctx, connections, 1, d, realTime, func(ctx context.Context, n, _ int) error {
		return l.text(ctx, to, first+n)
	})
	l.next += r.Steps + 1000*connections
	return r, err
}

// arriving lets texts come at a rate.
func (l *textsLoad) arriving(ctx context.Context, to *listeners, rate float64, d time.Duration) (loadResult, error) {
	first := l.next
	r, err := arrivals(ctx, rate, 1, d, realTime, func(ctx context.Context, n, _ int) error {
		return l.text(ctx, to, first+n)
	})
	l.next += r.Steps
	return r, err
}

// text sends one text from a phone of its own and checks the reply: a text that
// gets none is an error, not a step.
func (l *textsLoad) text(ctx context.Context, to *listeners, n int) error {
	form := url.Values{
		"MessageSid": {fmt.Sprintf("SM%032d", n)}, "AccountSid": {"AC1"}, "From": {fmt.Sprintf("+8496%07d", n%10_000_000)},
		"To": {"+15550100"}, "Body": {benchText}, "NumMedia": {"0"}, "FromCountry": {"VN"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base(to)+"/twilio/sms", strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", signedForm(form))
	resp, err := l.client.Do(req)
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return fmt.Errorf("read the reply: %w", err)
	}
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "<Message>Da nhan.") {
		return fmt.Errorf("status %d, a reply of %d bytes that does not say that the report was taken", resp.StatusCode, len(body))
	}
	return nil
}

// signedForm is the signature that Twilio puts on a form: its address, and names
// and values in order.
func signedForm(form url.Values) string {
	h := hmac.New(sha1.New, []byte(benchToken))
	_, _ = io.WriteString(h, benchAddress+"/twilio/sms")
	for _, name := range slices.Sorted(maps.Keys(form)) {
		_, _ = io.WriteString(h, name+form.Get(name))
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
