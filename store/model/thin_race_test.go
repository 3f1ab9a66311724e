//go:build race

package model_test

// thin leaves a fault out of the largest scenarios, because the race detector is
// slow and there is nothing for it to see: an exploration is one goroutine.
const thin = true
