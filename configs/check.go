package configs

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// fault is one thing that is wrong: where, and what was expected there.
type fault struct{ path, want string }

// faults collects them.
type faults []fault

func (f *faults) unless(ok bool, path, want string, args ...any) {
	if !ok {
		*f = append(*f, fault{path, fmt.Sprintf(want, args...)})
	}
}

// check finds all that decoding cannot see.
func (c *Config) check() faults {
	var f faults
	f.unless(isListen(c.Listen), "listen", "expected host:port, as 127.0.0.1:8080")
	f.unless(isListen(c.InternalListen), "internal_listen", "expected host:port, as 127.0.0.1:9090")
	f.unless(c.PublicURL == "" || isURL(c.PublicURL), "public_url", "expected an address, as https://hotline.example.org")
	for _, p := range c.TrustedProxies {
		_, err := netip.ParsePrefix(p)
		f.unless(err == nil, "trusted_proxies", "expected address ranges, as 10.0.0.0/8")
	}
	f.unless(within(c.WebhookTimeout, time.Second, 8*time.Second), "webhook_timeout", "expected 1s to 8s: gateways wait 10 s at most")
	f.unless(within(c.ShutdownTimeout, time.Second, 5*time.Minute), "shutdown_timeout", "expected 1s to 5m")
	f.unless(within(c.Drain, 0, c.ShutdownTimeout/2), "drain", "expected 0s to half of shutdown_timeout")
	f.unless(within(c.Sessions.USSD, 30*time.Second, time.Hour), "sessions.ussd", "expected 30s to 1h")
	f.unless(within(c.Sessions.SMS, 5*time.Minute, 7*24*time.Hour), "sessions.sms", "expected 5m to 168h")
	f.unless(within(c.Sessions.Remember, 5*time.Minute, 7*24*time.Hour), "sessions.remember", "expected 5m to 168h")
	f.unless(c.Service.Code != "", "service.code", "expected the USSD code that callers dial, as *1111#")
	f.unless(len(c.Service.Region) == 2, "service.region", "expected a country of two letters, as VN")
	ways := 0
	for _, way := range []bool{c.KeyFile != "", !c.Key.IsZero(), len(c.KeyCommand) > 0} {
		if way {
			ways++
		}
	}
	f.unless(ways <= 1, "key_file", "expected a key file, a key or a command that prints it: one of them")
	f.unless(slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level), "log.level", "expected debug, info, warn or error")
	f.unless(c.API.PerMinute >= 1 && c.API.PerMinute <= 100_000, "api.per_minute", "expected 1 to 100000")
	c.checkWebhooks(&f)
	c.checkRedis(&f)
	c.checkJournal(&f)
	c.checkProviders(&f)
	return f
}

func (c *Config) checkWebhooks(f *faults) {
	seen := map[string]bool{}
	for _, w := range c.Webhooks {
		f.unless(w.Name != "" && strings.Trim(w.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && !seen[w.Name], "webhooks.name", "expected small letters, digits and hyphens, each name once")
		f.unless(isURL(w.URL) && (strings.HasPrefix(w.URL, "https://") || strings.HasPrefix(w.URL, "http://127.0.0.1:")), "webhooks.url", "expected an address, as https://province.example.org/hotline")
		f.unless(w.Member != "", "webhooks.member", "expected the id of a member: the receiver hears of the cases that they may see")
		seen[w.Name] = true
	}
}

func (c *Config) checkRedis(f *faults) {
	r := c.Redis
	f.unless(r.Partitions >= 1 && r.Partitions <= 100, "redis.partitions", "expected 1 to 100, got %d", r.Partitions)
	f.unless(r.Weak == "refuse" || r.Weak == "warn", "redis.weak", "expected refuse or warn")
	f.unless(r.WaitReplicas >= 0 && r.WaitReplicas <= 5, "redis.wait_replicas", "expected 0 to 5")
	for _, a := range r.Addresses {
		f.unless(isListen(a), "redis.addresses", "expected host:port, as 127.0.0.1:6379")
	}
}

func (c *Config) checkJournal(f *faults) {
	const day = 24 * time.Hour
	j, r := c.Journal, c.Retention
	f.unless(j.Checkpoints == "" || j.Dir != "", "journal.checkpoints", "expected journal.dir to be set as well")
	f.unless(j.Checkpoints == "" || j.Dir == "" || !inside(j.Checkpoints, j.Dir), "journal.checkpoints", "expected a file outside of journal.dir: who can cut the one must not reach the other")
	f.unless(within(j.CheckpointEvery, 10*time.Second, day), "journal.checkpoint_every", "expected 10s to 24h")
	f.unless(j.CheckpointURL == "" || j.Dir != "", "journal.checkpoint_url", "expected journal.dir to be set as well")
	f.unless(j.CheckpointURL == "" || strings.HasPrefix(j.CheckpointURL, "https://") && isURL(j.CheckpointURL), "journal.checkpoint_url", "expected an address, as https://keeper.example.org/hotline")
	f.unless(j.CheckpointURL != "" || j.CheckpointToken.IsZero() && j.CheckpointCA == "", "journal.checkpoint_url", "expected an address for its token and ca")
	c.checkMail(f)
	f.unless(within(r.Pseudonyms, 7*day, 366*day), "retention.pseudonyms", "expected 168h to 8784h")
	f.unless(within(r.Number, day, 731*day), "retention.number", "expected 24h to 17544h")
	f.unless(within(r.NumberClosed, time.Hour, 366*day), "retention.number_closed", "expected 1h to 8784h")
	f.unless(within(r.Text, day, 20*366*day), "retention.text", "expected 24h to 175680h")
	f.unless(within(r.TextPlanned, r.Text, 20*366*day), "retention.text_planned", "expected at least as long as retention.text, 175680h at most")
	f.unless(within(r.Postpone, time.Hour, 366*day), "retention.postpone", "expected 1h to 8784h")
}

func (c *Config) checkMail(f *faults) {
	m := c.Journal.Mail
	if m.Server == "" {
		f.unless(len(m.To) == 0 && m.From == "", "journal.mail.server", "expected a mail server, as mail.example.org:587")
		return
	}
	f.unless(c.Journal.Dir != "", "journal.mail.server", "expected journal.dir to be set as well")
	f.unless(isListen(m.Server), "journal.mail.server", "expected host:port, as mail.example.org:587")
	f.unless(within(m.Every, time.Minute, 31*24*time.Hour), "journal.mail.every", "expected 1m to 744h")
	f.unless(len(m.To) > 0, "journal.mail.to", "expected who keeps the checkpoints, as audit@example.org")
	for _, a := range append([]string{m.From}, m.To...) {
		_, err := mail.ParseAddress(a)
		f.unless(err == nil && !strings.ContainsAny(a, "<> "), "journal.mail", "expected plain addresses as from and to, as audit@example.org")
	}
	f.unless(m.User == "" == m.Password.IsZero(), "journal.mail.password", "expected user and password, or neither")
}

// inside reports whether a file lies in a folder, as far as their names tell.
func inside(file, dir string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

func (c *Config) checkProviders(f *faults) {
	t, a := c.Twilio, c.AfricasTalking
	if t.Account != "" {
		f.unless(!t.Token.IsZero(), "twilio.token", "expected the auth token of the account")
		f.unless(c.PublicURL != "", "public_url", "expected: Twilio signs the public address, so it must be known")
	}
	f.unless(t.URL == "" || isURL(t.URL), "twilio.url", "expected an address, as https://api.example.org")
	f.unless(a.Token.IsZero() || len(a.Token.Reveal()) >= 4, "africastalking.token", "expected 4 characters or more: the path is the secret")
	f.networks("africastalking.networks", a.Networks)
	known := []string{"phones"}
	if t.Account != "" {
		known = append(known, "twilio")
	}
	if a.Username != "" {
		known = append(known, "africastalking")
	}
	k := c.Kannel
	f.unless(k.SendURL == "" || isURL(k.SendURL), "kannel.send_url", "expected an address, as http://127.0.0.1:13013/cgi-bin/sendsms")
	f.unless(k.ReportURL == "" || isURL(k.ReportURL), "kannel.report_url", "expected an address, as http://127.0.0.1:8080")
	f.unless(k.SendURL == "" || !k.Token.IsZero(), "kannel.token", "expected 4 characters or more: the path of the delivery reports is the secret")
	if k.SendURL != "" {
		known = append(known, "kannel")
	}
	for id, d := range k.Dialects {
		for _, op := range append([]int{d.More, d.End}, append(d.Begin, d.Hangup...)...) {
			f.unless(op >= 0 && op <= 255, "kannel.dialects."+id, "expected ussd_service_op from 0 to 255, got %d", op)
		}
	}
	for i, g := range c.Gateways {
		f.networks(fmt.Sprintf("gateways.%d.networks", i), g.Networks)
		f.unless(slices.Contains([]string{"", "plain", "infobip", "hubtel", "arkesel", "nalo", "safaricom"}, g.Preset), "gateways", "expected a preset that exists for gateway %d, got %q", i+1, g.Preset)
		f.unless(isName(g.Name), "gateways", "expected a name of small letters and digits for gateway %d", i+1)
		f.unless(!slices.Contains(known, g.Name), "gateways", "expected another name for gateway %d: %q is in use", i+1, g.Name)
		f.unless(!g.Token.IsZero() || !g.PathToken.IsZero() || !g.Password.IsZero() || !g.HMACKey.IsZero(), "gateways",
			"expected token, path_token, password or hmac_key of gateway %d: else anybody could report in a caller's name", i+1)
		f.unless(g.SendURL == "" || isURL(g.SendURL), "gateways", "expected an address as send_url of %s", g.Name)
		f.unless(g.FindURL == "" || isURL(g.FindURL) && strings.Contains(g.FindURL, "{id}"), "gateways",
			"expected an address with {id} as find_url of %s, as https://…/messages/{id}", g.Name)
		known = append(known, g.Name)
	}
	c.checkRoutes(f, known)
	c.checkLimits(f, known)
	c.checkRegister(f, known)
	for i, p := range c.Prices.Each {
		path := fmt.Sprintf("prices.each.%d", i)
		f.unless(slices.Contains(known, p.Provider), path+".provider", "expected a provider that is set up (%s), got %q", strings.Join(known, ", "), p.Provider)
		f.unless(p.Prefix == "" || isPrefix(p.Prefix), path+".prefix", "expected a prefix as +84 or +8496")
		f.unless(p.GSM7 >= 0 && p.UCS2 >= 0 && p.Call >= 0, path, "expected prices of 0 or more")
		f.unless(c.Prices.Currency != "", "prices", "expected currency, as VND")
	}
	f.unless(c.Bundle == 0 || within(c.Bundle, 5*time.Second, 15*time.Minute), "bundle", "expected 5s to 15m, or 0 for none")
}

func (c *Config) checkRegister(f *faults, known []string) {
	standings := []string{"approved", "pending", "refused"}
	for i, r := range c.Register {
		path := fmt.Sprintf("register.%d", i)
		f.unless(slices.Contains(known, r.Provider), path+".provider", "expected a provider that is set up (%s), got %q", strings.Join(known, ", "), r.Provider)
		f.unless(r.Prefix == "" || isPrefix(r.Prefix), path+".prefix", "expected a prefix as +84 or +8496")
		f.unless(slices.Contains([]string{"", "fallback", "never", "send"}, r.Otherwise), path+".otherwise", "expected fallback, never or send, got %q", r.Otherwise)
		f.unless(r.Sender.Name != "" || len(r.Templates) > 0, path, "expected a sender or templates")
		f.unless(r.Sender.Name == "" || slices.Contains(standings, r.Sender.Is), path+".sender", "expected approved, pending or refused as is, got %q", r.Sender.Is)
		for k, t := range r.Templates {
			at := fmt.Sprintf("%s.templates.%d", path, k)
			f.unless(t.Key != "", at, "expected the key of a text, as alert.sms.urgent or alert.*")
			f.unless(slices.Contains(standings, t.Is), at, "expected approved, pending or refused as is, got %q", t.Is)
		}
	}
}

func (c *Config) checkRoutes(f *faults, known []string) {
	carries := func(path string, names []string) {
		for _, n := range names {
			f.unless(slices.Contains(known, n), path, "expected providers that are set up (%s), got %q", strings.Join(known, ", "), n)
		}
	}
	carries("routes.sms", c.Routes.SMS)
	calls := []string{"phones"}
	if c.Twilio.Account != "" && c.Twilio.VoiceFrom != "" {
		calls = append(calls, "twilio")
	}
	for _, n := range c.Routes.Voice {
		f.unless(slices.Contains(calls, n), "routes.voice", "expected providers that can call, which is twilio with voice_from, got %q", n)
	}
	for i, r := range c.Routes.Only {
		const path = "routes.only"
		f.unless(slices.Contains([]string{"", "alert", "notice", "report"}, r.Purpose), path, "expected alert, notice or report as purpose of route %d, got %q", i+1, r.Purpose)
		f.unless(slices.Contains([]string{"", "sms", "voice"}, r.Channel), path, "expected sms or voice as channel of route %d, got %q", i+1, r.Channel)
		f.unless(r.Prefix == "" || isPrefix(r.Prefix), path, "expected a prefix of route %d as +84 or +8496", i+1)
		f.unless(len(r.Providers) > 0, path, "expected providers of route %d", i+1)
		carries(path, r.Providers)
	}
}

func (c *Config) checkLimits(f *faults, known []string) {
	for i, l := range c.Limits {
		const path = "limits"
		f.unless(l.Provider == "" || slices.Contains(known, l.Provider), path, "expected a provider that is set up (%s) in limit %d, got %q", strings.Join(known, ", "), i+1, l.Provider)
		f.unless(l.Prefix == "" || isPrefix(l.Prefix), path, "expected a prefix in limit %d as +84 or +8496", i+1)
		f.unless(l.Provider != "" || l.Prefix != "", path, "expected a provider or a prefix in limit %d", i+1)
		f.unless(l.PerSecond >= 0 && l.PerSecond <= 10_000, path, "expected 0 to 10000 as per_second of limit %d", i+1)
		f.unless(l.PerMinute >= 0 && l.PerMinute <= 600_000, path, "expected 0 to 600000 as per_minute of limit %d", i+1)
		f.unless(l.AtOnce >= 0 && l.AtOnce <= 1000, path, "expected 0 to 1000 as at_once of limit %d", i+1)
		f.unless(l.AtOnce <= 0 || l.Provider != "" && l.Prefix == "", path, "expected a provider and no prefix with at_once in limit %d", i+1)
		f.unless(l.PerSecond != 0 || l.PerMinute != 0 || l.AtOnce != 0, path, "expected per_second, per_minute or at_once in limit %d", i+1)
	}
}

func (f *faults) networks(path string, list []string) {
	for _, n := range list {
		_, err := netip.ParsePrefix(n)
		f.unless(err == nil, path, "expected address ranges, as 203.0.113.0/24, got %q", n)
	}
}

func within(d, low, high time.Duration) bool { return d >= low && d <= high }

func isListen(s string) bool {
	_, port, err := net.SplitHostPort(s)
	return err == nil && port != ""
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// isPrefix reports whether s begins a number in international form.
func isPrefix(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	return ok && digits != "" && len(digits) <= 15 && strings.Trim(digits, "0123456789") == ""
}
