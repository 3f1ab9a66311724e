package model_test

import (
	"fmt"
	"strings"
)

// explored says how much was seen and what broke first.
type explored struct {
	states, steps int
	bad           error
	way           []string // the shortest way to it
}

// most is when a small case is not small any more.
const most = 60_000

// node is a state with the way by which it was first reached.
type node struct {
	state *state
	from  int
	name  string
}

// explore visits every state that a scenario can reach, nearest first, until a
// rule is broken. At the end it asks that from everywhere, if nothing goes wrong
// from then on, everybody is answered and everything leaves.
func (w *world) explore() explored {
	first := w.begin()
	nodes := []node{{state: first, from: -1}}
	seen := map[string]int{first.key(): 0}
	quiet := make([][]int32, 1) // the ways without faults, backwards
	var out explored
	fail := func(at int, name string, err error) explored {
		out.states, out.bad = len(nodes), err
		if name != "" {
			out.way = []string{name}
		}
		for n := at; n > 0; n = nodes[n].from {
			out.way = append([]string{nodes[n].name}, out.way...)
		}
		return out
	}
	for at := 0; at < len(nodes); at++ {
		if err := w.check(nodes[at].state); err != nil {
			return fail(at, "", err)
		}
		for _, st := range w.steps(nodes[at].state) {
			out.steps++
			if st.bad == nil {
				st.bad = w.forward(nodes[at].state, st)
			}
			if st.bad != nil {
				return fail(at, st.name, st.bad)
			}
			key := st.to.key()
			to, known := seen[key]
			if !known {
				to = len(nodes)
				seen[key] = to
				nodes, quiet = append(nodes, node{st.to, at, st.name}), append(quiet, nil)
			}
			if !st.fault {
				quiet[to] = append(quiet[to], int32(at))
			}
		}
		if len(nodes) > most {
			return fail(len(nodes)-1, "", fmt.Errorf("more than %d states", most))
		}
	}
	out.states = len(nodes)
	if at := w.stuck(nodes, quiet); at >= 0 {
		return fail(at, "", fmt.Errorf("from here nothing leads to an end"))
	}
	return out
}

// stuck finds a state from which no way without faults leads to one where all is
// settled, or returns -1.
func (w *world) stuck(nodes []node, back [][]int32) int {
	reach := make([]bool, len(nodes))
	var queue []int32
	for i := range nodes {
		if w.settled(nodes[i].state) {
			reach[i] = true
			queue = append(queue, int32(i))
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, from := range back[at] {
			if !reach[from] {
				reach[from] = true
				queue = append(queue, from)
			}
		}
	}
	for i := range nodes {
		// At the last moment nothing that has to wait can happen any more.
		if !reach[i] && nodes[i].state.clock < max(1, len(w.moments)-1) {
			return i
		}
	}
	return -1
}

func (e explored) String() string {
	if e.bad == nil {
		return fmt.Sprintf("%d states, %d steps", e.states, e.steps)
	}
	return fmt.Sprintf("%v\nafter %d states, by\n  %s", e.bad, e.states, strings.Join(e.way, "\n  "))
}
