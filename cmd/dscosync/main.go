// Command dscosync keeps a supplier's DSCO orders and its ShipStation account in step.
package main

import (
	"os"

	"dscosync/internal/cli"
)

// system is what the program is started with. A build for tests (main_crash.go) sets its clock ahead.
var system = cli.System

func main() {
	os.Exit(cli.Main(system(), os.Args[1:]))
}
