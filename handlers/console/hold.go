package console

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// hold puts a case under a legal hold, by the name of the order, or lifts it, with
// a reason.
func (c *Console) hold(x echo.Context) error {
	k, _, err := c.find(x)
	if err != nil {
		return c.fault(x, err)
	}
	ctx, why := x.Request().Context(), strings.TrimSpace(x.FormValue("why"))
	lift := x.FormValue("what") == "lift"
	switch {
	case why == "":
		err = errOrder
	case !k.Purged.IsZero():
		err = errPurged
	case lift == (k.Hold == ""): // somebody was faster, or the page is old
		err = errChoose
	case lift:
		return c.sealBack(x, k.Ref, c.Custody.Lift(ctx, k.ID, why), "lifted")
	default:
		return c.sealBack(x, k.Ref, c.Custody.Hold(ctx, k.ID, why), "held")
	}
	return c.sealBack(x, k.Ref, err, "")
}
