/** What the encryption of the room means and does not: its state, whom to check, the meeting code. */
import { useState } from 'preact/hooks';
import { concerning, type EncryptionView, type Meeting, type TileView } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { known, text } from '../strings/text.ts';
import { Panel } from './panel.tsx';
import { tileName } from './tile.tsx';
import './encryption.css';

interface EncryptionPanelProps {
  meeting: Meeting;
  onCopyLink: () => void;
  onPeople: () => void;
  onClose: () => void;
}

export function EncryptionPanel({ meeting, onCopyLink, onPeople, onClose }: EncryptionPanelProps) {
  const tiles = meeting.tiles.value;
  const encryption = meeting.encryption.value;
  const toCheck = tiles.filter(({ kind, state }) => kind === 'camera' && concerning(state));
  return (
    <Panel id="encryption" title={text('encryption.title')} onClose={onClose}>
      <p>{sentence(encryption)}</p>
      {toCheck.length > 0 && (
        <section>
          <h3>{text('encryption.people')}</h3>
          <ul>
            {toCheck.map((tile) => (
              <li key={tile.key}>
                <span>{tileName(tile)}</span>
                <span class="muted small">{text(`state.${tile.state}`)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Button icon="shield" onClick={onPeople}>
        {text('encryption.verify')}
      </Button>
      <LinkChanged meeting={meeting} onCopyLink={onCopyLink} />
      {meeting.code && <MeetingCode code={() => meeting.code?.() ?? Promise.reject()} people={peopleIn(tiles)} />}
      <section>
        <h3>{text('encryption.protects')}</h3>
        <p class="muted">{text('encryption.protects.text')}</p>
      </section>
      <section>
        <h3>{text('encryption.not')}</h3>
        <p class="muted">{text('encryption.not.text')}</p>
      </section>
    </Panel>
  );
}

function LinkChanged({ meeting, onCopyLink }: { meeting: Meeting; onCopyLink: () => void }) {
  const { times, by } = meeting.linkChanged.value;
  if (times === 0) return null;
  return (
    <section>
      <h3>{text('encryption.link')}</h3>
      <p class="muted">{linkChangedWords(by)}</p>
      <Button icon="link" onClick={onCopyLink}>
        {text('encryption.link.copy')}
      </Button>
    </section>
  );
}

/** Who changed the link; '' is us. */
export function linkChangedWords(by: string): string {
  return by === '' ? text('encryption.link.us') : text('encryption.link.them', { name: by });
}

/** Those whom the code is of: it is out of date when they change. */
function peopleIn(tiles: TileView[]): string {
  return tiles
    .filter(({ kind }) => kind === 'camera')
    .map(({ key, state }) => `${key} ${state === 'wrong_secret' || state === 'refused'}`)
    .join();
}

function MeetingCode({ code, people }: { code: () => Promise<string>; people: string }) {
  const [shown, show] = useState<{ digits: string; people: string } | 'busy' | 'failed' | null>(null);
  const digits = shown !== null && typeof shown === 'object' && shown.people === people ? shown.digits : null;
  const make = () => {
    show('busy');
    code().then(
      (made) => show({ digits: made, people }),
      () => show('failed'),
    );
  };
  return (
    <section>
      <h3>{text('encryption.code')}</h3>
      <p class="muted">{text('encryption.code.text')}</p>
      {digits ? (
        <p class="encryption-code">{digits}</p>
      ) : (
        <Button busy={shown === 'busy'} onClick={make}>
          {text(shown === 'busy' ? 'encryption.code.busy' : 'encryption.code.show')}
        </Button>
      )}
      {shown === 'failed' && <p role="alert">{text('encryption.code.failed')}</p>}
    </section>
  );
}

/** The call names a sentence; one the catalogue does not have falls back to the one of the state. */
function sentence({ state, sentenceKey, count = 1 }: EncryptionView): string {
  return known(sentenceKey) ? text(sentenceKey, { count }) : text(`encryption.sentence.${state}`);
}
