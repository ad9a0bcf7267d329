/** The same value, which now throws when it is changed. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
  }
  return Object.freeze(value);
}
