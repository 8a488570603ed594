package main

import (
	"strings"
	"testing"
)

// emojiShown is what stands between the two lines that say what to compare.
func (term *terminal) emojiShown() string {
	term.t.Helper()
	term.sees(&term.err, "(yes/no)")
	_, list, _ := strings.Cut(term.out.String(), ":\n")
	if strings.Count(list, "\n") < 8 {
		term.t.Fatalf("nothing to compare in %q", &term.out)
	}
	return list
}

// Two compare and agree; who begins is left open, then said by one, then by both.
func TestVerify(t *testing.T) {
	server := startServer(t)
	for room, with := range map[string][2][]string{
		"either": {nil, nil}, "one-asks": {{"--with", "Bob"}, nil}, "both-ask": {{"--with", "Bob"}, {"--with", "Alice"}},
	} {
		t.Run(room, func(t *testing.T) {
			url := server + "/r/" + room + testSecret
			alice := open(t, append([]string{"keys", "verify", url, "--name", "Alice"}, with[0]...)...)
			alice.sees(&alice.err, "Joined")
			bob := open(t, append([]string{"keys", "verify", url, "--name", "Bob"}, with[1]...)...)
			if a, b := alice.emojiShown(), bob.emojiShown(); a != b {
				t.Errorf("%s and %s", a, b)
			}
			alice.types("what?", "yes")
			bob.types("Y")
			alice.sees(&alice.out, "Verified: Bob.\n")
			bob.sees(&bob.out, "Verified: Alice.\n")
			alice.ends(exitOK)
			bob.ends(exitOK)
		})
	}
}

// A program compares, and reads emoji and outcome.
func TestVerifyForPrograms(t *testing.T) {
	url := startServer(t) + "/r/programs" + testSecret
	alice := open(t, "keys", "verify", url, "--name", "Alice", "--json")
	bob := open(t, "keys", "verify", url, "--name", "Bob", "--json")
	for _, term := range []*terminal{alice, bob} {
		term.sees(&term.out, `{"type":"compare","name":"`)
		term.sees(&term.out, `"numbers":[`)
		term.types("yes")
	}
	alice.sees(&alice.out, `{"type":"verified","name":"Bob","user":"@`)
	alice.ends(exitOK)
	bob.ends(exitOK)
	if a, b := alice.out.String(), bob.out.String(); a[strings.Index(a, `"emoji"`):strings.Index(a, "\n")] != b[strings.Index(b, `"emoji"`):strings.Index(b, "\n")] {
		t.Errorf("%s and %s", a, b)
	}
}

// Every way of not being verified has the same status, and its reason.
func TestNotVerified(t *testing.T) {
	server := startServer(t)
	url := func(room string) string { return server + "/r/" + room + testSecret }
	t.Run("they differ", func(t *testing.T) {
		alice := open(t, "keys", "verify", url("differ"), "--name", "Alice")
		bob := open(t, "keys", "verify", url("differ"), "--name", "Bob")
		alice.emojiShown()
		bob.emojiShown()
		bob.types("yes")
		alice.types("no")
		for _, term := range []*terminal{alice, bob} {
			term.ends(exitNothing)
			term.sees(&term.err, "not verified: the emoji or the keys differ")
			if strings.Contains(term.out.String(), "Verified") {
				t.Errorf("%s", &term.out)
			}
		}
	})
	t.Run("no answer", func(t *testing.T) {
		alice := open(t, "keys", "verify", url("silence"), "--name", "Alice")
		bob := open(t, "keys", "verify", url("silence"), "--name", "Bob")
		alice.emojiShown()
		bob.emojiShown()
		_ = alice.stdin.Close()
		alice.ends(exitNothing)
		alice.sees(&alice.err, "there was no answer")
		bob.ends(exitNothing)
		bob.sees(&bob.err, "Alice cancelled or left")
	})
	t.Run("they leave", func(t *testing.T) {
		alice := open(t, "keys", "verify", url("leaving"), "--name", "Alice")
		bob := open(t, "keys", "verify", url("leaving"), "--name", "Bob")
		alice.emojiShown()
		bob.emojiShown()
		bob.leave()
		bob.ends(exitNothing)
		alice.ends(exitNothing)
	})
	t.Run("nobody", func(t *testing.T) {
		alone := open(t, "keys", "verify", url("nobody"), "--for", "300ms")
		alone.ends(exitNothing)
		alone.sees(&alone.err, "nobody came")
	})
	t.Run("somebody else", func(t *testing.T) {
		alice := open(t, "keys", "verify", url("other"), "--name", "Alice", "--with", "Carol", "--for", "8s")
		alice.sees(&alice.err, "Joined")
		bob := open(t, "keys", "verify", url("other"), "--name", "Bob")
		bob.sees(&bob.err, "Waiting for Alice.")
		bob.ends(exitNothing)
		alice.ends(exitNothing)
		alice.sees(&alice.err, `nobody called "Carol" came`)
		alice.sees(&alice.err, "Bob wants to compare emoji, too")
	})
	t.Run("another secret", func(t *testing.T) {
		alice := open(t, "keys", "verify", url("secrets"), "--for", "5s")
		open(t, "keys", "verify", server+"/r/secrets#BBECAwQFBgcICQoLDA0ODw", "--for", "5s")
		alice.ends(exitNothing)
		alice.sees(&alice.err, "the others joined with another secret")
	})
}

// With three there, nobody is asked by guess.
func TestVerifyAmongSeveral(t *testing.T) {
	server := startServer(t)
	url := server + "/r/several" + testSecret
	bob := open(t, "chat", url, "--name", "Bob")
	carol := open(t, "chat", url, "--name", "Carol")
	bob.sees(&bob.err, "Carol joined.")
	carol.sees(&carol.err, "Joined")
	alice := open(t, "keys", "verify", url, "--name", "Alice")
	alice.sees(&alice.err, "Here are Bob, Carol.")
	dave := open(t, "keys", "verify", url, "--name", "Dave", "--with", "Alice")
	if a, d := alice.emojiShown(), dave.emojiShown(); a != d {
		t.Errorf("%s and %s", a, d)
	}
	alice.types("yes")
	dave.types("yes")
	alice.ends(exitOK)
	dave.ends(exitOK)
}
