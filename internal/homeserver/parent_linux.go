package homeserver

import (
	"os/exec"
	"syscall"
)

// DieWithParent ends a server also where a test's timeout ends the tests before they could.
func DieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
