package provisioning

import (
	"testing"

	"flinkwatch/tests/host/internal/rules"
)

// The front end's test holds that the file is what its button "Copy as alert rule" copies.
func TestARuleThatIsCopiedFromTheEditorIsOneThatGrafanaReads(t *testing.T) {
	file, err := rules.Read(repository + "tests/fixtures/alerting/copied-rule.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rule := file.Groups[0].Rules[0]
	if len(rule.Data) != 3 || rule.Condition != "C" {
		t.Errorf("a query, a reduction and a threshold are expected: %+v", rule)
	}
	if model := rule.Data[0].Model; model["queryType"] != "operator" || model["refId"] != "A" {
		t.Errorf("the query is %+v", model)
	}
}
