// The package @grotto/client: the call without its page, for pages that draw one of their own. What is exported here is a
// promise to them; docs/embedding.md is its manual. Keys live in the worker, here as there.
import { Link } from './call/link.ts';
import { openMeeting } from './call/meeting.ts';
import { RoomLink } from './call/room_link.ts';
import { tabStorage } from './call/stored.ts';
import type { Meeting } from './call/view.ts';

export { effect } from '@preact/signals';
export type * from './call/view.ts';

export interface ClientOptions {
  /** The server's origin: https://meet.example. It must name this page's origin with --embed-origin, if that is another. */
  server: string;
  /** The room's name in its link. */
  room: string;
  /** What stands behind the # of the link: `newSecret` makes one. */
  secret?: string;
  /** In place of a secret: keys come from this page, by `setKey`. */
  keys?: 'shared' | 'per_participant';
  /** A join token, where the server asks for one. */
  token?: string;
}

export interface Client {
  /** Everything of the call: signals to draw by, methods to call. `join` begins it. */
  meeting: Meeting;
  /** At least 32 random bytes; generations only rise. `user` with `per_participant` only. */
  setKey(key: { generation: number; key: Uint8Array; user?: string }): Promise<void>;
}

export function openCall({ server, room, secret = '', keys, token = '' }: ClientOptions): Client {
  const { origin } = new URL(server);
  const place = { origin, pathname: `/r/${room}`, search: '', hash: secret && `#${secret}` };
  const link = keys ? new RoomLink(place, keys) : new GivenLink(place, tabStorage());
  link.token = token;
  const meeting = openMeeting({ ...place, reload: () => location.reload() }, link);
  return {
    meeting,
    async setKey({ generation, key, user }) {
      const wrong = await meeting.prepare();
      if (wrong || !(link instanceof RoomLink) || !link.engine)
        throw new Error(wrong?.message ?? 'no keys are set here');
      await link.engine.setKey(generation, key, user);
    },
  };
}

/** The secret of a new meeting: 16 random bytes as they stand in a link. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** The address bar is somebody else's. */
class GivenLink extends Link {
  protected override show(): void {}
}
