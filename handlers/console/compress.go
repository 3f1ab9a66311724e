package console

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// plain are the pages that leave as they are, since each holds a secret beside
// words that its address can choose: an invitation, a code, a link or calendar
// with its key in it. How small such a page becomes would tell somebody who can
// choose the words, letter by letter, what the secret is (BREACH, CVE-2013-3587).
// That our cookies do not travel with what another site asks for hinders this
// already; pages of a few kilobytes are not worth leaning on it alone.
func plain() []string {
	return []string{"/signin", "/welcome", "/account", "/r/", "/duty"}
}

// smallest is the size below which compressing is not worth a packet, in bytes.
const smallest = 1024

// compressed sends pages and sheets smaller to browsers that ask for it. Streams
// of news stay plain: each piece must leave the moment it is written, and is small.
// So do answers to posts, which may show what was just drawn or opened.
func compressed() echo.MiddlewareFunc {
	skip := func(x echo.Context) bool {
		r := x.Request()
		if r.Method != http.MethodGet || strings.HasSuffix(x.Path(), "/live") {
			return true
		}
		for _, p := range plain() {
			if strings.HasPrefix(x.Path(), p) {
				return true
			}
		}
		return strings.HasSuffix(x.Path(), ".pdf") || strings.HasSuffix(x.Path(), ".xlsx") || strings.HasSuffix(x.Path(), "/print")
	}
	return middleware.GzipWithConfig(middleware.GzipConfig{Skipper: skip, Level: 5, MinLength: smallest})
}

// squeeze compresses what never changes, once, as small as it gets; nil when that
// does not make it smaller.
func squeeze(data []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(data)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if b.Len() >= len(data)*9/10 {
		return nil, nil
	}
	return b.Bytes(), nil
}

// takesGzip reports whether the browser reads gzip.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get(echo.HeaderAcceptEncoding), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && weight != "q=0.0"
		}
	}
	return false
}
