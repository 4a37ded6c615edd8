package scorecard

import (
	"errors"
	"fmt"
	"strconv"
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

// ParsePercent reads 98, 98.5 or 98.25.
func ParsePercent(text string) (Percent, error) {
	f, err := strconv.ParseFloat(text, 64)
	p := Percent(f*100 + 0.5)
	switch {
	case err != nil || f != f:
		return 0, errors.New("it is not a number")
	case f < 0 || f > 100:
		return 0, errors.New("it is not between 0 and 100")
	case f*100-float64(p) > 1e-6 || float64(p)-f*100 > 1e-6:
		return 0, errors.New("it has more than two decimals")
	}
	return p, nil
}

// Aims are a retailer's goals, and the weights of the two measures in its overall score.
type Aims struct {
	Fill, OnTime             Percent
	WeightFill, WeightOnTime Percent // Whole together
}

// DSCO's own, for retailers that have set no others.
var Default = Aims{Fill: 98_00, OnTime: 95_00, WeightFill: 50_00, WeightOnTime: 50_00}

// Check tells what is wrong with the aims.
func (a Aims) Check() error {
	if a.WeightFill+a.WeightOnTime != Whole {
		return fmt.Errorf("the weights add up to %s", a.WeightFill+a.WeightOnTime)
	}
	return nil
}

// overall is the goal that follows for the overall score.
func (a Aims) overall() float64 {
	return (a.WeightFill.float()*a.Fill.float() + a.WeightOnTime.float()*a.OnTime.float()) / 100
}

// float is the share in percent.
func (p Percent) float() float64 { return float64(p) / 100 }

// aims are those of a retailer. Over several retailers the common ones hold.
func (r Rules) aims(retailer string) Aims {
	if own, ok := r.Own[retailer]; ok {
		return own
	}
	return r.Aims
}
