package record

import (
	"encoding/binary"
	"strings"
)

// Kept is what lies written of a case in a journal, so that a store can take it
// over without reading and writing it anew, which is most of what a start does.
type Kept struct {
	Case   string   // the content of a field that holds the case
	Events []string // of fields that hold lists of its events, in the order of time
}

// AppendContent adds the content of a field as a record of its own. A text in the
// field number loses the prefix, if it has it.
func AppendContent(b []byte, content string, number uint64, prefix string) ([]byte, error) {
	b = append(b, Mark)
	for content != "" {
		n, rest, ok := uvarint(content)
		if ok && n == 0 {
			_, rest, ok = Cut(rest)
		}
		value := ""
		if ok {
			value, rest, ok = Cut(rest)
		}
		if !ok {
			return b, ErrRecord
		}
		if short, had := strings.CutPrefix(value, prefix); had && n == number && n != 0 {
			b = binary.AppendUvarint(binary.AppendUvarint(b, n), uint64(len(short)))
			b = append(b, short...)
		} else {
			b = append(b, content[:len(content)-len(rest)]...)
		}
		content = rest
	}
	return b, nil
}

// Number is the number of a field of a type in a list as [Fields] returns.
func Number(numbers map[string][]string, of, field string) uint64 {
	for i, name := range numbers[of] {
		if name == field {
			return uint64(i + 1)
		}
	}
	return 0
}
