import { FieldType, toDataFrame } from '@grafana/data';
import type { DataFrame } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { flinkAnnotations, MAX_EVENTS } from './annotations';
import type { FlinkQuery } from './types';

const MINUTE = 60_000;
const ORDERS = { application: 'orders', region: 'eu-west-1', signal: 'restarts' };

/** A series with a point each minute; `undefined` leaves the minute out. */
function series(values: (number | null | undefined)[], labels: Record<string, string> = ORDERS, legend = 'orders') {
  const rows = values.flatMap((value, row) => (value === undefined ? [] : [{ time: row * MINUTE, value }]));
  return toDataFrame({
    fields: [
      { name: 'time', type: FieldType.time, values: rows.map(({ time }) => time) },
      {
        name: labels.signal ?? 'x',
        type: FieldType.number,
        values: rows.map(({ value }) => value),
        labels,
        config: { displayNameFromDS: legend },
      },
    ],
  });
}

const BASE = { name: 'Restarts', enable: true, iconColor: 'red' };

async function events(...frames: DataFrame[]) {
  const read = flinkAnnotations.processEvents?.(
    { ...BASE, target: { refId: 'Anno', queryType: 'application' } },
    frames
  );
  return (read && (await lastValueFrom(read))) ?? [];
}

test('a point above 0 is an event of whom its labels name', async () => {
  const payments = series([undefined, 1], { application: 'payments', task: 'Map' }, 'Map');
  expect(await events(series([0, 0, 2, null, 0.5]), payments)).toEqual([
    { time: MINUTE, title: 'Map', text: 'x: 1, application payments, task Map', tags: ['payments', 'Map'] },
    { time: 2 * MINUTE, title: 'orders', text: 'restarts: 2, application orders', tags: ['orders'] },
    { time: 4 * MINUTE, title: 'orders', text: 'restarts: 0.500, application orders', tags: ['orders'] },
  ]);
});

test('a signal that is no label is named by its frame', async () => {
  const frame = { ...series([1], { application: 'orders' }), meta: { custom: { signal: 'restarts' } } };
  expect((await events(frame)).map(({ text }) => text)).toEqual(['restarts: 1, application orders']);
});

test('points that follow each other are one region, up to the end of the last', async () => {
  expect(await events(series([0, 1, 3, 2, 0]))).toEqual([
    {
      time: MINUTE,
      timeEnd: 4 * MINUTE,
      title: 'orders',
      text: 'restarts: up to 3 for 3min, application orders',
      tags: ['orders'],
    },
  ]);
});

test.each([
  ['a point that is 0', [1, 1, 0, 1, 1]],
  ['a value that is not there', [1, 1, null, 1, 1]],
  ['a time that is not there', [1, 1, undefined, 1, 1]],
  ['a value below 0', [1, 1, -1, 1, 1]],
])('%s ends a region', async (_, values) => {
  expect((await events(series(values))).map(({ time, timeEnd }) => [time, timeEnd])).toEqual([
    [0, 2 * MINUTE],
    [3 * MINUTE, 5 * MINUTE],
  ]);
});

test('marks that a graph could not show apart are one region, so that a restart loop does not hide it', async () => {
  const loop = Array.from({ length: 180 }, (_, row) => (row > 60 && row < 120 && row % 2 === 0) || row === 170);
  const found = await events(series(loop.map(Number)));
  expect(found.map(({ time, timeEnd, text }) => [time, timeEnd, text])).toEqual([
    [62 * MINUTE, 119 * MINUTE, 'restarts: up to 1, 29 times in 57min, application orders'],
    [170 * MINUTE, undefined, 'restarts: 1, application orders'],
  ]);
});

test('a single point of a series is a mark', async () => {
  expect((await events(series([5]))).map(({ time, timeEnd }) => [time, timeEnd])).toEqual([[0, undefined]]);
});

const HOSTILE = '<img src=x onerror="alert(1)">';

test('Grafana renders title and text as HTML, so names in them are escaped; tags are text', async () => {
  const labels = { application: HOSTILE, task: 'Map -> Sink & <b>x</b>', signal: '<script>' };
  const [event] = await events(series([1], labels, HOSTILE));
  expect(event?.title).toBe('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
  expect(event?.text).toContain('&lt;script&gt;: 1, application &lt;img');
  expect(`${event?.title}${event?.text}`).not.toMatch(/[<>]/);
  expect(event?.tags).toEqual([HOSTILE, 'Map -> Sink & <b>x</b>']);
});

test('frames of events are taken as they are, and escaped too', async () => {
  const frame = toDataFrame({
    fields: [
      { name: 'time', type: FieldType.time, values: [5, 1, null] },
      { name: 'timeEnd', type: FieldType.time, values: [9, null, 3] },
      { name: 'title', type: FieldType.string, values: ['Update', HOSTILE, 'no time'] },
      { name: 'text', type: FieldType.string, values: ['to version 7', null, ''] },
      { name: 'tags', type: FieldType.other, values: [['orders', 'update'], 'a, b,', null] },
      { name: 'version', type: FieldType.number, values: [7, 8, 9] },
    ],
  });
  expect(await events(frame)).toEqual([
    { time: 1, title: '&lt;img src=x onerror=&quot;alert(1)&quot;&gt;', text: '', tags: ['a', 'b'] },
    { time: 5, timeEnd: 9, title: 'Update', text: 'to version 7', tags: ['orders', 'update'] },
  ]);
});

test('columns of a frame of events are found by name, whatever their order', async () => {
  const frame = toDataFrame({
    fields: [
      { name: 'timeEnd', type: FieldType.time, values: [9] },
      { name: 'text', type: FieldType.string, values: ['x'] },
      { name: 'time', type: FieldType.time, values: [5] },
    ],
  });
  expect(await events(frame)).toEqual([{ time: 5, timeEnd: 9, title: '', text: 'x', tags: [] }]);
});

test('the newest events are kept, and the first says how many are missing', async () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, row) => series([...Array.from({ length: row }, () => undefined), 1]));
  const read = await events(...many(MAX_EVENTS + 5));
  expect(read).toHaveLength(MAX_EVENTS);
  expect(read[0]).toMatchObject({ time: read[1]?.time, title: '6 earlier events are not shown' });
  expect(read.at(-1)?.time).toBe((MAX_EVENTS + 4) * MINUTE);
  expect((await events(...many(MAX_EVENTS))).filter(({ title }) => title !== 'orders')).toEqual([]);
});

test('a table without time has no events', async () => {
  expect(await events(toDataFrame({ fields: [{ name: 'a', type: FieldType.number, values: [1] }] }))).toEqual([]);
});

test.each<[string, Partial<FlinkQuery> | undefined, Partial<FlinkQuery>]>([
  ['a new one asks for restarts', undefined, { queryType: 'application', schema: 1, signals: ['restarts'] }],
  [
    'one without a kind keeps what it says',
    { refId: 'Anno', applications: ['orders'], signals: ['checkpointsFailed'] },
    { queryType: 'application', schema: 1, applications: ['orders'], signals: ['checkpointsFailed'] },
  ],
  [
    'a kind that was changed asks for what that kind has',
    { refId: 'Anno', queryType: 'checkpoint' },
    { queryType: 'checkpoint' },
  ],
])('%s', (_, target, asked) => {
  const prepared = flinkAnnotations.prepareQuery?.({ ...BASE, ...(target && { target: target as FlinkQuery }) });
  expect(prepared).toEqual({ refId: 'Anno', ...asked });
  // Grafana puts defaults below what is saved in the editor, but not below what is asked.
  expect('getDefaultQuery' in flinkAnnotations).toBe(false);
});
