/**
 * Things that take the browser some milliseconds each, one a task: a page of sixteen pictures begins without the page
 * standing still. The first one is done at once.
 */
const waiting = new Set<() => void>();
let busy = false;

/** Does it, now or soon; the function it gives takes it back. */
export function inTurn(act: () => void): () => void {
  waiting.add(act);
  if (!busy) next();
  return () => void waiting.delete(act);
}

function next(): void {
  const [act] = waiting;
  busy = act !== undefined;
  if (!act) return;
  waiting.delete(act);
  setTimeout(next);
  act();
}
