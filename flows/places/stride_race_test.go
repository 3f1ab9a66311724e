//go:build race

package places_test

// stride thins out the lists, because the race detector makes looking at a name
// ten times as slow and sees nothing new in the last of them.
const stride = 20
