package homeserver

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

// name is the part of every identifier after the colon.
const name = "localhost"

// configure writes what Dendrite reads at its start. JSON is YAML.
func (s *Server) configure() error {
	key := filepath.Join(s.folder, "key.pem")
	if _, err := os.Stat(key); os.IsNotExist(err) {
		if err := writeKey(key); err != nil {
			return err
		}
	}
	registrations := []string{}
	for i, registration := range s.appservices {
		file := filepath.Join(s.folder, fmt.Sprintf("appservice-%d.yaml", i))
		if err := os.WriteFile(file, []byte(registration), 0o600); err != nil {
			return err
		}
		registrations = append(registrations, file)
	}
	type section = map[string]any
	database := func(name string) section {
		return section{"connection_string": "file:" + filepath.Join(s.folder, name+".db")}
	}
	config, err := json.Marshal(section{
		"version": 2,
		"global": section{
			"server_name": name, "private_key": key, "well_known_client_name": s.URL,
			// Without federation it does not say either whose an OpenID token is.
			"disable_federation": false,
			"jetstream":          section{"in_memory": true, "storage_path": filepath.Join(s.folder, "jetstream"), "topic_prefix": "T"},
			"cache":              section{"max_size_estimated": "64mb", "max_age": "1h"},
			"presence":           section{"enable_inbound": false, "enable_outbound": false},
			"report_stats":       section{"enabled": false},
		},
		"client_api": section{
			"registration_disabled": false, "guests_disabled": true, "rate_limiting": section{"enabled": false},
		},
		"app_service_api": section{"config_files": registrations, "database": database("appservice")},
		"federation_api":  section{"key_perspectives": []string{}, "database": database("federation")},
		"key_server":      section{"database": database("keys")},
		"media_api":       section{"base_path": filepath.Join(s.folder, "media"), "database": database("media")},
		"mscs":            section{"mscs": []string{}, "database": database("mscs")},
		"relay_api":       section{"database": database("relay")},
		"room_server":     section{"database": database("room")},
		"sync_api":        section{"database": database("sync")},
		// 4 is bcrypt's least.
		"user_api": section{"bcrypt_cost": 4, "account_database": database("accounts")},
		"logging":  []section{{"type": "std", "level": "warn"}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(s.config(), config, 0o600)
}

func (s *Server) config() string { return filepath.Join(s.folder, "dendrite.yaml") }

// writeKey makes the key that the homeserver signs events with, in Dendrite's form.
func writeKey(file string) error {
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return err
	}
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{
		Type:    "MATRIX PRIVATE KEY",
		Headers: map[string]string{"Key-ID": "ed25519:" + hex.EncodeToString(seed[:3])},
		Bytes:   seed[:],
	}), 0o600)
}
