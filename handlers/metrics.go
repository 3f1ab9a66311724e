package handlers

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hotline/flows"
)

// Metrics counts what passes through. Every label is from a closed set: names of
// providers, channels, outcomes, route templates. A label that a stranger could
// choose would be a log of strangers' input.
type Metrics struct {
	// Registry is open to the other parts; nothing is registered globally.
	Registry *prometheus.Registry

	requests  *prometheus.CounterVec
	latency   *prometheus.HistogramVec
	answers   *prometheus.HistogramVec
	inbounds  *prometheus.CounterVec
	receipts  *prometheus.CounterVec
	strangers *prometheus.CounterVec
	checks    *prometheus.GaugeVec
	sends     *prometheus.CounterVec
	sending   *prometheus.HistogramVec
	segments  *prometheus.CounterVec
	hour      hour
}

// NewMetrics makes the metrics and their own registry.
func NewMetrics() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &Metrics{
		Registry:  prometheus.NewRegistry(),
		requests:  counter("hotline_http_requests_total", "Requests by route template and status.", "route", "status"),
		inbounds:  counter("hotline_inbound_total", "Webhooks from people by what became of them.", "provider", "channel", "outcome"),
		receipts:  counter("hotline_receipts_total", "Delivery reports by what they said.", "provider", "delivery"),
		strangers: counter("hotline_unknown_status_total", "Delivery reports with a word that is not known.", "provider"),
		sends:     counter("hotline_sends_total", "Messages handed to providers by what came of it.", "provider", "channel", "outcome"),
		segments:  counter("hotline_segments_total", "Segments that networks bill for texts that left, by alphabet.", "provider", "alphabet"),
		sending: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hotline_send_seconds", Help: "Time that a provider takes to accept a message.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2, 5, 10},
		}, []string{"provider"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hotline_http_request_seconds", Help: "Time from request to response by route template.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 5},
		}, []string{"route"}),
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hotline_answer_seconds", Help: "Time from the receipt of a turn until it is stored and its answer handed over.",
			// 10 s is the limit of the clock "store and acknowledge": an edge must lie on it.
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"provider", "channel"}),
		checks: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "hotline_ready", Help: "Whether a readiness check passed when last asked.",
		}, []string{"check"}),
	}
	m.Registry.MustRegister(m.requests, m.latency, m.answers, m.inbounds, m.receipts, m.strangers, m.checks, m.sends, m.sending, m.segments,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.latency.WithLabelValues(route).Observe(took.Seconds())
}

func (m *Metrics) inbound(provider string, ch flows.Channel, outcome string) {
	m.inbounds.WithLabelValues(provider, string(ch), outcome).Inc()
}

// answered notes how long somebody waited who wrote to us: until their turn was
// stored, and the provider had the answer.
func (m *Metrics) answered(provider string, ch flows.Channel, took time.Duration) {
	m.answers.WithLabelValues(provider, string(ch)).Observe(took.Seconds())
}

func (m *Metrics) receipt(provider string, d flows.Delivery) {
	m.receipts.WithLabelValues(provider, string(d)).Inc()
}

// stranger counts a status word that is not known. More of them than maxStrangers
// in a minute are counted together: who reaches a callback can make words up.
func (m *Metrics) stranger(provider, word string, at time.Time) {
	m.strangers.WithLabelValues(provider).Inc()
	m.hour.note(provider, at, func(one *minute) {
		if len(one.did.Strangers) >= maxStrangers/10 && one.did.Strangers[word] == 0 {
			word = "…"
		}
		one.did.Strangers[word]++
	})
}

func (m *Metrics) check(name string, ok bool) {
	v := 0.0
	if ok {
		v = 1
	}
	m.checks.WithLabelValues(name).Set(v)
}

func (m *Metrics) handler() echo.HandlerFunc {
	return echo.WrapHandler(promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{}))
}
