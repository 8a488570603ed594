//go:build !(js && wasm)

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "wasm: this is the engine of the web client\nhint: GOOS=js GOARCH=wasm go build ./web/wasm")
	os.Exit(2)
}
