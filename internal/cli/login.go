package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dscosync/internal/config"
	"dscosync/internal/dsco"
	"dscosync/internal/remote"
	"dscosync/internal/secret"
	"dscosync/internal/shipstation"
)

// patience is how long a person waits for a remote to say whether it takes the credentials.
const patience = 20 * time.Second

// hinted is an error with what to do about it here, which is not what a run would say.
type hinted struct {
	err  error
	hint string
}

func (e *hinted) Error() string { return e.err.Error() }
func (e *hinted) Unwrap() error { return e.err }
func (e *hinted) Hint() string  { return e.hint }

// checkSecrets asks the remotes whether they take these secrets beside the other settings.
func (a *app) checkSecrets(given map[string]secret.Secret) error {
	c, err := config.Load(a.ctx, config.Options{Path: a.config, State: a.state, Env: a.Environ, Secrets: given})
	for _, side := range []struct {
		section string
		ask     func(config.Config) error
	}{{"dsco.", a.helloDSCO}, {"shipstation.", a.helloShipStation}} {
		for name := range given {
			if !strings.HasPrefix(name, side.section) {
				continue
			}
			if err := mistakesIn(err, side.section); err != nil {
				return err
			}
			if err := side.ask(c); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// mistakesIn leaves of what is wrong with the settings only what concerns a section.
func mistakesIn(err error, section string) error {
	var all, some config.Mistakes
	if !errors.As(err, &all) {
		return err
	}
	for _, m := range all {
		if strings.HasPrefix(m.Key, section) {
			some = append(some, m)
		}
	}
	if len(some) == 0 {
		return nil
	}
	return some
}

func (a *app) helloDSCO(c config.Config) error {
	ctx, cancel := context.WithTimeout(a.ctx, min(a.most, patience))
	defer cancel()
	api := dsco.New(c.DSCO.BaseURL, c.DSCO.ClientID, c.DSCO.ClientSecret.Reveal(), nil, a.logger())
	return a.unchecked(api.Hello(ctx), "dsco.client_id and dsco.client_secret")
}

// helloShipStation also looks for the store: the credentials may be those of another account.
func (a *app) helloShipStation(c config.Config) error {
	stores, err := a.stores(c)
	if err != nil || c.ShipStation.StoreID == 0 {
		return err
	}
	if !slices.ContainsFunc(stores, func(s shipstation.Store) bool { return s.ID == c.ShipStation.StoreID }) {
		return &usage{text: fmt.Sprintf("the account of this API key has no store %d, which is shipstation.store_id", c.ShipStation.StoreID),
			hint: "nothing was stored; take the key from the account that has the store"}
	}
	return nil
}

// stores asks ShipStation for the account's stores, which also tells whether it takes the credentials.
func (a *app) stores(c config.Config) ([]shipstation.Store, error) {
	ctx, cancel := context.WithTimeout(a.ctx, min(a.most, patience))
	defer cancel()
	api := shipstation.New(c.ShipStation.BaseURL, c.ShipStation.APIKey.Reveal(), c.ShipStation.APISecret.Reveal(), nil, a.logger())
	stores, err := api.Stores(ctx)
	return stores, a.unchecked(err, "shipstation.api_key and shipstation.api_secret")
}

// unchecked puts the way out beside a remote's refusal or silence.
func (a *app) unchecked(err error, keys string) error {
	switch {
	case err == nil:
		return nil
	case a.ctx.Err() != nil:
		return errGivenUp
	case remote.KindOf(err) == remote.Unauthorized:
		return &hinted{err, fmt.Sprintf("nothing was stored; check %s in the account, and that its plan has access to the API", keys)}
	}
	return &hinted{err, "nothing was stored; check base_url and the network, or do it without asking the remote (secret set without --check, config init --offline)"}
}
