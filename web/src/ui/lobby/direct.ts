/**
 * Links with `lobby=off`, of rooms that were made so, lead past the lobby: for those whose name is known, and with microphone and
 * camera off, so that nobody is heard or seen who did not mean to be.
 */
import type { JoinOptions } from '../../call/view.ts';
import { rememberedName } from './name.ts';

export function directJoin(search: string): JoinOptions | undefined {
  const name = rememberedName();
  if (new URLSearchParams(search).get('lobby') !== 'off' || name === '') return undefined;
  return { name, mic: false, camera: false };
}
