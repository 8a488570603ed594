// The encryption of the whole room, in the one word and the one sentence that stand beside its name.
import type { People } from './people.ts';
import type { TileState } from './view.ts';

/** The encryption of the whole room in one word and one sentence of the catalogue. */
export interface EncryptionView {
  state: 'ok' | 'attention' | 'broken';
  sentenceKey: string;
  count?: number;
  /** Somebody has another list of participants, or does not say which. */
  warning?: 'roster_differs' | 'silent';
}

/** The gravest thing first: what stops us from sending, then what a server may be hiding, then who is not as they seem. */
export function encryptionOf(own: TileState, people: People | null): EncryptionView {
  if (own === 'engine_failed' || own === 'no_transform') return said('broken', 'broken', people);
  const warning = people?.warning();
  if (warning) return { ...said('attention', warning, people), warning };
  if (people && people.bypassed() > 0) return said('attention', 'bypassed', people);
  if (people && alone(people)) return said('attention', 'wrong_secret_all', people);
  if (people && people.count('changed_key') > 0) return said('attention', 'changed_key', people);
  if (people && people.concerning() > 0) return said('attention', 'attention', people);
  if (people && people.count('outside_key') > 0) return said('ok', 'outside_key', people);
  return said('ok', 'ok', people);
}

/** Others are here, and all of them with another secret: most likely it is ours that is wrong. */
function alone(people: People): boolean {
  const strangers = people.count('wrong_secret');
  return strangers > 0 && strangers === people.size;
}

function said(state: EncryptionView['state'], sentence: string, people: People | null): EncryptionView {
  return { state, sentenceKey: `encryption.sentence.${sentence}`, count: people?.concerning() ?? 0 };
}
