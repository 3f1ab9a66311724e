package dialog

import (
	"time"

	"hotline/flows/escalation"
	"hotline/flows/places"
)

// Guide is the directory as a conversation uses it. The directory is replaced
// whole, so a step asks for the guide once and keeps it to its end.
type Guide struct {
	World  escalation.World
	Places *places.Resolver
}

// NewGuide builds the guide of the directory that the roster was made of, as it
// stands on a day.
func NewGuide(w escalation.World, today time.Time) Guide {
	dir := w.Roster.Directory()
	return Guide{World: w, Places: places.New(dir.Places, dir.Mapping, today)}
}

// province is the name of the province that the hotline serves.
func (g Guide) province() string {
	p, _ := g.Places.Place(g.World.Roster.Province())
	return p.Name
}
