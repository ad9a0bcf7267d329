// Editors in files of their own: a dashboard that is only looked at loads none of them.
import React, { lazy, Suspense } from 'react';
import type { FunctionComponent } from 'react';

/** A component that is fetched when it is shown for the first time. */
export function lazyComponent<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>
): FunctionComponent<Props> {
  const Loaded: FunctionComponent<Props> = lazy(async () => ({ default: await load() }));
  return function LazyComponent(props: Props) {
    return (
      <Suspense fallback={null}>
        <Loaded {...props} />
      </Suspense>
    );
  };
}
