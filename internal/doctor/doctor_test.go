package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/secret"
	"dscosync/internal/sim"
)

// Where all is well, each check says so.
func TestHealthy(t *testing.T) {
	b := newBed(t)
	found := b.examine(t.Context())
	for _, f := range found {
		if f.Status != OK || f.Message == "" || f.Why+f.Hint != "" {
			t.Errorf("%+v", f)
		}
	}
	var names []string
	for _, f := range found {
		names = append(names, f.Check)
	}
	want := "settings files disk lock timezone dsco.network dsco.login dsco.rights dsco.clock shipstation.network shipstation.login shipstation.store " +
		"shipstation.rights shipstation.clock shipstation.rate state held doubt carriers missing runs.cancel-sync runs.pull runs.push-tracking runs.interval"
	if have := strings.Join(names, " "); have != want {
		t.Errorf("the checks are %s\nnot %s", have, want)
	}
	for _, c := range b.world.Calls() {
		if c.Method != http.MethodGet && !strings.HasSuffix(c.Path, "/oauth2/token") {
			t.Errorf("%s %s", c.Method, c.Path)
		}
	}
	if laws := b.world.Broken(); len(laws) > 0 {
		t.Errorf("broken laws: %v", laws)
	}
}

// broken is one way in which a set-up is not well. Nothing but it may be complained about.
type broken struct {
	name  string
	spoil func(*bed)
	want  []string // "status check", each once, in order
	class Class    // of the first error
	says  string   // part of its message
	hint  string   // part of its hint
}

var set = func(begins, line string) func(*bed) { return func(b *bed) { b.set(begins, line) } }

var setups = []broken{
	{"wrong client secret", set("  client_secret", "  client_secret: wrong-one"), []string{"error dsco.login"}, Credentials, "credentials refused (401)", "dsco.client_id and dsco.client_secret"},
	{"wrong client id", set("  client_id", "  client_id: somebody"), []string{"error dsco.login"}, Credentials, "credentials refused (401)", "dsco.client_id"},
	{"wrong API key", set("  api_key", "  api_key: wrong-one"), []string{"error shipstation.login"}, Credentials, "credentials refused (401)", "secret set shipstation.api_key shipstation.api_secret --check"},
	{"wrong API secret", set("  api_secret", "  api_secret: wrong-one"), []string{"error shipstation.login"}, Credentials, "credentials refused (401)", "secret set shipstation.api_key shipstation.api_secret --check"},
	{"store of another account", set("  store_id", "  store_id: 77"), []string{"error shipstation.store", "error state"}, Settings, "no store 77", "1001 (DSCO manual orders)"},
	{"inactive store", func(b *bed) { b.set("  store_id", "  store_id: 1004"); b.store(1004) }, []string{"error shipstation.store"}, Settings, "store 1004 (Old counter) is inactive", "activate it"},
	{"store of a marketplace", func(b *bed) { b.set("  store_id", "  store_id: 1002"); b.store(1002) }, []string{"error shipstation.store"}, Settings, "not a manual store but one of WooCommerce", "set shipstation.store_id"},
	{"a store of a kind that is not told", fault("/stores", sim.Fault{Status: 200, Body: `[{"storeId": 1001, "storeName": "Shop", "active": true}]`}),
		[]string{"warn shipstation.store"}, None, "what kind of store 1001 (Shop) is", "see in ShipStation"},
	{"no store named", set("  store_id", "  settle: 30s"), []string{"error settings", "error shipstation.store", "error state"}, Settings, "shipstation.store_id: it is missing", "the number of the store"},
	{"store changed while orders are open", func(b *bed) { b.store(1000) }, []string{"error state"}, Settings, "open orders (such as 1026000001) are in store 1000", "set it back to 1000"},
	{"settings that others can read", func(b *bed) { b.examine(b.t.Context()); b.must(os.Chmod(b.settings(), 0o644)) }, []string{"error settings"}, Settings, "has mode 0644", "validate"},
	{"settings that cannot be read", func(b *bed) { b.must(os.Mkdir(b.settings(), 0o700)) }, []string{"error settings"}, Settings, "is not a regular file", ""},
	{"no settings", func(b *bed) { b.doctor.Settings.Path = filepath.Join(b.dir, "none.yaml") }, []string{"error settings"}, Settings, "no such file", "dscosync config init"},
	{"settings that are no YAML", set("dsco:", "dsco: [1, 2"), []string{"error settings"}, Settings, "line 1", "validate"},
	{"an unknown key", set("sync:", "sync: { lookbak: 24h }"), []string{"error settings"}, Settings, "sync.lookbak: no such key", "did you mean sync.lookback?"},
	{"http:// to another machine", set("  base_url", "  base_url: http://dsco.example/api/v3"), []string{"error settings"}, Settings, "unencrypted", "write https://"},
	{"a secret that is missing", set("  api_secret", "  settle: 30s"), []string{"error settings"}, Settings, "shipstation.api_secret: it is missing", "dscosync secret set"},
	{"a secret's file that others can read", func(b *bed) {
		path := filepath.Join(b.dir, "secret")
		b.must(os.WriteFile(path, []byte(apiSecret), 0o600))
		b.must(os.Chmod(path, 0o640))
		b.set("  api_secret", "  api_secret_file: "+path)
	}, []string{"error settings"}, Settings, "has mode 0640", ""},
	{"an encrypted store without its identity", func(b *bed) {
		b.must(os.WriteFile(filepath.Join(b.dir, "secrets.age"), []byte("age-encryption.org/v1"), 0o600))
		b.set("  api_secret", "  settle: 30s")
	}, []string{"error settings"}, Settings, "identity.txt is missing", ""},
	{"an encrypted store of another identity", func(b *bed) {
		for _, dir := range []string{"other", "state"} {
			path := filepath.Join(b.dir, dir)
			b.must(os.MkdirAll(path, 0o700))
			store := secret.Store{Path: filepath.Join(path, "secrets.age"), Identity: filepath.Join(path, "identity.txt")}
			b.must(store.Change(func(e secret.Entries) error {
				e["shipstation.api_secret"] = secret.Entry{Value: secret.New(apiSecret), Set: b.now}
				return nil
			}))
		}
		b.must(os.Rename(filepath.Join(b.dir, "other", "secrets.age"), filepath.Join(b.dir, "secrets.age")))
		b.must(os.Remove(filepath.Join(b.dir, "state", "secrets.age")))
		b.set("  api_secret", "  settle: 30s")
	}, []string{"error settings"}, Settings, "was not encrypted for the identity", ""},
	{"a secret's command that fails", set("  client_secret", "  client_secret_command: [sh, -c, exit 3]"), []string{"error settings"}, Settings, "ended with exit status 3", "validate"},
	{"an identity that others can read, not in use", func(b *bed) {
		path := filepath.Join(b.dir, "state", "identity.txt")
		b.must(os.WriteFile(path, nil, 0o600))
		b.must(os.Chmod(path, 0o604))
	}, []string{"error files"}, Settings, "identity.txt has mode 0604", "chmod 600"},
	{"a credential that systemd has put there", func(b *bed) {
		folder := filepath.Join(b.dir, "credentials")
		b.must(os.Mkdir(folder, 0o700))
		b.must(os.WriteFile(filepath.Join(folder, "secrets.identity"), nil, 0o600))
		b.must(os.Chmod(filepath.Join(folder, "secrets.identity"), 0o440))
		b.env = []string{"CREDENTIALS_DIRECTORY=" + folder}
	}, nil, None, "", ""},
	{"files of another user", func(b *bed) { b.doctor.uid = 31337 }, []string{"warn files"}, None, "the settings file, the state file, the run lock are ", "sudo -u"},
	{"a state file that others can read", func(b *bed) { b.must(os.Chmod(b.state, 0o644)) }, []string{"warn files"}, None, "has mode 0644", "chmod 600 "},
	{"a folder that others can write to", func(b *bed) { b.must(os.Chmod(filepath.Dir(b.state), 0o777)) }, []string{"warn files"}, None, "has mode 0777", "chmod go-w"},

	{"a full disk", disks(disk{free: 3 << 20}), []string{"error disk"}, Machine, "is full: 3 MB are left", "make room"},
	{"a nearly full disk", disks(disk{free: 60 << 20}), []string{"warn disk"}, None, "60 MB are left", "make room"},
	{"no more files", disks(disk{free: 50 << 30, counts: true}), []string{"error disk"}, Machine, "no more files", "make room"},
	{"a disk that is read-only", disks(disk{free: 50 << 30, readOnly: true}), []string{"error disk"}, Machine, "mounted read-only", "mounted for writing"},
	{"a network file system", disks(disk{free: 50 << 30, network: "NFS"}), []string{"error disk"}, Machine, "network file system (NFS)", "local disk"},
	{"a file system that may be another machine's", disks(disk{free: 50 << 30, shared: "FUSE"}), []string{"warn disk"}, None, "(FUSE)", "local disk"},
	{"a disk that is gone", func(b *bed) { b.doctor.statfs = func(string) (disk, error) { return disk{}, syscall.EIO } }, []string{"error disk"}, Machine, "input/output error", "mounted"},
	{"a disk that hangs", func(b *bed) {
		b.doctor.limit = 700 * time.Millisecond
		b.doctor.statfs = func(string) (disk, error) { select {} }
	}, []string{"error disk"}, Machine, "no answer within 700ms", "hangs"},
	{"a mistake in a check", func(b *bed) { b.doctor.statfs = func(string) (disk, error) { panic("boom") } }, []string{"error disk"}, Machine, "internal error: boom", ""},

	{"a run that does not end", func(b *bed) { b.lock(3 * time.Hour) }, []string{"error lock"}, Later, "holds the lock for 3h: sync (pid ", "kill "},
	{"a run that was cut off", func(b *bed) { b.cutOff() }, []string{"warn lock"}, None, "a run was cut off: sync", "the next run goes on"},
	{"an unknown time zone", func(b *bed) { b.env = []string{"TZ=Amerika/New_York"} }, []string{"warn timezone"}, None, "Amerika/New_York", "America/New_York"},

	{"a clock 2 h ahead", func(b *bed) { b.now = b.now.Add(2 * time.Hour) }, []string{"error dsco.clock", "error shipstation.clock"}, Machine, "ahead of DSCO's", "timedatectl"},
	{"a clock 2 h behind", func(b *bed) { b.now = b.now.Add(-2 * time.Hour) },
		[]string{"error dsco.clock", "error shipstation.clock", "warn runs.cancel-sync", "warn runs.pull", "warn runs.push-tracking"}, Machine, "behind DSCO's", "timedatectl"},
	{"a clock a minute ahead", func(b *bed) { b.now = b.now.Add(time.Minute) }, []string{"warn dsco.clock", "warn shipstation.clock"}, None, "ahead of DSCO's", "timedatectl"},

	{"nobody answers", set("  base_url", "  base_url: http://127.0.0.1:1"), []string{"error dsco.network"}, Later, "127.0.0.1:1: connection refused", "curl"},
	{"no such name", func(b *bed) {
		b.set("  base_url", "  base_url: https://api.dsco.example/api/v3")
		b.doctor.resolve = func(_ context.Context, host string) ([]string, error) {
			if host == "127.0.0.1" {
				return []string{host}, nil
			}
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}
	}, []string{"error dsco.network"}, Later, "api.dsco.example cannot be resolved: there is no such name", "getent hosts"},
	{"a certificate of nobody known", func(b *bed) {
		site := httptest.NewTLSServer(http.NotFoundHandler())
		site.Config.ErrorLog = quiet
		b.t.Cleanup(site.Close)
		b.set("  base_url", "  base_url: "+site.URL)
	}, []string{"error dsco.network"}, Later, "certificate signed by unknown authority", "openssl s_client"},
	{"a certificate of another name", func(b *bed) { b.secure(time.Hour*24*90, "other.example") }, []string{"error dsco.network"}, Later, "127.0.0.1", "openssl s_client"},
	{"a certificate that is over", func(b *bed) { b.secure(-time.Hour, "127.0.0.1") }, []string{"error dsco.network"}, Later, "expired", "clock first"},
	{"a certificate that ends soon", func(b *bed) { b.secure(50*time.Hour, "127.0.0.1") }, []string{"warn dsco.network"}, None, "ends in 2d", "renews"},
	{"a proxy that is not there", func(b *bed) {
		b.doctor.proxy = func(*http.Request) (*url.URL, error) { return url.Parse("http://user:canary-proxy@127.0.0.1:1") }
	}, []string{"error dsco.network", "error shipstation.network"}, Later, "connection refused", ""},
	{"a server that breaks down", fault("/hello", sim.Fault{Status: 400}), []string{"error dsco.login"}, Later, "refused (400)", "dsco.base_url"},
	{"a wrong path of DSCO", func(b *bed) { b.wrongPath("/oauth2/token", "/hello") }, []string{"error dsco.login"}, Later, "(404)", "check dsco.base_url: the service has nothing there"},
	{"a wrong path of ShipStation", func(b *bed) { b.wrongPath("/stores", "/orders", "/shipments", "/fulfillments") }, []string{"error shipstation.login"}, Later,
		"not found (404)", "check shipstation.base_url: the service has nothing there"},
	{"a server that hangs", func(b *bed) {
		b.doctor.limit = 700 * time.Millisecond
		b.fail("/hello", sim.Fault{Hang: true})
	}, []string{"error dsco.login"}, Later, "the time for it is over", "run it again later"},
	{"a limit that is used up", fault("/stores", sim.Fault{Status: 429, Header: http.Header{"X-Rate-Limit-Reset": {"45"}, "X-Rate-Limit-Remaining": {"0"}, "X-Rate-Limit-Limit": {"40"}}}),
		[]string{"error shipstation.login", "warn shipstation.rate"}, Later, "too many requests", "in a minute"},
	{"others that use the limit", fault("/fulfillments", sim.Fault{Header: http.Header{"X-Rate-Limit-Remaining": {"3"}}}), []string{"warn shipstation.rate"}, None, "others with this account have used 33", "higher limit"},
	{"no right to log in", fault("/hello", sim.Fault{Status: 403}), []string{"error dsco.login"}, Credentials, "not allowed (403)", "lack a right"},
	{"no right to list orders", fault("/order/page", sim.Fault{Status: 403}), []string{"error dsco.rights"}, Credentials, "list orders: not allowed (403)", "lack a right"},
	{"no right to read an order", fault("/order/", sim.Fault{Status: 403}), []string{"error dsco.rights"}, Credentials, "not allowed (403)", "right to read orders"},
	{"no right to read the change log", fault("/order/log", sim.Fault{Status: 403}), []string{"warn dsco.rights"}, None, "not allowed (403)", "right to read the change log"},
	{"no right to list shipments", fault("/shipments", sim.Fault{Status: 403}), []string{"error shipstation.rights"}, Credentials, "list shipments: not allowed (403)", "lack a right"},

	{"no state file yet", func(b *bed) { b.must(os.RemoveAll(filepath.Dir(b.state))) }, []string{"warn state"}, None, "there is no state file", "sync all --dry-run"},
	{"a lost state file", func(b *bed) { b.must(os.Remove(b.state)) }, []string{"error state"}, Machine, "is missing, but", "db rebuild"},
	{"an empty state file", func(b *bed) { b.must(os.Truncate(b.state, 0)) }, []string{"error state"}, Machine, "is empty", "db rebuild"},
	{"a state file cut short", func(b *bed) { b.must(os.Truncate(b.state, 9000)) }, []string{"error state"}, Machine, "is damaged", "db rebuild"},
	{"a state file of another program", func(b *bed) { b.must(os.WriteFile(b.state, make([]byte, 1<<16), 0o600)) }, []string{"error state"}, Machine, "of another program", "db rebuild"},
	{"a row that does not match its checksum", func(b *bed) { b.overwrite("open", "1026000001", []byte("00000000{}")) }, []string{"error state"}, Machine, `order "1026000001" does not match`, "db rebuild"},
	{"a state file of a newer version", func(b *bed) { b.overwrite("meta", "schema", sealed("schema", 99)) }, []string{"error state"}, Machine, "newer dscosync", "install that version"},
	{"a folder for a state file", func(b *bed) { b.must(os.RemoveAll(b.state)); b.must(os.Mkdir(b.state, 0o755)) }, []string{"error state"}, Machine, "is a folder", "name a file in it"},
	{"a device for a state file", func(b *bed) { b.must(os.Remove(b.state)); b.must(os.Symlink("/dev/null", b.state)) }, []string{"error state"}, Machine, "is not a regular file", "name another"},
	{"a link that leads nowhere", func(b *bed) {
		b.doctor.Place = func(string) (string, error) { return "", errors.New("a link to nowhere") }
	}, []string{"error state"}, Machine, "a link to nowhere", "--state"},

	{"an order that waits", held("1026000002"), []string{"error held"}, Person, "1 order waits for a person: 1026000002", "status --errors"},
	{"many orders that wait", held("1026000002", "1026000003", "1026000004", "1026000005", "1026000006", "1026000007", "1026000008"), []string{"error held"}, Person,
		"7 orders wait for a person: 1026000002, 1026000003, 1026000004, 1026000005, 1026000006 and 2 more", "retry"},
	{"an order in doubt", doubted(20 * time.Minute), []string{"warn doubt"}, None, "in doubt, and old enough to be looked at: 1026000002", "sync all"},
	{"an order in doubt for long", doubted(50 * time.Hour), []string{"error doubt"}, Person, "for more than a day: 1026000002", "show ORDER-ID"},
	{"an unknown carrier", func(b *bed) {
		for _, id := range []order.ID{"1026000002", "1026000003"} {
			b.order(id, func(o *order.Order) {
				o.Parcels = []order.Parcel{{ID: 1, Number: "PP1", Carrier: "pigeon_post", Service: "fast"}, {ID: 2, Number: "1Z", Carrier: "ups", Service: "ups_ground"}}
			})
		}
	}, []string{"error carriers"}, Person, `"pigeon_post" with service "fast" is not known (1026000002, 1026000003)`, "dscosync carriers"},
	{"orders that ShipStation lacks", func(b *bed) {
		b.run("pull", func(s *ledger.Stage) {
			s.Missing = &ledger.Missing{At: b.now.Add(-3 * time.Hour), Count: 2, Orders: []order.ID{"1", "2"}}
		})
	}, []string{"error missing"}, Person, "2 orders open in DSCO, but ShipStation has none (looked 3h ago): 1, 2", "sync.lookback"},
	{"no run for long", func(b *bed) {
		b.run("pull", func(s *ledger.Stage) { s.Succeeded = b.now.Add(-9 * time.Hour) })
	}, []string{"error runs.pull"}, Person, "9h ago, longer than alarm.silence (6h)", "crontab -l"},
	{"a run that stopped", func(b *bed) {
		b.run("push-tracking", func(s *ledger.Stage) { s.Error = "shipstation: list shipments: not available (503)" })
	}, []string{"warn runs.push-tracking"}, None, "stopped 1m ago: shipstation: list shipments: not available (503)", "-v"},
	{"a stage that never ran", func(b *bed) { b.run("cancel-sync", func(s *ledger.Stage) { *s = ledger.Stage{} }) }, []string{"warn runs.cancel-sync"}, None, "it never ran", "sync all"},
	{"a stage that never succeeded", func(b *bed) {
		b.run("pull", func(s *ledger.Stage) { s.Succeeded, s.Started = time.Time{}, b.now.Add(-30*time.Hour) })
	}, []string{"error runs.pull"}, Person, "no run of it has ever succeeded", "crontab -l"},
	{"an interval longer than the alarm", set("sync:", "sync: { interval: 8h }"), []string{"warn runs.interval"}, None, "sync.interval (8h) is not shorter than alarm.silence (6h)", "alarm.silence"},
}

// Each of many broken set-ups is named, with the setting or the command that mends it, and nothing else is blamed.
func TestBrokenSetUps(t *testing.T) {
	for _, c := range setups {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			c.spoil(b)
			found := b.examine(t.Context())
			if have := ills(found); !slices.Equal(have, c.want) {
				t.Fatalf("%v\nnot %v\n%s", have, c.want, text(found))
			}
			if c.want == nil {
				return
			}
			first := found[slices.IndexFunc(found, func(f Finding) bool { return f.Status != OK && f.Status != Skipped })]
			if first.Class != c.class || !strings.Contains(first.Message, c.says) || !strings.Contains(first.Hint, c.hint) {
				t.Errorf("class %d, not %d: %s\nhint: %s", first.Class, c.class, first.Message, first.Hint)
			}
			for _, f := range found {
				if bad := f.Status == Warn || f.Status == Error; bad && (f.Why == "" || f.Hint == "") || f.Status == Error && f.Class == None {
					t.Errorf("without a reason, a way out or a class: %+v", f)
				}
			}
			if said := text(found); strings.Contains(said, "canary") || strings.Contains(said, "goroutine") {
				t.Errorf("it tells too much: %s", said)
			}
		})
	}
}

func disks(d disk) func(*bed) {
	return func(b *bed) { b.doctor.statfs = func(string) (disk, error) { return d, nil } }
}

func fault(path string, f sim.Fault) func(*bed) { return func(b *bed) { b.fail(path, f) } }

func held(ids ...order.ID) func(*bed) {
	return func(b *bed) {
		for _, id := range ids {
			b.order(id, func(o *order.Order) {
				o.Notes = []order.Note{{Write: order.Write{Step: order.Ship, Parcel: 1}, Text: "refused", Held: true}}
			})
		}
	}
}

func doubted(age time.Duration) func(*bed) {
	return func(b *bed) {
		b.order("1026000002", func(o *order.Order) {
			o.Intent = &order.Intent{Write: order.Write{Step: order.CancelShipStation, Ref: 1}, At: b.now.Add(-age)}
		})
		b.order("1026000003", func(o *order.Order) { // DSCO's lists need not show it yet
			o.Intent = &order.Intent{Write: order.Write{Step: order.Ship, Parcel: 1}, At: b.now.Add(-10 * time.Minute)}
		})
	}
}

// wrongPath has a remote know none of the paths it is asked for, as when base_url ends in the wrong one.
func (b *bed) wrongPath(ends ...string) {
	b.world.Fail(func(c sim.Call) *sim.Fault {
		for _, end := range ends {
			if strings.HasSuffix(c.Path, end) {
				return &sim.Fault{Status: http.StatusNotFound, ContentType: "text/html", Body: "<h1>Not Found</h1>"}
			}
		}
		return nil
	})
}

// store is where the open orders are.
func (b *bed) store(id int64) { b.update(func(tx *ledger.Tx) error { return tx.SetStore(id) }) }

// lock has a run at work since so long ago.
func (b *bed) lock(age time.Duration) {
	lock, err := ledger.Lock(b.t.Context(), b.state, 0, ledger.Holder{Stage: "sync", Started: b.now.Add(-age)})
	b.must(err)
	b.t.Cleanup(func() { lock.Unlock() })
}

// cutOff leaves the lock as a killed run does: it tells who had it, and nobody has it.
func (b *bed) cutOff() {
	path := b.state + ".lock"
	lock, err := ledger.Lock(b.t.Context(), b.state, 0, ledger.Holder{Stage: "sync", Started: b.now.Add(-time.Hour)})
	b.must(err)
	signed, err := os.ReadFile(path)
	b.must(err)
	b.must(lock.Unlock())
	b.must(os.WriteFile(path, signed, 0o600))
}

// overwrite puts a value into the state file as it lies.
func (b *bed) overwrite(bucket, key string, value []byte) {
	db, err := bbolt.Open(b.state, 0o600, nil)
	b.must(err)
	b.must(db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucket)).Put([]byte(key), value) }))
	b.must(db.Close())
}

// sealed is a value with its checksum.
func sealed(key string, value any) []byte {
	encoded, _ := json.Marshal(value)
	return fmt.Appendf(nil, "%08x%s", crc32.Checksum(append([]byte(key), encoded...), crc32.MakeTable(crc32.Castagnoli)), encoded)
}

// secure has DSCO answer under TLS, with a certificate for a name that lasts so long, of an authority that is known.
func (b *bed) secure(lasts time.Duration, name string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	b.must(err)
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: b.now.Add(-100 * 24 * time.Hour), NotAfter: b.now.Add(lasts).Add(time.Minute),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	if ip := net.ParseIP(name); ip != nil {
		about.IPAddresses = []net.IP{ip}
	} else {
		about.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	b.must(err)
	cert, err := x509.ParseCertificate(der)
	b.must(err)
	site := httptest.NewUnstartedServer(b.world.DSCO())
	site.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	site.Config.ErrorLog = quiet
	site.StartTLS()
	b.t.Cleanup(site.Close)
	b.set("  base_url", "  base_url: "+site.URL+"/api/v3")
	b.doctor.roots = x509.NewCertPool()
	b.doctor.roots.AddCert(cert)
	b.doctor.wire = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: b.doctor.roots}}
}

// A certificate that holds is told with its end.
func TestSecure(t *testing.T) {
	b := newBed(t)
	b.secure(90*24*time.Hour, "127.0.0.1")
	found := b.examine(t.Context())
	if list := ills(found); len(list) > 0 || !strings.Contains(text(found), "its certificate holds until ") {
		t.Errorf("%s", text(found))
	}
}

// Settings may all come from the environment.
func TestFromEnvironment(t *testing.T) {
	b := newBed(t)
	section := ""
	for _, line := range b.lines {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		name := "DSCOSYNC_" + strings.ToUpper(key)
		switch {
		case value == "":
			section = strings.ToUpper(key)
			continue
		case line != key+":"+value:
			name = "DSCOSYNC_" + section + "_" + strings.ToUpper(key)
		}
		b.env = append(b.env, name+"="+strings.TrimSpace(value))
	}
	b.env = append(b.env, "HOME="+b.dir)
	b.doctor.Settings = config.Options{Env: b.env, System: filepath.Join(b.dir, "none.yaml")}
	found := b.doctor.Examine(t.Context())
	if list := ills(found); len(list) > 0 || !strings.Contains(text(found), "ok settings: all from the environment") {
		t.Errorf("%s", text(found))
	}
}

// Of many finished orders those are read that there is time for, and it says so.
func TestGlance(t *testing.T) {
	b := newBed(t)
	for _, id := range []order.ID{"1026000011", "1026000012", "1026000013"} {
		b.order(id, func(o *order.Order) { o.Finished = b.now.Add(-100 * time.Hour) })
	}
	b.update(func(tx *ledger.Tx) error {
		_, err := tx.Settle(b.now)
		return err
	})
	if said := text(b.examine(t.Context())); !strings.Contains(said, "1 order open, 3 finished: all as they were written") {
		t.Error(said)
	}
	b.doctor.glance = 1
	if said := text(b.examine(t.Context())); !strings.Contains(said, "1 order open and the 1 longest finished are as they were written") {
		t.Error(said)
	}
}

// Offline asks nobody, and says nothing of what it did not ask.
func TestOffline(t *testing.T) {
	b := newBed(t)
	b.doctor.Offline = true
	found := b.examine(t.Context())
	if said := text(found); strings.Contains(said, "dsco.") || strings.Contains(said, "shipstation.") || len(ills(found)) > 0 {
		t.Errorf("%s", said)
	}
	if n := b.world.Count(""); n > 0 {
		t.Errorf("%d calls", n)
	}
}

// The state file of another user is not opened when that would leave a file of this user beside it.
func TestOthersStateFile(t *testing.T) {
	b := newBed(t)
	b.doctor.uid = 31337
	b.must(os.Remove(b.state + ".gate"))
	found := b.examine(t.Context())
	if _, err := os.Stat(b.state + ".gate"); err == nil || !strings.Contains(text(found), "was not opened") {
		t.Errorf("%v %s", err, text(found))
	}
}

// Whatever the settings lack, each check answers for itself.
func TestNothingIsRight(t *testing.T) {
	b := newBed(t)
	b.lines = []string{"dsco: 7", "shipstation: {base_url: 'ftp://x', api_key: *a}", "state: relative", "carriers: 5"}
	b.doctor.Settings = config.Options{}
	found := b.examine(t.Context())
	if len(ills(found)) == 0 || strings.Contains(text(found), "internal error") {
		t.Errorf("%s", text(found))
	}
}
