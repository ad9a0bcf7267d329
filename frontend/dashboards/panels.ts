// Panels by what they show. One signal brings its title, its meaning and when it has a value from the catalogue.
import { conditionOf, entryOf } from './catalogue.ts';
import type { Ask, BarsPanel, CountPanel, LinesPanel, NotePanel, StatPanel, TablePanel } from './model.ts';

/** Pixels that names of applications get beside other columns. */
export const APPLICATION_WIDTH = 138;

type Signals = string | readonly string[];
type Words = Partial<Pick<LinesPanel, 'title' | 'description' | 'width' | 'height' | 'empty'>>;
type Asked = Partial<Omit<Ask, 'signals' | 'as'>>;

/** One number of the overview. */
export function stat(
  signals: Signals,
  calculation: StatPanel['calculation'],
  more: Words & Asked & Pick<StatPanel, 'total' | 'column' | 'within' | 'lines'> = {}
): StatPanel {
  const { total, column, within, lines } = more;
  return {
    kind: 'stat',
    ask: asked(signals, more),
    calculation,
    ...(total && { total }),
    ...(column && { column }),
    ...(within && { within }),
    ...(lines && { lines }),
    // Grafana makes a text as small as it must be to fit into a tile.
    ...words(signals, { empty: 'No value', ...more }, 4, 3),
  };
}

export function lines(
  signals: Signals,
  more: Words & Asked & Partial<Pick<LinesPanel, 'draw' | 'thresholds' | 'beside'>> = {}
): LinesPanel {
  const { draw = 'line', beside = [] } = more;
  // A line takes the colour of what lies above it: below 15 % of headroom is trouble, and its line would be green.
  const isCrossedDownwards = [signals].flat().some((signal) => entryOf(signal).isCrossedDownwards);
  const { thresholds = isCrossedDownwards ? 'hidden' : 'drawn' } = more;
  return { kind: 'lines', ask: asked(signals, more), beside, draw, thresholds, ...words(signals, more, 8, 8) };
}

/** What is counted in each period. Its lines are mostly about a longer one, so they are not drawn. */
export function counts(
  signals: Signals,
  more: Words & Asked & Partial<Pick<LinesPanel, 'draw' | 'thresholds'>> = {}
): LinesPanel {
  return lines(signals, { draw: 'bars', thresholds: 'hidden', ...more });
}

/** The highest targets, the worst first. */
export function highest(signal: string, more: Words & Asked = {}): BarsPanel {
  const ask = asked(signal, { top: signal, ...more });
  return { kind: 'bars', ask, calculation: 'mean', ...words(signal, more, 8, 8) };
}

type Columns = Partial<Pick<TablePanel, 'wide' | 'stretched' | 'renamed' | 'hidden' | 'first' | 'highest'>>;

export function table(signals: Signals, more: Words & Asked & Columns & Partial<Pick<Ask, 'as'>>): TablePanel {
  const ask = { ...asked(signals, more), as: more.as ?? 'table' };
  const { wide = {}, stretched = {}, renamed = {}, hidden = [], first = [], highest } = more;
  const columns = { wide, stretched, renamed, hidden, first, ...(highest && { highest }) };
  return { kind: 'table', ask, ...columns, ...words(signals, more, 24, 10) };
}

export function count(
  of: TablePanel,
  health: CountPanel['health'],
  color: string,
  words: Pick<CountPanel, 'title' | 'description'> & Partial<Pick<CountPanel, 'width'>>
): CountPanel {
  return { kind: 'count', of, health, color, width: 3, height: 3, ...words };
}

/** A row of text, two lines on a phone; only where a reader could draw a wrong conclusion without it. */
export function note(markdown: string, height = 3): NotePanel {
  return { kind: 'note', title: '', description: '', width: 24, height, markdown };
}

/** What a panel asks, or draws beside it. */
export function asked(signals: Signals, { of = 'application', top, period, legend }: Asked): Ask {
  const several = typeof signals === 'string' ? [signals] : signals;
  return {
    signals: several,
    of,
    as: 'series',
    ...(top && { top }),
    ...(period && { period }),
    ...(legend && { legend }),
  };
}

function words(
  signals: Signals,
  more: Words & Asked,
  width: number,
  height: number
): Required<Omit<Words, 'empty'>> & Words {
  const [only, ...others] = typeof signals === 'string' ? [signals] : signals;
  const entry = only !== undefined && others.length === 0 ? entryOf(only) : undefined;
  const empty = more.empty ?? (only === undefined ? undefined : conditionOf(only, more.of ?? 'application'));
  return {
    title: more.title ?? entry?.title ?? '',
    description: more.description ?? entry?.meaning ?? '',
    width: more.width ?? width,
    height: more.height ?? height,
    ...(empty && { empty }),
  };
}
