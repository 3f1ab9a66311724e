package handlertest

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The names and values here are those of Twilio's own OpenAPI document,
// spec/json/twilio_api_v2010.json of github.com/twilio/twilio-oai (read at commit
// d50069b, April 2026), as far as the hotline uses them. The fake Twilio refuses a
// request that has another one, and answers with nothing else.

// rule is what the document says of one field.
type rule func(value string) bool

var (
	isNumber  = matching(`^\+[1-9]\d{6,14}$`)
	isSender  = matching(`^(\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9 ]{1,11})$`) // a number, a short code or a name
	isSID     = matching(`^MG[0-9a-fA-F]{32}$`)
	isAddress = func(v string) bool {
		u, err := url.Parse(v)
		return err == nil && strings.HasPrefix(u.Scheme, "http") && u.Host != "" && !strings.Contains(u.Host, "_")
	}
)

func matching(pattern string) rule { return regexp.MustCompile(pattern).MatchString }

func oneOf(words ...string) rule { return func(v string) bool { return slices.Contains(words, v) } }

// within is a whole number of a range.
func within(low, high int) rule {
	return func(v string) bool {
		n, err := strconv.Atoi(v)
		return err == nil && n >= low && n <= high
	}
}

// twilioCreate are the fields of CreateMessage and CreateCall, by the first two
// letters of what is made.
var twilioCreate = map[string]map[string]rule{
	"SM": {
		"To": isNumber, "From": isSender, "MessagingServiceSid": isSID, "StatusCallback": isAddress,
		"Body":             func(v string) bool { return v != "" && len([]rune(v)) <= 1600 },
		"ContentRetention": oneOf("retain", "discard"), "AddressRetention": oneOf("retain", "obfuscate"),
	},
	"CA": {
		"To": isNumber, "From": isNumber, "Url": isAddress, "StatusCallback": isAddress,
		"MachineDetection": oneOf("Enable", "DetectMessageEnd"), "Timeout": within(1, 600), "TimeLimit": within(1, 14400),
	},
}

// twilioList are the filters of ListMessage and ListCall that may stand in an
// address: those by number are left out, because numbers may not.
var twilioList = map[string]rule{"PageSize": within(1, 1000), "Page": within(0, 1<<30), "PageToken": matching(`.`)}

// twilioNeeds are the fields that a message or call must have; either of two that
// are parted by a bar.
var twilioNeeds = map[string][]string{
	"SM": {"To", "From|MessagingServiceSid", "Body"}, // and the document has media in place of words
	"CA": {"To", "From", "Url"},                      // and TwiML in place of an address
}

// TwilioMessageWords and TwilioCallWords are the states of a message that leaves
// and of a call: message_enum_status but for those of texts in, and
// call_enum_status.
var (
	TwilioMessageWords = []string{
		"queued", "sending", "sent", "failed", "delivered", "undelivered", "accepted", "scheduled", "read", "partially_delivered", "canceled",
	}
	TwilioCallWords = []string{"queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"}
)

// twilioFault names the field that the document does not have, that may not have
// such a value, or that is missing; empty: none.
func twilioFault(form url.Values, known map[string]rule, needs []string) string {
	for name, values := range form {
		if fits := known[name]; fits == nil || len(values) != 1 || !fits(values[0]) {
			return name
		}
	}
	for _, need := range needs {
		if !slices.ContainsFunc(strings.Split(need, "|"), form.Has) {
			return need
		}
	}
	return ""
}
