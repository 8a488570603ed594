/** The security of the room: its state in a sentence, whom to check, the meeting code, and what all that means and does not. */
import { useState } from 'preact/hooks';
import type { EncryptionView, Meeting, TileView } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Panel } from '../stage/panel.tsx';
import { known, text } from '../strings/text.ts';
import { Build } from './build.tsx';
import { OverMatrix } from './over_matrix.tsx';
import { Blocked, WhoIsHere } from './who_is_here.tsx';
import '../stage/encryption.css';

interface SecurityPanelProps {
  meeting: Meeting;
  onCopyLink: () => void;
  onPeople: () => void;
  onDevice: () => void;
  onClose: () => void;
}

export function SecurityPanel({ meeting, onCopyLink, onPeople, onDevice, onClose }: SecurityPanelProps) {
  const tiles = meeting.tiles.value;
  const encryption = meeting.encryption.value;
  return (
    <Panel id="encryption" title={text('encryption.title')} onClose={onClose}>
      <p>{sentence(encryption)}</p>
      <OverMatrix meeting={meeting} />
      <WhoIsHere tiles={tiles} />
      <Button icon="shield" onClick={onPeople}>
        {text('encryption.verify')}
      </Button>
      <Blocked meeting={meeting} onDevice={onDevice} />
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
      <Build meeting={meeting} />
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
