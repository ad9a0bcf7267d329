// Annotations: every stretch of points above 0 of a query's series is one, and stretches that a graph could not show apart are one region.
// With the usual query each stands where an application restarted.
// Frames that are events already, with a text or title beside a time, are taken as they are.
import { FieldType, getFieldDisplayName, rangeUtil, textUtil } from '@grafana/data';
import type { AnnotationEvent, AnnotationQuery, AnnotationSupport, DataFrame, Field } from '@grafana/data';
import { of } from 'rxjs';
import { lazyComponent } from './components/lazy';
import type { AnnotationEditorProps } from './components/AnnotationEditor';
import { annotationQuery } from './query/annotation';
import type { FlinkQuery } from './types';

const AnnotationEditor = lazyComponent<AnnotationEditorProps>(
  async () => (await import('./components/AnnotationEditor')).AnnotationEditor
);

/** More than these nobody reads, and Grafana draws each as an element of the page. The newest are kept. */
export const MAX_EVENTS = 1000;

// Grafana puts `getDefaultQuery` below what is saved for the editor but not for the run, so there is none: the editor below shows what is asked.
export const flinkAnnotations: AnnotationSupport<FlinkQuery> = {
  QueryEditor: AnnotationEditor,
  prepareQuery: ({ target }: AnnotationQuery<FlinkQuery>) => annotationQuery(target),
  processEvents: (_annotation, frames) => of(readEvents(frames)),
};

/** What all frames tell, in the order of time. */
export function readEvents(frames: DataFrame[]): AnnotationEvent[] {
  const events = frames.flatMap((frame) => {
    const times = frame.fields.find(({ type }) => type === FieldType.time);
    if (times === undefined) {
      return [];
    }
    return isOfEvents(frame) ? readRows(frame, times) : readSeries(frame, times, frames);
  });
  return limit(events.sort((a, b) => (a.time ?? 0) - (b.time ?? 0)));
}

/** The newest events; the first of them says how many are missing before it. */
function limit(events: AnnotationEvent[]): AnnotationEvent[] {
  if (events.length <= MAX_EVENTS) {
    return events;
  }
  const kept = events.slice(1 - MAX_EVENTS);
  const notice: AnnotationEvent = {
    ...(kept[0]?.time !== undefined && { time: kept[0].time }),
    title: `${events.length - kept.length} earlier events are not shown`,
    text: `An annotation query shows ${MAX_EVENTS} at most, the newest. Choose signals that are 0 as long as all is well, fewer applications or a shorter time range.`,
    tags: [],
  };
  return [notice, ...kept];
}

function isOfEvents({ fields }: DataFrame): boolean {
  return fields.some(({ name, type }) => type === FieldType.string && (name === 'text' || name === 'title'));
}

function readRows(frame: DataFrame, times: Field): AnnotationEvent[] {
  const start = fieldOf(frame, 'time') ?? times;
  const [timeEnd, title, text, tags] = ['timeEnd', 'title', 'text', 'tags'].map((name) => fieldOf(frame, name));
  return Array.from({ length: frame.length }, (_, row) => row).flatMap((row) => {
    const time = numberIn(start, row);
    if (time === undefined) {
      return [];
    }
    const end = numberIn(timeEnd, row);
    return [
      {
        time,
        ...(end !== undefined && end > time && { timeEnd: end }),
        title: safe(textIn(title, row)),
        text: safe(textIn(text, row)),
        tags: tagsIn(tags, row),
      },
    ];
  });
}

function fieldOf({ fields }: DataFrame, wanted: string): Field | undefined {
  return fields.find(({ name }) => name === wanted);
}

function valueIn(field: Field | undefined, row: number): unknown {
  return field?.values[row];
}

function numberIn(field: Field | undefined, row: number): number | undefined {
  const value = valueIn(field, row);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function textIn(field: Field | undefined, row: number): string {
  const value = valueIn(field, row);
  return typeof value === 'string' ? value : '';
}

/** A list, also one that is written with commas. */
function tagsIn(field: Field | undefined, row: number): string[] {
  const value = valueIn(field, row);
  const tags: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return tags.flatMap((tag) => (typeof tag === 'string' && tag.trim() !== '' ? [tag.trim()] : []));
}

/** Grafana renders title and text as HTML, and names in them are whatever somebody called an application, a task or a legend. */
function safe(text: string): string {
  return textUtil.escapeHtml(text);
}

/** Marks that are closer than this part of the time range would hide the graph, as those of a restart loop do. */
const CLOSE = 1 / 50;

/** Points above 0 that are close to each other. */
interface Stretch {
  start: number;
  last: number;
  points: number;
  highest: number;
}

function readSeries(frame: DataFrame, times: Field, frames: DataFrame[]): AnnotationEvent[] {
  const step = stepOf(times);
  const numbers = frame.fields.filter(({ type }) => type === FieldType.number);
  return numbers.flatMap((field) => {
    const title = safe(getFieldDisplayName(field, frame, frames));
    const signal = signalOf(frame, field);
    return stretches(field, times, Math.max(step, CLOSE * spanOf(times))).map((stretch) => ({
      time: stretch.start,
      // A point stands for the interval that begins with it.
      ...(stretch.points > 1 && { timeEnd: stretch.last + step }),
      title,
      text: safe(describe(stretch, step, field, signal)),
      tags: readTags(field),
    }));
  });
}

/** A signal that is asked alone is no label; then the frame says what it is. */
function signalOf({ meta }: DataFrame, { name, labels = {} }: Field): string {
  const asked: unknown = meta?.custom?.signal;
  return labels.signal ?? (typeof asked === 'string' ? asked : name);
}

/** The shortest distance of two points. */
function stepOf({ values }: Field): number {
  const times: unknown[] = values;
  const steps = times.flatMap((time, row) => {
    const next = times[row + 1];
    return typeof time === 'number' && typeof next === 'number' && next > time ? [next - time] : [];
  });
  return steps.reduce((shortest, one) => Math.min(shortest, one), Infinity);
}

/** From the first point to the last. */
function spanOf(times: Field): number {
  const [first, last] = [numberIn(times, 0), numberIn(times, times.values.length - 1)];
  return first === undefined || last === undefined ? 0 : last - first;
}

/** Where the values are above 0, with gaps no longer than `gap`. */
function stretches(field: Field, times: Field, gap: number): Stretch[] {
  const found: Stretch[] = [];
  let open: Stretch | undefined;
  for (let row = 0; row < field.values.length; row += 1) {
    const [time, value] = [numberIn(times, row), numberIn(field, row)];
    if (time === undefined || value === undefined || !(value > 0)) {
      continue;
    }
    if (open !== undefined && time - open.last <= gap) {
      open.last = time;
      open.points += 1;
      open.highest = Math.max(open.highest, value);
    } else {
      open = { start: time, last: time, points: 1, highest: value };
      found.push(open);
    }
  }
  return found;
}

/** Labels that say whose event it is; the others say how it was measured. */
const TAG_LABELS = ['application', 'task', 'operator', 'subtask', 'account'];

function readTags({ labels = {} }: Field): string[] {
  return TAG_LABELS.flatMap((label) => labels[label] ?? []);
}

function describe(stretch: Stretch, step: number, { labels = {} }: Field, signal: string): string {
  const { start, last, points, highest } = stretch;
  const shown = Number.isInteger(highest) ? highest : highest.toPrecision(3);
  const lasted = last + step - start;
  const often = points * step < lasted ? `, ${points} times in` : ' for';
  const number = points > 1 ? `up to ${shown}${often} ${rangeUtil.msRangeToTimeString(lasted)}` : `${shown}`;
  const whose = TAG_LABELS.filter((label) => labels[label] !== undefined).map(
    (label) => `${label} ${labels[label] ?? ''}`
  );
  return [`${signal}: ${number}`, ...whose].join(', ');
}
