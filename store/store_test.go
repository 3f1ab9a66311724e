package store_test

import (
	"testing"

	"hotline/store"
	"hotline/store/storetest"
	"hotline/store/vault"
)

func TestEmbedded(t *testing.T) {
	notes, err := vault.Open(vault.Random())
	if err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, func(t *testing.T) storetest.Server {
		e, err := store.OpenEmbedded(t.Context(), store.Options{Ended: storetest.Ended, Notes: notes})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		return storetest.Server{Store: e.Store, Pass: e.Advance}
	})
}

func TestRedis(t *testing.T) {
	server := storetest.StartRedis(t)
	storetest.Run(t, func(t *testing.T) storetest.Server {
		client := server.Client(t)
		if err := client.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), store.Options{Client: client, Ended: storetest.Ended})
		if err != nil {
			t.Fatal(err)
		}
		return storetest.Server{Store: s, Pass: storetest.Wait}
	})
}
