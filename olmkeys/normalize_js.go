package olmkeys

import "syscall/js"

// The browser's own tables: ours would add a quarter of a megabyte to what each visitor loads.

func nfc(s string) string { return js.ValueOf(s).Call("normalize", "NFC").String() }

func nfkc(s string) string { return js.ValueOf(s).Call("normalize", "NFKC").String() }
