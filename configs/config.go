package configs

import "time"

// Config is every setting of the hotline. See hotline.yaml for their meaning.
type Config struct {
	Listen          string        `yaml:"listen" env:"LISTEN"`
	InternalListen  string        `yaml:"internal_listen" env:"INTERNAL_LISTEN"`
	PublicURL       string        `yaml:"public_url" env:"PUBLIC_URL"`
	TrustedProxies  []string      `yaml:"trusted_proxies" env:"TRUSTED_PROXIES"`
	WebhookTimeout  time.Duration `yaml:"webhook_timeout" env:"WEBHOOK_TIMEOUT"`
	ShutdownTimeout time.Duration `yaml:"shutdown_timeout" env:"SHUTDOWN_TIMEOUT"`
	Drain           time.Duration `yaml:"drain" env:"DRAIN"`

	Service  Service  `yaml:"service" envPrefix:"SERVICE_"`
	Sessions Sessions `yaml:"sessions" envPrefix:"SESSIONS_"`
	KeyFile  string   `yaml:"key_file" env:"KEY_FILE"`
	Key      Secret   `yaml:"key" env:"KEY"`
	// KeyCommand prints the key; its first word is the program.
	KeyCommand []string `yaml:"key_command" env:"KEY_COMMAND"`
	KeyStore   string   `yaml:"key_store" env:"KEY_STORE"`
	Redis      Redis    `yaml:"redis" envPrefix:"REDIS_"`
	Journal    Journal  `yaml:"journal" envPrefix:"JOURNAL_"`

	Retention Retention `yaml:"retention" envPrefix:"RETENTION_"`

	Directory string    `yaml:"directory" env:"DIRECTORY"`
	Files     string    `yaml:"files" env:"FILES"`
	Console   Console   `yaml:"console" envPrefix:"CONSOLE_"`
	API       API       `yaml:"api" envPrefix:"API_"`
	Webhooks  []Webhook `yaml:"webhooks" envPrefix:"WEBHOOKS_"`
	Log       Log       `yaml:"log" envPrefix:"LOG_"`
	Watch     Watch     `yaml:"watch" envPrefix:"WATCH_"`

	AfricasTalking AfricasTalking `yaml:"africastalking" envPrefix:"AFRICASTALKING_"`
	Twilio         Twilio         `yaml:"twilio" envPrefix:"TWILIO_"`
	Kannel         Kannel         `yaml:"kannel" envPrefix:"KANNEL_"`
	Gateways       []Gateway      `yaml:"gateways" envPrefix:"GATEWAYS_"`
	Routes         Routes         `yaml:"routes" envPrefix:"ROUTES_"`
	Limits         []Limit        `yaml:"limits"`
	Bundle         time.Duration  `yaml:"bundle" env:"BUNDLE"`
	Register       []Registration `yaml:"register"`
	Prices         Prices         `yaml:"prices"`
}

// Service is how callers reach the hotline.
type Service struct {
	Code     string `yaml:"code" env:"CODE"`
	SMS      string `yaml:"sms" env:"SMS"`
	Region   string `yaml:"region" env:"REGION"`
	Language string `yaml:"language" env:"LANGUAGE"`
}

// Sessions is how long conversations live.
type Sessions struct {
	USSD     time.Duration `yaml:"ussd" env:"USSD"`
	SMS      time.Duration `yaml:"sms" env:"SMS"`
	Remember time.Duration `yaml:"remember" env:"REMEMBER"`
}

// Redis is the store of `serve`.
type Redis struct {
	Addresses    []string `yaml:"addresses" env:"ADDRESSES"`
	Master       string   `yaml:"master" env:"MASTER"`
	Username     string   `yaml:"username" env:"USERNAME"`
	Password     Secret   `yaml:"password" env:"PASSWORD"`
	TLS          bool     `yaml:"tls" env:"TLS"`
	Partitions   int      `yaml:"partitions" env:"PARTITIONS"`
	Weak         string   `yaml:"weak" env:"WEAK"`
	WaitReplicas int      `yaml:"wait_replicas" env:"WAIT_REPLICAS"`
}

// Journal is the second memory, on a disk of its own.
type Journal struct {
	Dir             string        `yaml:"dir" env:"DIR"`
	Checkpoints     string        `yaml:"checkpoints" env:"CHECKPOINTS"`
	CheckpointEvery time.Duration `yaml:"checkpoint_every" env:"CHECKPOINT_EVERY"`
	CheckpointURL   string        `yaml:"checkpoint_url" env:"CHECKPOINT_URL"`
	CheckpointToken Secret        `yaml:"checkpoint_token" env:"CHECKPOINT_TOKEN"`
	CheckpointCA    string        `yaml:"checkpoint_ca" env:"CHECKPOINT_CA"`
	Mail            Mail          `yaml:"mail" envPrefix:"MAIL_"`
}

// Mail is where checkpoints are mailed to.
type Mail struct {
	Server   string        `yaml:"server" env:"SERVER"`
	From     string        `yaml:"from" env:"FROM"`
	To       []string      `yaml:"to" env:"TO"`
	User     string        `yaml:"user" env:"USER"`
	Password Secret        `yaml:"password" env:"PASSWORD"`
	Every    time.Duration `yaml:"every" env:"EVERY"`
}

// Retention is when what leads to a reporter is destroyed.
type Retention struct {
	Pseudonyms   time.Duration `yaml:"pseudonyms" env:"PSEUDONYMS"`
	Number       time.Duration `yaml:"number" env:"NUMBER"`
	NumberClosed time.Duration `yaml:"number_closed" env:"NUMBER_CLOSED"`
	Text         time.Duration `yaml:"text" env:"TEXT"`
	TextPlanned  time.Duration `yaml:"text_planned" env:"TEXT_PLANNED"`
	Postpone     time.Duration `yaml:"postpone" env:"POSTPONE"`
}

// Console is the sign-in of the console.
type Console struct {
	Idle      time.Duration `yaml:"idle" env:"IDLE"`
	Longest   time.Duration `yaml:"longest" env:"LONGEST"`
	Authority Authority     `yaml:"authority" envPrefix:"AUTHORITY_"`
}

// API is how programs work with the hotline.
type API struct {
	PerMinute int `yaml:"per_minute" env:"PER_MINUTE"`
}

// Webhook is a program elsewhere that is told what happens to cases.
type Webhook struct {
	Name   string `yaml:"name" env:"NAME"`
	URL    string `yaml:"url" env:"URL"`
	Secret Secret `yaml:"secret" env:"SECRET"`
	Member string `yaml:"member" env:"MEMBER"`
}

// Authority is an OpenID provider that people may sign in with.
type Authority struct {
	Name   string `yaml:"name" env:"NAME"`
	Issuer string `yaml:"issuer" env:"ISSUER"`
	Client string `yaml:"client" env:"CLIENT"`
	Secret Secret `yaml:"secret" env:"SECRET"`
}

// Watch is who outside of the hotline hears that it is well.
type Watch struct {
	PingURL Secret `yaml:"ping_url" env:"PING_URL"`
}

// Log is how much is logged, to the standard error output.
type Log struct {
	Level string `yaml:"level" env:"LEVEL"`
}

// AfricasTalking is the account there.
type AfricasTalking struct {
	Token    Secret `yaml:"token" env:"TOKEN"`
	Username string `yaml:"username" env:"USERNAME"`
	APIKey   Secret `yaml:"api_key" env:"API_KEY"`
	Sender   string `yaml:"sender" env:"SENDER"`
	URL      string `yaml:"url" env:"URL"`
	// Networks are where its webhooks come from; empty: anywhere.
	Networks []string `yaml:"networks" env:"NETWORKS"`
}

// Twilio is the account there.
type Twilio struct {
	Account     string `yaml:"account" env:"ACCOUNT"`
	Token       Secret `yaml:"token" env:"TOKEN"`
	SecondToken Secret `yaml:"second_token" env:"SECOND_TOKEN"`
	From        string `yaml:"from" env:"FROM"`
	Service     string `yaml:"service" env:"SERVICE"`
	VoiceFrom   string `yaml:"voice_from" env:"VOICE_FROM"`
	// Redact is what Twilio is asked to forget.
	Redact Redact `yaml:"redact" envPrefix:"REDACT_"`
	// Voices are the names of Twilio's voices by language.
	Voices map[string]string `yaml:"voices"`
	URL    string            `yaml:"url" env:"URL"`
}

// Redact is what a provider is asked to forget of a message once it is sent.
type Redact struct {
	Texts   bool `yaml:"texts" env:"TEXTS"`
	Numbers bool `yaml:"numbers" env:"NUMBERS"`
}

// Kannel is the SMPP gateway in front of an operator's bind.
type Kannel struct {
	Token    Secret `yaml:"token" env:"TOKEN"`
	SendURL  string `yaml:"send_url" env:"SEND_URL"`
	User     string `yaml:"user" env:"USER"`
	Password Secret `yaml:"password" env:"PASSWORD"`
	From     string `yaml:"from" env:"FROM"`
	SMSC     string `yaml:"smsc" env:"SMSC"`
	// ReportURL is where Kannel reports deliveries; empty: the listener on this
	// machine.
	ReportURL string `yaml:"report_url" env:"REPORT_URL"`
	// Dialects are the USSD habits of operators by the id of their bind.
	Dialects map[string]KannelDialect `yaml:"dialects"`
}

// KannelDialect is how an operator uses the USSD operations of SMPP; what is left
// out follows the standard.
type KannelDialect struct {
	Begin    []int  `yaml:"begin"`
	Hangup   []int  `yaml:"hangup"`
	More     int    `yaml:"more"`
	End      int    `yaml:"end"`
	Session  string `yaml:"session"`
	NoEndBit bool   `yaml:"no_end_bit"`
}

// Gateway is one HTTP aggregator.
type Gateway struct {
	Name      string `yaml:"name" env:"NAME"`
	Preset    string `yaml:"preset" env:"PRESET"`
	Token     Secret `yaml:"token" env:"TOKEN"`
	PathToken Secret `yaml:"path_token" env:"PATH_TOKEN"`
	User      string `yaml:"user" env:"USER"`
	Password  Secret `yaml:"password" env:"PASSWORD"`
	HMACKey   Secret `yaml:"hmac_key" env:"HMAC_KEY"`
	// Dialect is a file that says what differs from the preset, or everything.
	Dialect string `yaml:"dialect" env:"DIALECT"`
	// Networks are where its requests come from; empty: anywhere.
	Networks []string `yaml:"networks" env:"NETWORKS"`
	SendURL  string   `yaml:"send_url" env:"SEND_URL"`
	// FindURL asks whether the gateway has a message; {id} stands for our id of it.
	FindURL   string `yaml:"find_url" env:"FIND_URL"`
	SendToken Secret `yaml:"send_token" env:"SEND_TOKEN"`
	Sender    string `yaml:"sender" env:"SENDER"`
}

// Routes names the providers that carry messages out, in order.
type Routes struct {
	SMS   []string `yaml:"sms" env:"SMS"`
	Voice []string `yaml:"voice" env:"VOICE"`
	Only  []Route  `yaml:"only"`
}

// Route is an exception: who carries messages of a purpose, a channel and a
// destination.
type Route struct {
	Purpose   string   `yaml:"purpose"`
	Channel   string   `yaml:"channel"`
	Prefix    string   `yaml:"prefix"`
	Providers []string `yaml:"providers"`
}

// Limit is how much a provider or a destination takes.
type Limit struct {
	Provider  string `yaml:"provider"`
	Prefix    string `yaml:"prefix"`
	PerSecond int    `yaml:"per_second"`
	PerMinute int    `yaml:"per_minute"`
	// AtOnce is how many messages may be under way at a provider. 0: one, if it
	// cannot be asked what it has, else any number.
	AtOnce int `yaml:"at_once"`
}

// Registration is what a provider was told beforehand: the name that texts leave
// under and the texts themselves.
type Registration struct {
	Provider  string     `yaml:"provider"`
	Prefix    string     `yaml:"prefix"`
	Sender    Sender     `yaml:"sender"`
	Templates []Template `yaml:"templates"`
	Otherwise string     `yaml:"otherwise"`
}

// Sender is a registered name.
type Sender struct {
	Name string `yaml:"name"`
	Is   string `yaml:"is"`
}

// Template is a registered text, by its key in the locales.
type Template struct {
	Key string `yaml:"key"`
	Is  string `yaml:"is"`
}

// Prices are what providers bill, for an estimate.
type Prices struct {
	Currency string  `yaml:"currency"`
	Each     []Price `yaml:"each"`
}

// Price is what a provider bills for a segment by alphabet, and for a call.
type Price struct {
	Provider string  `yaml:"provider"`
	Prefix   string  `yaml:"prefix"`
	GSM7     float64 `yaml:"gsm7"`
	UCS2     float64 `yaml:"ucs2"`
	Call     float64 `yaml:"call"`
}
