package provisioning

import (
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// blocks of YAML on a page.
func blocks(page string) (found []string) {
	for _, rest := range strings.Split(page, "```yaml\n")[1:] {
		found = append(found, strings.Split(rest, "```")[0])
	}
	return found
}

func TestEveryBlockOfYAMLInTheDocumentationIsYAML(t *testing.T) {
	var count int
	for _, page := range append(files(t, "*.md"), files(t, "docs/*.md")...) {
		for _, block := range blocks(text(t, page)) {
			count++
			var into any
			if err := yaml.Unmarshal([]byte(block), &into); err != nil || into == nil {
				t.Errorf("%s: %v\n%s", filepath.Base(page), err, block)
			}
		}
	}
	if count == 0 {
		t.Error("no block of YAML is found")
	}
}
