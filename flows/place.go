package flows

import "strings"

// PlaceID is a place at a time: its official code, an at sign and the date from
// which that code means these borders, as "04891@2025-07-01". The same code has
// meant other borders before (resolution 1676/NQ-UBTVQH15).
type PlaceID string

// NewPlaceID joins a code and the date, YYYY-MM-DD, it is valid from.
func NewPlaceID(code, from string) PlaceID { return PlaceID(code + "@" + from) }

// Code is the official code alone.
func (p PlaceID) Code() string {
	code, _, _ := strings.Cut(string(p), "@")
	return code
}

// Place is a commune, or a unit above it.
type Place struct {
	ID       PlaceID  `json:"id"`
	Name     string   `json:"name"`               // with accents, without the unit word
	Type     string   `json:"type"`               // Xã, Phường, Thị trấn, Tỉnh, …
	District string   `json:"district,omitempty"` // before July 2025; a hint ever after
	Province string   `json:"province,omitempty"`
	Parent   PlaceID  `json:"parent,omitempty"` // the unit above it that has people of ours
	Until    string   `json:"until,omitempty"`  // the first day it no longer exists; empty: still does
	Hamlets  []string `json:"hamlets,omitempty"`
	// Neighbours are asked for help when the place is silent, in this order.
	Neighbours []PlaceID `json:"neighbours,omitempty"`

	// Where people may go for help: a name and a phone that are public.
	HealthStation string `json:"health_station,omitempty"`
	SafeHouse     string `json:"safe_house,omitempty"`
}

// Succession leads from a place that is gone to one that took over all or part
// of it.
type Succession struct {
	Old     PlaceID  `json:"old"`
	New     PlaceID  `json:"new"`
	Part    bool     `json:"part,omitempty"`    // the old place was split: only the hamlet decides
	Hamlets []string `json:"hamlets,omitempty"` // which hamlets went to New
}
