//go:build !unix

package doctor

func files(r *Report) { r.skip("open files", "they are not bounded on this system") }
