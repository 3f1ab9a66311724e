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
	"go.uber.org/zap"

	"hotline/configs"
)

type benchWebhooksCmd struct {
	Connections int           `help:"Connections at once." default:"64"`
	Rounds      int           `help:"Rounds of floor and hotline in turn." default:"5"`
	Time        time.Duration `help:"Length of one measurement." default:"3s"`
	Fsync       string        `help:"always or everysec." default:"always" enum:"always,everysec"`
	JSON        bool          `help:"Print one JSON object." name:"json"`
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
	b, err := newWebhooksBench(ctx, c)
	if err != nil {
		return err
	}
	defer b.close()
	progress := s.err
	if c.JSON {
		progress = io.Discard
	}
	result := comparison{
		Name:    "Signed texts to committed cases over HTTP",
		Setting: fmt.Sprintf("%d connections, Redis with appendfsync %s, %d rounds of %v each in turn", c.Connections, c.Fsync, c.Rounds, c.Time),
		Targets: []string{"ratio 0.60 or more; p99 below 50 ms at half load; 2 round trips or fewer a text"},
	}
	if result.Rounds, err = compare(ctx, c.Rounds, progress, b.floorOf, b.hotlineOf); err != nil {
		return err
	}
	var rates []float64
	for _, r := range result.Rounds {
		rates = append(rates, r.Subject.rate())
	}
	half, err := b.half(ctx, median(rates)/2)
	if err != nil {
		return err
	}
	result.Counts = map[string]float64{
		"Redis round trips a text, from command stats": b.trips / b.steps,
		"half load, texts/s":                           half.rate(),
		"half load, p50 in ms":                         float64(half.P50) / float64(time.Millisecond),
		"half load, p99 in ms":                         float64(half.P99) / float64(time.Millisecond),
	}
	if c.JSON {
		return result.printJSON(s.out)
	}
	result.print(s.out)
	return nil
}

// webhooksBench is the Redis and the hotline of the other benchmarks with
// another floor and another caller.
type webhooksBench struct {
	*stepsBench
	cmd    benchWebhooksCmd
	client *http.Client
	texts  int
}

func newWebhooksBench(ctx context.Context, c benchWebhooksCmd) (*webhooksBench, error) {
	b, ctx, err := newBench(ctx, benchStepsCmd{Callers: c.Connections, Fsync: c.Fsync}, func(cfg *configs.Config) {
		cfg.PublicURL = benchAddress
		cfg.Twilio.Account, cfg.Twilio.Token, cfg.Twilio.From = "AC1", configs.NewSecret(benchToken), "+15550100"
	})
	if err != nil {
		return nil, err
	}
	w := &webhooksBench{stepsBench: b, cmd: c}
	w.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: c.Connections, MaxConnsPerHost: c.Connections}}
	if err := w.startFloor(ctx); err != nil {
		b.close()
		return nil, err
	}
	return w, nil
}

// startFloor runs the floor: Echo, the signature, the form, one read and one
// write of Redis, a reply of the same form.
func (b *webhooksBench) startFloor(ctx context.Context) error {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.POST("/twilio/sms", func(c echo.Context) error {
		if err := b.accounts.twilio.Verify(c.Request()); err != nil {
			return err
		}
		ctx, key := c.Request().Context(), "floor:"+c.FormValue("From")
		old, err := b.stepsBench.client.Get(ctx, key).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		if err := b.stepsBench.client.Set(ctx, key, cmp.Or(old, strings.Repeat("x", 500)), time.Minute).Err(); err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "text/xml", []byte("<Response><Message>Da nhan.</Message></Response>"))
	})
	b.bare = &listeners{public: e, internal: echo.New(), timeout: time.Second, log: zap.NewNop()}
	return b.serve(ctx, b.bare)
}

func (b *webhooksBench) floorOf(ctx context.Context) (loadResult, error) {
	return b.pressed(ctx, b.bare)
}

func (b *webhooksBench) hotlineOf(ctx context.Context) (loadResult, error) {
	before, err := b.sent(ctx)
	if err != nil {
		return loadResult{}, err
	}
	r, err := b.pressed(ctx, b.full)
	if err != nil {
		return r, err
	}
	after, err := b.sent(ctx)
	b.steps, b.trips = b.steps+float64(r.Steps), b.trips+after-before
	return r, err
}

// pressed keeps all connections busy.
func (b *webhooksBench) pressed(ctx context.Context, l *listeners) (loadResult, error) {
	first := b.texts
	r, err := load(ctx, b.cmd.Connections, 1, b.cmd.Time, realTime, func(ctx context.Context, n, _ int) error {
		return b.text(ctx, l, first+n)
	})
	// Numbers differ from round to round: a second text would be no new case.
	b.texts += r.Steps + 1000*b.cmd.Connections
	return r, err
}

// half lets texts come at half the rate.
func (b *webhooksBench) half(ctx context.Context, rate float64) (loadResult, error) {
	first := b.texts
	return arrivals(ctx, max(1, rate), b.cmd.Time, realTime, func(ctx context.Context, n int) error {
		return b.text(ctx, b.full, first+n)
	})
}

// text sends one text from a phone of its own and checks the reply: a text that
// gets none is an error, not a step.
func (b *webhooksBench) text(ctx context.Context, l *listeners, n int) error {
	form := url.Values{
		"MessageSid": {fmt.Sprintf("SM%032d", n)}, "AccountSid": {"AC1"}, "From": {fmt.Sprintf("+8496%07d", n%10_000_000)},
		"To": {"+15550100"}, "Body": {benchText}, "NumMedia": {"0"}, "FromCountry": {"VN"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.opened[0].Addr().String()+"/twilio/sms", strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", signedForm(form))
	resp, err := b.client.Do(req)
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
