package main_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// own is what the program itself may tell a terminal: a colour, or to clear the line.
var own = regexp.MustCompile(`\x1b\[[0-9]*[mK]`)

// terminal is a program: it runs dscosync with stdin, stdout and stderr in a terminal that is as wide as its first
// argument says, prints what the terminal got, and exits as dscosync does. Linux alone opens terminals in this way.
func terminal() {
	width, err := strconv.Atoi(os.Args[1])
	if err != nil || len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: terminal WIDTH dscosync [ARGUMENT...]")
		os.Exit(1)
	}
	master, slave, err := openTerminal(width)
	if err != nil {
		fmt.Fprintln(os.Stderr, "terminal:", err)
		os.Exit(1)
	}
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "HEARD=") { // it would come between the program and the terminal
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "terminal:", err)
		os.Exit(1)
	}
	slave.Close()
	text, err := io.ReadAll(master)
	if err != nil && !errors.Is(err, syscall.EIO) { // which says that the other side is closed
		fmt.Fprintln(os.Stderr, "terminal:", err)
	}
	cmd.Wait()
	shown := strings.ReplaceAll(string(text), "\r\n", "\n")
	fmt.Print(shown)
	keep().WriteString(strings.ReplaceAll(own.ReplaceAllString(shown, ""), "\r", "\n"))
	os.Exit(cmd.ProcessState.ExitCode())
}

func openTerminal(width int) (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	var unlock, n int32
	size := [4]uint16{40, uint16(width)}
	for _, c := range []struct {
		request uintptr
		arg     unsafe.Pointer
	}{{syscall.TIOCSPTLCK, unsafe.Pointer(&unlock)}, {syscall.TIOCGPTN, unsafe.Pointer(&n)}, {syscall.TIOCSWINSZ, unsafe.Pointer(&size)}} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), c.request, uintptr(c.arg)); errno != 0 {
			return nil, nil, errno
		}
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	return master, slave, err
}
