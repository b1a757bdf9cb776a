package remotetest

import (
	"errors"
	"io"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// session runs the one command of a session with the machine's sh.
func (s *Server) session(channel ssh.Channel, requests <-chan *ssh.Request) {
	defer func() { _ = channel.Close() }() // the client may have closed it
	var command *exec.Cmd
	ended := make(chan int, 1)
	for {
		select {
		case status := <-ended:
			_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)}))
			return
		case r, ok := <-requests:
			switch {
			case !ok: // the client is gone; its command sees the end of stdin
				return
			case r.Type == "signal" && command != nil:
				_ = syscall.Kill(-command.Process.Pid, syscall.SIGTERM)
			case r.Type == "exec" && command == nil:
				var request struct{ Command string }
				err := ssh.Unmarshal(r.Payload, &request)
				if err == nil {
					command, err = s.start(request.Command, channel, ended)
				}
				_ = r.Reply(err == nil, nil)
			case r.WantReply:
				_ = r.Reply(false, nil)
			}
		}
	}
}

// start starts a command and reports its status to ended.
func (s *Server) start(line string, channel ssh.Channel, ended chan<- int) (*exec.Cmd, error) {
	s.mu.Lock()
	s.commands = append(s.commands, line)
	s.mu.Unlock()
	command := exec.Command("/bin/sh", "-c", line)
	command.Env = s.env
	command.Dir = "/"
	command.Stdout, command.Stderr = channel, channel.Stderr()
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.WaitDelay = 2 * time.Second // for what a command leaves in the background
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	if s.options.Noise != "" {
		_, _ = io.WriteString(channel, s.options.Noise)
		_, _ = io.WriteString(channel.Stderr(), s.options.Noise)
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_, _ = io.Copy(stdin, channel) // the command need not read all
		_ = stdin.Close()
	}()
	s.running(command, true)
	go func() {
		err := command.Wait()
		s.running(command, false)
		var exit *exec.ExitError
		switch {
		case err == nil, errors.Is(err, exec.ErrWaitDelay):
			ended <- 0
		case errors.As(err, &exit) && exit.ExitCode() >= 0:
			ended <- exit.ExitCode()
		default:
			ended <- 255
		}
	}()
	return command, nil
}

// running notes what Close has to end.
func (s *Server) running(command *exec.Cmd, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if is {
		s.processes[command.Process.Pid] = true
	} else {
		delete(s.processes, command.Process.Pid)
		if len(s.processes) == 0 {
			s.idle.Broadcast()
		}
	}
}
