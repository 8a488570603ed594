// What people say about themselves: a name, which of their devices are on, whether the hand is up. It travels sealed; the
// server never sees a name.
import { VIDEO_CODECS } from './codecs.ts';
import { cleanLine, decodeSaid, encodeSaid } from './said.ts';
import type { VideoCodec } from './view.ts';

export const PROFILE_KIND = 'grotto.profile';
export const NAME_LIMIT = 64; // characters

export interface Profile {
  name: string;
  mic: boolean;
  camera: boolean;
  screen: boolean;
  /** When the hand was raised, ms since 1970 by their clock; 0 where it is down. */
  hand: number;
  /** They record the meeting on their device. */
  recording: boolean;
  /** Codecs that their browser does not play. */
  unplayable?: VideoCodec[];
  /** Their line carries too little of what they send. */
  weak?: boolean;
}

export function cleanName(name: string): string {
  return cleanLine(name, NAME_LIMIT);
}

export function encodeProfile(profile: Profile): string {
  return encodeSaid({ ...profile, name: cleanName(profile.name) });
}

/** Null where it is not a profile. Unknown fields are left for later versions to understand. */
export function decodeProfile(body: string): Profile | null {
  const said = decodeSaid(body);
  if (typeof said?.name !== 'string') return null;
  const { name, mic, camera, screen, hand, recording, unplayable, weak } = said;
  const raised = typeof hand === 'number' && Number.isSafeInteger(hand) && hand > 0 ? hand : 0;
  const known = VIDEO_CODECS.filter((codec) => Array.isArray(unplayable) && unplayable.includes(codec));
  const plays = known.length > 0 ? { unplayable: known } : {};
  const on = { mic: mic === true, camera: camera === true, screen: screen === true, recording: recording === true };
  return { name: cleanName(name), ...on, hand: raised, ...plays, ...(weak === true ? { weak } : {}) };
}
