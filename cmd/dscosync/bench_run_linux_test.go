package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// measured is what one run took.
type measured struct {
	wall, own         time.Duration // own: less what the remotes took
	dsco, shipStation int           // calls
	commits, syncs    int
	peak              float64 // MiB of memory
	anon              float64 // MiB of it that are no file's, at the end
}

// run runs a command to its end and measures it.
func (a *accounts) run(tb testing.TB, command ...string) measured {
	tb.Helper()
	out, err := os.Create(a.state + ".out")
	if err != nil {
		tb.Fatal(err)
	}
	defer out.Close()
	took, dsco, shipStation, commits, size := a.took.Load(), a.Count(sim.DSCO), a.Count(sim.ShipStation), a.commits(tb), sizeOf(a.state)
	begun := time.Now()
	peak, anon, err := watch(out, append(command, "--config", a.config)...)
	m := measured{wall: time.Since(begun), peak: peak, anon: anon}
	if err != nil {
		text, _ := os.ReadFile(out.Name())
		tb.Fatalf("%v: %v\n%s", command, err, text)
	}
	m.own = m.wall - time.Duration(a.took.Load()-took)
	m.dsco, m.shipStation, m.commits = a.Count(sim.DSCO)-dsco, a.Count(sim.ShipStation)-shipStation, a.commits(tb)-commits
	// The file grows to twice its size until it has 1 MiB, then by as much.
	for m.syncs = 2 * m.commits; size < sizeOf(a.state); m.syncs++ {
		size += min(max(size, 1<<15), 1<<20)
	}
	return m
}

// trace counts the fsyncs and fdatasyncs of a command with strace.
func (a *accounts) trace(tb testing.TB, tracer string, command ...string) int {
	tb.Helper()
	log := a.state + ".trace"
	a.run(tb, append([]string{tracer, "-f", "-o", log, "-e", "trace=fsync,fdatasync"}, command...)...)
	text, err := os.ReadFile(log)
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.Count(text, []byte("fsync(")) + bytes.Count(text, []byte("fdatasync("))
}

// watch runs a command and tells its peak memory in MiB, as the kernel marks it: read in the moment before the process
// ends, at which ptrace stops it. (The peak that is told after the end counts this process in, whose memory a child
// shares until its exec.)
func watch(out *os.File, command ...string) (peak, anon float64, err error) {
	runtime.LockOSThread() // a process is traced by a thread
	defer runtime.UnlockOSThread()
	p, err := os.StartProcess(command[0], command, &os.ProcAttr{Files: []*os.File{nil, out, out}, Sys: &syscall.SysProcAttr{Ptrace: true}})
	if err != nil {
		return 0, 0, err
	}
	defer p.Release()
	for begun := false; ; {
		var s syscall.WaitStatus
		if _, err := syscall.Wait4(p.Pid, &s, 0, nil); err != nil {
			return 0, 0, err
		}
		signal := 0
		switch {
		case s.Exited() && s.ExitStatus() == 0:
			return peak, anon, nil
		case s.Exited() || s.Signaled():
			return 0, 0, fmt.Errorf("ended with status %#x", uint32(s))
		case s.TrapCause() == syscall.PTRACE_EVENT_EXIT:
			peak, anon, err = memory(p.Pid)
		case s.StopSignal() != syscall.SIGTRAP:
			signal = int(s.StopSignal())
		case !begun: // its exec
			begun = true
			err = syscall.PtraceSetOptions(p.Pid, syscall.PTRACE_O_TRACEEXIT)
		}
		if err = errors.Join(err, syscall.PtraceCont(p.Pid, signal)); err != nil {
			p.Kill()
			return 0, 0, err
		}
	}
}

// memory is the most memory a process has had so far, and what of its memory is no file's, in MiB.
func memory(pid int) (peak, anon float64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for name, to := range map[string]*float64{"VmHWM:": &peak, "RssAnon:": &anon} {
		_, mark, _ := strings.Cut(string(status), name)
		if _, err := fmt.Sscanf(mark, "%f kB", to); err != nil {
			return 0, 0, err
		}
		*to /= 1024
	}
	return peak, anon, nil
}
