/** One direction of one medium in words, the ones that matter most first. */
import type { Flow } from '../../call/view.ts';
import { spokenLanguage, text } from '../strings/text.ts';

export function flowWords(flow: Flow | null): string[] {
  if (!flow) return [];
  const { width, height, frames, kilobits, codec, lost, jitterMs, limit } = flow;
  return [
    together(
      width && height ? text('numbers.size', { width, height }) : '',
      frames === null ? '' : text('numbers.frames', { count: frames }),
    ),
    together(kilobits === null ? '' : text('numbers.rate', { count: kilobits }), codec),
    together(
      lost === null ? '' : text('numbers.lost', { percent: percent(lost) }),
      jitterMs === null ? '' : text('numbers.jitter', { ms: jitterMs }),
    ),
    limit ? text(`numbers.limit.${limit}`) : '',
  ].filter((line) => line !== '');
}

function together(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

function percent(part: number): string {
  return part.toLocaleString(spokenLanguage(), { style: 'percent', maximumFractionDigits: 1 });
}
