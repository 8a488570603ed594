package homeserver

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends the homeserver also where a test's timeout ends the tests before they could.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
