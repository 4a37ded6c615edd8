package remote

import "context"

// Answer is how a remote answered a call, for the record of what was written there.
type Answer struct {
	API       string
	Status    int    // HTTP status; 0 when none came
	RequestID string // the remote's own name for the request, if it gave one; made fit to show
}

type answerKey struct{}

// WithAnswer gives a context whose calls leave in a how the last of them was answered.
func WithAnswer(ctx context.Context, a *Answer) context.Context {
	return context.WithValue(ctx, answerKey{}, a)
}

// bear leaves word of an answer with whoever asked for it. Of a long body nothing is looked at: those are lists, whose
// ids are not the request's.
func (c *call) bear(ctx context.Context, ans answer) {
	a, ok := ctx.Value(answerKey{}).(*Answer)
	if !ok {
		return
	}
	*a = Answer{API: c.api.Name, Status: ans.status, RequestID: c.api.requestID(ans.header)}
	if len(ans.body) <= maxText {
		_, a.RequestID = c.api.explain(ans, true)
	}
	if !isID(a.RequestID) {
		a.RequestID = "" // it may be anybody's words
	}
}
