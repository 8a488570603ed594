//go:build !linux

package doctor

func clock(r *Report) { r.skip("system clock", "the system does not say whether it is set") }

func room(string) (uint64, bool) { return 0, false }

func buffers(r *Report) { r.skip("UDP buffers", "they are not asked about on this system") }

func segments(r *Report) { r.skip("segmentation", "Linux alone has it") }
