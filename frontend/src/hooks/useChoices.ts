// The only way to the content of drop-downs.
import { useCallback, useEffect, useState } from 'react';
import { fetchApplication, fetchChoices } from '../resources';
import type { ResourceArguments, ResourceSource } from '../resources';
import type { ApplicationState, Choice, ResourcePath } from '../types';

export interface Choices {
  choices: Choice[];
  isLoading: boolean;
  /** Whether `choices` is an answer: an empty list means something then only. */
  isKnown?: boolean;
  /** Why there are none, in the backend's words. */
  failure?: string | undefined;
  /** Tells that the drop-down is opened: before that it asks for nothing. */
  onOpen?: () => void;
}

/** The entries of one drop-down, asked for when it is opened; `null` asks for nothing. Other arguments are another list. */
export function useChoices(source: ResourceSource, path: ResourcePath, args: ResourceArguments | null): Choices {
  const asked = resolveArguments(source, args);
  const [opened, setOpened] = useState<Opened>();
  const isWanted = opened !== undefined && opened.asked === asked;
  const answer = useList(source, path, isWanted ? asked : null, opened?.times);
  const onOpen = useCallback(() => {
    setOpened((before) => ({ asked, times: (before?.times ?? 0) + 1 }));
  }, [asked]);
  return { ...answer, onOpen };
}

/** A list that is needed before it is opened. Only for what costs no call of AWS, or none beside one that is made anyway. */
export function useListAtOnce(source: ResourceSource, path: ResourcePath, args: ResourceArguments | null): Choices {
  return useList(source, path, resolveArguments(source, args));
}

/** The state of the application that the arguments name, if any and if known. */
export function useApplication(source: ResourceSource, args: ResourceArguments | null): ApplicationState | undefined {
  const fetchIt = useCallback(
    ({ application = '', ...place }: ResourceArguments) => fetchApplication(source, place, application),
    [source]
  );
  return useAnswer(resolveArguments(source, args), fetchIt).answer;
}

interface Opened {
  /** The arguments at that time, as text. */
  asked: string | null;
  /** A menu that is opened again asks again: the kept answer is good for some seconds only. */
  times: number;
}

/** One list for all that have none, so that nothing is drawn anew for a new one. */
const NONE: Choice[] = [];

function useList(source: ResourceSource, path: ResourcePath, asked: string | null, times?: number): Choices {
  const fetchThem = useCallback((args: ResourceArguments) => fetchChoices(source, path, args), [source, path]);
  const { answer, isLoading, failure } = useAnswer(asked, fetchThem, times);
  return { choices: answer ?? NONE, isLoading, isKnown: answer !== undefined, failure };
}

interface Answer<T> {
  /** The arguments that it answers, as text. */
  to: string;
  answer?: T;
  failure?: string;
}

/** An answer that comes after the arguments have changed counts for nothing. */
function useAnswer<T>(asked: string | null, fetchIt: (args: ResourceArguments) => Promise<T>, times = 0) {
  const [last, setLast] = useState<Answer<T>>();
  useEffect(() => {
    if (asked === null) {
      return undefined;
    }
    let isStale = false;
    const keep = (answer: Omit<Answer<T>, 'to'>) => {
      if (!isStale) {
        setLast({ to: asked, ...answer });
      }
    };
    // What `resolveArguments` wrote.
    fetchIt(JSON.parse(asked) as ResourceArguments).then(
      (answer) => {
        keep({ answer });
      },
      (error: unknown) => {
        keep({ failure: error instanceof Error ? error.message : String(error) });
      }
    );
    return () => {
      isStale = true;
    };
  }, [asked, fetchIt, times]);

  const isAnswered = asked !== null && last?.to === asked;
  return { ...(isAnswered ? last : undefined), isLoading: asked !== null && !isAnswered };
}

/** With values in place of variables, as text: when a value changes, so do the arguments. */
function resolveArguments(source: ResourceSource, args: ResourceArguments | null): string | null {
  if (args === null) {
    return null;
  }
  const resolved = Object.entries(args).map(
    ([name, text]) => [name, text && (source.resolve?.(text) ?? text)] as const
  );
  return JSON.stringify(Object.fromEntries(resolved));
}
