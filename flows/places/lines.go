package places

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"hotline/flows"
)

// line is what is printed for one text: a code, options, none or a question.
type line struct {
	Text    string          `json:"text"`
	Code    string          `json:"code,omitempty"`
	Options []string        `json:"options,omitempty"` // codes; one alone is to be confirmed
	None    bool            `json:"none,omitempty"`
	Narrow  Narrow          `json:"narrow,omitempty"`
	How     string          `json:"how"`
	ID      flows.PlaceID   `json:"id,omitempty"`  // of Code, with its date
	IDs     []flows.PlaceID `json:"ids,omitempty"` // of Options
	Labels  []string        `json:"labels,omitempty"`
}

// FindLines reads one place text a line and prints one JSON object a line: what
// a caller who typed it would get. Behind a tab may stand the answer to the
// narrowing question, a province or old district.
func FindLines(r io.Reader, w io.Writer, res *Resolver) error {
	in := bufio.NewReader(r)
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for {
		text, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read place texts: %w", err)
		}
		if text != "" {
			if err := enc.Encode(res.line(strings.TrimRight(text, "\r\n"))); err != nil {
				return fmt.Errorf("print places: %w", err)
			}
		}
		if err != nil {
			return out.Flush()
		}
	}
}

func (r *Resolver) line(text string) line {
	name, area, _ := strings.Cut(text, "\t")
	a := r.Find(name, Hint{Area: area})
	l := line{Text: text, How: a.How, Narrow: a.Narrow, None: a.None()}
	if len(a.Options) == 0 && a.Place != "" {
		l.Code, l.ID = a.Place.Code(), a.Place
	}
	l.IDs, l.Labels = a.Options, a.Labels
	for _, id := range a.Options {
		l.Options = append(l.Options, id.Code())
	}
	return l
}
