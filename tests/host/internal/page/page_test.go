package page

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree writes a page, a second page below it, and a secret beside both.
func tree(t *testing.T) string {
	t.Helper()
	top := t.TempDir()
	for name, text := range map[string]string{
		"secret.txt":                 "secret",
		"page/index.html":            "<p>first</p>",
		"page/assets/a-1234.js":      "one()",
		"page/assets/a-1234.css":     "p{}",
		"page/public/cloud.svg":      "<svg/>",
		"page/public/text.woff2":     "font",
		"page/plain":                 "no extension",
		"page/grafana-11/index.html": "<p>second</p>",
	} {
		file := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(top, "secret.txt"), filepath.Join(top, "page/link.txt")); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(top, "page")
}

func get(t *testing.T, handler http.Handler, target string) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	// As it stands: a client would clean the path before it asks.
	request.URL.Path = target
	handler.ServeHTTP(answer, request)
	return answer
}

func TestFilesComeWithTheirTypes(t *testing.T) {
	files, err := Open(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		"/":                         "text/html; charset=utf-8",
		"/assets/a-1234.js":         "text/javascript; charset=utf-8",
		"/assets/a-1234.css":        "text/css; charset=utf-8",
		"/public/cloud.svg":         "image/svg+xml",
		"/public/text.woff2":        "font/woff2",
		"/grafana-11/":              "text/html; charset=utf-8",
		"/grafana-11/index.html":    "text/html; charset=utf-8",
		"/d/fleet":                  "text/html; charset=utf-8",
		"/grafana-11/d/application": "text/html; charset=utf-8",
	} {
		answer := get(t, Page(files), target)
		if kind := answer.Header().Get("Content-Type"); answer.Code != http.StatusOK || kind != want {
			t.Errorf("%s: %d %q, want 200 %q", target, answer.Code, kind, want)
		}
	}
}

func TestAPathOfThePageMeansTheNearestIndex(t *testing.T) {
	files, err := Open(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		"/":                      "<p>first</p>",
		"/d/fleet":               "<p>first</p>",
		"/grafana-11":            "<p>second</p>",
		"/grafana-11/d/fleet":    "<p>second</p>",
		"/plain":                 "no extension",
		"/index.html":            "<p>first</p>",
		"/grafana-11/index.html": "<p>second</p>",
	} {
		if text := get(t, Page(files), target).Body.String(); text != want {
			t.Errorf("%s: %q, want %q", target, text, want)
		}
	}
}

func TestAMissingFileIsNotFound(t *testing.T) {
	files, err := Open(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, handler := range []http.Handler{Page(files), Files(files)} {
		for _, target := range []string{"/assets/b-5678.js", "/public/none.svg"} {
			if answer := get(t, handler, target); answer.Code != http.StatusNotFound {
				t.Errorf("%s: %d", target, answer.Code)
			}
		}
	}
	for _, target := range []string{"/", "/d/fleet", "/grafana-11"} {
		if answer := get(t, Files(files), target); answer.Code != http.StatusNotFound {
			t.Errorf("plain files, %s: %d", target, answer.Code)
		}
	}
}

func TestNothingLeadsOutOfTheDirectory(t *testing.T) {
	files, err := Open(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, handler := range []http.Handler{Page(files), Files(files)} {
		for _, target := range []string{
			"/../secret.txt", "../secret.txt", "/assets/../../secret.txt", "/link.txt", "//../secret.txt",
			"/..%2fsecret.txt", `/..\secret.txt`, "/assets/./../../secret.txt", "/\x00",
		} {
			answer := get(t, handler, target)
			if strings.Contains(answer.Body.String(), "secret") {
				t.Errorf("%q leads out", target)
			}
		}
	}
}

func TestOnlyHashedNamesAreKeptUnasked(t *testing.T) {
	files, err := Open(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		"/assets/a-1234.js": forever, "/": revalidate, "/d/fleet": revalidate, "/public/cloud.svg": revalidate,
	} {
		if keep := get(t, Page(files), target).Header().Get("Cache-Control"); keep != want {
			t.Errorf("%s: %q, want %q", target, keep, want)
		}
	}
}

func TestAReplacedDirectoryIsServedAnew(t *testing.T) {
	dir := tree(t)
	files, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, dir+"-old"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text := get(t, Page(files), "/").Body.String(); text != "new" {
		t.Errorf("%q", text)
	}
}

func TestNothingIsWritten(t *testing.T) {
	files, err := Open(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, handler := range []http.Handler{Page(files), Files(files)} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/index.html", strings.NewReader("x")))
		if answer.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST: %d", answer.Code)
		}
	}
}

func TestAMissingDirectoryIsAnError(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Fatal("accepted")
	}
}
