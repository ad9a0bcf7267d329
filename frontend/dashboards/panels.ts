// Panels by what they show. One signal brings its title and meaning from the catalogue.
import { entryOf } from './catalogue.ts';
import type { Ask, BarsPanel, CountPanel, LinesPanel, NotePanel, StatPanel, TablePanel } from './model.ts';

type Signals = string | readonly string[];
type Words = Partial<Pick<LinesPanel, 'title' | 'description' | 'width' | 'height'>>;
type Asked = Partial<Omit<Ask, 'signals' | 'as'>>;

/** One number of the verdict. */
export function stat(
  signals: Signals,
  calculation: StatPanel['calculation'],
  more: Words & Asked & Pick<StatPanel, 'total'> = {}
): StatPanel {
  const { total } = more;
  return {
    kind: 'stat',
    ask: asked(signals, more),
    calculation,
    ...(total && { total }),
    ...words(signals, more, 4, 4),
  };
}

export function lines(
  signals: Signals,
  more: Words & Asked & Partial<Pick<LinesPanel, 'draw' | 'thresholds'>> = {}
): LinesPanel {
  const { draw = 'line', thresholds = 'drawn' } = more;
  return { kind: 'lines', ask: asked(signals, more), draw, thresholds, ...words(signals, more, 8, 8) };
}

/** What is counted in each period. */
export function counts(signals: Signals, more: Words & Asked = {}): LinesPanel {
  return lines(signals, { ...more, draw: 'bars' });
}

/** The highest targets, the worst first. */
export function highest(signal: string, more: Words & Asked = {}): BarsPanel {
  const ask = asked(signal, { top: signal, ...more });
  return { kind: 'bars', ask, calculation: 'mean', ...words(signal, more, 8, 8) };
}

type Columns = Partial<Pick<TablePanel, 'wide' | 'stretched' | 'renamed' | 'hidden' | 'first'>>;

export function table(signals: Signals, more: Words & Asked & Columns & Partial<Pick<Ask, 'as'>>): TablePanel {
  const ask = { ...asked(signals, more), as: more.as ?? 'table' };
  const { wide = {}, stretched = {}, renamed = {}, hidden = [], first = [] } = more;
  return { kind: 'table', ask, wide, stretched, renamed, hidden, first, ...words(signals, more, 24, 10) };
}

export function count(health: string, color: string, words: Pick<CountPanel, 'title' | 'description'>): CountPanel {
  const ask = { ...asked([], {}), as: 'table' } as const;
  return { kind: 'count', ask, health, color, width: 4, height: 4, ...words };
}

/** A row of text; only where a reader could draw a wrong conclusion without it. */
export function note(markdown: string, height = 2): NotePanel {
  return { kind: 'note', title: '', description: '', width: 24, height, markdown };
}

function asked(signals: Signals, { of = 'application', top, period }: Asked): Ask {
  const several = typeof signals === 'string' ? [signals] : signals;
  return { signals: several, of, as: 'series', ...(top && { top }), ...(period && { period }) };
}

function words(signals: Signals, more: Words, width: number, height: number): Required<Words> {
  const [only, ...others] = typeof signals === 'string' ? [signals] : signals;
  const entry = only !== undefined && others.length === 0 ? entryOf(only) : undefined;
  return {
    title: more.title ?? entry?.title ?? '',
    description: more.description ?? entry?.meaning ?? '',
    width: more.width ?? width,
    height: more.height ?? height,
  };
}
