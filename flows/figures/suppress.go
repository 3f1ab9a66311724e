package figures

// Fewest is the smallest count that may be published: below it a reader who
// knows the place could know the child.
const Fewest = 5

// Suppress says which cells of a table the public may not see. The cells from 1
// to 4 are hidden, and with them so many others that no hidden cell follows from
// the totals of its row or column: wherever one is hidden there are two at least,
// and together they come to 5 or more. Totals are published, so the table must
// not be broken down further elsewhere. A zero is shown unless it hides another.
func Suppress(table [][]int) [][]bool {
	hidden := make([][]bool, len(table))
	for r, row := range table {
		hidden[r] = make([]bool, len(row))
		for c, n := range row {
			hidden[r][c] = n > 0 && n < Fewest
		}
	}
	for again := true; again; {
		again = false
		for _, line := range lines(table) {
			if line.cover(table, hidden) {
				again = true
			}
		}
	}
	return hidden
}

// cell is a place in a table, and line a row or a column of them.
type (
	cell struct{ row, column int }
	line []cell
)

func lines(table [][]int) []line {
	var all []line
	var columns []line
	for r, row := range table {
		l := make(line, len(row))
		for c := range row {
			l[c] = cell{r, c}
			if c == len(columns) {
				columns = append(columns, nil)
			}
			columns[c] = append(columns[c], cell{r, c})
		}
		all = append(all, l)
	}
	return append(all, columns...)
}

// cover hides one more cell of a line when what is hidden could be worked out,
// and reports whether it did. The smallest goes first, so that little is lost;
// zeros only when nothing else is left.
func (l line) cover(table [][]int, hidden [][]bool) bool {
	count, sum, best := 0, 0, -1
	for i, at := range l {
		n := table[at.row][at.column]
		switch {
		case hidden[at.row][at.column]:
			count, sum = count+1, sum+n
		case best < 0 || smaller(n, table[l[best].row][l[best].column]):
			best = i
		}
	}
	if count == 0 || count > 1 && sum >= Fewest || best < 0 {
		return false
	}
	hidden[l[best].row][l[best].column] = true
	return true
}

func smaller(a, b int) bool { return a > 0 && (a < b || b == 0) }
