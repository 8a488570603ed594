package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
)

// wrong refuses a field, and says why.
func wrong(status int, field, why string) error {
	return huma.NewError(status, "this cannot be", &huma.ErrorDetail{Location: field, Message: why})
}

func refuse(status int, text string) error { return huma.NewError(status, text) }

// failed words an error of the store or of the rooms.
func (a *api) failed(err error, what string) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return refuse(http.StatusNotFound, "there is no such "+what)
	case errors.Is(err, store.ErrConflict):
		return refuse(http.StatusConflict, "there is such a "+what+" already")
	case errors.Is(err, store.ErrBusy):
		return refuse(http.StatusServiceUnavailable, "the database is busy; hint: try again in a moment")
	case errors.Is(err, store.ErrFull):
		return refuse(http.StatusInsufficientStorage, "the server's disk is full; hint: the operator can make room")
	case errors.Is(err, room.ErrNoCall):
		return refuse(http.StatusNotFound, "nobody is in this room")
	case errors.Is(err, room.ErrNoParticipant):
		return refuse(http.StatusNotFound, "this participant is not in the room, or not any more")
	case errors.As(err, new(huma.StatusError)):
		return err
	}
	a.Log.Error("the API failed", "error", err)
	return refuse(http.StatusInternalServerError, "the server failed; its log says why")
}

// unknown answers below the API's root what nothing else does.
func unknown(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusNotFound)
	_ = json.NewEncoder(w).Encode(huma.NewError(http.StatusNotFound, "there is nothing here; hint: "+DocsPath+" lists what is")) // the reader has gone
}
