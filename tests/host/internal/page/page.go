// Package page serves static files beside the API: a host page for the browser, and the plugin's own files where
// Grafana serves them.
//
// The page routes in the browser, so a path that is no file answers with the nearest index.html above it. A path that
// looks like a file (it has an extension) and is none is 404: an index in the place of a script would hide the mistake.
package page

import (
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"strings"
	"time"
)

const (
	index = "index.html"
	// revalidate lets the browser keep a file and ask whether it is still the same.
	revalidate = "no-cache"
	// forever is for names that carry a hash of the content.
	forever = "public, max-age=31536000, immutable"
)

// The system's own table of types differs from machine to machine.
func init() {
	for extension, kind := range map[string]string{
		".js":    "text/javascript; charset=utf-8",
		".css":   "text/css; charset=utf-8",
		".html":  "text/html; charset=utf-8",
		".json":  "application/json",
		".map":   "application/json",
		".md":    "text/markdown; charset=utf-8",
		".svg":   "image/svg+xml",
		".png":   "image/png",
		".ttf":   "font/ttf",
		".woff2": "font/woff2",
	} {
		if err := mime.AddExtensionType(extension, kind); err != nil {
			panic(err)
		}
	}
}

// directory is opened anew for each file: a build may replace it while the host runs.
type directory string

// Open is a file of the directory. Nothing leads out of it: no "..", no absolute name, no symbolic link.
func (d directory) Open(name string) (fs.File, error) {
	return os.OpenInRoot(string(d), name)
}

// Open is a directory as a file system.
func Open(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return directory(dir), root.Close()
}

// Page serves the files of a host page.
func Page(files fs.FS) http.Handler {
	return readOnly(func(w http.ResponseWriter, r *http.Request) {
		name := nameOf(r.URL.Path)
		if !isFile(files, name) {
			if path.Ext(name) != "" {
				http.NotFound(w, r)
				return
			}
			name = nearestIndex(files, name)
		}
		serve(w, r, files, name)
	})
}

// Files serves what is there and nothing else.
func Files(files fs.FS) http.Handler {
	return readOnly(func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, files, nameOf(r.URL.Path))
	})
}

func readOnly(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only to read", http.StatusMethodNotAllowed)
			return
		}
		next(w, r)
	})
}

func serve(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	if !isFile(files, name) {
		http.NotFound(w, r)
		return
	}
	keep := revalidate
	if path.Base(path.Dir(name)) == "assets" {
		keep = forever
	}
	w.Header().Set("Cache-Control", keep)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if name == index || strings.HasSuffix(name, "/"+index) {
		// The standard library would send the browser from index.html to its directory.
		serveContent(w, r, files, name)
		return
	}
	http.ServeFileFS(w, r, files, name)
}

func serveContent(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	http.ServeContent(w, r, name, modified(files, name), strings.NewReader(string(text)))
}

// nameOf is the path as a name in a file system: clean, without a slash in front.
func nameOf(urlPath string) string {
	return strings.TrimPrefix(path.Clean("/"+urlPath), "/")
}

func isFile(files fs.FS, name string) bool {
	found, err := fs.Stat(files, name)
	return err == nil && found.Mode().IsRegular()
}

func nearestIndex(files fs.FS, name string) string {
	for dir := name; ; dir = path.Dir(dir) {
		if candidate := path.Join(dir, index); dir == "." || dir == "" || isFile(files, candidate) {
			return candidate
		}
	}
}

func modified(files fs.FS, name string) time.Time {
	found, err := fs.Stat(files, name)
	if err != nil {
		return time.Time{}
	}
	return found.ModTime()
}
