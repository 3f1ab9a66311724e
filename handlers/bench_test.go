package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
	"hotline/handlers/twilio"
	"hotline/handlers/wire"
)

// BenchmarkWebhook is the cost of everything around a conversation: routing,
// limits, the signature, the numbers, the log, the metrics and the reply. bare
// is an Echo handler that reads its form and answers.
func BenchmarkWebhook(b *testing.B) {
	const body = "MessageSid=SM1&From=%2B84901234567&To=1111&Body=be+gai&NumMedia=0&FromCity=&ToCountry=VN"
	signature := handlertest.SignTwilio("token", "https://hotline.example.org/twilio/sms", body)
	log := &handlertest.Log{}
	o := everyone(b)
	o.Twilio, _ = twilio.New(twilio.Config{Tokens: []string{"token"}, PublicURL: "https://hotline.example.org", Numbers: wire.Numbers{Region: "VN"}})
	o.Now, o.Log = time.Now, log.Logger() //nolint:forbidigo // what is measured is time
	o.Conversation = quick{}
	ours := handlers.NewPublic(o)
	bare := echo.New()
	bare.POST("/twilio/sms", func(c echo.Context) error { return c.String(http.StatusOK, c.FormValue("Body")) })
	for name, h := range map[string]http.Handler{"ours": ours, "bare": bare} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/twilio/sms", strings.NewReader(body))
				r.Header.Set("Content-Type", wire.TypeForm)
				r.Header.Set("X-Twilio-Signature", signature)
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}

type quick struct{}

func (quick) Handle(context.Context, flows.Inbound) (flows.Reply, error) {
	return flows.Reply{Text: "Da nhan", End: true}, nil
}
