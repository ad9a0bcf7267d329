// Package instances holds the data sources of the host and their settings, as Grafana's database would.
//
// Secrets leave this package only inside the settings that go to the plugin, never in a listing.
package instances

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// ErrNotFound says that no data source has the uid.
var ErrNotFound = errors.New("data source not found")

// Source is one data source as it stands in the file, and in the body of an update.
type Source struct {
	UID            string            `json:"uid"`
	Name           string            `json:"name"`
	Type           string            `json:"type"`
	URL            string            `json:"url,omitempty"`
	Database       string            `json:"database,omitempty"`
	JSONData       json.RawMessage   `json:"jsonData,omitempty"`
	SecureJSONData map[string]string `json:"secureJsonData,omitempty"`
}

// Listed is a data source as Grafana's HTTP API shows it: of a secret only that it is set.
type Listed struct {
	ID               int64           `json:"id"`
	UID              string          `json:"uid"`
	Name             string          `json:"name"`
	Type             string          `json:"type"`
	URL              string          `json:"url"`
	Database         string          `json:"database"`
	JSONData         json.RawMessage `json:"jsonData"`
	SecureJSONFields map[string]bool `json:"secureJsonFields"`
	Version          int             `json:"version"`
}

// Store keeps the data sources by uid.
type Store struct {
	mu     sync.RWMutex
	order  []string
	stored map[string]*entry
	now    func() time.Time
}

type entry struct {
	id      int64
	version int
	updated time.Time
	source  Source
}

// Load reads a JSON array of data sources.
func Load(path string) (*Store, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var sources []Source
	if err := decoder.Decode(&sources); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	store, err := New(sources, time.Now)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return store, nil
}

// New makes a store of the sources, which must have different uids and a type.
func New(sources []Source, now func() time.Time) (*Store, error) {
	if len(sources) == 0 {
		return nil, errors.New("no data source is configured")
	}
	store := &Store{stored: make(map[string]*entry, len(sources)), now: now}
	for i, source := range sources {
		if source.UID == "" || source.Type == "" {
			return nil, fmt.Errorf("data source %d needs uid and type", i+1)
		}
		if _, taken := store.stored[source.UID]; taken {
			return nil, fmt.Errorf("two data sources have the uid %q", source.UID)
		}
		store.order = append(store.order, source.UID)
		store.stored[source.UID] = &entry{id: int64(i + 1), version: 1, updated: now(), source: source}
	}
	return store, nil
}

// First is the uid of the first data source: the default one.
func (s *Store) First() string {
	return s.order[0]
}

// Type is the plugin id of a data source.
func (s *Store) Type(uid string) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, ok := s.stored[uid]
	if !ok {
		return "", fmt.Errorf("%w: %s", ErrNotFound, uid)
	}
	return found.source.Type, nil
}

// Settings are what the plugin gets to know, decrypted secrets included.
func (s *Store) Settings(uid string) (*backend.DataSourceInstanceSettings, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, ok := s.stored[uid]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, uid)
	}
	jsonData := found.source.JSONData
	if len(jsonData) == 0 {
		jsonData = json.RawMessage("{}")
	}
	return &backend.DataSourceInstanceSettings{
		ID:                      found.id,
		UID:                     found.source.UID,
		Type:                    found.source.Type,
		Name:                    found.source.Name,
		URL:                     found.source.URL,
		Database:                found.source.Database,
		JSONData:                slices.Clone(jsonData),
		DecryptedSecureJSONData: maps.Clone(found.source.SecureJSONData),
		Updated:                 found.updated,
	}, nil
}

// Update replaces the settings of a data source. A secret that the update does not name stays, as in Grafana.
func (s *Store) Update(uid string, update Source) (Listed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.stored[uid]
	if !ok {
		return Listed{}, fmt.Errorf("%w: %s", ErrNotFound, uid)
	}
	secrets := maps.Clone(found.source.SecureJSONData)
	if secrets == nil {
		secrets = map[string]string{}
	}
	maps.Copy(secrets, update.SecureJSONData)
	update.UID = uid
	update.Type = found.source.Type
	update.SecureJSONData = secrets
	found.source = update
	found.version++
	found.updated = later(s.now(), found.updated)
	return found.listed(), nil
}

// List shows all data sources without their secrets.
func (s *Store) List() []Listed {
	s.mu.RLock()
	defer s.mu.RUnlock()
	listed := make([]Listed, 0, len(s.order))
	for _, uid := range s.order {
		listed = append(listed, s.stored[uid].listed())
	}
	return listed
}

// Get shows one data source without its secrets.
func (s *Store) Get(uid string) (Listed, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, ok := s.stored[uid]
	if !ok {
		return Listed{}, fmt.Errorf("%w: %s", ErrNotFound, uid)
	}
	return found.listed(), nil
}

func (e *entry) listed() Listed {
	fields := make(map[string]bool, len(e.source.SecureJSONData))
	for name := range e.source.SecureJSONData {
		fields[name] = true
	}
	return Listed{
		ID: e.id, UID: e.source.UID, Name: e.source.Name, Type: e.source.Type, URL: e.source.URL,
		Database: e.source.Database, JSONData: e.source.JSONData, SecureJSONFields: fields, Version: e.version,
	}
}

// later makes two updates within one millisecond differ: a plugin tells settings apart by this time.
func later(now, previous time.Time) time.Time {
	if now.Sub(previous) < time.Millisecond {
		return previous.Add(time.Millisecond)
	}
	return now
}
