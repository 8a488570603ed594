// What did not change stays the same object, so that whoever draws it sees at a glance that there is nothing to draw.

/** Of each key the object from before, where all its fields are as they were; the list too, where that holds for all. */
export function unchanged<T extends { key: string }>(before: T[], now: T[]): T[] {
  const known = new Map(before.map((one) => [one.key, one]));
  const kept = now.map((one) => {
    const last = known.get(one.key);
    return last && same(last, one) ? last : one;
  });
  const all = kept.length === before.length && kept.every((one, index) => one === before[index]);
  return all ? before : kept;
}

function same<T extends object>(a: T, b: T): boolean {
  const names = Object.keys(b) as (keyof T)[];
  return names.length === Object.keys(a).length && names.every((name) => a[name] === b[name]);
}
