package console

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// maxPost is the most that a form may hold, in bytes: the longest form of a case,
// every field full, is below half of it.
const maxPost = 1 << 20

// bounded refuses what is too long to have been typed. What does not say how long
// it is ends at the same length.
func (c *Console) bounded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(x echo.Context) error {
		r := x.Request()
		if r.Method != http.MethodPost {
			return next(x)
		}
		r.Body = http.MaxBytesReader(x.Response(), r.Body, maxPost)
		if r.ContentLength <= maxPost && r.ParseForm() == nil {
			return next(x)
		}
		status := http.StatusBadRequest
		if r.ContentLength > maxPost || r.ContentLength < 0 {
			status = http.StatusRequestEntityTooLarge
		}
		p := c.page(x, "console.toolong.title")
		return c.render(x, status, "fault", faultPage{p, p.T("toolong.more")})
	}
}
