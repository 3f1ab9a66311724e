package dispatch_test

import (
	"context"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/dispatch"
)

// TestWhatAProviderHasNotApproved: a text whose sender's name or words are not
// registered goes where it will not be dropped without a word.
func TestWhatAProviderHasNotApproved(t *testing.T) {
	urgent := dispatch.Template{Key: "alert.sms.urgent", Fits: dispatch.Shape("GAP {ref}. Tra loi 1 {ref} (mien phi)."), Is: dispatch.Approved}
	page := dispatch.Template{Key: "alert.page", Fits: dispatch.Shape("{ref}: mo he thong."), Is: dispatch.Pending}
	listed := []dispatch.Template{urgent, page}
	const alert, notice, other = "GAP K7F4. Tra loi 1 K7F4 (mien phi).", "K7F4: mo he thong.", "GAP K7F4. Khac."
	for _, tt := range []struct {
		name   string
		reg    dispatch.Registration
		text   string
		others bool
		want   string // provider and sender, or the error
	}{
		{"an approved text", dispatch.Registration{Templates: listed}, alert, true, "first"},
		{"under an approved name", dispatch.Registration{Sender: "CUUTRE", SenderIs: dispatch.Approved, Templates: listed}, alert, true, "first as CUUTRE"},
		{"under a name that is pending", dispatch.Registration{Sender: "CUUTRE", SenderIs: dispatch.Pending}, alert, true, "second"},
		{"under a name that was refused, nowhere else to go", dispatch.Registration{Sender: "CUUTRE", SenderIs: dispatch.Refused}, alert, false, "first"},
		{"a pending text", dispatch.Registration{Templates: listed}, notice, true, "second"},
		{"a text like none", dispatch.Registration{Templates: listed}, other, true, "second"},
		{"a text like none, nowhere else to go", dispatch.Registration{Templates: listed}, other, false, "first"},
		{"a text like none, which must not leave so", dispatch.Registration{Templates: listed, Otherwise: dispatch.Never}, other, false, "send: no_template"},
		{"a pending text, which must not leave so", dispatch.Registration{Templates: listed, Otherwise: dispatch.Never}, notice, false, "send: template_pending"},
		{"a text like none, sent all the same", dispatch.Registration{Templates: listed, Otherwise: dispatch.SendStill}, other, true, "first"},
		{"a network that asks for nothing", dispatch.Registration{Prefix: "+8497", Templates: listed, Otherwise: dispatch.Never}, other, true, "first"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.reg.Provider = "first"
			var as string
			sender := senderFunc(func(m flows.Message) (flows.Sending, error) { as = m.Sender; return flows.Sending{}, nil })
			r := &dispatch.Router{
				Senders: map[string]dispatch.Sender{"first": sender}, Now: func() time.Time { return morning }, Trip: 5, Rest: time.Second,
				Routes:   []dispatch.Route{{Channel: flows.SMS, Providers: []string{"first", "second"}}},
				Register: dispatch.Register{tt.reg},
			}
			if tt.others {
				r.Senders["second"] = sender
			}
			to, _ := twoNetworks{}.Phone("duty1", 0)
			s, err := r.Send(context.Background(), flows.Message{Channel: flows.SMS, Purpose: flows.PurposeAlert, Text: tt.text}, to)
			got := s.Provider
			if as != "" {
				got += " as " + as
			}
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("left by %q, want %q", got, tt.want)
			}
		})
	}
}

// TestAnUrgentAlertTriesAProviderThatRests when there is no other.
func TestAnUrgentAlertTriesAProviderThatRests(t *testing.T) {
	now, tried := morning, 0
	r := &dispatch.Router{
		Senders: map[string]dispatch.Sender{"first": senderFunc(func(flows.Message) (flows.Sending, error) {
			if tried++; tried <= 2 {
				return flows.Sending{}, &flows.SendError{Temporary: true, Reason: "busy"}
			}
			return flows.Sending{}, nil
		})},
		Routes: []dispatch.Route{{Channel: flows.SMS, Providers: []string{"first"}}},
		Now:    func() time.Time { return now }, Trip: 1, Rest: time.Hour,
	}
	send := func(urgent bool) error {
		_, err := r.Send(context.Background(), flows.Message{Channel: flows.SMS, Purpose: flows.PurposeAlert, Urgent: urgent}, flows.Phone{})
		return err
	}
	_, _ = send(true), send(true)
	if err := send(false); tried != 2 || err == nil {
		t.Errorf("tried %d times, the one that is not urgent got %v", tried, err)
	}
	if err := send(true); err != nil || tried != 3 {
		t.Errorf("tried %d times: %v", tried, err)
	}
	if err := send(false); err != nil {
		t.Errorf("after an urgent alert got through: %v", err)
	}
}
