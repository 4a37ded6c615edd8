package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/report"
	"dscosync/internal/secret"
)

func (a *app) secretCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secret",
		Short: "keep the credentials encrypted",
		Long: "Keeps credentials in a file that is encrypted with age (secrets.store), and opened with an identity that is kept\n" +
			"in another (secrets.identity). A value is never shown again, only a fingerprint of it.\n" + exitHelp,
		Example: "  dscosync secret set dsco.client_secret\n  dscosync secret list",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var check bool
	set := &cobra.Command{
		Use:   "set NAME...",
		Short: "ask for credentials and store them encrypted",
		Long: "Asks for each of the credentials named, without showing what is typed, and stores them together. When standard input\n" +
			"is no terminal, each is a line of it, in the order of the names.\n\n" +
			"The names are those of the settings: " + strings.Join(config.SecretNames(), ", ") + ".\n\n" +
			"An API key of ShipStation and its secret are a pair, and are set together: a run takes both from the store as it\n" +
			"was before or as it is afterwards, and never one of each. So a pair is changed without a run that fails: make the\n" +
			"account's second pair in ShipStation, set it here with --check, and remove the first one in ShipStation.\n" + exitHelp,
		Example: "  dscosync secret set dsco.client_secret\n" +
			"  dscosync secret set shipstation.api_key shipstation.api_secret --check\n" +
			"  pass show dsco | dscosync secret set dsco.client_secret",
		ValidArgs: config.SecretNames(),
		Args:      secretNames,
		RunE:      func(_ *cobra.Command, names []string) error { return a.setSecrets(names, check) },
	}
	set.Flags().BoolVar(&check, "check", false, "store nothing that the remote refuses")
	cmd.AddCommand(set, &cobra.Command{
		Use:     "list",
		Short:   "which credentials are stored, each with its fingerprint and when it was set",
		Long:    "Lists the encrypted credentials. The same value has the same fingerprint on every machine.\n" + exitHelp,
		Example: "  dscosync secret list",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.listSecrets() },
	}, &cobra.Command{
		Use:       "remove NAME...",
		Short:     "remove credentials from the encrypted store",
		Long:      "Removes the credentials named from the encrypted store. In the account they hold until they are removed there.\n" + exitHelp,
		Example:   "  dscosync secret remove dsco.client_secret",
		ValidArgs: config.SecretNames(),
		Args:      secretNames,
		RunE:      func(_ *cobra.Command, names []string) error { return a.removeSecrets(names) },
	})
	return cmd
}

// pair is of no use in halves.
var pair = []string{"shipstation.api_key", "shipstation.api_secret"}

func secretNames(cmd *cobra.Command, names []string) error {
	known := config.SecretNames()
	if len(names) == 0 {
		return &usage{text: "name the secret: " + cmd.CommandPath() + " " + known[0], hint: "the secrets are " + strings.Join(known, ", ")}
	}
	for i, name := range names {
		if !slices.Contains(known, name) {
			return &usage{text: fmt.Sprintf("%q is no secret of the settings", name), hint: "the secrets are " + strings.Join(known, ", ")}
		}
		if slices.Contains(names[:i], name) {
			return &usage{text: name + " is named twice", hint: "name it once"}
		}
	}
	return nil
}

func (a *app) store(c config.Config) secret.Store {
	return secret.Store{Path: c.Secrets.Store, Identity: c.Secrets.Identity, Env: a.Environ}
}

// stored is what is in the store. One that cannot be opened is a mistake of the settings, as it is to a run.
func (a *app) stored(c config.Config) (secret.Entries, error) {
	entries, err := a.store(c).Read()
	if err != nil {
		err = config.Mistakes{{Key: "secrets", Text: err.Error()}}
	}
	return entries, err
}

func (a *app) setSecrets(names []string, check bool) error {
	c, err := a.load(true)
	if err != nil {
		return err
	}
	there, err := a.stored(c)
	if err != nil {
		return err
	}
	for i, half := range pair {
		_, stored := there[pair[1-i]]
		if slices.Contains(names, half) && !slices.Contains(names, pair[1-i]) && stored {
			return &usage{text: half + " and " + pair[1-i] + " are a pair: set alone it would not fit the other one",
				hint: "set both at once: dscosync secret set " + strings.Join(pair, " ")}
		}
	}
	given := map[string]secret.Secret{}
	q := a.questions()
	for _, name := range names {
		value, err := q.secret(name, name)
		if err == nil {
			err = (secret.Source{Key: name, Value: value}).Check()
		}
		if problem, hint := config.Unfit(name, value); err == nil && problem != "" {
			err = &usage{text: name + ": " + problem, hint: "nothing was stored; " + hint}
		}
		if err != nil {
			return asUsage(name, err)
		}
		given[name] = value
	}
	if err := q.end(); err != nil {
		return err
	}
	if check {
		if err := a.checkSecrets(given); err != nil {
			return err
		}
	}
	entries, err := a.keep(c, given)
	if err != nil {
		return &hinted{err, asOwner}
	}
	for _, name := range names {
		if where := c.Source(name); where != "" {
			a.logger().Warn(fmt.Sprintf("%s is stored, but not in use: what the settings give goes before it (%s)", name, where),
				"hint", "remove it there, then run: dscosync config validate")
		}
	}
	maps.DeleteFunc(entries, func(name string, _ secret.Entry) bool { return !slices.Contains(names, name) })
	if a.quiet {
		return nil
	}
	return a.showSecrets(c, entries)
}

const asOwner = "nothing was changed; run it as the user that runs dscosync, and see that the disk has room"

// asUsage is an error about an answer, which names what was asked for.
func asUsage(name string, err error) error {
	if isA[*usage](err) || errors.Is(err, errInterrupted) {
		return err
	}
	return &usage{text: name + ": " + err.Error()}
}

// keep stores secrets, all of them or none, and gives what is in the store then.
func (a *app) keep(c config.Config, given map[string]secret.Secret) (secret.Entries, error) {
	now := a.Now().UTC().Truncate(time.Second)
	var all secret.Entries
	err := a.store(c).Change(func(e secret.Entries) error {
		for name, value := range given {
			e[name] = secret.Entry{Value: value, Set: now}
		}
		all = e
		return nil
	})
	return all, err
}

func (a *app) listSecrets() error {
	c, err := a.load(true)
	if err != nil {
		return err
	}
	entries, err := a.stored(c)
	if err != nil {
		return err
	}
	if len(entries) == 0 && !a.json {
		a.tell("no secrets are stored in %s", c.Secrets.Store)
		return nil
	}
	return a.showSecrets(c, entries)
}

func (a *app) removeSecrets(names []string) error {
	c, err := a.load(true)
	if err != nil {
		return err
	}
	there, err := a.stored(c)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := there[name]; !ok {
			return &usage{text: name + " is not stored in " + c.Secrets.Store, hint: "dscosync secret list shows what is"}
		}
	}
	err = a.store(c).Change(func(e secret.Entries) error {
		maps.DeleteFunc(e, func(name string, _ secret.Entry) bool { return slices.Contains(names, name) })
		return nil
	})
	if err != nil {
		return &hinted{err, asOwner}
	}
	a.tell("removed from %s: %s", c.Secrets.Store, strings.Join(names, ", "))
	return nil
}

// shownSecret is what may be told of a secret.
type shownSecret struct {
	Name        string    `json:"name"`
	Fingerprint string    `json:"fingerprint"`
	Set         time.Time `json:"set_at"`
	Instead     string    `json:"instead"` // what goes before it; empty: it is in use
}

func (a *app) showSecrets(c config.Config, entries secret.Entries) error {
	rows := []shownSecret{}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		e := entries[name]
		rows = append(rows, shownSecret{name, secret.Fingerprint(name, e.Value), e.Set, c.Source(name)})
	}
	if a.json {
		return report.WriteDocument(a.Stdout, map[string]any{"store": c.Secrets.Store, "secrets": rows})
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Name\tFingerprint\tSet\tIn use")
	for _, r := range rows {
		use := "yes"
		if r.Instead != "" {
			use = "no: " + r.Instead
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Name, r.Fingerprint, r.Set.Local().Format("2006-01-02 15:04 MST"), use)
	}
	return w.Flush()
}
