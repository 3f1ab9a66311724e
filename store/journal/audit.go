package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
)

// Deed is what somebody did that must be answered for.
type Deed string

// The deeds.
const (
	DeedRead      Deed = "read"      // opened a sealed text
	DeedReveal    Deed = "reveal"    // learned who a reporter is
	DeedKey       Deed = "key"       // used, rotated or destroyed a key
	DeedExport    Deed = "export"    // took data out
	DeedBackup    Deed = "backup"    // made or restored a backup
	DeedConfig    Deed = "config"    // changed the configuration
	DeedDirectory Deed = "directory" // changed places, groups, members or the rota
	DeedAccount   Deed = "account"   // made, changed or closed an account; signed in
	DeedPurge     Deed = "purge"     // destroyed a case, or part of one
	DeedDrill     Deed = "drill"     // proved the escrow, a backup, a restore
)

// Audit is one entry: who did what, to which case, why, and from where. It never
// holds a number of a reporter or a text.
type Audit struct {
	Who  flows.MemberID `json:"who,omitempty"` // empty: the hotline itself
	Deed Deed           `json:"deed"`
	What string         `json:"what,omitempty"` // a field, a file, a key: a name, never its content
	Why  string         `json:"why,omitempty"`  // as the person said, or the named reason of a rule
	From string         `json:"from,omitempty"` // the part of the program and the session, never an address
	// Second is who agreed, where two are needed.
	Second flows.MemberID `json:"second,omitempty"`
}

// Entry is an audit entry as it is read back.
type Entry struct {
	Audit
	Seq  uint64 // in the chain
	At   time.Time
	Case flows.CaseID // empty: about no case
}

// Audit writes an entry and returns when it is on the disk. What the entry is
// about must not be done before, and not at all if it fails.
func (j *Journal) Audit(ctx context.Context, at time.Time, id flows.CaseID, a Audit) error {
	if a.Deed == "" {
		return errors.New("audit: an entry needs a deed")
	}
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if err := j.Append(ctx, Record{At: at, Kind: KindAudit, Case: id, Body: body}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// ReadAudit calls each for every audit entry of the journals, chain by chain. The
// reports say whether anything was changed.
func ReadAudit(ctx context.Context, dirs []string, key []byte, each func(Entry) error) ([]Report, error) {
	return Restore(ctx, dirs, key, func(r Record) error {
		if r.Kind != KindAudit {
			return nil
		}
		e := Entry{Seq: r.Seq, At: r.At, Case: r.Case}
		if err := json.Unmarshal(r.Body, &e.Audit); err != nil {
			return fmt.Errorf("audit record %d: %w", r.Seq, err)
		}
		return each(e)
	})
}
