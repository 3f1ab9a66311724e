package authority_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hotline/handlers/authority"
)

// province is an OpenID provider: discovery, keys, and tokens that it signs.
type province struct {
	*httptest.Server
	t         *testing.T
	key       *rsa.PrivateKey
	challenge string
	nonce     string
	claims    func(map[string]any) // spoils the identity
	signer    *rsa.PrivateKey
}

var now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func newProvince(t *testing.T) *province {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &province{t: t, key: key, signer: key, claims: func(map[string]any) {}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.json(w, map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"},
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		p.json(w, map[string]any{"keys": []map[string]any{{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *province) json(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

// token exchanges the code, when whoever asks has the verifier of PKCE.
func (p *province) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	user, password, _ := r.BasicAuth()
	if r.FormValue("code") != "the-code" || base64.RawURLEncoding.EncodeToString(sum[:]) != p.challenge || user != "hotline" || password != "secret" {
		http.Error(w, `{"error":"invalid_grant","error_description":"about Nguyen Van A"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{"iss": p.URL, "sub": "12345", "aud": "hotline", "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": p.nonce}
	p.claims(claims)
	p.json(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.sign(claims)})
}

func (p *province) sign(claims map[string]any) string {
	body, err := json.Marshal(claims)
	if err != nil {
		p.t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"one","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, p.signer, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// visit sends somebody there, and returns what they come back with.
func (p *province) visit(a *authority.Provider) (memo string, back url.Values) {
	p.t.Helper()
	address, memo, err := a.Begin(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("scope") != "openid" || q.Get("redirect_uri") != "https://hotline.example/signin/authority/back" || q.Get("code_challenge_method") != "S256" {
		p.t.Errorf("sent there with %v", q)
	}
	p.challenge, p.nonce = q.Get("code_challenge"), q.Get("nonce")
	return memo, url.Values{"state": {q.Get("state")}, "code": {"the-code"}}
}

func (p *province) client(t *testing.T) *authority.Provider {
	t.Helper()
	a, err := authority.New(authority.Options{
		Issuer: p.URL, Client: "hotline", Secret: "secret", Name: "Phú Thọ",
		Back: "https://hotline.example/signin/authority/back", Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestSomebodyComesBack(t *testing.T) {
	p := newProvince(t)
	a := p.client(t)
	memo, back := p.visit(a)
	who, err := a.End(t.Context(), memo, back)
	if err != nil || who.Issuer != p.URL || who.Name != "12345" {
		t.Fatalf("got %+v, %v", who, err)
	}
}

func TestWhoDoesNotComeBackRightly(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(p *province, memo *string, back url.Values){
		"with another state":             func(_ *province, _ *string, b url.Values) { b.Set("state", "x") },
		"without a state":                func(_ *province, m *string, b url.Values) { *m, b["state"] = "..", nil },
		"with a memo of nothing":         func(_ *province, m *string, _ url.Values) { *m = "" },
		"refused there":                  func(_ *province, _ *string, b url.Values) { b.Set("error", "access_denied") },
		"with another code":              func(_ *province, _ *string, b url.Values) { b.Set("code", "x") },
		"with the verifier of another":   func(_ *province, m *string, _ url.Values) { *m += "x" },
		"as meant for another site":      func(p *province, _ *string, _ url.Values) { p.claims = set("aud", "shop") },
		"too late":                       func(p *province, _ *string, _ url.Values) { p.claims = set("exp", now.Add(-time.Second).Unix()) },
		"from another issuer":            func(p *province, _ *string, _ url.Values) { p.claims = set("iss", "https://evil.example") },
		"with the identity of long ago":  func(p *province, _ *string, _ url.Values) { p.claims = set("nonce", "old") },
		"signed by somebody else":        func(p *province, _ *string, _ url.Values) { p.signer = other },
		"while the authority is not up ": func(p *province, _ *string, _ url.Values) { p.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvince(t)
			a := p.client(t)
			memo, back := p.visit(a)
			spoil(p, &memo, back)
			who, err := a.End(t.Context(), memo, back)
			if err == nil || who.Name != "" {
				t.Fatalf("got %+v", who)
			}
			if strings.Contains(err.Error(), "Nguyen") {
				t.Errorf("the error tells of a person: %v", err)
			}
		})
	}
}

func set(claim string, v any) func(map[string]any) {
	return func(c map[string]any) { c[claim] = v }
}

func TestAuthorityThatIsDownIsAskedAgain(t *testing.T) {
	p := newProvince(t)
	a, err := authority.New(authority.Options{Issuer: "http://127.0.0.1:1", Client: "hotline", Back: "https://hotline.example/back"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Begin(t.Context()); err == nil {
		t.Error("sent to an authority that is down")
	}
	if _, err := authority.New(authority.Options{Issuer: p.URL}); err == nil {
		t.Error("an authority that does not know us was taken")
	}
}
