package journal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"hotline/flows"
)

// Audit writes a deed and returns when it is on the disk. What the deed is about
// must not be done before, and not at all if it fails. Numbers that somebody put
// into a reason are masked.
func (j *Journal) Audit(ctx context.Context, d flows.Deed) error {
	if d.Kind == "" {
		return errors.New("audit: a deed needs a kind")
	}
	if d.At.IsZero() {
		d.At = j.opt.Now()
	}
	d.What, d.Why, d.From = flows.MaskNumbers(d.What), flows.MaskNumbers(d.Why), flows.MaskNumbers(d.From)
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if err := j.Append(ctx, Record{At: d.At, Kind: KindAudit, Case: d.Case, Body: body}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// ReadAudit calls each for every deed in the journals, chain by chain. The reports
// say whether anything was changed.
func ReadAudit(ctx context.Context, dirs []string, key []byte, each func(flows.Deed) error) ([]Report, error) {
	var reports []Report
	for _, dir := range dirs {
		var chain []flows.Deed
		some, err := Restore(ctx, []string{dir}, key, func(r Record) error {
			if r.Kind != KindAudit {
				return nil
			}
			d := flows.Deed{At: r.At, Case: r.Case, Seq: r.Seq}
			if err := json.Unmarshal(r.Body, &d); err != nil {
				return fmt.Errorf("audit record %d: %w", r.Seq, err)
			}
			chain = append(chain, d)
			return nil
		})
		reports = append(reports, some...)
		if err != nil {
			return reports, err
		}
		for _, d := range chain {
			d.Chain = some[0].Chain
			if err := each(d); err != nil {
				return reports, err
			}
		}
	}
	return reports, nil
}

// Deeds are those that a filter chooses, the latest first. They come from the
// disk and are proven on the way: a report that is not OK says that somebody
// changed them.
func Deeds(ctx context.Context, dirs []string, key []byte, f flows.DeedFilter) ([]flows.Deed, []Report, error) {
	var list []flows.Deed
	reports, err := ReadAudit(ctx, dirs, key, func(d flows.Deed) error {
		if f.Fits(d) {
			list = append(list, d)
		}
		return nil
	})
	// The newest first; of one moment the later of its chain.
	slices.SortStableFunc(list, func(a, b flows.Deed) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Seq, a.Seq)) })
	if f.Limit > 0 && len(list) > f.Limit {
		list = list[:f.Limit]
	}
	return list, reports, err
}
