// The field settings that panels know. Grafana registers them with their editors; panels here have none.
import { identityOverrideProcessor, type FieldConfigEditorBuilder, type FieldConfigPropertyItem } from '@grafana/data';

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
  return STANDARD.map(settingOf);
}

/** Settings of one kind of panel, with what holds where nothing is saved. */
export function customFields(defaults: Record<string, unknown>) {
  return <Config>(builder: FieldConfigEditorBuilder<Config>): void => {
    for (const [id, defaultValue] of Object.entries(defaults)) {
      builder.addCustomEditor({ ...settingOf(id), defaultValue });
    }
  };
}

function settingOf(id: string) {
  return {
    id,
    path: id,
    name: id,
    editor: () => null,
    override: () => null,
    process: identityOverrideProcessor,
    shouldApply: () => true,
  };
}
