/** A problem in the catalogue's words where it knows the code, else in the words it came with. */
import type { Problem } from '../../call/view.ts';
import { known, text } from './text.ts';

export function problemWords(problem: Problem): { message: string; hint?: string } {
  const key = `problem.${problem.code}`;
  if (!known(key)) return problem;
  const hint = `${key}.hint`;
  const said = known(hint) ? text(hint) : problem.hint;
  return { message: text(key), ...(said ? { hint: said } : {}) };
}
