//go:build !race

package model_test

// thin is whether the largest scenarios are explored with one fault less.
const thin = false
