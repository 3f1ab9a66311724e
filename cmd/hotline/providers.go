package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/flows/sms"
	"hotline/handlers/africastalking"
	"hotline/handlers/gateway"
	"hotline/handlers/kannel"
	"hotline/handlers/twilio"
	"hotline/handlers/wire"
)

// providers are the accounts that are set up, both directions of each.
type providers struct {
	africastalking *africastalking.Provider
	twilio         *twilio.Provider
	kannel         *kannel.Provider
	gateways       []*gateway.Gateway
	senders        map[string]dispatch.Sender
	// finders are those that can tell whether they have a message.
	finders map[string]dispatch.Finder
	// register is what they were told beforehand.
	register dispatch.Register
}

// newProviders makes a provider of every account in the settings. Those that can
// send are senders too.
func newProviders(c configs.Config, texts flows.Texts) (*providers, error) {
	p := &providers{senders: map[string]dispatch.Sender{}, finders: map[string]dispatch.Finder{}}
	numbers := wire.Numbers{Region: c.Service.Region}
	for _, add := range []func(configs.Config, wire.Numbers) error{
		p.addAfricasTalking,
		func(c configs.Config, n wire.Numbers) error { return p.addTwilio(c, n, texts) },
		p.addKannel, p.addGateways,
	} {
		if err := add(c, numbers); err != nil {
			return nil, err
		}
	}
	var err error
	p.register, err = register(c.Register, texts)
	return p, err
}

func (p *providers) addAfricasTalking(c configs.Config, numbers wire.Numbers) error {
	at := c.AfricasTalking
	if at.Token.IsZero() {
		return nil
	}
	made, err := africastalking.New(africastalking.Config{
		Tokens: []string{at.Token.Reveal()}, Numbers: numbers, Networks: networks(at.Networks),
		Username: at.Username, APIKey: at.APIKey.Reveal(), From: at.Sender, APIURL: at.URL,
	})
	if err != nil {
		return fmt.Errorf("set up africastalking: %w", err)
	}
	p.africastalking = made
	if at.Username != "" {
		p.senders[africastalking.Name] = made
	}
	return nil
}

func (p *providers) addTwilio(c configs.Config, numbers wire.Numbers, texts flows.Texts) error {
	tw := c.Twilio
	if tw.Account == "" {
		return nil
	}
	tokens := []string{tw.Token.Reveal()}
	if !tw.SecondToken.IsZero() {
		tokens = append(tokens, tw.SecondToken.Reveal())
	}
	account := twilio.Config{
		AccountSID: tw.Account, Tokens: tokens, PublicURL: c.PublicURL, Numbers: numbers,
		From: tw.From, Service: tw.Service, RedactTexts: tw.Redact.Texts, RedactNumbers: tw.Redact.Numbers,
		VoiceFrom: tw.VoiceFrom, Texts: texts, Voices: tw.Voices, APIURL: tw.URL,
	}
	made, err := twilio.New(account)
	if err != nil {
		return fmt.Errorf("set up twilio: %w", err)
	}
	p.twilio, p.senders[twilio.Name] = made, made
	if account.Findable() {
		p.finders[twilio.Name] = made
	}
	return nil
}

func (p *providers) addKannel(c configs.Config, numbers wire.Numbers) error {
	k := c.Kannel
	if k.Token.IsZero() {
		return nil
	}
	made, err := kannel.New(kannel.Config{
		Tokens: []string{k.Token.Reveal()}, Numbers: numbers, SendURL: k.SendURL, User: k.User,
		Password: k.Password.Reveal(), From: k.From, SMSC: k.SMSC, ReportURL: reportURL(c), Dialects: dialects(k.Dialects),
	})
	if err != nil {
		return fmt.Errorf("set up kannel: %w", err)
	}
	p.kannel = made
	if k.SendURL != "" {
		p.senders[kannel.Name] = made
	}
	return nil
}

// reportURL is where Kannel reports deliveries: not the public address, since a
// report need not leave the machine, and Kannel logs an address that it does not
// reach, with the secret path in it.
func reportURL(c configs.Config) string {
	if c.Kannel.ReportURL != "" {
		return strings.TrimSuffix(c.Kannel.ReportURL, "/")
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func (p *providers) addGateways(c configs.Config, numbers wire.Numbers) error {
	for _, g := range c.Gateways {
		made, err := newGateway(g, numbers)
		if err != nil {
			return fmt.Errorf("set up gateway %s: %w", g.Name, err)
		}
		p.gateways = append(p.gateways, made)
		if g.SendURL != "" {
			p.senders[g.Name] = made
		}
		if g.FindURL != "" {
			p.finders[g.Name] = made
		}
	}
	return nil
}

func newGateway(g configs.Gateway, numbers wire.Numbers) (*gateway.Gateway, error) {
	auth := gateway.Auth{
		Bearer: g.Token.Reveal(), User: g.User, Password: g.Password.Reveal(), HMACKey: g.HMACKey.Reveal(), Networks: networks(g.Networks),
	}
	if !g.PathToken.IsZero() {
		auth.Tokens = []string{g.PathToken.Reveal()}
	}
	dialect, err := readDialect(g)
	if err != nil {
		return nil, err
	}
	return gateway.New(gateway.Config{
		Name: g.Name, Preset: g.Preset, Dialect: dialect, Auth: auth, Numbers: numbers, Now: realTime,
		SendURL: g.SendURL, FindURL: g.FindURL, SendKey: g.SendToken.Reveal(), Sender: g.Sender,
	})
}

// readDialect reads the file of a gateway that speaks like no preset, over its
// preset if it names one.
func readDialect(g configs.Gateway) (*gateway.Dialect, error) {
	if g.Dialect == "" {
		return nil, nil
	}
	data, err := os.ReadFile(g.Dialect)
	if err != nil {
		return nil, fmt.Errorf("read its dialect: %w", err)
	}
	var base gateway.Dialect
	if g.Preset != "" {
		if base, err = gateway.Preset(g.Preset); err != nil {
			return nil, err
		}
	}
	d, err := gateway.Parse(base, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.Dialect, err)
	}
	return &d, nil
}

// networks are address ranges that the settings have checked.
func networks(list []string) []netip.Prefix {
	var all []netip.Prefix
	for _, s := range list {
		if n, err := netip.ParsePrefix(s); err == nil {
			all = append(all, n)
		}
	}
	return all
}

// dialects are the USSD habits of operators as Kannel's adapter knows them.
func dialects(c map[string]configs.KannelDialect) map[string]kannel.Dialect {
	all := map[string]kannel.Dialect{}
	for bind, d := range c {
		all[bind] = kannel.Dialect(d)
	}
	return all
}

// router sends by the routes of the settings. A provider that fails five times
// in a row rests for half a minute.
func (p *providers) router(c configs.Config, now func() time.Time, log *zap.Logger, f *figures) *dispatch.Router {
	senders := map[string]dispatch.Sender{}
	for name, s := range p.senders {
		senders[name] = f.web.Measure(name, s, now, bill(c.Prices))
		f.moved(name, false)
	}
	return &dispatch.Router{
		Senders:  senders,
		Routes:   routes(c.Routes),
		Limits:   &dispatch.Limits{All: limits(c.Limits), Segments: billed},
		Register: p.register,
		AtOnce:   p.atOnce(c.Limits),
		Now:      now, Trip: 5, Rest: 30 * time.Second,
		Moved: func(provider string, away bool) {
			f.moved(provider, away)
			log.Warn("traffic moved", zap.String("provider", provider), zap.Bool("away", away))
		},
	}
}

// atOnce is one for every provider that cannot be asked what it has, unless the
// settings say otherwise.
func (p *providers) atOnce(c []configs.Limit) map[string]int {
	all := map[string]int{}
	for name := range p.senders {
		if p.finders[name] == nil {
			all[name] = 1
		}
	}
	for _, l := range c {
		if l.AtOnce > 0 {
			all[l.Provider] = l.AtOnce
		}
	}
	return all
}

// routes are the exceptions of the settings and then the rule.
func routes(c configs.Routes) []dispatch.Route {
	var all []dispatch.Route
	for _, r := range c.Only {
		for _, ch := range []flows.Channel{flows.SMS, flows.Voice} {
			if r.Channel == "" || r.Channel == string(ch) {
				all = append(all, dispatch.Route{Purpose: flows.Purpose(r.Purpose), Channel: ch, Prefix: r.Prefix, Providers: r.Providers})
			}
		}
	}
	return append(all, dispatch.Route{Channel: flows.SMS, Providers: c.SMS}, dispatch.Route{Channel: flows.Voice, Providers: c.Voice})
}

func limits(c []configs.Limit) []dispatch.Limit {
	var all []dispatch.Limit
	for _, l := range c {
		if l.PerSecond > 0 {
			all = append(all, dispatch.Limit{Provider: l.Provider, Prefix: l.Prefix, Most: l.PerSecond, Per: time.Second})
		}
		if l.PerMinute > 0 {
			all = append(all, dispatch.Limit{Provider: l.Provider, Prefix: l.Prefix, Most: l.PerMinute, Per: time.Minute})
		}
	}
	return all
}

// billed is how many messages a network bills for a text.
func billed(text string) int {
	n, _ := sms.Segments(text)
	return n
}
