package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	loopControl = "/dev/loop-control"
	// loopAttempts is more than there are hosts to compete with.
	loopAttempts = 1000
)

// attachLoop gives a file a block device, which lasts until nothing uses it
// any more. Release drops the caller's own use.
func attachLoop(file string) (device string, release func(), err error) {
	backing, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return "", nil, err
	}
	defer backing.Close()
	control, err := os.OpenFile(loopControl, os.O_RDWR, 0)
	if err != nil {
		return "", nil, err
	}
	defer control.Close()
	for range loopAttempts {
		number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return "", nil, fmt.Errorf("find a free loop device: %w", err)
		}
		device := fmt.Sprintf("/dev/loop%d", number)
		loop, err := os.OpenFile(device, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENXIO) {
			continue // Removed again meanwhile, with another lab.
		}
		if err != nil {
			return "", nil, err
		}
		config := &unix.LoopConfig{Fd: uint32(backing.Fd()), Info: unix.LoopInfo64{
			// Direct: one page cache is enough, and the host pays for its own.
			Flags: unix.LO_FLAGS_AUTOCLEAR | unix.LO_FLAGS_DIRECT_IO,
		}}
		copy(config.Info.File_name[:len(config.Info.File_name)-1], file)
		err = unix.IoctlLoopConfigure(int(loop.Fd()), config)
		if err == nil {
			return device, func() { loop.Close() }, nil
		}
		loop.Close()
		if !errors.Is(err, unix.EBUSY) { // Somebody else was quicker.
			return "", nil, fmt.Errorf("%s: %w", device, err)
		}
	}
	return "", nil, errors.New("no loop device can be had: others take them first, or /dev does not show new ones")
}

// Loops returns the numbers of the machine's loop devices.
func Loops() ([]int, error) {
	devices, err := filepath.Glob("/sys/block/loop*")
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, d := range devices {
		if n, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(d), "loop")); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// LoopsOf returns the loop devices whose files lie below dir.
func LoopsOf(dir string) ([]int, error) {
	numbers, err := Loops()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(numbers, func(n int) bool {
		file, err := os.ReadFile(fmt.Sprintf("/sys/block/loop%d/loop/backing_file", n))
		return err != nil || !strings.HasPrefix(string(file), dir+"/")
	}), nil
}

// RemoveLoops removes the machine's unused loop devices, except those that
// were there before: the kernel makes more when all are taken, and keeps them.
func RemoveLoops(before []int) error {
	numbers, err := Loops()
	if err != nil {
		return err
	}
	control, err := os.OpenFile(loopControl, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer control.Close()
	for _, n := range numbers {
		if slices.Contains(before, n) {
			continue
		}
		err := unix.IoctlSetInt(int(control.Fd()), unix.LOOP_CTL_REMOVE, n)
		// Busy: it is another's. Not there: somebody removed it just now.
		if err != nil && !errors.Is(err, unix.EBUSY) && !errors.Is(err, unix.ENODEV) {
			return fmt.Errorf("remove /dev/loop%d: %w", n, err)
		}
	}
	return nil
}
