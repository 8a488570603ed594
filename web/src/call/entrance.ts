// Into the room, with the engine's announcement; where there is a waiting room, once somebody has opened.
import type { Joined } from '../wire.ts';
import type { Announcement } from '../worker/messages.ts';
import { SignallingError } from './requests.ts';
import type { Signalling } from './signalling.ts';

interface Door {
  signalling: Pick<Signalling, 'request'>;
  /** Somebody has to open first. Says so, and gives what they are told of us, sealed; '' where there is nothing. */
  knock(): Promise<string>;
}

export async function letIn(announcement: Announcement, { signalling, knock }: Door): Promise<Joined> {
  const join = { type: 'join' as const, ...announced(announcement) };
  try {
    return await signalling.request(join);
  } catch (error) {
    if (!(error instanceof SignallingError && error.code === 'knock_first')) throw error;
  }
  const body = await knock();
  await signalling.request({ type: 'knock', ...(body ? { body } : {}) });
  return signalling.request(join);
}

/** What of the announcement goes into join; who one is the server knows. */
function announced({ join_id, call_keys, sig, proof, one_time_keys, fallback_key }: Announcement) {
  return { join_id, call_keys, sig, one_time_keys, fallback_key, ...(proof ? { proof } : {}) };
}
