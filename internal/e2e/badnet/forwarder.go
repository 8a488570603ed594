package badnet

import (
	"net"
	"net/netip"
	"sync"
)

const (
	maxDatagram  = 64 << 10
	socketBuffer = 1 << 20 // asked for; the kernel may grant less
)

// forwarder passes the packets of one client between a port of its own and the server, over a link. Every address the client
// sends from has a socket towards the server, as in a router that translates addresses.
type forwarder struct {
	link   *Link
	server *net.UDPAddr
	front  *net.UDPConn

	mu     sync.Mutex
	flows  map[netip.AddrPort]*net.UDPConn
	closed bool
	run    sync.WaitGroup
}

// newForwarder listens on all interfaces: Firefox sends to none that is bound to loopback.
func newForwarder(server *net.UDPAddr, link *Link) (*forwarder, error) {
	front, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return nil, err
	}
	_ = front.SetReadBuffer(socketBuffer)
	f := &forwarder{link: link, server: server, front: front, flows: map[netip.AddrPort]*net.UDPConn{}}
	f.run.Go(f.up)
	return f, nil
}

func (f *forwarder) port() int { return f.front.LocalAddr().(*net.UDPAddr).Port }

// up reads what the client sends.
func (f *forwarder) up() {
	b := make([]byte, maxDatagram)
	for {
		n, from, err := f.front.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		f.link.send(Up, b[:n], func(packet []byte) {
			if flow := f.flow(from); flow != nil {
				_, _ = flow.Write(packet)
			}
		})
	}
}

// flow is the socket that stands for an address of the client's; nil if there can be none.
func (f *forwarder) flow(client netip.AddrPort) *net.UDPConn {
	f.mu.Lock()
	defer f.mu.Unlock()
	if flow := f.flows[client]; flow != nil || f.closed {
		return flow
	}
	flow, err := net.DialUDP("udp4", nil, f.server)
	if err != nil {
		return nil
	}
	_ = flow.SetReadBuffer(socketBuffer)
	f.flows[client] = flow
	f.run.Go(func() { f.down(flow, client) })
	return flow
}

// down reads what the server sends to one address.
func (f *forwarder) down(flow *net.UDPConn, client netip.AddrPort) {
	b := make([]byte, maxDatagram)
	for {
		n, err := flow.Read(b)
		if err != nil && f.gone(flow, client) {
			return
		}
		if err == nil {
			f.link.send(Down, b[:n], func(packet []byte) { _, _ = f.front.WriteToUDPAddrPort(packet, client) })
		}
	}
}

// gone tells a socket that was closed from a server that was not there when something was sent (ICMP).
func (f *forwarder) gone(flow *net.UDPConn, client netip.AddrPort) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed || f.flows[client] != flow
}

// rebind gives every flow another port.
func (f *forwarder) rebind() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for client, flow := range f.flows {
		delete(f.flows, client)
		_ = flow.Close()
	}
}

func (f *forwarder) close() {
	f.mu.Lock()
	f.closed = true
	for _, flow := range f.flows {
		_ = flow.Close()
	}
	f.mu.Unlock()
	_ = f.front.Close()
	f.run.Wait()
	f.link.close()
}
