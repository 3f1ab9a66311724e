package console

import (
	"fmt"
	"html/template"
	"net/netip"
	"strings"

	"rsc.io/qr"
)

// device is what people call a browser: enough to know one's own in a list, and
// no more.
func device(agent string) string {
	find := func(names ...[2]string) string {
		for _, n := range names {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	browser := find([2]string{"Edg", "Edge"}, [2]string{"OPR", "Opera"}, [2]string{"coc_coc", "Cốc Cốc"}, [2]string{"SamsungBrowser", "Samsung"},
		[2]string{"Firefox", "Firefox"}, [2]string{"Chrome", "Chrome"}, [2]string{"Safari", "Safari"})
	system := find([2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Windows", "Windows"},
		[2]string{"Mac OS", "Mac"}, [2]string{"Linux", "Linux"})
	return strings.Trim(browser+", "+system, ", ")
}

// network is what counts as one address: of IPv6 the half that a household gets.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// picture is a square of dark and light that a phone's camera reads.
type picture struct {
	Size int // of a side, in modules, with the quiet edge
	Path template.HTMLAttr
}

// quiet is the light edge that readers need, in modules (ISO/IEC 18004 §6.3.8).
const quiet = 4

// draw makes the picture of a text.
func draw(text string) (picture, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return picture{}, fmt.Errorf("draw a code: %w", err)
	}
	var b strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				_, _ = fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return picture{code.Size + 2*quiet, template.HTMLAttr(`d="` + b.String() + `"`)}, nil //nolint:gosec // digits and letters of ours
}
