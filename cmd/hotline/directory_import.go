package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/escalation"
	"hotline/flows/escalation/roster"
	"hotline/flows/places"
	"hotline/store"
)

type dirImportCmd struct {
	Dir      string   `arg:"" optional:"" help:"Folder with places.csv, members.csv, rota.csv and, if there are any, mapping.csv, overrides.csv, rotations.csv and periods.csv." type:"existingdir"`
	Places   []string `help:"Lists of places; the people and the rota stay as they are. Not with a folder." type:"existingfile"`
	Mapping  []string `help:"Lists of which place led to which. Not with a folder." type:"existingfile"`
	Verified bool     `help:"Let all phones of the folder count at once, because somebody has made sure whose they are."`
	DryRun   bool     `help:"Say what would change, and change nothing."`
	Config   string   `help:"File of settings." type:"path" short:"c"`
	answering
}

// Run replaces the directory in the store. Running servers use it a few seconds
// later.
func (c dirImportCmd) Run(ctx context.Context, s streams) error {
	lists := len(c.Places)+len(c.Mapping) > 0
	if lists == (c.Dir != "") {
		return errors.New("import wants either a folder or lists: --places FILE, --mapping FILE")
	}
	read := func(flows.Directory) (flows.Directory, error) { return directory.Read(os.DirFS(c.Dir), ".") }
	if lists {
		read = c.withLists
	}
	if !lists {
		// Faults of the files are told even where no Redis is.
		if _, err := read(flows.Directory{}); err != nil {
			return err
		}
	}
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	if len(cfg.Redis.Addresses) == 0 {
		return errors.New("import needs the Redis of the hotline: set redis.addresses, or HOTLINE_REDIS_ADDRESSES")
	}
	st, err := openRedis(cfg.Redis, zap.NewNop())(ctx, store.Options{Partitions: cfg.Redis.Partitions})
	if err != nil {
		return err
	}
	defer st.Close()
	return c.replace(ctx, s, cfg, st, read)
}

// replace puts what read makes of the directory in use in its place.
func (c dirImportCmd) replace(ctx context.Context, s streams, cfg configs.Config, st *store.Store, read func(flows.Directory) (flows.Directory, error)) error {
	old, err := st.Directory(ctx)
	if err != nil && (!errors.Is(err, flows.ErrNotFound) || c.Dir == "") {
		return fmt.Errorf("read the directory in use: %w", err)
	}
	d, err := read(old)
	if err != nil {
		return err
	}
	if c.Verified {
		d = roster.Vouch(d)
	}
	d = roster.Keep(old, d)
	if err := preview(s, old, d); err != nil {
		return err
	}
	if c.DryRun {
		fmt.Fprintln(s.out, "nothing was changed")
		return nil
	}
	if err := c.must(s, cfg, flows.DeedDirectory, "version "+d.Version); err != nil {
		return err
	}
	if err := st.ReplaceDirectory(ctx, old.Version, d); err != nil {
		return fmt.Errorf("replace the directory: %w", err)
	}
	fmt.Fprintf(s.out, "version %s in place of %q: %d places, %d members, %d shifts\n", d.Version, old.Version, len(d.Places), len(d.Members), len(d.Shifts))
	return nil
}

// preview says what changes, the places first.
func preview(s streams, old, d flows.Directory) error {
	fmt.Fprintln(s.out, places.Compare(old, d))
	people, err := roster.Compare(realTime(), old, d)
	if err != nil {
		return err
	}
	for _, line := range people.Lines() {
		fmt.Fprintln(s.out, "people and rota: "+line)
	}
	return nil
}

// withLists is the directory in use with the places of the lists. What no list
// is given for stays: new places keep the old mapping, and the reverse.
func (c dirImportCmd) withLists(old flows.Directory) (flows.Directory, error) {
	list, mapping, err := readPlaceLists(c.Places, c.Mapping)
	if err != nil {
		return flows.Directory{}, fmt.Errorf("read the lists:\n%w", err)
	}
	d := old
	if len(c.Mapping) > 0 {
		d.Mapping = mapping
	}
	if len(c.Places) == 0 {
		d.Places = places.Join(old.Places, list)
	} else {
		d.Places = places.Join(list, kept(old, d.Mapping))
	}
	adopt(d)
	if d.Version, err = versionOf(d); err != nil {
		return flows.Directory{}, err
	}
	_, err = escalation.NewRoster(d)
	return d, errors.Join(places.Check(d.Places, d.Mapping), err)
}

// kept are the places that lists of communes do not name and that are needed all
// the same: the province itself, and the old places of the mapping.
func kept(old flows.Directory, mapping []flows.Succession) []flows.Place {
	needed := map[flows.PlaceID]bool{old.Province: true}
	for _, s := range mapping {
		needed[s.Old] = true
	}
	var out []flows.Place
	for _, p := range old.Places {
		if needed[p.ID] {
			out = append(out, p)
		}
	}
	return out
}

// adopt puts communes of a list without provinces below the province of ours.
func adopt(d flows.Directory) {
	name := ""
	for _, p := range d.Places {
		if p.ID == d.Province {
			name = p.Province
		}
	}
	for i, p := range d.Places {
		if p.Parent == "" && p.ID != d.Province && p.Province == name && p.Until == "" {
			d.Places[i].Parent = d.Province
		}
	}
}

// versionOf names the content of a directory whose people came from elsewhere.
func versionOf(d flows.Directory) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "from %s\n", d.Version)
	if err := json.NewEncoder(sum).Encode([]any{d.Places, d.Mapping}); err != nil {
		return "", fmt.Errorf("name the directory: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}
