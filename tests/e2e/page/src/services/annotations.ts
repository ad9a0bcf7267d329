// Annotations as Grafana hands them to panels: a frame with one row per event.
import type { DataFrame } from '@grafana/data';

export interface AnnotationRow {
  time: number;
  timeEnd?: number;
  title: string;
  text: string;
  tags: string[];
}

export function readEvents(frames: DataFrame[]): AnnotationRow[] {
  return frames.flatMap(({ fields, length }) => {
    const column = (wanted: string) => fields.find(({ name }) => name === wanted)?.values as unknown[] | undefined;
    const [times, ends, titles, texts, tags] = ['time', 'timeEnd', 'title', 'text', 'tags'].map(column);
    return Array.from({ length }, (_, row) => {
      const end = ends?.[row];
      return {
        time: times?.[row] as number,
        ...(typeof end === 'number' && { timeEnd: end }),
        title: (titles?.[row] ?? '') as string,
        text: (texts?.[row] ?? '') as string,
        tags: (tags?.[row] ?? []) as string[],
      };
    });
  });
}
