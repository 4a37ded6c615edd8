package dsco

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dscosync/internal/remote"
)

// explain reads the body of an error: what DSCO or the gateway before it says, and the request's id.
func explain(body []byte) (detail, requestID string) {
	var o remote.Object
	if json.Unmarshal(body, &o) != nil {
		return "", ""
	}
	return describe(o)
}

// describe reads messages[], whose description is a text, a list of texts or an object; message (the
// gateway's); or error and error_description (the token endpoint's).
func describe(o remote.Object) (detail, requestID string) {
	requestID, _ = o.Text("requestId")
	list, _ := o.List("messages")
	if detail = words(list); detail != "" {
		return detail, requestID
	}
	if detail, _ = o.Text("message"); detail != "" {
		return detail, requestID
	}
	detail, _ = o.Text("error")
	if more, _ := o.Text("error_description"); more != "" {
		detail = strings.TrimPrefix(detail+": "+more, ": ")
	}
	return detail, requestID
}

// words joins the descriptions of messages, each with its code.
func words(messages []any) string {
	var said []string
	for _, m := range messages {
		o, ok := remote.AsObject(m)
		if !ok {
			said = append(said, flat(m))
			continue
		}
		text := flat(o["description"])
		if code, _ := o.Text("code"); code != "" {
			text = strings.TrimSuffix(code+": "+text, ": ")
		}
		if text != "" {
			said = append(said, text)
		}
	}
	return strings.Join(said, "; ")
}

// flat is a text as it is, a list's items joined, and of an object the names of its members: it may be a piece of what
// was sent, with the consumer's name and address.
func flat(v any) string {
	if s, ok := remote.Text(v); ok {
		return s
	}
	if list, ok := v.([]any); ok {
		texts := make([]string, len(list))
		for i, item := range list {
			texts[i] = flat(item)
		}
		return strings.Join(texts, ", ")
	}
	if o, ok := remote.AsObject(v); ok {
		return "an object of " + strings.Join(slices.Sorted(maps.Keys(o)), ", ")
	}
	return fmt.Sprint(v) // true or false
}
