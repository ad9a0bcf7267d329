// The only way to the content of drop-downs.
import { useCallback, useEffect, useState } from 'react';
import { fetchApplication, fetchChoices } from '../resources';
import type { ResourceArguments, ResourceSource } from '../resources';
import type { ApplicationState, Choice, ResourcePath } from '../types';

export interface Choices {
  choices: Choice[];
  isLoading: boolean;
  /** Why there are none, in the backend's words. */
  failure?: string;
}

/** The entries of one drop-down. They are asked for again when the arguments change; `null` asks for nothing. */
export function useChoices(source: ResourceSource, path: ResourcePath, args: ResourceArguments | null): Choices {
  const fetchThem = useCallback((asked: ResourceArguments) => fetchChoices(source, path, asked), [source, path]);
  const { answer = NONE, isLoading, failure } = useAnswer(source, args, fetchThem);
  return { choices: answer, isLoading, failure };
}

/** The state of the application that the arguments name, if any and if known. */
export function useApplication(source: ResourceSource, args: ResourceArguments | null): ApplicationState | undefined {
  const fetchIt = useCallback(
    ({ application = '', ...place }: ResourceArguments) => fetchApplication(source, place, application),
    [source]
  );
  return useAnswer(source, args, fetchIt).answer;
}

/** One list for all that have none, so that nothing is drawn anew for a new one. */
const NONE: Choice[] = [];

interface Answer<T> {
  /** The arguments that it answers, as text. */
  to: string;
  answer?: T;
  failure?: string;
}

/** An answer that comes after the arguments have changed counts for nothing. */
function useAnswer<T>(
  source: ResourceSource,
  args: ResourceArguments | null,
  fetchIt: (args: ResourceArguments) => Promise<T>
) {
  const [last, setLast] = useState<Answer<T>>();
  const asked = args === null ? null : JSON.stringify(resolveArguments(source, args));
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
    // What was written a few lines above.
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
  }, [asked, fetchIt]);

  const isAnswered = asked !== null && last?.to === asked;
  return { ...(isAnswered ? last : undefined), isLoading: asked !== null && !isAnswered };
}

/** With values in place of variables: when a value changes, so do the arguments. */
function resolveArguments(source: ResourceSource, args: ResourceArguments): ResourceArguments {
  const resolved = Object.entries(args).map(
    ([name, text]) => [name, text && (source.resolve?.(text) ?? text)] as const
  );
  return Object.fromEntries(resolved);
}
