package olmkeys

import (
	"strings"
	"testing"
	"time"
)

func knocker(t *testing.T, user, secret string, call byte) *Agent {
	t.Helper()
	s, err := ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := NewAgent(Config{Room: "!cave:grotto.example", Call: CallID{call}, User: "@" + user + ":grotto.example",
		Device: "AAAAAAAAAA", Secret: s}, time.Unix(1_800_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// K18: a name at the door is read by who has the link, and stands on nobody else.
func TestK18_KnocksAreSealed(t *testing.T) {
	const link, other = "MDEyMzQ1Njc4OWFiY2RlZg", "ZmVkY2JhOTg3NjU0MzIxMA"
	eve, ada := knocker(t, "eve", link, 1), knocker(t, "ada", link, 1)
	sealed, err := eve.SealKnock("Eve É")
	if err != nil {
		t.Fatal(err)
	}
	if name, ok := ada.OpenKnock("@eve:grotto.example", "AAAAAAAAAA", sealed); !ok || name != "Eve É" {
		t.Errorf("%q %v", name, ok)
	}
	again, err := eve.SealKnock("E")
	if err != nil || len(again) != len(sealed) || string(again[:12]) == string(sealed[:12]) {
		t.Errorf("%d and %d bytes, %v", len(again), len(sealed), err)
	}
	for why, a := range map[string]*Agent{"another link": knocker(t, "ada", other, 1), "another call": knocker(t, "ada", link, 2)} {
		if _, ok := a.OpenKnock("@eve:grotto.example", "AAAAAAAAAA", sealed); ok {
			t.Errorf("opens under %s", why)
		}
	}
	for _, who := range [][2]string{{"@mal:grotto.example", "AAAAAAAAAA"}, {"@eve:grotto.example", "BBBBBBBBBB"}, {strings.Repeat("a", 70_000), ""}} {
		if _, ok := ada.OpenKnock(who[0], who[1], sealed); ok {
			t.Errorf("opens for %.40s", who)
		}
	}
	for i := range sealed {
		forged := append(Bytes(nil), sealed...)
		forged[i] ^= 1
		if _, ok := ada.OpenKnock("@eve:grotto.example", "AAAAAAAAAA", forged); ok {
			t.Errorf("opens with byte %d changed", i)
		}
	}
	for n := range len(sealed) {
		if _, ok := ada.OpenKnock("@eve:grotto.example", "AAAAAAAAAA", sealed[:n]); ok {
			t.Errorf("opens cut at %d", n)
		}
	}
	if _, err := eve.SealKnock(strings.Repeat("x", 257)); err == nil {
		t.Error("a name too long is sealed")
	}
}
