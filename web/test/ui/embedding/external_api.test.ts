/** The script that embedders load, against the room's own side of the line. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Host, type Line, type Message } from '../../../src/ui/embedding/host.ts';
import type { Mirror, ToRoom, Wishes } from '../../../src/ui/embedding/protocol.ts';
import '../../../embed/external_api.js';

const server = 'https://meet.example';

class FakeFrame {
  readonly style: Record<string, string> = {};
  readonly posted: { message: Message; to: string }[] = [];
  src = '';
  gone = false;
  private readonly loaded: (() => void)[] = [];
  readonly contentWindow = {
    postMessage: (data: unknown, to: string, ports: MessagePort[]) => {
      this.posted.push({ message: { data, origin: 'https://page.example', source: page, ports }, to });
    },
  };
  addEventListener(_: string, act: () => void): void {
    this.loaded.push(act);
  }
  remove(): void {
    this.gone = true;
  }
  load(): void {
    for (const act of this.loaded) act();
  }
}

const page = {};
let frame: FakeFrame;
let api: GrottoExternalAPI;
const heard: [string, unknown][] = [];

function open(options: object = {}): void {
  frame = new FakeFrame();
  vi.stubGlobal('document', { createElement: () => frame, body: { append() {} } });
  api = new GrottoExternalAPI('meet.example', { roomName: 'weekly-call', ...options });
  heard.length = 0;
  for (const name of ['videoConferenceJoined', 'videoConferenceLeft', 'errorOccurred'] as const) {
    api.on(name, (data) => void heard.push([name, data]));
  }
}

/** The frame has loaded, and the room in it listens. */
async function room(): Promise<{ wishes: Wishes; line: Line }> {
  frame.load();
  const { message, to } = frame.posted.at(-1) as (typeof frame.posted)[0];
  expect(to).toBe(server);
  const host = new Host({
    parent: page,
    origin: server,
    listen: (act) => {
      act(message);
      return () => {};
    },
    embedders: async () => ['https://page.example'],
  });
  return host.connected();
}

afterEach(() => {
  api.dispose();
  vi.unstubAllGlobals();
});

describe('a room in a frame', () => {
  test('gets what is wished over the line, and nothing in its address', async () => {
    open({
      secret: 'the-secret',
      jwt: 'a.b.c',
      lang: 'de',
      userInfo: { displayName: 'Ada', email: 'ada@example.org' },
      configOverwrite: { prejoinConfig: { enabled: false }, resolution: 720, onReady: () => {} },
      interfaceConfigOverwrite: { TOOLBAR_BUTTONS: [] },
      devices: {},
      invitees: undefined,
      release: '1',
    });
    expect(frame.src).toBe(`${server}/r/weekly-call?embedded`);
    const { wishes } = await room();
    expect(wishes).toEqual({
      room: 'weekly-call',
      name: 'Ada',
      secret: 'the-secret',
      keys: null,
      join: { mic: false, camera: false },
      token: 'a.b.c',
      lang: 'de',
      config: { prejoinConfig: { enabled: false }, resolution: 720 },
      others: ['interfaceConfigOverwrite', 'release', 'userInfo.email'],
      kept: {},
    });
  });

  test('is told what was asked for before it was there, and answers', async () => {
    open();
    const [done, refused] = [api.executeCommand('toggleAudio'), api.executeCommand('subject', 'x')];
    const { line } = await room();
    const asked: string[] = [];
    line.obey(({ name, args }: ToRoom) => {
      asked.push(`${name} ${args}`);
      if (name === 'subject') throw new Error('not to be had');
    });
    await done;
    await expect(refused).rejects.toThrow('not to be had');
    expect(asked).toEqual(['toggleAudio ', 'subject x']);
    const error = { name: 'command_refused', message: 'not to be had' };
    expect(heard).toEqual([['errorOccurred', { error }]]);
  });

  test('is given its secret when it asks, and again when it is loaded anew', async () => {
    open();
    const first = await room();
    expect(first.wishes.secret).toBe('');
    first.line.obey(({ args: [text] }) => {
      if (text === 'wrong') throw new Error('wrong');
    });
    await expect(api.executeCommand('password', 'wrong')).rejects.toThrow('wrong');
    expect((await room()).wishes.secret).toBe('');
    const second = await room();
    second.line.obey(() => {});
    await api.executeCommand('password', ' Abacus, river lantern cello orbit velvet maple crisp');
    const third = await room();
    expect(third.wishes.secret).toBe('abacus-river-lantern-cello-orbit-velvet-maple-crisp');
    third.line.obey(() => {});
    await api.executeCommand('password', 'AbC-_1234567890abcdefg');
    expect((await room()).wishes.secret).toBe('AbC-_1234567890abcdefg');
  });

  test('gets keys by the names of others', async () => {
    open({ keys: 'shared' });
    const { line } = await room();
    const asked: unknown[] = [];
    line.obey(({ name, args }) => void asked.push([name, ...args]));
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']);
    await api.setMediaEncryptionKey({ encryptionKey: key, index: 3 });
    const bytes = new Uint8Array(await crypto.subtle.exportKey('raw', key));
    expect(asked).toEqual([['setSharedKey', { generation: 3, key: bytes }]]);
  });

  test('that is loaded anew was left, and answers nothing more', async () => {
    open();
    const first = await room();
    const participants = [{ participantId: 'a/b', displayName: 'Ada' }];
    const breakouts = [{ id: 'weekly-call--abcdef', name: '1', participants: [{ id: 's1', displayName: 'Ben' }] }];
    first.line.tell({ type: 'mirror', mirror: { participants, breakouts } as unknown as Mirror });
    first.line.tell({ type: 'kept', kept: { 'grotto.main.x': '{}' } });
    first.line.tell({ type: 'event', name: 'videoConferenceJoined', data: { roomName: 'weekly-call' } });
    await vi.waitFor(() => expect(api.getDisplayName('a/b')).toBe('Ada'));
    expect(await api.listBreakoutRooms()).toEqual({ 'weekly-call--abcdef': breakouts[0] });
    const unanswered = api.executeCommand('toggleAudio');
    await vi.waitFor(() => expect(heard.length).toBe(1));

    const second = await room();
    await expect(unanswered).rejects.toThrow('loaded anew');
    expect(second.wishes.kept).toEqual({ 'grotto.main.x': '{}' });
    expect(heard.slice(1, 2)).toEqual([['videoConferenceLeft', { roomName: 'weekly-call' }]]);
    expect(api.getNumberOfParticipants()).toBe(0);
    second.line.tell({ type: 'event', name: 'videoConferenceJoined', data: { roomName: 'weekly-call--abcdef' } });
    await vi.waitFor(() => expect(heard.at(-1)?.[1]).toEqual({ roomName: 'weekly-call--abcdef' }));
  });

  test('that nobody listens to complains where people look for it', async () => {
    open();
    api.off('errorOccurred');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { line } = await room();
    line.tell({
      type: 'event',
      name: 'errorOccurred',
      data: { error: { name: 'option_refused', message: 'invitees' } },
    });
    await vi.waitFor(() => expect(warn).toHaveBeenCalledWith('GrottoExternalAPI: invitees'));
    const again = await room(); // once, and not with every load
    const tell = (message: string) =>
      again.line.tell({ type: 'event', name: 'errorOccurred', data: { error: { name: 'option_refused', message } } });
    tell('invitees');
    tell('devices');
    await vi.waitFor(() => expect(warn).toHaveBeenCalledWith('GrottoExternalAPI: devices'));
    expect(warn).toHaveBeenCalledTimes(2);
    warn.mockRestore();
  });

  test('that is disposed of leaves nobody waiting', async () => {
    open();
    const unanswered = api.executeCommand('toggleAudio');
    api.dispose();
    await expect(unanswered).rejects.toThrow('disposed of');
    expect(frame.gone).toBe(true);
  });

  test('has a name, on a host', () => {
    open();
    for (const roomName of ['', 'a', 'A B', 'x'.repeat(65)]) expect(() => open({ roomName })).toThrow('roomName has 3');
    expect(() => new GrottoExternalAPI('meet.example/path', { roomName: 'blue' })).toThrow('is not a host');
  });
});
