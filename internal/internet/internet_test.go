package internet

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	for _, text := range []string{"203.0.114.1", "2606:4700::1", "::ffff:8.8.8.8"} {
		if !Public(netip.MustParseAddr(text)) {
			t.Errorf("%s is not public", text)
		}
	}
	for _, text := range []string{"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.1.1", "0.0.0.0", "255.255.255.255", "224.0.0.1",
		"::", "::1", "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1"} {
		if Public(netip.MustParseAddr(text)) {
			t.Errorf("%s is public", text)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

// A name that leads inside is as good as the address: the dialer sees what is dialled.
func TestNothingInsideIsDialled(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("was asked") }))
	defer inside.Close()
	client := http.Client{Transport: Transport(Dialer(time.Second), time.Second)}
	for _, url := range []string{inside.URL, strings.Replace(inside.URL, "127.0.0.1", "localhost", 1)} {
		answer, err := client.Get(url)
		if !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: %v", url, err)
		}
		if err == nil {
			_ = answer.Body.Close()
		}
	}
}
