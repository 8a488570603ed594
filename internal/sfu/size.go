package sfu

// enough is the part of the shown size from which on a layer looks sharp: scaling up by less is not seen on video.
const enough = 0.8

// wantedLayer is the smallest layer that fills what is shown, or the largest when none does or the sizes are not known.
// Cameras are cut to fill their place, so a layer must be large enough both ways; screens are fitted into it.
func wantedLayer(layers []Layer, shown Shown) int {
	for i, l := range layers {
		wide, high := float64(l.Width) >= enough*float64(shown.Width), float64(l.Height) >= enough*float64(shown.Height)
		if l.Width > 0 && l.Height > 0 && (wide && high || shown.Rank == RankScreen && (wide || high)) {
			return i
		}
	}
	return len(layers) - 1
}
