package badnet

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Handle adds the rig's switches to a test server's control address, for tests in another process:
//
//	POST /net?loss=0.05&burst=4&rate=500000&queue=300ms&delay=50ms&jitter=10ms&reorder=0.01&down=true
//	POST /rebind
//	GET  /net    Stats of all lines, in their order: [{"device", "up", "down"}]
//
// What is not named is perfect again. With device= it is about one line, else about all, those to come included; with
// direction=up or down about one direction.
func (r *Rig) Handle(mux *http.ServeMux) {
	mux.HandleFunc("POST /net", func(w http.ResponseWriter, req *http.Request) {
		q := req.URL.Query()
		c, err := parse(q)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, d := range []Direction{Up, Down} {
			if only := q.Get("direction"); only != "" && only != d.String() {
				continue
			}
			if device := q.Get("device"); device == "" {
				r.Set(d, c)
			} else if l := r.Line(device); l != nil {
				l.SetOne(d, c)
			} else {
				http.Error(w, "no such device", http.StatusNotFound)
				return
			}
		}
	})
	mux.HandleFunc("POST /rebind", func(_ http.ResponseWriter, req *http.Request) {
		for _, l := range r.Lines() {
			if device := req.URL.Query().Get("device"); device == "" || device == l.Device {
				l.Rebind()
			}
		}
	})
	mux.HandleFunc("GET /net", func(w http.ResponseWriter, _ *http.Request) {
		type line struct {
			Device string `json:"device"`
			Up     Stats  `json:"up"`
			Down   Stats  `json:"down"`
		}
		all := []line{}
		for _, l := range r.Lines() {
			all = append(all, line{l.Device, l.Stats(Up), l.Stats(Down)})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(all) // the reader has gone: nothing to do
	})
}

func parse(q url.Values) (c Conditions, err error) {
	take := func(name string, parse func(string) error) {
		if v := q.Get(name); v != "" && err == nil {
			if e := parse(v); e != nil {
				err = fmt.Errorf("badnet: %s: %w", name, e)
			}
		}
	}
	number := func(into *float64) func(string) error {
		return func(s string) (e error) { *into, e = strconv.ParseFloat(s, 64); return e }
	}
	duration := func(into *time.Duration) func(string) error {
		return func(s string) (e error) { *into, e = time.ParseDuration(s); return e }
	}
	take("loss", number(&c.Loss))
	take("burst", number(&c.Burst))
	take("reorder", number(&c.Reorder))
	take("rate", func(s string) (e error) { c.Rate, e = strconv.Atoi(s); return e })
	take("queue", duration(&c.Queue))
	take("delay", duration(&c.Delay))
	take("jitter", duration(&c.Jitter))
	take("down", func(s string) (e error) { c.Down, e = strconv.ParseBool(s); return e })
	return c, err
}
