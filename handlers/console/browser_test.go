package console_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/handlers/console"
	"hotline/handlers/console/browsertest"
)

// shots is where pictures go: PICTURES keeps them.
func shots(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("PICTURES"); dir != "" {
		return dir
	}
	return filepath.Join(t.TempDir(), "pictures")
}

func TestBoardInTheBrowser(t *testing.T) {
	w := newTown(t, true, withPast(years()), func(o *console.Options) {
		o.Rota = rota{}
		o.Public = years()
		names := []string{"Xã Mai Châu", "Xã Pà Cò", "Xã Bao La", "Xã Tân Mai", "Xã Mai Hạ", "Phường Hòa Bình", "Xã Kim Bôi", "Xã Lạc Sơn", "Xã Tân Lạc"}
		o.Place = func(id flows.PlaceID) string {
			if i, err := strconv.Atoi(strings.TrimPrefix(string(id), "p")); err == nil {
				return names[i]
			}
			return names[0]
		}
	}, as(&desk{}, "m3"))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w.village()
	go w.pass(ctx)
	w.echo.POST("/test/:what", w.happen)
	s := httptest.NewServer(w.echo)
	w.server.Store(s)
	defer s.CloseClientConnections()
	browsertest.Play(t, "board.mjs", s.URL, shots(t))
}

// TestALatePageIsLiveAllTheSame: the board of a slow line, or of a busy machine.
func TestALatePageIsLiveAllTheSame(t *testing.T) {
	w := newTown(t, true, as(&desk{}, "m3"))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w.village()
	go w.pass(ctx)
	w.echo.POST("/test/:what", w.happen)
	s := httptest.NewServer(w.echo)
	w.server.Store(s)
	defer s.CloseClientConnections()
	browsertest.Play(t, "late.mjs", s.URL, shots(t))
}

func TestLinkInTheBrowser(t *testing.T) {
	w, path := linked(t, &desk{})
	w.echo.POST("/test/:what", w.happen)
	s := httptest.NewServer(w.echo)
	defer s.CloseClientConnections()
	browsertest.Play(t, "link.mjs", s.URL, shots(t), "LINK="+path)
}
