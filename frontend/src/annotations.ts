// Annotations: every point above 0 of a query's series is one. With the usual query each stands where an application restarted.
import { FieldType, getFieldDisplayName } from '@grafana/data';
import type { AnnotationEvent, AnnotationSupport, DataFrame, Field } from '@grafana/data';
import { of } from 'rxjs';
import { RESTARTS_QUERY } from './query/defaults';
import { migrate } from './query/migrate';
import type { FlinkQuery } from './types';

export const flinkAnnotations: AnnotationSupport<FlinkQuery> = {
  getDefaultQuery: () => RESTARTS_QUERY,
  prepareQuery: ({ target }) => migrate(prepareTarget(target)),
  processEvents: (_annotation, frames) => of(readEvents(frames)),
};

/** A new annotation has no query yet, or one without a kind. */
function prepareTarget(target: Partial<FlinkQuery> | undefined): object {
  return target?.queryType === undefined ? { refId: 'Anno', ...target, ...RESTARTS_QUERY } : target;
}

/** The points above 0 of all series, in the order of time. */
export function readEvents(frames: DataFrame[]): AnnotationEvent[] {
  const events = frames.flatMap((frame) => {
    const times = frame.fields.find(({ type }) => type === FieldType.time);
    const numbers = frame.fields.filter(({ type }) => type === FieldType.number);
    return times === undefined ? [] : numbers.flatMap((field) => readField(field, times, frame, frames));
  });
  return events.sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
}

function readField(field: Field, times: Field, frame: DataFrame, frames: DataFrame[]): AnnotationEvent[] {
  const title = getFieldDisplayName(field, frame, frames);
  const values: unknown[] = field.values;
  return values.flatMap((value, row) => {
    const time: unknown = times.values[row];
    if (typeof value !== 'number' || !(value > 0) || typeof time !== 'number') {
      return [];
    }
    return [{ time, title, text: describeEvent(value, field), tags: readTags(field) }];
  });
}

/** Labels that say whose event it is; the others say how it was measured. */
const TAG_LABELS = ['application', 'task', 'operator', 'subtask', 'account'];

function readTags({ labels = {} }: Field): string[] {
  return TAG_LABELS.flatMap((label) => labels[label] ?? []);
}

function describeEvent(value: number, { name, labels = {} }: Field): string {
  const shown = Number.isInteger(value) ? value : value.toPrecision(3);
  const whose = TAG_LABELS.filter((label) => labels[label] !== undefined).map(
    (label) => `${label} ${labels[label] ?? ''}`
  );
  return [`${labels.signal ?? name}: ${shown}`, ...whose].join(', ');
}
