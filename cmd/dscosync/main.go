// Command dscosync keeps a supplier's DSCO orders and its ShipStation account in step.
package main

import (
	"os"

	"dscosync/internal/cli"
)

func main() {
	os.Exit(cli.Main(cli.System(), os.Args[1:]))
}
