package phones

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// Register adds the addresses of the phones to e.
func (n *Network) Register(e *echo.Echo) {
	g := e.Group("/phones", sameOrigin)
	g.GET("/events", n.events)
	g.GET("/:number", n.show)
	g.POST("/:number/power", n.power)
	g.POST("/:number/calls/:call", n.press)
}

// sameOrigin refuses posts that another site made this browser send.
func sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	return func(x echo.Context) error {
		if guard.Check(x.Request()) != nil {
			return echo.NewHTTPError(http.StatusForbidden, "posted from another site")
		}
		x.Response().Header().Set("Cache-Control", "no-store")
		return next(x)
	}
}

// number reads a number from the address; the plus sign may be missing, because
// people and tools lose it.
func number(x echo.Context) (string, error) {
	s := strings.ReplaceAll(x.Param("number"), "%2B", "+")
	p, err := flows.ParsePhone("+" + strings.TrimLeft(s, "+ "))
	if err != nil {
		return "", echo.NewHTTPError(http.StatusBadRequest, flows.ErrPhone.Error())
	}
	return p.E164(), nil
}

func (n *Network) show(x echo.Context) error {
	num, err := number(x)
	if err != nil {
		return err
	}
	return x.JSON(http.StatusOK, n.Phone(num))
}

func (n *Network) power(x echo.Context) error {
	num, err := number(x)
	if err != nil {
		return err
	}
	var want struct{ On bool }
	if err := decode(x, &want); err != nil {
		return err
	}
	n.Power(num, want.On)
	return x.NoContent(http.StatusNoContent)
}

func (n *Network) press(x echo.Context) error {
	num, err := number(x)
	if err != nil {
		return err
	}
	var want struct {
		Key    string
		HangUp bool
	}
	if err := decode(x, &want); err != nil {
		return err
	}
	var c Call
	if want.HangUp {
		c, err = n.HangUp(num, x.Param("call"))
	} else {
		c, err = n.Press(x.Request().Context(), num, x.Param("call"), want.Key)
	}
	if errors.Is(err, flows.ErrNotFound) {
		return echo.NewHTTPError(http.StatusNotFound, "no such call")
	}
	if err != nil {
		return err
	}
	return x.JSON(http.StatusOK, c)
}

func decode(x echo.Context, into any) error {
	body := http.MaxBytesReader(x.Response(), x.Request().Body, 1<<10)
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return echo.NewHTTPError(http.StatusBadRequest, "not the JSON that was expected")
	}
	return nil
}

// events streams what arrives on all phones.
func (n *Network) events(x echo.Context) error {
	seen, leave, ok := n.watch()
	if !ok {
		return echo.NewHTTPError(http.StatusServiceUnavailable, "too many pages are watching")
	}
	defer leave()
	control := http.NewResponseController(x.Response())
	_ = control.SetWriteDeadline(time.Time{}) // the stream outlives the server's limit for pages
	x.Response().Header().Set(echo.HeaderContentType, "text/event-stream")
	x.Response().WriteHeader(http.StatusOK)
	_, _ = fmt.Fprint(x.Response(), ": open\n\n")
	_ = control.Flush()
	alive := time.NewTicker(15 * time.Second)
	defer alive.Stop()
	for {
		line := []byte(":\n\n")
		select {
		case <-x.Request().Context().Done():
			return nil
		case <-n.done:
			return nil
		case <-alive.C:
		case e := <-seen:
			b, err := json.Marshal(e)
			if err != nil {
				return fmt.Errorf("event of a phone: %w", err)
			}
			line = fmt.Appendf(nil, "data: %s\n\n", b)
		}
		if _, err := x.Response().Write(line); err != nil {
			return nil //nolint:nilerr // the page was closed
		}
		_ = control.Flush()
	}
}
