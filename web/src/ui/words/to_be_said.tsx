/** A meeting's name and its words, large, in the order in which one says them. */
import { text } from '../strings/text.ts';
import './words.css';

const WORDS = /^[a-z]+(-[a-z]+){7}$/;

/** Whether the link's secret is words. */
export function canBeSaid(href: string): boolean {
  return WORDS.test(new URL(href).hash.slice(1));
}

export function ToBeSaid({ href }: { href: string }) {
  const { pathname, hash } = new URL(href);
  return (
    <section class="aloud">
      <h2>{text('words.room')}</h2>
      <p class="aloud-name">{pathname.split('/').at(-1)}</p>
      <h2>{text('words.list')}</h2>
      <ol class="aloud-words">
        {hash
          .slice(1)
          .split('-')
          .map((word, place) => (
            <li key={`${place} ${word}`}>{word}</li>
          ))}
      </ol>
      <p class="muted small">{text('words.secret')}</p>
    </section>
  );
}
