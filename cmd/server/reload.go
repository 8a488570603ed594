package main

import (
	"context"
	"log/slog"
	"os"
	"reflect"

	"github.com/grotto-meet/grotto/internal/config"
)

func setLevel(level *slog.LevelVar, f *config.Settings) {
	_ = level.UnmarshalText([]byte(f.LogLevel)) // was checked
}

// readAgain reads again, at each SIGHUP, what can change while people are there: the certificate and how much is logged.
func (c command) readAgain(ctx context.Context, hup <-chan os.Signal, level *slog.LevelVar, certificate func(), log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
		}
		certificate()
		now, err := config.Load(c.sources)
		if err != nil {
			log.Error("the settings are not taken", "error", err, "hint", "grotto-server config check")
			continue
		}
		before := c.settings.Settings
		setLevel(level, &now.Settings)
		before.LogLevel = now.LogLevel
		log.Info("read again: the certificate, and how much is logged", "log-level", now.LogLevel)
		if !reflect.DeepEqual(before, now.Settings) {
			log.Warn("other settings have changed: they are taken at the next start")
		}
	}
}
