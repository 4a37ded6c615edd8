// Package config turns the settings file, the environment and the flags into
// one checked Config.
//
// A setting is taken from the first of these that gives it: a flag, its
// environment twin, the settings file, its default. A secret may also be a
// systemd credential with the name of its key, which goes before the settings
// file as the environment does, and may be in the encrypted store, which comes
// last. Each text is read by the
// type of its key before the layers are merged, so that a mistake can name
// the line or the variable it stands in.
package config

import (
	"time"

	"dscosync/internal/secret"
)

// Config holds the settings. The tags are the keys of the settings file.
type Config struct {
	DSCO           DSCO          `yaml:"dsco"`
	ShipStation    ShipStation   `yaml:"shipstation"`
	Sync           Sync          `yaml:"sync"`
	Cancel         Cancel        `yaml:"cancel"`
	Notify         Notify        `yaml:"notify"`
	Alarm          Alarm         `yaml:"alarm"`
	Scorecard      Scorecard     `yaml:"scorecard"`
	Secrets        Secrets       `yaml:"secrets"`
	State          string        `yaml:"state"` // absolute path of the state file
	StateRetention time.Duration `yaml:"state_retention"`
	Retailers      []Retailer    `yaml:"retailers"`
	Accounts       []Account     `yaml:"accounts"`
	Goals          []Goals       `yaml:"goals"`
	Carriers       []Carrier     `yaml:"carriers"`

	Path   string `yaml:"-"` // the settings file that was read; empty when there was none
	Unread bool   `yaml:"-"` // nothing is known of what stands in it: it cannot be read or is no YAML

	sources map[string]string // where each setting that is not a default was found, by key
}

// DSCO is how to reach DSCO and which of its orders to take.
type DSCO struct {
	BaseURL           string        `yaml:"base_url"` // without a slash at its end
	ClientID          string        `yaml:"client_id"`
	ClientSecret      secret.Secret `yaml:"client_secret"`
	Lifecycles        []string      `yaml:"lifecycles"`
	IncludeTestOrders bool          `yaml:"include_test_orders"`
	Settle            time.Duration `yaml:"settle"`
}

// ShipStation is how to reach ShipStation and the store the orders go to.
type ShipStation struct {
	BaseURL   string        `yaml:"base_url"` // without a slash at its end
	APIKey    secret.Secret `yaml:"api_key"`
	APISecret secret.Secret `yaml:"api_secret"`
	StoreID   int64         `yaml:"store_id"`
	Settle    time.Duration `yaml:"settle"`
}

// Sync is how far and how often the two sides are brought in step.
type Sync struct {
	Lookback   time.Duration `yaml:"lookback"`
	Interval   time.Duration `yaml:"interval"` // 0: the crontab alone decides
	ShipDelay  time.Duration `yaml:"ship_delay"`
	MaxCancels int           `yaml:"max_cancels"`
}

// What Cancel.OnRequest may be.
const (
	NotifyOnRequest = "notify"
	HoldOnRequest   = "hold"
)

// Cancel is how cancellations are told and taken.
type Cancel struct {
	Code      string `yaml:"code"`
	OnRequest string `yaml:"on_request"`
}

// Notify is who hears how a run went. Each is optional. The URLs are secrets:
// who knows one may use it.
type Notify struct {
	PingURL  secret.Secret `yaml:"ping_url"`
	Webhook  secret.Secret `yaml:"webhook"`
	Command  []string      `yaml:"command"`
	Textfile string        `yaml:"textfile"`
}

// Alarm is how long something may last before a person is told.
type Alarm struct {
	ShipBy      time.Duration `yaml:"ship_by"`
	Acknowledge time.Duration `yaml:"acknowledge"`
	Tracking    time.Duration `yaml:"tracking"`
	Silence     time.Duration `yaml:"silence"`
}

// Scorecard is what the supplier is measured against, in percent, and when a
// measure has drifted.
type Scorecard struct {
	GoalFill     float64 `yaml:"goal_fill"`
	GoalOnTime   float64 `yaml:"goal_on_time"`
	WeightFill   float64 `yaml:"weight_fill"`
	WeightOnTime float64 `yaml:"weight_on_time"`
	DriftWeeks   int     `yaml:"drift_weeks"` // 0: no drift is looked for
	DriftSpread  float64 `yaml:"drift_spread"`
}

// Secrets is where `secret set` keeps what it is given.
type Secrets struct {
	Store    string `yaml:"store"`    // absolute path of the encrypted file
	Identity string `yaml:"identity"` // absolute path of what decrypts it
}

// Retailer is what holds for one retailer's orders. An empty CancelCode
// stands for Cancel.Code.
type Retailer struct {
	ID            string `yaml:"id"`
	Name          string `yaml:"name"`
	CancelCode    string `yaml:"cancel_code"`
	WarehouseCode string `yaml:"warehouse_code"`
}

// Goals are what one retailer has in place of the goals and weights of
// Scorecard, as texts: an empty one stands for what is there.
type Goals struct {
	Retailer     string `yaml:"retailer"`
	Fill         string `yaml:"fill"`
	OnTime       string `yaml:"on_time"`
	WeightFill   string `yaml:"weight_fill"`
	WeightOnTime string `yaml:"weight_on_time"`
}

// Of returns the goals and weights of a retailer: its own where it has some.
func (c Config) Of(retailer string) Scorecard {
	s := c.Scorecard
	for _, g := range c.Goals {
		if g.Retailer != retailer {
			continue
		}
		for _, part := range []struct {
			text string
			to   *float64
		}{{g.Fill, &s.GoalFill}, {g.OnTime, &s.GoalOnTime}, {g.WeightFill, &s.WeightFill}, {g.WeightOnTime, &s.WeightOnTime}} {
			if value, problem, _ := decimal(part.text); problem == "" {
				*part.to = value.(float64)
			}
		}
	}
	return s
}

// Account is a third party's account with a carrier, which orders name as the one that pays for the shipping.
type Account struct {
	Number     string `yaml:"number"`
	PostalCode string `yaml:"postal_code"`
	Country    string `yaml:"country"`
}

// Carrier is a line that goes before the built-in carrier table. Service `*`
// is any; an empty Retailer is every retailer.
type Carrier struct {
	ShipStationCarrier string `yaml:"shipstation_carrier"`
	ShipStationService string `yaml:"shipstation_service"`
	DSCOCarrier        string `yaml:"dsco_carrier"`
	DSCOMethod         string `yaml:"dsco_method"`
	DSCOServiceLevel   string `yaml:"dsco_service_level"`
	Retailer           string `yaml:"retailer"`
}
