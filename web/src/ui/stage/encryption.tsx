/** The encryption of the room, said once and quietly beside its name; what it means, and does not, at the side. */
import { useState } from 'preact/hooks';
import { concerning, type EncryptionView, type TileView } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Icon } from '../icons.tsx';
import { known, text, textCount } from '../strings/text.ts';
import { Panel } from './panel.tsx';
import { tileName } from './tile.tsx';
import './encryption.css';

interface BadgeProps {
  encryption: EncryptionView;
  open: boolean;
  onToggle: () => void;
}

export function EncryptionBadge({ encryption, open, onToggle }: BadgeProps) {
  return (
    <div role="status" aria-label={text('encryption.label')} class="encryption" data-state={encryption.state}>
      <button
        type="button"
        class={`encryption-badge encryption-${encryption.state}`}
        aria-expanded={open}
        aria-controls="encryption"
        onClick={onToggle}
      >
        <Icon name={encryption.state === 'ok' ? 'lock' : 'lockAlert'} small />
        <span>{words(encryption)}</span>
      </button>
    </div>
  );
}

export function EncryptionPanel({
  encryption,
  tiles,
  code,
  onClose,
}: {
  encryption: EncryptionView;
  tiles: TileView[];
  code: (() => Promise<string>) | undefined;
  onClose: () => void;
}) {
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
                {tile.state !== 'new' && <span class="muted small">{text(`state.${tile.state}`)}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {code && <MeetingCode code={code} people={peopleIn(tiles)} />}
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

function words({ state, warning, count = 1 }: EncryptionView): string {
  if (state === 'attention' && warning) return text(`encryption.${warning}`);
  return state === 'attention' ? textCount('encryption.attention', count) : text(`encryption.${state}`);
}

/** The call names a sentence; one the catalogue does not have falls back to the one of the state. */
function sentence({ state, sentenceKey, count = 1 }: EncryptionView): string {
  return known(sentenceKey) ? text(sentenceKey, { count }) : text(`encryption.sentence.${state}`);
}
