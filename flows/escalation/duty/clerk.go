package duty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Papers is where the book is kept.
type Papers interface {
	Paper(ctx context.Context, name string) (body []byte, version int64, err error)
	SavePaper(ctx context.Context, name string, from int64, body []byte) error
	Papers(ctx context.Context, prefix string) ([]string, error)
}

// Directories is where the rota is changed.
type Directories interface {
	Directory(ctx context.Context) (flows.Directory, error)
	ReplaceDirectory(ctx context.Context, from string, d flows.Directory) error
}

// Sender hands a text or call to a provider.
type Sender interface {
	Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error)
}

// Board lists the cases that still need somebody.
type Board interface {
	Open(ctx context.Context) ([]flows.Case, error)
}

// Clerk keeps the book: it asks, replaces, warns and sends, and takes answers. Any
// number of processes may run one; of two steps one conflicts and is taken anew.
// Set the fields before the first use.
type Clerk struct {
	Papers      Papers
	Directories Directories
	Board       Board
	Sender      Sender
	World       func() escalation.World
	Now         func() time.Time
	Random      io.Reader
	Warn        func(error)
	// Changed is told of what was changed in the directory, by whom, and why. By is
	// empty when it was more than one member who answered.
	Changed func(ctx context.Context, by flows.MemberID, what, why string)

	worked time.Time
}

// Names of papers.
const (
	bookName    = "duty"
	drillPrefix = "drill:"
)

// How often the book is looked through, and how long a process may take to send.
const (
	workEvery = 20 * time.Second
	lease     = time.Minute
	tries     = 8
)

// Run ticks until ctx ends.
func (c *Clerk) Run(ctx context.Context) {
	t := time.NewTicker(2 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := c.Tick(ctx, c.Now()); err != nil && ctx.Err() == nil && c.Warn != nil {
				c.Warn(err)
			}
		}
	}
}

// Tick looks through the book when it is time, changes the directory as was
// decided, and sends what waits.
func (c *Clerk) Tick(ctx context.Context, now time.Time) error {
	if now.Sub(c.worked) >= workEvery {
		if err := c.work(ctx, now); err != nil {
			return err
		}
		c.worked = now
	}
	b, _, err := c.Book(ctx)
	if err != nil {
		return err
	}
	if len(b.Overrides)+len(b.Proven) > 0 {
		if err := c.change(ctx, b); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(b.Post, func(n Notice) bool { return n.ready(now) }) {
		return nil
	}
	return c.send(ctx, now)
}

func (n Notice) ready(now time.Time) bool { return !n.Due.After(now) && now.Sub(n.Leased) >= lease }

// work takes one step of the book.
func (c *Clerk) work(ctx context.Context, now time.Time) error {
	open, err := c.Board.Open(ctx)
	if err != nil {
		return err
	}
	var ended []Drill
	err = c.update(ctx, func(b Book) (Book, error) {
		s := c.scene()
		s.Open = open
		next, err := Work(now, b, s)
		ended = next.Ended(now)
		return next, err
	})
	if err != nil {
		return err
	}
	for _, d := range ended {
		if err := c.file(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// file keeps the record of a drill that has ended.
func (c *Clerk) file(ctx context.Context, d Drill) error {
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("keep drill %s: %w", d.ID, err)
	}
	if err := c.Papers.SavePaper(ctx, drillPrefix+d.ID, 0, body); err != nil && !errors.Is(err, flows.ErrConflict) {
		return err
	}
	return c.update(ctx, func(b Book) (Book, error) {
		b = b.clone()
		b.Drills = slices.DeleteFunc(b.Drills, func(x Drill) bool { return x.ID == d.ID })
		return b, nil
	})
}

// Drills are the records of drills that have ended, the newest first.
func (c *Clerk) Drills(ctx context.Context) ([]Drill, error) { return ReadDrills(ctx, c.Papers) }

// ReadDrills is Drills where no clerk works.
func ReadDrills(ctx context.Context, p Papers) ([]Drill, error) {
	names, err := p.Papers(ctx, drillPrefix)
	if err != nil {
		return nil, err
	}
	slices.Reverse(names)
	var list []Drill
	for _, name := range names {
		body, _, err := p.Paper(ctx, name)
		if err != nil {
			return nil, err
		}
		var d Drill
		if err := json.Unmarshal(body, &d); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		list = append(list, d)
	}
	return list, nil
}

func (c *Clerk) scene() Scene {
	w := c.World()
	return Scene{Roster: w.Roster, Rules: w.Policy.Duty, Texts: w.Texts, Random: c.Random}
}

// Book reads the book and its version.
func (c *Clerk) Book(ctx context.Context) (Book, int64, error) { return ReadBook(ctx, c.Papers) }

// ReadBook is Book where no clerk works.
func ReadBook(ctx context.Context, p Papers) (Book, int64, error) {
	body, version, err := p.Paper(ctx, bookName)
	if err != nil || version == 0 {
		return Book{}, 0, err
	}
	var b Book
	if err := json.Unmarshal(body, &b); err != nil {
		return Book{}, 0, fmt.Errorf("read the book of duty: %w", err)
	}
	return b, version, nil
}

// update reads the book, changes and saves it, and does so anew when somebody was
// faster. A change of nothing is not saved.
func (c *Clerk) update(ctx context.Context, f func(Book) (Book, error)) error {
	return Update(ctx, c.Papers, f)
}

// Update is a change of the book where no clerk works.
func Update(ctx context.Context, p Papers, f func(Book) (Book, error)) error {
	for range tries {
		b, version, err := ReadBook(ctx, p)
		if err != nil {
			return err
		}
		before, err := json.Marshal(b.clone())
		if err != nil {
			return fmt.Errorf("read the book of duty: %w", err)
		}
		if b, err = f(b); err != nil {
			return err
		}
		after, err := json.Marshal(b)
		if err != nil || string(before) == string(after) {
			return err
		}
		if err = p.SavePaper(ctx, bookName, version, after); !errors.Is(err, flows.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("save the book of duty: %w", flows.ErrConflict)
}

// change puts into the directory what the book has decided. What is there already
// is not added again, so a crash between the two does no harm.
func (c *Clerk) change(ctx context.Context, b Book) error {
	d, err := c.Directories.Directory(ctx)
	if err != nil {
		return err
	}
	next, what := Apply(d, b)
	if len(what) > 0 {
		next.Version = Renewed(d.Version)
		if err := c.Directories.ReplaceDirectory(ctx, d.Version, next); err != nil {
			return fmt.Errorf("change the rota: %w", err)
		}
		if c.Changed != nil {
			c.Changed(ctx, b.answered(), "version "+next.Version, strings.Join(what, "; "))
		}
	}
	return c.update(ctx, func(now Book) (Book, error) {
		now = now.clone()
		now.Overrides = without(now.Overrides, b.Overrides)
		now.Proven = without(now.Proven, b.Proven)
		return now, nil
	})
}

func without[T any](list, gone []T) []T {
	key := func(x T) string { s, _ := json.Marshal(x); return string(s) }
	return slices.DeleteFunc(list, func(x T) bool {
		return slices.ContainsFunc(gone, func(g T) bool { return key(g) == key(x) })
	})
}

// answered is the one member whose answers wait to be put into the directory.
func (b Book) answered() flows.MemberID {
	who := map[flows.MemberID]bool{}
	var last flows.MemberID
	for _, o := range b.Overrides {
		who[o.Member], last = true, o.Member
	}
	for _, p := range b.Proven {
		who[p.Member], last = true, p.Member
	}
	if len(who) != 1 {
		return ""
	}
	return last
}

// Apply is a directory with what the book has decided, and what that was.
func Apply(d flows.Directory, b Book) (flows.Directory, []string) {
	var what []string
	d.Overrides, d.Members = slices.Clone(d.Overrides), slices.Clone(d.Members)
	for _, o := range b.Overrides {
		if slices.ContainsFunc(d.Overrides, func(x flows.Override) bool {
			return x.Place == o.Place && x.Level == o.Level && x.Member == o.Member && x.Start.Equal(o.Start) && x.End.Equal(o.End)
		}) {
			continue
		}
		d.Overrides = append(d.Overrides, o)
		what = append(what, fmt.Sprintf("%s takes %s level %d from %s", o.Member, o.Place.Code(), o.Level, o.Start.UTC().Format(time.RFC3339)))
	}
	for _, p := range b.Proven {
		for i, m := range d.Members {
			for _, u := range m.Unproven {
				if m.ID == p.Member && PhoneMark(u.Phone) == p.Phone {
					d.Members[i], _ = m.Prove(u.Phone)
					what = append(what, fmt.Sprintf("a phone of %s counts", m.ID))
				}
			}
		}
	}
	return d, what
}

// Renewed is the version of a directory after a change that came from no file:
// that of the files, and a number that grows.
func Renewed(version string) string {
	files, number, _ := strings.Cut(version, "+")
	n, _ := strconv.Atoi(number)
	return fmt.Sprintf("%s+%d", files, n+1)
}
