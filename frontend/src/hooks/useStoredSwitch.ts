// A switch that this browser remembers.
import { useState } from 'react';

/** Off until it was switched on; a browser that keeps nothing forgets it. */
export function useStoredSwitch(name: string): [boolean, (isOn: boolean) => void] {
  const key = `flinkwatch.${name}`;
  const [isOn, setOn] = useState(() => read(key) === 'true');
  const change = (wanted: boolean) => {
    setOn(wanted);
    write(key, String(wanted));
  };
  return [isOn, change];
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Private windows may refuse it.
  }
}
