package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// deliveriesPage is every message to members about the open cases that the reader
// may see, the latest first, and what became of it.
type deliveriesPage struct {
	Page
	Delivery flows.Delivery
	Channel  flows.Channel
	Find     string
	Lines    []deliveryLine
	All      int // that were found
	Number   int // of the page, from 1
	Stale    bool
	At       time.Time
}

type deliveryLine struct {
	flows.Alert
	Ref   flows.Ref
	Who   string
	Place string
}

// deliveryRows is how many messages stand on one page.
const deliveryRows = 50

// Deliveries are the states that can be looked for.
func (deliveriesPage) Deliveries() []flows.Delivery {
	return []flows.Delivery{flows.Undelivered, flows.Unknown, flows.Queued, flows.Sent, flows.Delivered}
}

// Channels are the ways that can be looked for.
func (deliveriesPage) Channels() []flows.Channel { return []flows.Channel{flows.SMS, flows.Voice} }

func (c *Console) deliveriesPage(x echo.Context) error {
	p := deliveriesPage{Page: c.page(x, "console.deliveries.title"), Number: 1, Find: clip(x.QueryParam("find"), 60)}
	p.Delivery, p.Channel = among(x.QueryParam("delivery"), p.Deliveries()), among(x.QueryParam("channel"), p.Channels())
	if n, err := strconv.Atoi(x.QueryParam("page")); err == nil {
		p.Number = min(max(n, 1), 1000)
	}
	s := c.sight(x.Request().Context())
	p.Stale, p.At = s.stale, s.at
	list := c.delivered(s, &p)
	p.All = len(list)
	first := min((p.Number-1)*deliveryRows, len(list))
	p.Lines = list[first:min(first+deliveryRows, len(list))]
	return c.render(x, http.StatusOK, "deliveries", p)
}

// delivered finds the messages that a page asks for.
func (c *Console) delivered(s *shot, p *deliveriesPage) []deliveryLine {
	var list []deliveryLine
	find := strings.ToLower(strings.TrimSpace(p.Find))
	for _, e := range s.entries {
		for _, a := range e.k.Alerts {
			if p.Delivery != "" && a.Delivery != p.Delivery || p.Channel != "" && a.Channel != p.Channel {
				continue
			}
			l := deliveryLine{Alert: a, Ref: e.k.Ref, Who: c.name(a.Member), Place: p.T("board.place.unknown")}
			if e.k.Place != "" {
				l.Place = c.Place(e.k.Place)
			}
			if find == "" || strings.Contains(strings.ToLower(string(l.Ref)+" "+l.Who+" "+l.Place), find) {
				list = append(list, l)
			}
		}
	}
	slices.SortFunc(list, func(a, b deliveryLine) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Query is the address of another page of the same search.
func (p deliveriesPage) Query(number int) string {
	q := url.Values{"page": {strconv.Itoa(number)}}
	for name, value := range map[string]string{"delivery": string(p.Delivery), "channel": string(p.Channel), "find": p.Find} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q.Encode()
}

// Pages is how many pages there are.
func (p deliveriesPage) Pages() int { return (p.All + deliveryRows - 1) / deliveryRows }

// Previous is the page before this one.
func (p deliveriesPage) Previous() int { return p.Number - 1 }

// Next is the page after this one.
func (p deliveriesPage) Next() int { return p.Number + 1 }
