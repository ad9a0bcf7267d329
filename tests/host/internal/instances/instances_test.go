package instances

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func sample() []Source {
	return []Source{{
		UID: "one", Name: "One", Type: "x-datasource", JSONData: json.RawMessage(`{"a":1}`),
		SecureJSONData: map[string]string{"accessKey": "old", "secretKey": "kept"},
	}}
}

func TestAnUpdateKeepsUnnamedSecretsAndMovesTheTime(t *testing.T) {
	frozen := time.UnixMilli(1_700_000_000_000)
	store, err := New(sample(), func() time.Time { return frozen })
	if err != nil {
		t.Fatal(err)
	}
	before, err := store.Settings("one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Update("one", Source{
		Name: "Two", Type: "ignored", JSONData: json.RawMessage(`{"a":2}`), SecureJSONData: map[string]string{"accessKey": "new"},
	}); err != nil {
		t.Fatal(err)
	}
	after, err := store.Settings("one")
	if err != nil {
		t.Fatal(err)
	}
	if !after.Updated.After(before.Updated) || after.Type != "x-datasource" || string(after.JSONData) != `{"a":2}` {
		t.Fatalf("settings after the update: %+v", after)
	}
	if after.DecryptedSecureJSONData["accessKey"] != "new" || after.DecryptedSecureJSONData["secretKey"] != "kept" {
		t.Fatal("secrets after the update are wrong")
	}
}

func TestAListingHoldsNoSecret(t *testing.T) {
	store, err := New(sample(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(store.List())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "kept") || !strings.Contains(string(text), `"secretKey":true`) {
		t.Fatalf("listing: %s", text)
	}
}

func TestBadFilesSayWhatIsWrong(t *testing.T) {
	for content, expected := range map[string]string{
		`[]`:                      "no data source",
		`[{"uid":"a"}]`:           "needs uid and type",
		`[{"uid":"a","typ":"x"}]`: "unknown field",
		`{"uid":"a"}`:             "cannot unmarshal",
		`[{"uid":"a","type":"x"},{"uid":"a","type":"x"}]`: "two data sources",
	} {
		path := filepath.Join(t.TempDir(), "sources.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%s: error %v, expected %q", content, err, expected)
		}
	}
}

func TestAnUnknownUIDIsNotFound(t *testing.T) {
	store, err := New(sample(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Settings("other"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("error %v", err)
	}
}
