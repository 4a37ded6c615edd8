package shipstation

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"dscosync/internal/remote"
)

// mirror is a ShipStation that says what it was sent.
type mirror func(auth string) (status int, body string)

func (m mirror) RoundTrip(r *http.Request) (*http.Response, error) {
	auth := r.Header.Get("Authorization")
	status, body := m(auth)
	res := reply(status, "application/json", body)
	res.Header.Set("X-Request-Id", auth)
	if status == 302 {
		res.Header.Set("Location", "https://"+strings.ReplaceAll(auth, " ", ".")+"/")
	}
	return res, nil
}

func TestCredentialsAreNeverTold(t *testing.T) {
	const key, secret = "KEYSEKRIT+%&=", "SEKRIT/~tail"
	pair := base64.StdEncoding.EncodeToString([]byte(key + ":" + secret))
	forms := map[string]func(auth string) string{
		"the header":     func(auth string) string { return auth },
		"the key pair":   func(string) string { return key + ":" + secret },
		"each of them":   func(string) string { return secret + " " + url.QueryEscape(secret) + " " + url.QueryEscape(key) },
		"each in base64": func(string) string { return base64.URLEncoding.EncodeToString([]byte(secret)) },
	}
	bodies := map[string]func(said string) (int, string){
		"400":         func(s string) (int, string) { return 400, `{"Message":` + s + `}` },
		"401":         func(s string) (int, string) { return 401, `{"ExceptionMessage":` + s + `}` },
		"model state": func(s string) (int, string) { return 400, `{"ModelState":{` + s + `:[` + s + `]}}` },
		"500":         func(s string) (int, string) { return 500, `{"error":` + s + `}` },
		"no words":    func(s string) (int, string) { return 400, `{"x":` + s + `,"name":"KANARIE"}` },
		"a text":      func(s string) (int, string) { return 200, s },
		"302":         func(s string) (int, string) { return 302, s },
		"a row": func(s string) (int, string) {
			return 200, `{"results":[{"orderKey":"k","success":false,"errorMessage":` + s + `}]}`
		},
	}
	for form, write := range forms {
		for name, body := range bodies {
			synctest.Test(t, func(t *testing.T) {
				var told bytes.Buffer
				echo := mirror(func(auth string) (int, string) {
					said, err := json.Marshal(write(auth))
					if err != nil {
						t.Fatal(err)
					}
					return body(string(said))
				})
				c := New(base, key, secret, echo, slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug})))
				note := func(result any, err error) {
					fmt.Fprintln(&told, result)
					if e, ok := errors.AsType[*remote.Error](err); ok {
						fmt.Fprintln(&told, e.RequestID)
					}
					for ; err != nil; err = errors.Unwrap(err) {
						fmt.Fprintln(&told, err)
					}
				}
				results, err := c.CreateOrders(t.Context(), []NewOrder{whole()})
				note(results, err)
				_, err = c.Order(t.Context(), 1)
				note(nil, err)
				_, err = c.PutDocument(t.Context(), json.RawMessage(`{"orderId":1,"orderNumber":"1","orderDate":"2026-01-01T00:00:00","orderStatus":"on_hold","billTo":{},"shipTo":{}}`))
				note(nil, err)
				_, err = c.Shipments(t.Context(), ShipmentQuery{})
				note(nil, err)
				for _, word := range []string{"SEKRIT", "~tail", "KANARIE", pair, pair[:10], "U0VLUklU"} {
					if strings.Contains(told.String(), word) {
						t.Errorf("%s with %s: %q is in %s", name, form, word, told.String())
					}
				}
			})
		}
	}
}
