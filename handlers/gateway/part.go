package gateway

import (
	"strconv"

	"hotline/flows"
)

// Part are the paths of what says which part of a long text a message is, where
// an aggregator does not join them.
type Part struct {
	Ref    string `yaml:"ref"`    // what the parts of one text have in common
	Number string `yaml:"number"` // from 1
	Of     string `yaml:"of"`
}

// read is the part of a message. What cannot be read makes it a whole text: it is
// filed either way.
func (p *Part) read(d document) flows.Part {
	if p == nil {
		return flows.Part{}
	}
	ref, _ := d.str(p.Ref)
	number, of := count(d, p.Number), count(d, p.Of)
	if of < 2 || number < 1 || number > of {
		return flows.Part{}
	}
	return flows.Part{Ref: ref, Number: number, Of: of}
}

// count is the number at a path, or 0.
func count(d document, path string) int {
	s, _ := d.str(path)
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
