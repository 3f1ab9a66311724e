package api

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

// strangers is how many requests a minute an address may make without a token.
const strangers = 30

// mostLimits bounds what odd addresses can make us keep.
const mostLimits = 10_000

// limit is how much somebody has left.
type limit struct {
	*rate.Limiter
	seen time.Time
}

// count refuses who asks too often. Each process counts for itself.
func (a *API) count(c *call, of string, perMinute int) error {
	l := a.limitOf(of, perMinute, c.now)
	h := c.Response().Header()
	r := l.ReserveN(c.now, 1)
	if wait := r.DelayFrom(c.now); wait > 0 {
		r.CancelAt(c.now)
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		return &problem{Status: http.StatusTooManyRequests, Code: "too_many", Detail: "at most " + strconv.Itoa(perMinute) + " a minute"}
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(perMinute))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, int(l.TokensAt(c.now)))))
	return nil
}

func (a *API) limitOf(of string, perMinute int, now time.Time) *limit {
	a.mu.Lock()
	defer a.mu.Unlock()
	l, ok := a.limits[of]
	if !ok {
		if len(a.limits) >= mostLimits {
			a.forget(now)
		}
		l = &limit{Limiter: rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)}
		a.limits[of] = l
	}
	l.seen = now
	return l
}

// forget drops who has been quiet for so long that they have all of it left.
func (a *API) forget(now time.Time) {
	for of, l := range a.limits {
		if now.Sub(l.seen) >= time.Minute {
			delete(a.limits, of)
		}
	}
	if len(a.limits) >= mostLimits {
		clear(a.limits) // a flood: everybody begins anew rather than that memory goes
	}
}
