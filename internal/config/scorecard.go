package config

import (
	"fmt"
	"math"
)

// scorecard checks the goals and weights, the common ones and each
// retailer's own.
func (r *reader) scorecard(c Config) {
	s := c.Scorecard
	r.percent("scorecard.goal_fill", s.GoalFill)
	r.percent("scorecard.goal_on_time", s.GoalOnTime)
	r.percent("scorecard.weight_fill", s.WeightFill)
	r.percent("scorecard.weight_on_time", s.WeightOnTime)
	r.weights("scorecard.weight_on_time", s)
	if s.DriftWeeks < 0 || s.DriftWeeks > 26 {
		r.say("scorecard.drift_weeks", fmt.Sprintf("%d is not between 0 and 26", s.DriftWeeks), "write one that is")
	}
	if s.DriftSpread < 1 || s.DriftSpread > 10 {
		r.say("scorecard.drift_spread", fmt.Sprintf("%v is not between 1 and 10", s.DriftSpread), "write one that is")
	}
	seen := map[string]bool{}
	for i, g := range c.Goals {
		place := fmt.Sprintf("goals[%d].", i)
		if !r.unique(place+"retailer", g.Retailer, seen, "write the retailer's DSCO id, in quotes") {
			continue
		}
		for _, part := range []struct{ name, text string }{{"fill", g.Fill}, {"on_time", g.OnTime}, {"weight_fill", g.WeightFill}, {"weight_on_time", g.WeightOnTime}} {
			if part.text == "" {
				continue
			}
			if value, problem, hint := decimal(part.text); problem != "" {
				r.say(place+part.name, problem, hint)
			} else {
				r.percent(place+part.name, value.(float64))
			}
		}
		if g.WeightFill+g.WeightOnTime != "" {
			r.weights(place+"weight_on_time", c.Of(g.Retailer))
		}
	}
}

// percent takes two decimals: that is what DSCO shows.
func (r *reader) percent(key string, value float64) {
	switch cents := value * 100; {
	case value < 0 || value > 100:
		r.say(key, fmt.Sprintf("%v is not between 0 and 100", value), "write one that is")
	case math.Abs(cents-math.Round(cents)) > 1e-6:
		r.say(key, fmt.Sprintf("%v has more than two decimals", value), "write two at most")
	}
}

// weights have to add up, or the overall score would not be out of a hundred.
func (r *reader) weights(key string, s Scorecard) {
	if sum := s.WeightFill + s.WeightOnTime; math.Abs(sum-100) > 1e-6 {
		r.say(key, fmt.Sprintf("the weights add up to %v: %v of the fill rate and %v of being on time", sum, s.WeightFill, s.WeightOnTime), "write two that add up to 100")
	}
}
