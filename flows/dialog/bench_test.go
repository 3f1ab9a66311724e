package dialog_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"strconv"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/store/vault"
)

// BenchmarkCall is a whole report by USSD, six hops, on the in-process store.
func BenchmarkCall(b *testing.B) {
	w := newWorld(b, province(b))
	n := 0
	for b.Loop() {
		n++
		from := phone(b, "+8492"+digits7(n))
		for _, transcript := range []string{"", "2", "2*1", "2*1*Mai Chau", "2*1*Mai Chau*2", "2*1*Mai Chau*2*2"} {
			in := hop(b, w, strconv.Itoa(n), transcript)
			in.From = from
			if _, err := w.Handle(context.Background(), in); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkText is what is worked out about a text that becomes an urgent case at
// once: everything but the store.
func BenchmarkText(b *testing.B) {
	w := newWorld(b, province(b))
	v, err := vault.Open(vault.Random())
	if err != nil {
		b.Fatal(err)
	}
	w.Service.Conversations, w.Service.Cases, w.Keys, w.Vault = unwritten{}, unwritten{}, v, v
	w.Random = bufio.NewReaderSize(rand.Reader, 4096)
	in := flows.Inbound{
		Provider: "twilio", Channel: flows.SMS, Signal: flows.Input, To: "1111", From: phone(b, "+84960000123"),
		Text: "cứu cháu với, đang bị nhốt ở xã Mai Châu", At: w.Now(),
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		in.ID = strconv.Itoa(n)
		if _, err := w.Service.Handle(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
}

// unwritten stands for a store that takes no time.
type unwritten struct{ dialog.Cases }

func (unwritten) Turn(_ context.Context, id flows.SessionID, _ string) (flows.Session, flows.Reply, bool, error) {
	return flows.Session{ID: id}, flows.Reply{}, false, nil
}

func (unwritten) SaveTurn(_ context.Context, _ time.Time, t flows.Turn) (flows.Outcome, error) {
	return flows.Outcome{Reply: t.Reply}, nil
}

func (unwritten) Commit(_ context.Context, ch flows.Change) (flows.Outcome, error) {
	return flows.Outcome{Version: 1, Reply: ch.Turn.Reply}, nil
}
