package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"hotline/flows"
)

// kept is an answer as it is given again to the same idempotency key.
type kept struct {
	Of     string          `json:"of"` // the fingerprint of the request
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

func (k *kept) kind() string {
	if k.Status >= http.StatusBadRequest {
		return "application/problem+json"
	}
	return "application/json; charset=utf-8"
}

// How long an answer is given again, and how long one that is being made keeps
// others with its key away. A process that dies over it leaves the key free then.
const (
	answersKept = 24 * time.Hour
	answersMade = time.Minute
)

// once does something once for each idempotency key: the same request again gets
// the same answer, also a refusal, and another request under the key is refused. A
// request without a key is just done. What the reader may is asked before.
func (a *API) once(c *call, do func() (any, error)) (any, error) {
	key := c.Request().Header.Get("Idempotency-Key")
	if key == "" {
		return do()
	}
	if len(key) > 255 {
		return nil, bad("idempotency_key", "at most 255 bytes")
	}
	sum := sha256.Sum256([]byte(c.op.ID + "\x00" + c.Request().URL.Path + "\x00" + string(c.raw)))
	of := hex.EncodeToString(sum[:])
	name := a.Sign("idempotency key", c.token.ID, key)
	before, err := a.before(c, name, of)
	if before != nil || err != nil {
		return before, err
	}
	holder, err := a.Once.ClaimOnce(c.ctx, "made:"+name, of+" "+c.Response().Header().Get("X-Request-Id"), answersMade)
	if err != nil {
		return nil, err
	}
	if holder != of+" "+c.Response().Header().Get("X-Request-Id") {
		if before, err := a.before(c, name, of); before != nil || err != nil {
			return before, err
		}
		c.Response().Header().Set("Retry-After", "1")
		return nil, &problem{Status: http.StatusConflict, Code: "in_progress", Detail: "the first request with this key is still under way"}
	}
	return a.keep(c, name, of, do)
}

// before is the answer that was given to a key; nil: none yet.
func (a *API) before(c *call, name, of string) (*kept, error) {
	text, err := a.Once.Claimed(c.ctx, "answer:"+name)
	if errors.Is(err, flows.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var k kept
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return nil, err
	}
	if k.Of != of {
		return nil, unfit("idempotency_key", "the key was used for another request")
	}
	c.Response().Header().Set("Idempotent-Replayed", "true")
	return &k, nil
}

func (a *API) keep(c *call, name, of string, do func() (any, error)) (any, error) {
	answer, err := do()
	k := kept{Of: of, Status: http.StatusOK}
	body := answer
	if err != nil {
		p := problemOf(err)
		if p == nil || p.Status >= http.StatusInternalServerError {
			return nil, err // it may be tried again, with the same key
		}
		k.Status, body = p.Status, p.body("")
	}
	var e error
	if k.Body, e = json.Marshal(body); e != nil {
		return nil, e
	}
	text, e := json.Marshal(k)
	if e != nil {
		return nil, e
	}
	if _, e = a.Once.ClaimOnce(c.ctx, "answer:"+name, string(text), answersKept); e != nil {
		return nil, e
	}
	return &k, nil
}
