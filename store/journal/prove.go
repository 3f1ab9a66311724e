package journal

import (
	"runtime"
	"slices"
	"sync"
)

// How much is proven at once, and from how many frames on that is worth it.
const (
	aheadBytes  = 2 << 20
	aheadFrames = 64
)

// prover proves frames on all processors while those before them are looked at. It
// takes turns with two pieces of memory.
type prover struct {
	sealer sealer
	memory [2]proving
	turn   int
	done   chan []frame
}

// proving is memory for frames and for where each ends.
type proving struct {
	frames []frame
	ends   []int
}

// begin starts to prove the frames that stand one behind the other at the start of
// data. What the last wait returned stays as it is until the next one.
func (p *prover) begin(data []byte) {
	p.turn = 1 - p.turn
	memory, done := &p.memory[p.turn], make(chan []frame, 1)
	p.done = done
	go func() { done <- memory.prove(p.sealer.key, data) }()
}

// wait returns them, up to the first that is not true.
func (p *prover) wait() []frame { return <-p.done }

// prove reads frames, each processor a part of them.
func (m *proving) prove(key, data []byte) []frame {
	m.ends = m.ends[:0]
	for at := 0; at < min(len(data), aheadBytes); {
		size := frameSize(data[at:])
		if size == 0 || at+size > len(data) {
			break
		}
		at += size
		m.ends = append(m.ends, at)
	}
	if len(m.ends) < aheadFrames {
		return nil
	}
	frames := slices.Grow(m.frames[:0], len(m.ends))[:len(m.ends)]
	clear(frames)
	m.frames = frames
	part := (len(frames) + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for from := 0; from < len(frames); from += part {
		wg.Go(func() {
			own := newSealer(key)
			for i := from; i < min(from+part, len(frames)); i++ {
				start := 0
				if i > 0 {
					start = m.ends[i-1]
				}
				var err error
				if frames[i], err = own.readFrame(data[start:m.ends[i]]); err != nil {
					return // what follows in this part stays without a size
				}
			}
		})
	}
	wg.Wait()
	for i := range frames {
		if frames[i].size == 0 {
			return frames[:i]
		}
	}
	return frames
}

// sizeOf is how many bytes frames take up.
func sizeOf(frames []frame) (n int) {
	for i := range frames {
		n += frames[i].size
	}
	return n
}
