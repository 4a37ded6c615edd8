package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/report"
	"dscosync/internal/secret"
	"dscosync/internal/shipstation"
)

// initial is `config init`: what was given, and how.
type initial struct {
	app     *app
	ask     *questions
	path    string // of the settings file
	given   map[string]string
	files   map[string]string // a secret's name, and the file to read it from
	secrets map[string]secret.Secret
	stores  []shipstation.Store // the account's, once they are known
	set     []string            // KEY=VALUE
	offline bool
	force   bool
}

func (a *app) initCommand() *cobra.Command {
	i := &initial{app: a, given: map[string]string{}, files: map[string]string{}, secrets: map[string]secret.Secret{}}
	var clientID, storeID, clientSecret, apiKey, apiSecret string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "write a first settings file, and store the credentials encrypted",
		Long: "Asks for what dscosync has to know: DSCO's client id and client secret, ShipStation's API key and API secret, and the\n" +
			"store that takes the orders, which it lists. Each answer is tried against the service it is for. Then the settings are\n" +
			"written with a comment on every key, the secrets are stored encrypted, and the crontab line and the systemd units for\n" +
			"this machine are printed.\n\n" +
			"When standard input is no terminal, the answers are its lines, in this order: client id, client secret, API key, API\n" +
			"secret, store id. What a flag gives is not asked for. Secrets are no flags, since others could see them; a file may\n" +
			"hold them.\n\n" +
			"The settings go to --config, else to $DSCOSYNC_CONFIG, else to /etc/dscosync where that folder may be written to, else\n" +
			"to the user's own configuration folder.\n" + exitHelp,
		Example: "  dscosync config init\n" +
			"  dscosync config init --client-id 1234 --store-id 5678 <secrets\n" +
			"  dscosync config init --set sync.ship_delay=30m --set state=/srv/state.db",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for name, value := range map[string]string{"dsco.client_id": clientID, "shipstation.store_id": storeID} {
				if value != "" {
					i.given[name] = value
				}
			}
			for name, path := range map[string]string{"dsco.client_secret": clientSecret, "shipstation.api_key": apiKey, "shipstation.api_secret": apiSecret} {
				if path != "" {
					i.files[name] = path
				}
			}
			return a.wronglyGiven(i.run())
		},
	}
	f := cmd.Flags()
	f.StringVar(&clientID, "client-id", "", "DSCO's client `ID`")
	f.StringVar(&clientSecret, "client-secret-file", "", "take DSCO's client secret from `FILE`")
	f.StringVar(&apiKey, "api-key-file", "", "take ShipStation's API key from `FILE`")
	f.StringVar(&apiSecret, "api-secret-file", "", "take ShipStation's API secret from `FILE`")
	f.StringVar(&storeID, "store-id", "", "the `NUMBER` of the ShipStation store that takes the orders")
	f.StringArrayVar(&i.set, "set", nil, "any other setting, as `KEY=VALUE`; may be repeated")
	f.BoolVar(&i.offline, "offline", false, "try no answer against its service")
	f.BoolVar(&i.force, "force", false, "replace the settings file; the one before is kept beside it as *.old")
	return cmd
}

func (i *initial) run() error {
	i.ask = i.app.questions()
	i.path = i.app.firstPlace()
	for _, s := range i.set {
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			return &usage{text: fmt.Sprintf("--set %s is not KEY=VALUE", s), hint: "write it like --set sync.lookback=240h"}
		}
		i.given[key] = value
	}
	if _, ok := i.given["state"]; !ok {
		i.given["state"] = i.app.firstState(i.path)
	}
	if _, err := os.Lstat(i.path); !errors.Is(err, fs.ErrNotExist) && !i.force {
		return &usage{text: "there are settings already: " + i.path, hint: "edit them, or give --force to replace them"}
	}
	// What is wrong already need not be asked for first.
	c, err := i.config()
	if err := serious(err, "dsco.client_", "shipstation.api_", "shipstation.store_id"); err != nil {
		return err
	}
	if _, err := i.app.stored(c); err != nil {
		return err
	}
	for _, question := range []func() error{i.askDSCO, i.askShipStation, i.askStore, i.ask.end} {
		if err := question(); err != nil {
			return err
		}
	}
	if c, err = i.config(); err != nil {
		return err
	}
	return i.write(c)
}

// wronglyGiven tells mistakes in what was given. There is no settings file yet to correct.
func (a *app) wronglyGiven(err error) error {
	var mistakes config.Mistakes
	if !errors.As(err, &mistakes) {
		return err
	}
	for _, m := range mistakes {
		a.fail(m.String(), "")
	}
	return exit(exitUsage)
}

// config is what the settings will be. The environment's own settings are left out: a crontab has another one.
func (i *initial) config() (config.Config, error) {
	var env []string
	for _, kv := range i.app.Environ {
		if !strings.HasPrefix(kv, "DSCOSYNC_") && !strings.HasPrefix(kv, "CREDENTIALS_DIRECTORY=") {
			env = append(env, kv)
		}
	}
	return config.Load(i.app.ctx, config.Options{Path: i.path, Env: env, Given: i.given, Secrets: i.secrets, Fresh: true})
}

// serious leaves out of the mistakes those about settings that begin so.
func serious(err error, besides ...string) error {
	var all, left config.Mistakes
	if !errors.As(err, &all) {
		return err
	}
	for _, m := range all {
		asked := false
		for _, prefix := range besides {
			asked = asked || strings.HasPrefix(m.Key, prefix) && strings.Contains(m.Text, "it is missing")
		}
		if !asked {
			left = append(left, m)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return left
}

// write stores the secrets before the settings: should it end between the two, the next init asks again and replaces them.
func (i *initial) write(c config.Config) error {
	a := i.app
	if _, err := a.keep(c, i.secrets); err != nil {
		return &hinted{err, "make its folder for this user first, or name another file: --set secrets.identity=FILE, --set secrets.store=FILE, --set state=FILE; see that its disk has room"}
	}
	if err := i.keepOld(); err != nil {
		return err
	}
	if err := secret.WriteFile(i.path, []byte(c.Draft())); err != nil {
		return &hinted{err, "make the folder for this user first, or name another file with --config; see that its disk has room"}
	}
	a.tell("the settings are in %s", i.path)
	a.tell("the secrets are in %s, encrypted; what decrypts them is in %s: keep copies of the two apart", c.Secrets.Store, c.Secrets.Identity)
	m, err := thisMachine(c)
	if err != nil {
		return err
	}
	command := m.typed()
	if at := config.Place(config.Options{Env: a.Environ}); a.config != "" || at != i.path {
		command += " --config " + i.path
	}
	if a.lookup("SUDO_USER") != "" { // who goes on is somebody else than whose settings these are
		command = "sudo -u " + m.user + " " + command
	}
	next := []string{command + " doctor", command + " sync all --dry-run"}
	if a.json {
		return i.writeJSON(c, m, next)
	}
	// The units are longer than a screen: what most people need stands last.
	_, err = fmt.Fprintf(a.Stdout, "# For systemd, /etc/systemd/system/dscosync.service:\n%s\n# and /etc/systemd/system/dscosync.timer:\n%s\n# they are started by: systemctl daemon-reload; systemctl enable --now dscosync.timer\n\n# Or for cron, one line (crontab -e, as the user %s):\n%s",
		m.service(), m.timer(), m.user, m.crontab())
	for n, command := range next {
		a.tell("%s: %s", [...]string{"next", "then"}[n], command)
	}
	return err
}

// keepOld keeps a copy of the settings that are there. They themselves stay until they are replaced: a run may begin
// meanwhile.
func (i *initial) keepOld() error {
	old := i.path + ".old"
	content, err := os.ReadFile(i.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = secret.WriteFile(old, content)
	}
	if err != nil {
		return fmt.Errorf("keeping the settings before: %w", err)
	}
	i.app.tell("the settings before are in %s", old)
	return nil
}

func (i *initial) writeJSON(c config.Config, m machine, next []string) error {
	return report.WriteDocument(i.app.Stdout, map[string]any{"settings": i.path, "store": c.Secrets.Store, "identity": c.Secrets.Identity,
		"crontab": strings.TrimSpace(m.crontab()), "service": m.service(), "timer": m.timer(), "next": next})
}

// firstPlace is where a first settings file goes.
func (a *app) firstPlace() string {
	o := config.Options{Path: a.config, Env: a.Environ}
	path := config.Place(o)
	if a.config == "" && a.lookup("DSCOSYNC_CONFIG") == "" && writable(filepath.Dir(config.System)) {
		path = config.System
	}
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// firstState is where the state file goes by default: with the machine's settings where the machine's services keep
// theirs, with a user's own settings in the user's folder, else beside the settings.
func (a *app) firstState(settings string) string {
	if a.state != "" {
		if whole, err := filepath.Abs(a.state); err == nil {
			return whole
		}
	}
	own := a.lookup("XDG_STATE_HOME")
	if home := a.lookup("HOME"); own == "" && home != "" {
		own = filepath.Join(home, ".local", "state")
	}
	switch {
	case strings.HasPrefix(settings, "/etc/"):
		return "/var/lib/dscosync/state.db"
	case a.config == "" && a.lookup("DSCOSYNC_CONFIG") == "" && filepath.IsAbs(own):
		return filepath.Join(own, "dscosync", "state.db")
	}
	return filepath.Join(filepath.Dir(settings), "state", "state.db")
}

// writable tells whether there is such a folder and files can be made in it.
func writable(folder string) bool {
	probe, err := os.CreateTemp(folder, ".dscosync-")
	if err != nil {
		return false
	}
	probe.Close()
	return os.Remove(probe.Name()) == nil
}
