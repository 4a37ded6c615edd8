package ledger
import ("testing";"math/rand/v2";"os";"path/filepath";"time";"bytes";"runtime/pprof";"errors")
func TestZZ(t *testing.T) {
	file := grown(t)
	clean := bytes.Clone(file)
	path := filepath.Join(t.TempDir(), "state.db")
	file = damages["bits in a head"](rand.New(rand.NewPCG(12667544659057693815, 34)), file)
	for i := range file { if file[i] != clean[i] { t.Logf("page %d (of %d) offset %d: %x -> %x; head %x", i/4096, len(file)/4096, i%4096, clean[i], file[i], clean[i/4096*4096:][:64]) } }
	os.WriteFile(path, file, 0o600)
	l := at(path)
	go func() { time.Sleep(5*time.Second); pprof.Lookup("goroutine").WriteTo(os.Stderr, 2); os.Exit(3) }()
	var got contents
	t.Log(l.View(got.read))
	t.Log(time.Now())
	t.Log(l.Update(func(tx *Tx) error {
		_, err := tx.Note(Entry{At: noon.Add(day)})
		return errors.Join(err, tx.Put(sample(299,noon)))
	}))
	t.Log(time.Now())
	t.Log(l.View(got.read))
}
