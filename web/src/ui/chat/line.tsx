/** One line of the chat: who, when, whether only for us, and what. Links are followed only to the web, and tell it nothing. */
import type { ChatLine, FilesView } from '../../call/view.ts';
import { FileCard } from '../files/file_card.tsx';
import { Icon } from '../icons.tsx';
import { text, textTime } from '../strings/text.ts';
import { linkParts } from './links.ts';

export function Line({ line, files }: { line: ChatLine; files: FilesView }) {
  const name = line.self ? text('chat.self') : line.name || text('tile.participant');
  return (
    <li class="chat-line" data-private={line.private} data-self={line.self}>
      <p class="chat-head">
        <span class="chat-name">{name}</span>
        <time class="muted small" dateTime={new Date(line.at).toISOString()}>
          {textTime(line.at)}
        </time>
      </p>
      {line.private && (
        <p class="chat-private small">
          <Icon name="lock" small />
          <span>{line.self ? text('chat.private.to', { name: line.to ?? '' }) : text('chat.private.from')}</span>
        </p>
      )}
      {line.file ? <FileCard files={files} file={line.file} name={line.text} /> : <Words words={line.text} />}
    </li>
  );
}

function Words({ words }: { words: string }) {
  return (
    <p class="chat-text">
      {linkParts(words).map((part, place) =>
        typeof part === 'string' ? (
          part
        ) : (
          <a key={`${place} ${part.href}`} href={part.href} target="_blank" rel="noopener noreferrer">
            {part.shown}
          </a>
        ),
      )}
    </p>
  );
}
