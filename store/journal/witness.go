package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Witness keeps checkpoints where the owner of the journal's disk cannot reach
// them: another host, a mailbox, a printer.
type Witness interface {
	Witness(ctx context.Context, c Checkpoint) error
}

// Testify gives the present checkpoint to every witness, and returns it. One that
// is away does not keep the others from it. Call it every few minutes: what came
// after the last checkpoint is what could be cut off unseen.
func (j *Journal) Testify(ctx context.Context, witnesses ...Witness) (Checkpoint, error) {
	c := j.Checkpoint()
	var errs []error
	for _, w := range witnesses {
		if err := w.Witness(ctx, c); err != nil {
			errs = append(errs, err)
		}
	}
	return c, errors.Join(errs...)
}

// FileWitness is a file on another medium.
type FileWitness string

// Witness implements Witness.
func (f FileWitness) Witness(_ context.Context, c Checkpoint) error {
	return WriteCheckpoint(string(f), c)
}

// HTTPWitness posts each checkpoint as JSON to a server that keeps it.
type HTTPWitness struct {
	Client *http.Client // with a timeout
	URL    string
	Token  string // sent as a bearer token, if there is one
}

// Witness implements Witness.
func (h HTTPWitness) Witness(ctx context.Context, c Checkpoint) error {
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("post checkpoint: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("post checkpoint: the address is none") // it may hold a secret
	}
	req.Header.Set("Content-Type", "application/json")
	if h.Token != "" {
		req.Header.Set("Authorization", "Bearer "+h.Token)
	}
	res, err := h.Client.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // without the address
		}
		return fmt.Errorf("post checkpoint: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("post checkpoint: the witness answers %s", res.Status)
	}
	return nil
}

// String hides the token.
func (h HTTPWitness) String() string { return "[witness]" }

// Format hides the token for every verb.
func (h HTTPWitness) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, h.String()) }
