// What a typed text finds in a list, best first: labels and ids before other names, other names before descriptions. Grafana's own search
// knows labels only, and CloudWatch's names stand in aliases and formulas.
import { ALL } from '../../query/change';
import type { Choice } from '../../types';

/** How well an entry is found; the lower the better. */
const RANKS = { exact: 0, start: 1, word: 2, part: 3, alias: 4, text: 5, words: 6 } as const;
type Rank = (typeof RANKS)[keyof typeof RANKS];

/** The entries in which the text is found, in the order of the list where they are found equally well. */
export function searchChoices(choices: readonly Choice[], typed: string): Choice[] {
  const text = typed.trim().toLowerCase();
  if (text === '') {
    return [...choices];
  }
  const found = choices.flatMap((choice) => {
    const rank = rankOf(choice, text);
    return rank === undefined ? [] : [{ choice, rank }];
  });
  return found.sort((a, b) => a.rank - b.rank).map(({ choice }) => choice);
}

function rankOf({ value, label, description = '', signal }: Choice, text: string): Rank | undefined {
  const names = [label, value].map((name) => name.toLowerCase());
  const aliases = (signal?.aliases ?? []).map((alias) => alias.toLowerCase());
  const words = [description, signal?.formula ?? ''].join(' ').toLowerCase();
  if ([...names, ...aliases].includes(text)) {
    return RANKS.exact;
  }
  if (names.some((name) => name.startsWith(text))) {
    return RANKS.start;
  }
  if (names.some((name) => name.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(text)))) {
    return RANKS.word;
  }
  if (names.some((name) => name.includes(text))) {
    return RANKS.part;
  }
  if (value === ALL || /^[/$]|[*|(){}]/.test(text)) {
    // "All" must not be found by what its description says, nor a pattern by an example of one.
    return undefined;
  }
  if (aliases.some((alias) => alias.includes(text))) {
    return RANKS.alias;
  }
  if (words.includes(text)) {
    return RANKS.text;
  }
  const all = [...names, ...aliases, words].join(' ');
  return text.split(/\s+/).every((word) => all.includes(word)) ? RANKS.words : undefined;
}
