// `react/jsx-runtime` for bundled libraries, made of `React.createElement`: Grafana before 12.3 does not share that module, and
// one that is bundled makes elements of its own React's kind only.
import { createElement, Fragment } from 'react';
import type { ElementType, Key, ReactNode } from 'react';

type Props<Children> = Record<string, unknown> & { children?: Children };

/** `children` stay in the props, where createElement leaves them; a key comes apart, as the JSX transform passes it. */
export function jsx(type: ElementType, props: Props<ReactNode>, key?: Key) {
  return createElement(type, key === undefined ? props : { ...props, key });
}

/** Several children are an array that is known to be complete: spread, they need no keys. */
export function jsxs(type: ElementType, { children = [], ...rest }: Props<ReactNode[]>, key?: Key) {
  return createElement(type, key === undefined ? rest : { ...rest, key }, ...children);
}

export { Fragment };
