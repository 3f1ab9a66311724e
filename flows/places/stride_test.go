//go:build !race

package places_test

// stride is how many names of a list are passed over for each that is tried.
const stride = 1
