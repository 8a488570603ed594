/** The meetings one took part in here: to open again, and to be forgotten. */
import type { ReadonlySignal } from '@preact/signals';
import type { RecentMeeting } from '../../call/view.ts';
import { Icon } from '../icons.tsx';
import { spokenLanguage, text } from '../strings/text.ts';

export interface Recents {
  readonly list: ReadonlySignal<RecentMeeting[]>;
  forget(slug: string): void;
}

interface RecentListProps {
  recent: Recents;
  origin: string;
  go: (href: string) => void;
}

export function RecentList({ recent, origin, go }: RecentListProps) {
  const meetings = recent.list.value;
  if (meetings.length === 0) return null;
  const day = new Intl.DateTimeFormat(spokenLanguage(), { dateStyle: 'medium' });
  return (
    <section class="recent">
      <h2>{text('recent.title')}</h2>
      <ul>
        {meetings.map(({ slug, at, complete }) => (
          <li key={slug} class="recent-meeting">
            <button type="button" class="recent-open" onClick={() => go(`${origin}/r/${slug}`)}>
              <span class="recent-name">{slug}</span>
              <span class="muted small">
                {day.format(at)} · {text(complete ? 'recent.complete' : 'recent.link_needed')}
              </span>
            </button>
            <button
              type="button"
              class="round"
              aria-label={text('recent.forget', { name: slug })}
              onClick={() => recent.forget(slug)}
            >
              <Icon name="close" small />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
