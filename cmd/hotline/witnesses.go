package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/store/journal"
)

// witness is somebody who keeps checkpoints, and how often they get one.
type witness struct {
	name  string // file, https or mail
	every time.Duration
	to    journal.Witness
}

// witnesses are those of the settings.
func witnesses(cfg configs.Journal) ([]witness, error) {
	var list []witness
	every := cmp.Or(cfg.CheckpointEvery, 5*time.Minute)
	if cfg.Checkpoints != "" {
		list = append(list, witness{"file", every, journal.FileWitness(cfg.Checkpoints)})
	}
	if cfg.CheckpointURL != "" {
		client, err := keeper(cfg.CheckpointCA)
		if err != nil {
			return nil, err
		}
		list = append(list, witness{"https", every, journal.HTTPWitness{Client: client, URL: cfg.CheckpointURL, Token: cfg.CheckpointToken.Reveal()}})
	}
	if m := cfg.Mail; m.Server != "" {
		list = append(list, witness{"mail", m.Every, journal.MailWitness{
			Server: m.Server, From: m.From, To: m.To, User: m.User, Password: m.Password.Reveal(), Subject: "hotline checkpoint",
		}})
	}
	return list, nil
}

// keeper is the client for a server with a certificate of the system's
// authorities, or of one in a file.
func keeper(ca string) (*http.Client, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, fmt.Errorf("read journal.checkpoint_ca: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("read journal.checkpoint_ca: expected a certificate (PEM)")
		}
	}
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: conf, Proxy: http.ProxyFromEnvironment}}, nil
}

// testify gives every witness its checkpoints until ctx ends, and a last one then.
// None waits for another: one that is away, or never answers, is alarmed about and
// keeps nobody from anything.
func (l *ledger) testify(ctx context.Context) {
	var wg sync.WaitGroup
	for _, w := range l.witnesses {
		wg.Go(func() {
			every(ctx, w.every, func() { l.tell(ctx, w) })
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWord)
			defer cancel()
			l.tell(last, w)
		})
	}
	wg.Wait()
}

// lastWord is how long a stop waits for a witness.
const lastWord = 3 * time.Second

// tell gives one witness the present checkpoint.
func (l *ledger) tell(ctx context.Context, w witness) {
	_, err := l.Testify(ctx, w.to)
	if l.failing != nil {
		l.failing(w.name, err != nil)
	}
	if err != nil && ctx.Err() == nil {
		l.log.Error("a witness did not get its checkpoint", zap.String("witness", w.name), zap.Error(err))
	}
}
