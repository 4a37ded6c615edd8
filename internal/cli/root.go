package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/escape"
)

// app is one invocation of the program.
type app struct {
	Env
	ctx context.Context

	config  string
	state   string
	quiet   bool
	verbose int
	format  string // of the log
	json    bool
	lock    time.Duration
	most    time.Duration // --max-runtime
	plain   bool          // --no-color

	checking time.Duration // a check may take; 0: what the file's size asks for
}

const longHelp = `dscosync keeps a supplier's two systems in step: DSCO, where retailers place orders, and ShipStation, where the
warehouse buys labels. Run it from cron: one line, "dscosync sync all", is all it takes.

Orders move by themselves. What needs a person is shown by "dscosync status --errors" and makes a run end with 3.
`

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:           "dscosync",
		Short:         "keep DSCO orders and ShipStation in step",
		Long:          longHelp + exitHelp,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case a.format != "text" && a.format != "json":
				return &usage{text: fmt.Sprintf("--log-format is text or json, not %q", a.format)}
			case a.most <= 0:
				return &usage{text: "--max-runtime has to be longer than 0s"}
			case a.lock < 0:
				return &usage{text: "--lock-timeout cannot be negative"}
			}
			return nil
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&a.config, "config", "", "the settings `FILE`")
	f.StringVar(&a.state, "state", "", "the state `FILE`, instead of the one in the settings")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "say errors only")
	f.CountVarP(&a.verbose, "verbose", "v", "say what is done; twice: each request too")
	f.StringVar(&a.format, "log-format", "text", "`FORMAT` of what is said on stderr: text or json")
	f.BoolVar(&a.json, "json", false, "results on stdout as one JSON document")
	a.lock, a.most = 10*time.Second, 10*time.Minute
	f.Var(&span{&a.lock}, "lock-timeout", "wait this long for another run to end")
	f.Var(&span{&a.most}, "max-runtime", "make no further call after it; one under way has ten seconds more")
	f.BoolVar(&a.plain, "no-color", false, "no colours (also: the environment variable NO_COLOR)")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(a.help)
	root.SetHelpCommand(helpCommand())
	root.AddCommand(a.pullCommand(), a.trackCommand(), a.cancelCommand(), a.syncCommand(), a.statusCommand(), a.showCommand(), a.logsCommand(), a.retryCommand(), a.dismissCommand(), a.carriersCommand(), a.scorecardCommand(), a.dbCommand(), a.doctorCommand(), a.configCommand(), a.secretCommand(), a.versionCommand(), a.manCommand())
	root.SetOut(a.Stdout) // before the completions, which take it for themselves
	a.completions(root)
	checkArgs(root)
	return root
}

// checkArgs makes every wrong use of a command an error of usage, whoever finds it.
func checkArgs(cmd *cobra.Command) {
	if !cmd.Runnable() { // cobra shows the help of such a command whatever its arguments are
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if err == nil || isA[*usage](err) {
				return err
			}
			return &usage{text: err.Error(), hint: nearest(cmd, args)}
		}
	}
	for _, sub := range cmd.Commands() {
		checkArgs(sub)
	}
}

// settings is the configuration to work with, the state file by its own path. Commands that talk to no remote leave the
// secrets sealed, and work without the settings that only the remotes need.
func (a *app) settings(sealed bool) (config.Config, error) {
	c, err := a.load(sealed)
	if err == nil {
		c.State, err = place(c.State)
	}
	return c, err
}

// load reads the configuration as it was written.
func (a *app) load(sealed bool) (config.Config, error) {
	c, err := config.Load(a.ctx, config.Options{Path: a.config, State: a.state, Env: a.Environ, Sealed: sealed})
	mistakes := config.Mistakes(nil)
	if sealed && errors.As(err, &mistakes) {
		var serious config.Mistakes
		for _, m := range mistakes {
			if !strings.HasPrefix(m.Key, "dsco.") && !strings.HasPrefix(m.Key, "shipstation.") {
				serious = append(serious, m)
			}
		}
		if len(serious) == 0 {
			return c, nil
		}
		return c, serious
	}
	return c, err
}

// logger writes to stderr. By default only what a person has to know: cron mails every line.
func (a *app) logger() *slog.Logger {
	level := slog.LevelWarn
	switch {
	case a.quiet:
		level = slog.LevelError
	case a.verbose == 1:
		level = slog.LevelInfo
	case a.verbose > 1:
		level = slog.LevelDebug
	}
	if a.format == "json" {
		return slog.New(slog.NewJSONHandler(a.Stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: visible}))
	}
	return slog.New(newLines(a.Stderr, level))
}

// visible makes texts harmless: JSON itself escapes C0 alone.
func visible(_ []string, attr slog.Attr) slog.Attr {
	value := attr.Value.Resolve()
	if err, ok := value.Any().(error); ok {
		value = slog.StringValue(err.Error())
	}
	if value.Kind() == slog.KindString {
		attr.Value = slog.StringValue(escape.Text(value.String()))
	}
	return attr
}

func (a *app) lookup(name string) string {
	for _, kv := range a.Environ {
		if k, v, ok := strings.Cut(kv, "="); ok && k == name {
			return v
		}
	}
	return ""
}
