package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
)

// progress shows a bar a step where a person looks on; nil where nobody does.
func progress(w io.Writer, options ...progressbar.Option) func(step string, done, of int) {
	file, ok := w.(*os.File)
	if !ok {
		return nil
	}
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	var bar *progressbar.ProgressBar
	var showing string
	return func(step string, done, of int) {
		if step != showing {
			showing = step
			bar = progressbar.NewOptions(of, append([]progressbar.Option{progressbar.OptionSetWriter(w),
				progressbar.OptionSetDescription(fmt.Sprintf("%-10s", step)), progressbar.OptionSetWidth(30),
				progressbar.OptionClearOnFinish(), progressbar.OptionShowCount()}, options...)...)
		}
		_ = bar.Set(done)
	}
}
