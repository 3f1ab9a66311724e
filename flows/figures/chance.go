package figures

import "math"

// unlikely is how rare a change must be by chance before somebody is told: one
// in a hundred, so that 46 communes and 12 months give about five false words a
// year, not one a week.
const unlikely = 0.01

// Unusual reports whether a count differs from what the periods before lead to
// expect by more than chance explains, and in which direction: 1 more, -1 fewer,
// 0 neither. Reports come as a Poisson process; then of all that came, the part
// of this period is binomial with one chance in len(before)+1 for each (the exact
// conditional test of Przyborowski and Wilenski, Biometrika 31, 1940).
func Unusual(now int, before []int) int {
	if len(before) == 0 {
		return 0
	}
	all := now
	for _, n := range before {
		all += n
	}
	p := 1 / float64(len(before)+1)
	switch {
	case atMost(all, now, p) < unlikely/2:
		return -1
	case 1-atMost(all, now-1, p) < unlikely/2:
		return 1
	}
	return 0
}

// atMost is the chance of k successes or fewer in n tries.
func atMost(n, k int, p float64) float64 {
	sum := 0.0
	for i := 0; i <= k; i++ {
		sum += math.Exp(choose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(sum, 1)
}

// choose is the logarithm of n over k.
func choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
