package dsco

import (
	"fmt"
	"slices"
	"strings"

	"dscosync/internal/remote"
)

// outcome reads what became of a write from the body of a 2xx, whose status code alone proves nothing:
// done (success), queued (pending, and the log knows more), Rejected, or Uncertain when the body does
// not say, or says both.
func (c *Client) outcome(op string, answer remote.Object) (requestID string, queued bool, err error) {
	detail, id := c.describe(answer)
	status, _ := answer.Text("status")
	success, _ := answer.Flag("success")
	done := strings.EqualFold(status, "success") || status == "" && success
	queued = strings.EqualFold(status, "pending")
	complaint := complains(answer)
	kind := remote.Uncertain
	switch {
	case refused(answer), complaint && !done && !queued:
		kind = remote.Rejected
	case complaint:
		detail = "done or queued, and yet: " + detail
	case done:
		return id, false, nil
	case queued && id != "":
		return id, true, nil
	case queued:
		detail = "the answer has no requestId"
	default:
		detail = strings.TrimSuffix("the answer does not say whether it was done: "+detail, ": ")
	}
	e := c.odd(kind, op, detail)
	e.Quoted, e.RequestID = true, c.API.Show(id, 100)
	return "", false, e
}

// complains tells of a message that calls itself an error.
func complains(answer remote.Object) bool {
	list, _ := answer.List("messages")
	return slices.ContainsFunc(list, func(m any) bool {
		o, _ := remote.AsObject(m)
		severity, _ := o.Text("severity")
		return strings.EqualFold(severity, "error")
	})
}

// vague says why a line cannot be sent, or nothing: DSCO must not have to guess which line is meant,
// nor how many units of it.
func vague(units int, names ...string) string {
	switch {
	case units < 1:
		return fmt.Sprintf("a line has %d units", units)
	case strings.Join(names, "") == "":
		return "a line has neither item id nor SKU, UPC or EAN"
	}
	return ""
}
