package console

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/fnv"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// Providers tells what each provider did in the hour before a moment, and how it
// stands.
type Providers struct {
	Traffic  func(now time.Time) []flows.Traffic
	Currency string // of the estimates, as VND
	// Keeping tells how the data is kept; nil, or a nil answer: it is not known.
	Keeping func() *Keeping
}

type providersPage struct {
	Page
	Live template.HTML
}

// providersView is the live part of the page.
type providersView struct {
	words
	All      []carrier
	Sum      carrier
	Currency string
	Keeping  *Keeping
}

// carrier is one provider as the page shows it.
type carrier struct {
	flows.Traffic
	Failures  []counted
	Alphabets []counted
	Words     []counted // status words that nobody knows
}

// counted is a name and how often it came.
type counted struct {
	Name string
	N    int
}

func (c *Console) providersPage(x echo.Context) error {
	p := providersPage{Page: c.page(x, "console.providers.title")}
	part, err := c.providersPart(p.words)
	if err != nil {
		return err
	}
	p.Live = template.HTML(part.html) //nolint:gosec // our own template made it
	return c.render(x, http.StatusOK, "providers", p)
}

// providersLive streams the inside of the page.
func (c *Console) providersLive(x echo.Context) error {
	lang := choice(x, "lang", "vi", "vi", "en")
	return c.stream(x, func() (part, error) { return c.providersPart(c.words(lang)) })
}

func (c *Console) providersPart(w words) (part, error) {
	v := providersView{words: w, Currency: c.Providers.Currency}
	if c.Providers.Keeping != nil {
		v.Keeping = c.Providers.Keeping()
	}
	for _, t := range c.Providers.Traffic(w.now) {
		v.All = append(v.All, newCarrier(t))
		v.Sum.Sent += t.Sent
		v.Sum.Delivered += t.Delivered
		v.Sum.Undelivered += t.Undelivered
		v.Sum.Unknown += t.Unknown
		v.Sum.Cost += t.Cost
		v.Sum.Alphabets = slices.Concat(v.Sum.Alphabets, v.All[len(v.All)-1].Alphabets)
	}
	var b bytes.Buffer
	if err := c.pages["providers"].ExecuteTemplate(&b, "providers", v); err != nil {
		return part{}, fmt.Errorf("render the providers: %w", err)
	}
	h := fnv.New64a()
	_, _ = h.Write(b.Bytes())
	return part{b.Bytes(), h.Sum64()}, nil
}

func newCarrier(t flows.Traffic) carrier {
	return carrier{Traffic: t, Failures: sorted(t.Failed), Alphabets: sorted(t.Segments), Words: sorted(t.Strangers)}
}

// sorted puts the most frequent first.
func sorted(m map[string]int) []counted {
	var all []counted
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, counted{k, m[k]})
	}
	slices.SortStableFunc(all, func(a, b counted) int { return cmp.Compare(b.N, a.N) })
	return all
}

// Total is how many segments a provider bills.
func (c carrier) Total() int {
	n := 0
	for _, a := range c.Alphabets {
		n += a.N
	}
	return n
}

// Lost is how often a provider did not take a message.
func (c carrier) Lost() int {
	n := 0
	for _, f := range c.Failures {
		n += f.N
	}
	return n
}

// Idle reports whether a provider did nothing in the hour.
func (c carrier) Idle() bool { return c.Sent+c.Unknown+c.Lost()+c.Delivered+c.Undelivered == 0 }

// Unapproved is how much of what a provider has to approve is not approved.
func (c carrier) Unapproved() int {
	n := 0
	for _, r := range c.Register {
		if r.Is != "approved" {
			n++
		}
	}
	return n
}

// Count is a number as the reader's language groups it: 12.345 or 12,345.
func (w words) Count(n int) string { return w.grouped(int64(n)) }

// Money is an estimate with its currency, or a dash without a price.
func (v providersView) Money(thousandths int64) string {
	if thousandths == 0 || v.Currency == "" {
		return "–"
	}
	s := v.grouped(thousandths / 1000)
	if rest := thousandths % 1000; rest != 0 && thousandths < 100_000 {
		point := map[bool]string{true: ".", false: ","}[v.Lang == "en"]
		s += point + fmt.Sprintf("%03d", rest)
	}
	return s + " " + v.Currency
}

func (w words) grouped(n int64) string {
	s, mark := strconv.FormatInt(n, 10), "."
	if w.Lang == "en" {
		mark = ","
	}
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Took is a short time: 85 ms, 1.2 s.
func (w words) Took(d time.Duration) string {
	switch {
	case d == 0:
		return "–"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	s := fmt.Sprintf("%.1f s", d.Seconds())
	if w.Lang != "en" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// Rate is a limit in words.
func (v providersView) Rate(q flows.Quota) string {
	per := "providers.per.minute"
	if q.Per <= time.Second {
		per = "providers.per.second"
	}
	s := v.T(per, "n", v.Count(q.Most))
	if q.Prefix != "" {
		s += " → " + q.Prefix
	}
	return s
}
