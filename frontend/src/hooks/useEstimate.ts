// What a query would cost, asked some time after the last edit.
import { useEffect, useState } from 'react';
import { fetchEstimate } from '../resources';
import type { EstimateArguments, ResourceSource } from '../resources';
import type { Estimate, FlinkQuery } from '../types';

/** Edits follow each other faster than this, in milliseconds. */
export const SETTLED_MS = 500;

interface Answer {
  /** What was asked, as text, but for the moment. */
  to: string;
  estimate?: Estimate;
  failure?: string;
}

/** Nothing while it is on its way; that of an earlier range of the same length stays until it is there. `query` has no variables. */
export function useEstimate(source: ResourceSource, query: FlinkQuery, args: EstimateArguments): Answer | undefined {
  const [answer, setAnswer] = useState<Answer>();
  const asked = JSON.stringify([query, args]);
  const { from, to, ...rest } = args;
  const lasting = JSON.stringify([query, rest, to - from]);
  useEffect(() => {
    let isStale = false;
    const keep = (next: Pick<Answer, 'estimate' | 'failure'>) => {
      if (!isStale) {
        setAnswer({ to: lasting, ...next });
      }
    };
    const timer = setTimeout(() => {
      // What was written a few lines above.
      const [settled, given] = JSON.parse(asked) as [FlinkQuery, EstimateArguments];
      fetchEstimate(source, settled, given).then(
        (estimate) => {
          keep({ estimate });
        },
        (error: unknown) => {
          keep({ failure: error instanceof Error ? error.message : String(error) });
        }
      );
    }, SETTLED_MS);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [source, asked, lasting]);
  return answer?.to === lasting ? answer : undefined;
}
