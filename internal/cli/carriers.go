package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/report"
	"dscosync/internal/stage"
)

func (a *app) carriersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "carriers",
		Short: "what DSCO is told of each ShipStation carrier and service",
		Long: "Shows the carrier table as it applies now: the lines of the settings first, then the built-in ones that they leave.\n" +
			"Below it stands what open orders went with and the table lacks, with the line to add to the settings.\n" +
			"A ShipStation carrier `none` stands for a parcel without any carrier. No remote is asked.\n" + exitHelp,
		Example: "  dscosync carriers\n  dscosync carriers --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.settings(true)
			if err != nil {
				return err
			}
			known := carriers(c)
			table := report.Carriers{}
			for _, r := range known.Table() {
				table.Lines = append(table.Lines, report.CarrierLine{ShipStationCarrier: r.Carrier, ShipStationService: r.Service,
					DSCOCarrier: r.DSCOCarrier, DSCOMethod: r.DSCOMethod, DSCOServiceLevel: r.DSCOServiceLevel, Retailer: r.Retailer})
			}
			if table.Unknown, err = unknownCarriers(c, known); err != nil {
				return err
			}
			if a.json {
				return report.WriteCarriersJSON(a.Stdout, table)
			}
			return report.WriteCarriers(a.Stdout, table)
		},
	}
}

// unknownCarriers is what the parcels of open orders went with and the table lacks. A parcel that is held for it is asked
// about anew: the settings may know its carrier by now.
func unknownCarriers(c config.Config, known stage.Carriers) ([]report.UnknownCarrier, error) {
	l, err := ledger.Open(c.State)
	if errors.Is(err, ledger.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var unknown []report.UnknownCarrier
	err = l.View(func(tx *ledger.Tx) error {
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			for _, n := range o.Notes {
				if n.Code == order.Unmapped {
					unknown = lacking(unknown, o, o.Parcel(n.Write.Parcel), known)
				}
			}
		}
		return nil
	})
	return unknown, err
}

// lacking adds the parcel's carrier, once for all orders that went with it.
func lacking(unknown []report.UnknownCarrier, o order.Order, p order.Parcel, known stage.Carriers) []report.UnknownCarrier {
	_, err := known.For(o, p)
	u, ok := errors.AsType[*stage.UnknownCarrier](err)
	if !ok {
		return unknown
	}
	_, entry, _ := strings.Cut(u.Lines(), "\n")
	entry, id := strings.TrimSpace(entry), fmt.Sprint(o.ID)
	i := slices.IndexFunc(unknown, func(have report.UnknownCarrier) bool { return have.Entry == entry })
	if i < 0 {
		return append(unknown, report.UnknownCarrier{Message: u.Error(), Entry: entry, Orders: []string{id}})
	}
	if !slices.Contains(unknown[i].Orders, id) {
		unknown[i].Orders = append(unknown[i].Orders, id)
	}
	return unknown
}
