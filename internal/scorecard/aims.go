package scorecard

import (
	"fmt"
	"strings"
)

// Percent is a share in hundredths of a percent: 9800 is 98%.
type Percent int

// Whole is all of something.
const Whole Percent = 100_00

// String is 98% or 98.25%.
func (p Percent) String() string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%02d", p/100, p%100), "0"), ".") + "%"
}

// Aims are a retailer's goals, and the weights of the two measures in its overall score.
type Aims struct {
	Fill, OnTime             Percent
	WeightFill, WeightOnTime Percent // Whole together
}

// Default are DSCO's own, for retailers that have set no others.
var Default = Aims{Fill: 98_00, OnTime: 95_00, WeightFill: 50_00, WeightOnTime: 50_00}

// overall is the goal that follows for the overall score.
func (a Aims) overall() float64 {
	return (a.WeightFill.float()*a.Fill.float() + a.WeightOnTime.float()*a.OnTime.float()) / 100
}

// float is the share in percent.
func (p Percent) float() float64 { return float64(p) / 100 }

// aims are those of a retailer.
func (r Rules) aims(retailer string) Aims {
	if own, ok := r.Own[retailer]; ok {
		return own
	}
	return r.Aims
}

// aims are those of the whole: where all its retailers have the same, these, else the common ones.
func (c *Card) aims() (a Aims, differ bool) {
	all := map[Aims]bool{}
	for id := range c.retailers {
		all[c.rules.aims(id)] = true
	}
	for one := range all {
		if len(all) == 1 {
			return one, false
		}
	}
	return c.rules.Aims, len(all) > 1
}
