import { readFileSync } from 'node:fs';
import { signal } from '@preact/signals';
import { describe, expect, test, vi } from 'vitest';
import type { EngineClient } from '../../../src/call/engine_client.ts';
import { commandNames, obey, type Target } from '../../../src/ui/embedding/commands.ts';
import { configNames } from '../../../src/ui/embedding/config.ts';
import { changes, look } from '../../../src/ui/embedding/events.ts';
import { type Around, Host, type Message } from '../../../src/ui/embedding/host.ts';
import { Opening } from '../../../src/ui/embedding/opening.ts';
import { deviceOf, participantId, readCommand, readConnect, type Wishes } from '../../../src/ui/embedding/protocol.ts';
import * as refusals from '../../../src/ui/embedding/refusals.ts';
import { refused } from '../../../src/ui/embedding/wishes.ts';
import type { Recorder } from '../../../src/ui/recording/recorder.ts';
import { begin } from '../../../src/ui/strings/languages.ts';
import { spokenLanguage } from '../../../src/ui/strings/text.ts';
import { type FakeMeeting, fakeMeeting, fakeTile, WORDS } from '../fake.ts';

const connect = (wishes: unknown = {}) => ({ grotto: 'connect', version: 1, wishes });

class Page {
  readonly window = {};
  heard: (message: Message) => void = () => {};
  around: Around = {
    parent: this.window,
    origin: 'https://meet.example',
    listen: (heard) => {
      this.heard = heard;
      return () => {
        this.heard = () => {};
      };
    },
    embedders: async () => ['https://a.example'],
  };
  says(data: unknown, origin: string, source: unknown = this.window): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.heard({ data, origin, source, ports: [port2] });
    return port1;
  }
}

describe('S6: a page around the room', () => {
  test('is heard when the server names it, or it is of this origin; nobody else is', async () => {
    for (const [origin, heard] of [
      ['https://a.example', true],
      ['https://meet.example', true],
      ['https://b.example', false],
      ['https://a.example.evil', false],
      ['http://a.example', false],
      ['null', false],
    ] as const) {
      const page = new Page();
      const host = new Host(page.around);
      page.says(connect({ name: 'Wrong' }), 'https://a.example', {}); // another window of a good origin
      const wanted = page.says(connect({ name: 'Right' }), origin);
      const connected = await Promise.race([host.connected(), new Promise((done) => setTimeout(done, 20))]);
      if (heard) expect(connected).toMatchObject({ wishes: { name: 'Right' } });
      else expect(connected).toBeUndefined();
      wanted.close();
    }
  });

  test('may be refused first and heard later, and fills no memory meanwhile', async () => {
    const page = new Page();
    const host = new Host(page.around);
    const ports = Array.from({ length: 100 }, () => page.says('noise', 'https://a.example'));
    const connected = host.connected();
    await new Promise((done) => setTimeout(done, 0));
    ports.push(page.says(connect({ secret: 's' }), 'https://a.example'));
    expect(await connected).toMatchObject({ wishes: { secret: 's' } });
    for (const port of ports) port.close();
  });

  test('says what it wants in a form that is checked', () => {
    const rest = { room: '', token: '', lang: '', config: {}, others: [], kept: {} };
    expect(readConnect(connect())).toEqual({ name: '', secret: '', keys: null, join: null, ...rest });
    const wishes = { name: ' Ada\u202e ', secret: 'abc', keys: 'shared', join: { mic: true, camera: 'yes' } };
    const read = { name: 'Ada', secret: 'abc', keys: 'shared', join: { mic: true, camera: false } };
    expect(readConnect(connect(wishes))).toEqual({ ...read, ...rest });
    const more = { room: 'blue', token: 'a.b.c', lang: 'de', config: { resolution: 720 }, others: ['invitees'] };
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i ? 'v' : 'x'.repeat(4097)]));
    const { kept } = readConnect(connect({ kept: many })) as Wishes;
    expect([Object.keys(kept).length, kept.k0, kept.k1]).toEqual([16, '', 'v']);
    expect(readConnect(connect(more))).toMatchObject(more);
    const long = { token: 'x'.repeat(4097), others: Array(99).fill('x'.repeat(65)), config: 7, lang: {} };
    expect(readConnect(connect(long))).toMatchObject({ token: '', others: Array(64).fill(''), config: {}, lang: '' });
    expect(readConnect(connect({ secret: 'x'.repeat(513), keys: 'none', name: 7 }))).toMatchObject({
      secret: '',
      keys: null,
      name: '',
    });
    for (const other of [null, 'connect', { grotto: 'connect' }, { ...connect(), version: 2 }, []]) {
      expect(readConnect(other)).toBeNull();
    }
    expect(readCommand({ type: 'command', id: 1, name: 'x' })).toEqual({ type: 'command', id: 1, name: 'x', args: [] });
    for (const other of [null, 1, {}, { type: 'command', id: '1', name: 'x' }]) expect(readCommand(other)).toBeNull();
  });
});

const ada = { self: true, name: 'Ada' };

function call(): FakeMeeting {
  const meeting = fakeMeeting('in_call');
  meeting.tiles.value = [fakeTile(0, ada), fakeTile(1)];
  return meeting;
}

/** What is told of a change. */
function told(meeting: FakeMeeting, change: () => void, asking = false): [string, Record<string, unknown>][] {
  const before = look(meeting, false);
  change();
  return changes(before, look(meeting, asking)).map(({ name, data }) => [name, data]);
}

describe('events', () => {
  const ben = '@guest1:localhost/DEVICE0001';

  test('joining tells of oneself, then of everybody who is there', () => {
    const meeting = fakeMeeting('connecting');
    const events = told(meeting, () => {
      meeting.tiles.value = [fakeTile(0, ada), fakeTile(1)];
      meeting.phase.value = 'in_call';
    });
    expect(events).toEqual([
      [
        'videoConferenceJoined',
        { roomName: 'amber-otter-hill', id: '@guest0:localhost/DEVICE0000', displayName: 'Ada' },
      ],
      ['participantJoined', { id: ben, displayName: 'Ben Okafor' }],
    ]);
  });

  test('coming, going, names, hands, mutes and states are told, each once', () => {
    const meeting = call();
    const change = (to: object) => told(meeting, () => (meeting.tiles.value = [fakeTile(0, ada), fakeTile(1, to)]));
    expect(change({})).toEqual([]);
    expect(change({ name: 'Benjamin' })).toEqual([['displayNameChange', { id: ben, displayname: 'Benjamin' }]]);
    expect(change({ name: 'Benjamin', hand: 7 })).toEqual([['raiseHandUpdated', { id: ben, handRaised: 7 }]]);
    expect(change({ mic: false })).toEqual([
      ['displayNameChange', { id: ben, displayname: 'Ben Okafor' }],
      ['raiseHandUpdated', { id: ben, handRaised: 0 }],
      ['participantMuted', { participantId: ben, isMuted: true, mediaType: 'audio' }],
    ]);
    expect(change({ mic: false, state: 'cannot_decrypt' })).toEqual([['decryptFailure', { id: ben }]]);
    expect(change({ mic: false, state: 'verified' })).toEqual([['participantVerified', { id: ben }]]);
    expect(change({ mic: false, state: 'verified', speaking: true })).toEqual([
      ['dominantSpeakerChanged', { id: ben }],
    ]);
    expect(told(meeting, () => (meeting.tiles.value = [fakeTile(0, ada)]))).toEqual([['participantLeft', { id: ben }]]);
  });

  test('switches, lines, the recording, encryption and problems are told', () => {
    const meeting = call();
    expect(told(meeting, () => (meeting.mic.value = false))).toEqual([['audioMuteStatusChanged', { muted: true }]]);
    expect(told(meeting, () => (meeting.camera.value = false))).toEqual([['videoMuteStatusChanged', { muted: true }]]);
    expect(told(meeting, () => (meeting.screen.value = true))).toEqual([['screenSharingStatusChanged', { on: true }]]);
    expect(told(meeting, () => meeting.recording.tell(true))).toEqual([
      ['recordingStatusChanged', { on: true, mode: 'local' }],
    ]);
    const attention = { state: 'attention', sentenceKey: '' } as const;
    expect(told(meeting, () => (meeting.encryption.value = attention))).toEqual([
      ['e2eeStateChanged', { state: 'attention' }],
    ]);
    const line = { name: 'Ben', from: deviceOf(ben), text: 'Hi', at: 0, private: false };
    const lines = [
      { ...line, id: 1, self: false },
      { ...line, id: 2, self: true, private: true },
    ];
    expect(told(meeting, () => (meeting.chat.value = lines))).toEqual([
      ['incomingMessage', { from: ben, nick: 'Ben', message: 'Hi', privateMessage: false }],
      ['outgoingMessage', { message: 'Hi', privateMessage: true }],
    ]);
    expect(told(meeting, () => (meeting.problem.value = { code: 'mic_lost', message: 'Gone.' }))).toEqual([
      ['errorOccurred', { error: { name: 'mic_lost', message: 'Gone.', isFatal: false } }],
    ]);
  });

  test('roles, knocks and the layout are told', () => {
    const meeting = call();
    const { moderation, stage } = meeting;
    const promoted = told(meeting, () => void moderation.roles.set('DEVICE0001', 'moderator'));
    expect(promoted).toEqual([['participantRoleChanged', { id: ben, role: 'moderator' }]]);
    expect(told(meeting, () => (moderation.knocks.value = [{ id: 3, name: 'Eve' }]))).toEqual([
      ['knockingParticipant', { participant: { id: '3', name: 'Eve' } }],
    ]);
    expect(told(meeting, () => stage.setLayout('speaker'))).toEqual([['tileViewChanged', { enabled: false }]]);
  });

  test('breakout rooms are told, without their secrets, and that the room asks for its own', () => {
    const meeting = call();
    const room = {
      name: '1',
      url: 'https://meet.example/r/blue--abcdef#secret',
      people: [{ id: 's1', name: 'Ben', user: '@ben:x', device: 'DEVICE0001' }],
    };
    expect(told(meeting, () => (meeting.breakouts.rooms.value = [room]))).toEqual([
      [
        'breakoutRoomsUpdated',
        { rooms: [{ id: 'blue--abcdef', name: '1', participants: [{ id: 's1', displayName: 'Ben' }] }] },
      ],
    ]);
    expect(told(meeting, () => {}, true)).toEqual([['passwordRequired', {}]]);
  });

  test('leaving is told, and that the frame may go', () => {
    const meeting = call();
    const events = told(meeting, () => {
      meeting.tiles.value = [];
      meeting.phase.value = 'left';
    });
    expect(events.map(([name]) => name)).toEqual(['participantLeft', 'videoConferenceLeft', 'readyToClose']);
  });

  test('all of them have a type, and all types an event', () => {
    const types = readFileSync(new URL('../../../embed/external_api.d.ts', import.meta.url), 'utf8');
    const source = readFileSync(new URL('../../../src/ui/embedding/events.ts', import.meta.url), 'utf8');
    const [, declared = ''] = /interface GrottoEvents \{([\s\S]*?)\n\}/.exec(types) ?? [];
    const names = [...declared.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
    expect(names.filter((name) => !source.includes(`'${name}'`))).toEqual([]);
    for (const [, name] of source.matchAll(/tell\('(\w+)'/g)) expect(names).toContain(name);
  });
});

describe('commands', () => {
  const run = (meeting: FakeMeeting, name: string, ...args: unknown[]) =>
    obey(target(meeting), { type: 'command', id: 1, name, args });
  const panel = signal<Target['panel']['value']>(null);
  const target = (meeting: FakeMeeting, keys: Target['keys'] = null, set: unknown[] = []): Target => ({
    meeting,
    recorder: { start: async (what: string) => void set.push(what) } as unknown as Recorder,
    panel,
    name: signal(''),
    opening: { give: async (secret: string) => void meeting.calls.push(`give ${secret}`) },
    keys,
    engine: async () => ({ setKey: async (...key: unknown[]) => void set.push(key) }) as unknown as EngineClient,
  });

  test('do what the buttons do', async () => {
    const meeting = call();
    for (const name of ['toggleAudio', 'toggleVideo', 'toggleShareScreen', 'toggleRaiseHand']) await run(meeting, name);
    const { mic, camera, screen, hand } = meeting;
    expect([mic, camera, screen, hand].map(({ value }) => value)).toEqual([false, false, true, true]);
    await run(meeting, 'toggleChat');
    expect(panel.value).toBe('chat');
    await run(meeting, 'toggleChat');
    expect(panel.value).toBeNull();
    await run(meeting, 'sendChatMessage', 'hello', '@guest1:localhost/DEVICE0001');
    expect(meeting.calls).toContain('say hello to DEVICE0001');
    await run(meeting, 'pinParticipant', '@guest1:localhost/DEVICE0001');
    expect(meeting.pinned.value).toBe('person-1');
    await run(meeting, 'setLargeVideoParticipant');
    expect(meeting.pinned.value).toBeNull();
    await run(meeting, 'hangup');
    await run(meeting, 'hangup');
    expect(meeting.calls.filter((c) => c === 'leave').length).toBe(1);
  });

  test('do what moderators do', async () => {
    const meeting = call();
    const orders = ['muteEveryone', 'grantModerator', 'toggleLobby', 'toggleLock', 'endConference', 'setFollowMe'];
    for (const name of [...orders, 'answerKnockingParticipant']) {
      await expect(run(meeting, name, true)).rejects.toThrow('for moderators');
    }
    meeting.moderation.role.value = 'moderator';
    await run(meeting, 'muteEveryone');
    await run(meeting, 'muteEveryone', 'video');
    await run(meeting, 'grantModerator', '@guest1:localhost/DEVICE0001');
    await run(meeting, 'toggleLobby', true);
    await run(meeting, 'answerKnockingParticipant', '3', true);
    expect(meeting.moderation.room.value).toEqual({ locked: false, waitingRoom: true });
    expect(meeting.calls).toEqual(['all off mic', 'all off camera', 'role DEVICE0001 moderator', 'admit 3']);
    await run(meeting, 'setFollowMe', true);
    expect(meeting.follow.leading.value).toBe(true);
    await run(meeting, 'setFollowMe', false);
    expect(meeting.follow.leading.value).toBe(false);
  });

  test('open breakout rooms, call back from them, and go where one is asked', async () => {
    const meeting = call();
    const { breakouts, moderation } = meeting;
    meeting.tiles.value = [...meeting.tiles.value, fakeTile(2), fakeTile(3)];
    const orders = ['addBreakoutRoom', 'sendParticipantToRoom', 'autoAssignToBreakoutRooms', 'closeBreakoutRooms'];
    for (const name of orders) {
      await expect(run(meeting, name)).rejects.toThrow('for moderators');
    }
    moderation.role.value = 'moderator';
    await run(meeting, 'autoAssignToBreakoutRooms');
    expect(breakouts.rooms.value.map(({ people }) => people.map(({ device }) => device))).toEqual([
      ['DEVICE0001', 'DEVICE0003'],
      ['DEVICE0002'],
    ]);
    await run(meeting, 'addBreakoutRoom');
    expect(breakouts.rooms.value.length).toBe(3);
    await run(meeting, 'sendParticipantToRoom', '@guest2:localhost/DEVICE0002', 'amber-otter-hill--room0');
    await run(meeting, 'sendParticipantToRoom', 'DEVICE0001', 'amber-otter-hill--room1');
    await run(meeting, 'sendParticipantToRoom', 'DEVICE0001');
    expect(meeting.calls.splice(0)).toEqual(['send DEVICE0002 1', 'move DEVICE0001 2', 'move DEVICE0001 null']);
    for (const [args, why] of [
      [['DEVICE0001', 'none'], 'no breakout room of this id'],
      [['nobody', 'amber-otter-hill--room1'], 'nobody of this id'],
      [['@guest2:localhost/DEVICE0002'], 'they are here'],
    ] as const) {
      await expect(run(meeting, 'sendParticipantToRoom', ...args)).rejects.toThrow(why);
    }
    await run(meeting, 'closeBreakoutRooms');
    expect(breakouts.rooms.value).toEqual([]);
    for (const count of [0, 1.5, 21, 'x']) {
      await expect(run(meeting, 'autoAssignToBreakoutRooms', count)).rejects.toThrow('from 1 to 20');
    }
    await expect(run(meeting, 'joinBreakoutRoom')).rejects.toThrow('nobody asks you');
    breakouts.invitation.value = { by: 'Ben', name: '1' };
    await run(meeting, 'joinBreakoutRoom');
    breakouts.main = { slug: 'blue', name: '1' };
    await run(meeting, 'joinBreakoutRoom');
    expect(meeting.calls).toEqual(['accept', 'back']);
    await expect(run(meeting, 'autoAssignToBreakoutRooms')).rejects.toThrow('this is a breakout room');
    breakouts.main = null;
    breakouts.possible = false;
    await expect(run(meeting, 'autoAssignToBreakoutRooms')).rejects.toThrow('with keys of your page');
  });

  test('change how one is called, what one sees and hears', async () => {
    const meeting = call();
    await run(meeting, 'displayName', ' Ada L.\u202e ');
    expect(meeting.tiles.value[0]?.name).toBe('Ada L.');
    await expect(run(meeting, 'displayName', ' ')).rejects.toThrow('a name is missing');
    await run(meeting, 'toggleTileView');
    expect(meeting.stage.layout.value).toBe('speaker');
    await run(meeting, 'setVideoQuality', 500);
    expect(meeting.devices.resolution.value).toBe(360);
    await run(meeting, 'setTileView', true);
    expect(meeting.stage.layout.value).toBe('grid');
    await run(meeting, 'setParticipantVolume', '@guest1:localhost/DEVICE0001', 0.5);
    expect([...meeting.stage.volumes.value.values()]).toEqual([{ level: 0.5, muted: false }]);
    await run(meeting, 'setNoiseSuppressionEnabled', { enabled: true });
    expect(meeting.devices.noise.value).toBe(true);
    await run(meeting, 'setBlurredBackground', 'blur');
    expect(meeting.devices.background.value).toBe('blur');
    await run(meeting, 'setBlurredBackground');
    expect(meeting.devices.background.value).toBe('none');
    await run(meeting, 'toggleSubtitles');
    expect(meeting.captions.on.value).toBe(true);
    await run(meeting, 'setAudioOnly', true);
    expect(meeting.stage.soundOnly.value).toBe(true);
    await run(meeting, 'overwriteConfig', { startAudioOnly: false, resolution: 1080 });
    expect([meeting.stage.soundOnly.value, meeting.devices.resolution.value]).toEqual([false, 1080]);
  });

  test('that are wrong are refused in words', async () => {
    const meeting = call();
    await expect(run(meeting, 'constructor')).rejects.toThrow('there is no command constructor');
    await expect(run(meeting, 'toggleE2EE', false)).rejects.toThrow('no unencrypted mode');
    await expect(run(meeting, 'sendChatMessage', 7)).rejects.toThrow('a text is missing');
    await expect(run(meeting, 'pinParticipant', 'nobody')).rejects.toThrow('not the id');
    await expect(run(meeting, 'setSharedKey', {})).rejects.toThrow('not opened with a shared key');
    await expect(run(meeting, 'subject', 'x')).rejects.toThrow('subject is not to be had: a room goes by');
    await expect(run(meeting, 'startRecording', { mode: 'file' })).rejects.toThrow('the server cannot open');
    await expect(run(meeting, 'startRecording', { mode: 'x' })).rejects.toThrow('there is no way to record by x');
    await expect(run(meeting, 'setVideoQuality')).rejects.toThrow('a height in pixels is missing');
    const config = { resolution: 180, toolbarButtons: [], startWithAudioMuted: true, none: 1 };
    await expect(run(meeting, 'overwriteConfig', config)).rejects.toThrow(
      /^toolbarButtons: .*; startWithAudioMuted: this counts when .*; none: there is no such setting here$/,
    );
    expect(meeting.devices.resolution.value).toBe(180); // the rest is done all the same
  });

  test('set keys, of the kind that the room was opened with', async () => {
    const set: unknown[] = [];
    const key = { generation: 1, key: new Uint8Array(32) };
    const ask = (keys: Target['keys'], name: string, ...args: unknown[]) =>
      obey(target(call(), keys, set), { type: 'command', id: 1, name, args });
    await ask('shared', 'setSharedKey', { ...key, key: key.key.buffer });
    await ask('per_participant', 'setParticipantKey', '@a/b:x/DEVICE0001', key);
    expect(set).toEqual([
      [1, key.key],
      [1, key.key, '@a/b:x'],
    ]);
    await expect(ask('shared', 'setSharedKey', { generation: 1, key: 'passphrase' })).rejects.toThrow('a key is');
    await expect(ask('shared', 'setParticipantKey', 'x', key)).rejects.toThrow('a key for each');
  });

  test('are all in the manual', () => {
    const manual = readFileSync(new URL('../../../../docs/embedding.md', import.meta.url), 'utf8');
    expect(commandNames.filter((name) => !manual.includes(`\`${name}`))).toEqual([]);
    const { options, commands, config } = refusals;
    const named = [...[options, commands, config].flatMap((reasons) => Object.keys(reasons)), ...configNames];
    expect(named.filter((name) => !manual.includes(`\`${name}`))).toEqual([]);
    expect(Object.keys(commands).filter((name) => commandNames.includes(name))).toEqual([]);
  });
});

describe('a room that is opened', () => {
  test('does what was wished, and says what is not to be had', async () => {
    const meeting = fakeMeeting('lobby');
    const config = { resolution: 360, e2ee: { disabled: true, labels: false }, liveStreaming: {}, startSilent: true };
    const wishes = readConnect(connect({ lang: 'frCA', config, others: ['invitees', 'colour'] })) as Wishes;
    const told = await refused(meeting, wishes);
    expect(told.map((line) => line.split(':')[0])).toEqual([
      'invitees',
      'colour',
      'e2ee.disabled',
      'liveStreaming',
      'startSilent',
    ]);
    expect(meeting.devices.resolution.value).toBe(360);
    expect(spokenLanguage()).toBe('fr');
    expect(await refused(meeting, { ...wishes, lang: 'xx', config: {}, others: [] })).toEqual([
      'lang: the room speaks en, de, fr, es only',
    ]);
    await begin(['en']);
  });

  test('asks for a secret that it lacks, and is opened with one', async () => {
    const missing = { code: 'no_secret', message: 'This link is not complete.' };
    const meeting = fakeMeeting('lobby');
    let wrong: typeof missing | null = missing;
    const opening = new Opening({ ...meeting, prepare: async () => wrong });
    await expect(opening.give('x'.repeat(22))).rejects.toThrow('no secret is asked for');
    expect(await opening.look()).toBe(missing);
    expect(opening.asking.value).toBe(true);
    await expect(opening.give('a password')).rejects.toThrow('neither a secret nor its eight words');
    await expect(opening.give('y'.repeat(22))).rejects.toThrow('not complete'); // the engine thinks so
    expect(opening.opened.value).toBe(0);
    wrong = null;
    await opening.give('x'.repeat(22));
    expect([opening.asking.value, opening.opened.value]).toEqual([false, 1]);
    expect(meeting.calls.at(-1)).toBe(`secret ${'x'.repeat(22)}`);
    await expect(opening.give('x'.repeat(22))).rejects.toThrow('no secret is asked for');
  });

  test('is opened with words, and with a link of its own that was pasted; others lead away', async () => {
    const meeting = fakeMeeting('lobby');
    const opening = new Opening({ ...meeting, prepare: async () => null });
    opening.asking.value = true;
    await opening.give(WORDS.join(' '));
    expect(meeting.calls).toEqual([`words ${WORDS.join(' ')}`]);
    for (const other of ['/', 'https://meet.example/r/other#abc', `https://meet.example/r/${meeting.slug}`]) {
      expect(opening.follow(other)).toBe(false);
    }
    expect(opening.follow(`https://meet.example/r/${meeting.slug}#abc`)).toBe(true);
    await vi.waitFor(() => expect(opening.opened.value).toBe(2));
    expect(meeting.calls.at(-1)).toBe('secret abc');
  });
});

test('an id names a user and a device', () => {
  const device = { user: '@a/b:x', device: 'DEVICE0001' };
  expect(deviceOf(participantId(device))).toEqual(device);
  for (const bad of ['none', 7, null]) expect(() => deviceOf(bad)).toThrow();
});
