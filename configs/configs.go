// Package configs holds the examples, so that `dscosync config init` can print them with this machine's paths. The example
// settings are not among them: internal/config writes those.
package configs

import _ "embed"

// What the examples have in the place of this machine's own.
const (
	Program  = "/usr/local/bin/dscosync"
	Settings = "/etc/dscosync/config.yaml"
	Folder   = "/var/lib/dscosync" // of the state file
	User     = "dscosync"
)

var (
	//go:embed crontab.example
	Crontab string
	//go:embed dscosync.service
	Service string
	//go:embed dscosync.timer
	Timer string
)
