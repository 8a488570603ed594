package olmkeys

import "syscall/js"

// The browser's own tables: ours would add a quarter of a megabyte to what each visitor loads. A js.Value that is a
// string has no methods in Go, so the prototype's is called.

func nfc(s string) string { return normalize(s, "NFC") }

func nfkc(s string) string { return normalize(s, "NFKC") }

func normalize(s, form string) string {
	return js.Global().Get("String").Get("prototype").Get("normalize").Call("call", s, form).String()
}
