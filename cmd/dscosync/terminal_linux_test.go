package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
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
	text, err := converse(master, bufio.NewScanner(os.Stdin))
	if err != nil && !errors.Is(err, syscall.EIO) { // which says that the other side is closed
		fmt.Fprintln(os.Stderr, "terminal:", err)
	}
	cmd.Wait()
	shown := strings.ReplaceAll(string(text), "\r\n", "\n")
	fmt.Print(shown)
	keep().WriteString(strings.ReplaceAll(own.ReplaceAllString(shown, ""), "\r", "\n"))
	os.Exit(cmd.ProcessState.ExitCode())
}

// converse reads what the program says, and types a line of the answers at each of its prompts, which end with a colon and
// a blank. A line that begins with an asterisk is not typed before the terminal has stopped showing what is typed; ^C is
// that key.
func converse(master *os.File, answers *bufio.Scanner) (said []byte, err error) {
	buf := make([]byte, 4096)
	for {
		n, err := master.Read(buf)
		said = append(said, buf[:n]...)
		if err != nil {
			return said, err
		}
		if !bytes.HasSuffix(said, []byte(": ")) || !answers.Scan() {
			continue
		}
		line, hidden := strings.CutPrefix(answers.Text(), "*")
		for began := time.Now(); hidden && echoes(master) && time.Since(began) < 5*time.Second; { // then all see it, the canaries too
			time.Sleep(time.Millisecond)
		}
		if line == "^C" {
			line = "\x03"
		} else {
			line += "\n"
		}
		if _, err := io.WriteString(master, line); err != nil {
			return said, err
		}
	}
}

// echoes tells whether the terminal shows what is typed.
func echoes(master *os.File) bool {
	var t syscall.Termios
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&t)))
	return errno == 0 && t.Lflag&syscall.ECHO != 0
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
