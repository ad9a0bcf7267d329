// The field settings that all panels know. Grafana registers them with their editors; panels here have none.
import { identityOverrideProcessor, type FieldConfigPropertyItem } from '@grafana/data';

const STANDARD = [
  'unit',
  'decimals',
  'min',
  'max',
  'displayName',
  'noValue',
  'thresholds',
  'color',
  'mappings',
  'links',
];

export function standardFields(): FieldConfigPropertyItem[] {
  return STANDARD.map((id) => ({
    id,
    path: id,
    name: id,
    editor: () => null,
    override: () => null,
    process: identityOverrideProcessor,
    shouldApply: () => true,
  }));
}
