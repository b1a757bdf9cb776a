package network

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// relay carries packets between a port and the bridge in this process, and
// loses or holds up some: kernels come without netem. It reads and writes
// whole Ethernet frames, each after a virtio_net_hdr that says which checksum
// is still to be made.
type relay struct {
	with   atomic.Pointer[Impairment]
	socket *os.File // the port
	tap    *os.File // a port of the bridge in its stead
	closed chan struct{}
	done   sync.WaitGroup
}

const (
	// A frame of a veth with the usual MTU, a VLAN tag and the header; what a
	// host sends is cut to size before.
	maxFrame = 64 << 10
	// Frames on their way at once, each way. 1 s at 100 Mbit/s.
	queueLength = 8192
	bufferBytes = 16 << 20
)

type frame struct {
	due  time.Time
	data []byte
}

func errNoRelay(err error, undo error) error {
	return errors.Join(fmt.Errorf("relay the port's packets: %w", err), undo)
}

func newRelay(port, bridge netlink.Link, with Impairment) (*relay, error) {
	r := &relay{closed: make(chan struct{})}
	r.with.Store(&with)
	var err error
	if r.socket, err = openPort(port); err != nil {
		return nil, fmt.Errorf("packet socket on %s: %w", port.Attrs().Name, err)
	}
	if r.tap, err = openTap(port.Attrs().Name+"-relay", bridge); err != nil {
		r.socket.Close()
		return nil, fmt.Errorf("tap device: %w", err)
	}
	r.carry(r.socket, r.tap)
	r.carry(r.tap, r.socket)
	return r, nil
}

func (r *relay) set(with Impairment) { r.with.Store(&with) }

// close ends the relay; nil is fine.
func (r *relay) close() {
	if r == nil {
		return
	}
	close(r.closed)
	r.socket.Close()
	r.tap.Close()
	r.done.Wait()
}

// carry moves frames one way until either end is closed.
func (r *relay) carry(from, to *os.File) {
	queue := make(chan frame, queueLength)
	r.done.Add(2)
	go func() {
		defer r.done.Done()
		defer close(queue)
		buffer := make([]byte, maxFrame)
		for {
			n, err := from.Read(buffer)
			if errors.Is(err, unix.ENETDOWN) {
				continue // The cable is cut; it may be mended.
			}
			if err != nil {
				return
			}
			with := r.with.Load()
			if rand.Float64() < with.Loss {
				continue
			}
			f := frame{due: time.Now().Add(with.Delay), data: append([]byte(nil), buffer[:n]...)}
			select {
			case queue <- f:
			default: // Full, as any device's queue can be.
			}
		}
	}()
	go func() {
		defer r.done.Done()
		for f := range queue {
			if wait := time.Until(f.due); wait > 0 {
				select {
				case <-r.closed:
					return
				case <-time.After(wait):
				}
			}
			// A frame that the device refuses is lost, as on any cable.
			_, _ = to.Write(f.data)
		}
	}()
}

func openPort(port netlink.Link) (*os.File, error) {
	all := htons(unix.ETH_P_ALL)
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	// A file that polls, so that closing it ends a read.
	f := os.NewFile(uintptr(fd), port.Attrs().Name)
	for _, option := range []int{unix.PACKET_VNET_HDR, unix.PACKET_IGNORE_OUTGOING} {
		if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, option, 1); err != nil {
			f.Close()
			return nil, err
		}
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bufferBytes)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, bufferBytes)
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: port.Attrs().Index}); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func openTap(name string, bridge netlink.Link) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq(name)
	if err == nil {
		request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI | unix.IFF_VNET_HDR)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	tap, err := netlink.LinkByName(name)
	if err == nil {
		err = netlink.LinkSetMaster(tap, bridge)
	}
	if err == nil {
		err = netlink.LinkSetUp(tap)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// htons is n in network byte order.
func htons(n uint16) uint16 {
	var b [2]byte
	b[0], b[1] = byte(n>>8), byte(n)
	return *(*uint16)(unsafe.Pointer(&b))
}
