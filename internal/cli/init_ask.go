package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"dscosync/internal/config"
	"dscosync/internal/escape"
	"dscosync/internal/remote"
	"dscosync/internal/secret"
	"dscosync/internal/shipstation"
)

// attempts is how often a person is asked before a mistake ends the program.
const attempts = 3

// again asks until the answers are taken. Only a person at a terminal is asked more than once; what a flag gave is no
// answer, so then it ends at once.
func (i *initial) again(names []string, ask func() error) error {
	asked := func(name string) bool { return i.given[name] == "" && i.files[name] == "" }
	mayAskAgain := i.ask.tty != nil && slices.ContainsFunc(names, asked)
	for try := 1; ; try++ {
		err := ask()
		wrong := isA[config.Mistakes](err) || isA[*usage](err) || remote.KindOf(err) == remote.Unauthorized
		if err == nil || !wrong || !mayAskAgain || try == attempts || errors.Is(err, errInterrupted) {
			return err
		}
		text, hint := explain(err)
		i.app.say("error", text)
		if hint != "" && hint != hintStrange { // which is about runs
			i.app.say("hint", hint)
		}
	}
}

func (i *initial) askDSCO() error {
	names := []string{"dsco.client_id", "dsco.client_secret"}
	flag := i.given[names[0]] != ""
	return i.again(names, func() error {
		if !flag {
			id, err := i.ask.line("DSCO's client id", "DSCO client id")
			if err != nil {
				return err
			}
			i.given["dsco.client_id"] = id
		}
		if err := i.askSecret("dsco.client_secret", "DSCO's client secret", "DSCO client secret"); err != nil {
			return err
		}
		c, err := i.config()
		if err := mistakesIn(err, "dsco."); err != nil || i.offline {
			return err
		}
		if err := i.app.helloDSCO(c); err != nil {
			return err
		}
		i.app.tell("DSCO takes the credentials")
		return nil
	})
}

func (i *initial) askShipStation() error {
	return i.again(pair, func() error {
		if err := i.askSecret("shipstation.api_key", "ShipStation's API key", "ShipStation API key (Settings, Account, API Settings)"); err != nil {
			return err
		}
		if err := i.askSecret("shipstation.api_secret", "ShipStation's API secret", "ShipStation API secret"); err != nil {
			return err
		}
		c, err := i.config()
		if err := serious(mistakesIn(err, "shipstation."), "shipstation.store_id"); err != nil || i.offline {
			return err
		}
		if i.stores, err = i.app.stores(c); err == nil {
			i.app.tell("ShipStation takes the credentials")
		}
		return err
	})
}

// askSecret takes a secret from its file, or asks for it.
func (i *initial) askSecret(name, about, prompt string) error {
	var value secret.Secret
	var err error
	if path := i.files[name]; path != "" {
		value, err = (secret.Source{Key: name, File: path, Env: i.app.Environ}).Resolve(i.app.ctx)
	} else {
		value, err = i.ask.secret(about, prompt)
		if err == nil {
			err = (secret.Source{Key: name, Value: value}).Check()
		}
	}
	if err != nil {
		return asUsage(about, err)
	}
	i.secrets[name] = value
	return nil
}

// askStore has the store chosen from those there are. It is the only manual one unless another is named.
func (i *initial) askStore() error {
	only := ""
	if fit := fitting(i.stores); len(fit) == 1 {
		only = strconv.FormatInt(fit[0].ID, 10)
	}
	flag := i.given["shipstation.store_id"] != ""
	if !flag && !i.offline && i.ask.tty != nil {
		if err := i.listStores(); err != nil {
			return err
		}
	}
	return i.again([]string{"shipstation.store_id"}, func() error {
		if !flag {
			prompt := "The store that takes the orders"
			if only != "" {
				prompt += " [" + only + "]"
			}
			answer, err := i.ask.line("the ShipStation store", prompt)
			if err != nil {
				return i.withStores(err)
			}
			if answer == "" {
				answer = only
			}
			i.given["shipstation.store_id"] = answer
		}
		c, err := i.config()
		if err := mistakesIn(err, "shipstation."); err != nil {
			return i.withStores(err)
		}
		return i.withStores(i.choose(c.ShipStation.StoreID, !flag && i.ask.tty != nil))
	})
}

// choose refuses a store that cannot take orders, and warns of one that should not: who was asked for it at a terminal is
// asked again, since what follows would push the warning off the screen.
func (i *initial) choose(id int64, asked bool) error {
	if i.offline {
		return nil
	}
	n := slices.IndexFunc(i.stores, func(s shipstation.Store) bool { return s.ID == id })
	if n < 0 {
		return &usage{text: fmt.Sprintf("the ShipStation account has no store %d", id), hint: "choose a manual store that is active"}
	}
	s := i.stores[n]
	if !s.Active {
		return &usage{text: fmt.Sprintf("the store %d (%s) is inactive", id, escape.Text(s.Name)), hint: "choose another, or make it active in ShipStation first"}
	}
	if s.MarketplaceID == 0 {
		return nil
	}
	text := fmt.Sprintf("the store %d (%s) belongs to %s, which would be told of orders it does not know", id, escape.Text(s.Name), escape.Text(s.Marketplace))
	if asked {
		return &usage{text: text, hint: fmt.Sprintf("choose a manual store, or make one in ShipStation first; if this one is meant all the same: --store-id %d", id)}
	}
	i.app.logger().Warn(text, "hint", "make a manual store for DSCO's orders in ShipStation, and put its number under shipstation.store_id")
	return nil
}

// withStores shows the stores beside an error about the choice, to whoever did not see them before.
func (i *initial) withStores(err error) error {
	if err != nil && !errors.Is(err, errInterrupted) && i.ask.tty == nil && len(i.stores) > 0 {
		if err := i.listStores(); err != nil {
			return err
		}
	}
	return err
}

func fitting(stores []shipstation.Store) []shipstation.Store {
	return slices.DeleteFunc(slices.Clone(stores), func(s shipstation.Store) bool { return !s.Active || s.MarketplaceID != 0 })
}

// listStores shows the account's stores, on stderr: they belong to the question.
func (i *initial) listStores() error {
	w := tabwriter.NewWriter(i.app.Stderr, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Store\tName\tKind")
	for _, s := range i.stores {
		kind := "manual"
		if s.MarketplaceID != 0 {
			kind = strings.TrimSpace("of a marketplace: not for this. " + escape.Text(s.Marketplace))
		}
		if !s.Active {
			kind = "inactive"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\n", s.ID, escape.Text(s.Name), kind)
	}
	if len(i.stores) == 0 {
		fmt.Fprintln(w, "(none)")
	}
	return w.Flush()
}
