/** A room in an element of somebody else's page, whose keys that page sets. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { openMeeting } from '../call/meeting.ts';
import { RoomLink } from '../call/room_link.ts';
import type { EncryptionView, Meeting, Phase, TileState } from '../call/view.ts';
import { Room } from './room.tsx';
import { spokenLanguage } from './strings/text.ts';
import './tokens.css';
import './base.css';

export { begin } from './strings/languages.ts';

export interface EmbedOptions {
  /** `/r/<slug>` of this origin, or the slug. */
  room: string;
  /** What the person is called, to begin with. */
  name?: string;
  /** Where keys come from. One of the two, for the whole call and for everybody in it. */
  keys: { source: 'shared' | 'per_participant' };
  /** A join token, where the server asks for one. */
  token?: string;
}

/** What the page is told of the room, whenever it changes. */
export interface RoomState {
  phase: Phase;
  encryption: EncryptionView['state'];
  /** Everybody who is here, oneself too. In the state outside_key somebody's frames open under the key that was set. */
  participants: { user: string; device: string; name: string; self: boolean; state: TileState }[];
}

export interface EmbeddedRoom {
  /** At least 32 random bytes. Generations only rise; one's own frames are sealed under the new key at once. */
  setKey(key: { generation: number; key: Uint8Array; user?: string }): Promise<void>;
  /** For `shared`: the key is made of a passphrase. It is as strong as that: the server can guess it offline. */
  setPassphrase(passphrase: string, salt: Uint8Array, generation: number): Promise<void>;
  /** Calls back at once and at every change, until the function it returns is called. */
  onState(told: (state: RoomState) => void): () => void;
  /** Leaves the call; the room goes on standing in the element, ready to be joined again. */
  leave(): void;
  /** Leaves, and takes the room out of the element. */
  unmount(): void;
}

export function mountRoom(element: Element, { room, name, keys, token = '' }: EmbedOptions): EmbeddedRoom {
  const { source } = keys;
  if (source !== 'shared' && source !== 'per_participant') throw new Error(`embed: no key source ${String(source)}`);
  const place = new URL(room.startsWith('/') ? room : `/r/${room}`, location.origin);
  if (place.origin !== location.origin) throw new Error('embed: rooms of this origin only');
  const link = new RoomLink(place, source);
  link.token = token;
  const meeting = openMeeting(location, link);
  const engine = async () => {
    const wrong = await meeting.prepare();
    if (wrong || !link.engine) throw new Error(`embed: ${wrong?.message ?? 'the engine is not there'}`);
    return link.engine;
  };
  const stops = new Set([effect(() => element.setAttribute('lang', spokenLanguage()))]); // the page around has its own
  const leave = () => {
    const phase = meeting.phase.value;
    if (phase !== 'lobby' && phase !== 'left' && phase !== 'failed') meeting.leave();
  };
  const home = () => location.reload(); // whoever embeds decides what comes before the room
  render(
    <Room
      meeting={meeting}
      origin={location.origin}
      codec={null}
      name={name}
      go={(href) => location.assign(href)}
      reload={home}
      newMeeting={home}
    />,
    element,
  );
  return {
    async setKey({ generation, key, user }) {
      if ((source === 'shared') !== (user === undefined)) {
        throw new Error(
          source === 'shared' ? 'embed: a shared key has no user' : 'embed: whose key is it? user is missing',
        );
      }
      await (await engine()).setKey(generation, key, user);
    },
    async setPassphrase(passphrase, salt, generation) {
      if (source !== 'shared') throw new Error('embed: passphrases are for shared keys');
      await (await engine()).setPassphrase(generation, passphrase, salt);
    },
    onState(told) {
      const stop = effect(() => told(stateOf(meeting)));
      stops.add(stop);
      return () => {
        stops.delete(stop);
        stop();
      };
    },
    leave,
    unmount() {
      leave();
      for (const stop of stops) stop();
      render(null, element);
    },
  };
}

function stateOf(meeting: Meeting): RoomState {
  const participants = meeting.tiles.value
    .filter(({ kind }) => kind === 'camera')
    .map(({ user, device, name, self, state }) => ({ user, device, name, self, state }));
  return { phase: meeting.phase.value, encryption: meeting.encryption.value.state, participants };
}
