package gateway_test

import (
	"strings"
	"testing"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/gateway"
	"hotline/handlers/handlertest"
	"hotline/handlers/wire"
)

// TestPartsOfALongText reads the fields by which an aggregator says that a text is
// one of several, as Vonage names them.
func TestPartsOfALongText(t *testing.T) {
	d := gateway.Dialect{
		SMS: &gateway.Talk{
			Body: gateway.JSON, Fields: gateway.Fields{ID: "messageId", From: "msisdn", To: "to", Text: "text"},
			Part:  &gateway.Part{Ref: "concat-ref", Number: "concat-part", Of: "concat-total"},
			Reply: &gateway.Page{Body: gateway.None},
		},
	}
	g, err := gateway.New(gateway.Config{Name: "parts", Dialect: &d, Numbers: wire.Numbers{Region: "VN"}})
	if err != nil {
		t.Fatal(err)
	}
	desk := &handlertest.Desk{}
	public, _ := handlertest.Public(desk, handlers.Options{Gateways: []*gateway.Gateway{g}})
	for name, c := range map[string]struct {
		fields string
		want   flows.Part
	}{
		"the second of three": {`,"concat":"true","concat-ref":"81","concat-part":"2","concat-total":"3"`, flows.Part{Ref: "81", Number: 2, Of: 3}},
		"as numbers":          {`,"concat-ref":81,"concat-part":1,"concat-total":2`, flows.Part{Ref: "81", Number: 1, Of: 2}},
		"whole":               {``, flows.Part{}},
		"part 4 of 3":         {`,"concat-ref":"81","concat-part":"4","concat-total":"3"`, flows.Part{}},
		"words":               {`,"concat-ref":"81","concat-part":"two","concat-total":"3"`, flows.Part{}},
	} {
		handlertest.RunHooks(t, public, desk, []handlertest.Hook{{
			Name: name, Path: "/gateway/parts/sms", Type: "application/json",
			Body: `{"messageId":"9","msisdn":"84901234567","to":"1111","text":"be gai"` + c.fields + `}`,
			Inbound: &flows.Inbound{
				Provider: "parts", Channel: flows.SMS, Signal: flows.Input, From: handlertest.Phone("+84901234567"), To: "1111", ID: "9", Text: "be gai", Part: c.want,
			},
		}})
	}
	d.SMS.Part.Of = ""
	if _, err := gateway.New(gateway.Config{Name: "parts", Dialect: &d}); err == nil || !strings.Contains(err.Error(), "sms.part needs ref, number and of") {
		t.Errorf("half a part: %v", err)
	}
}
