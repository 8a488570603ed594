// The Matrix client around us, by its messages: what we ask it, what of it we hear, and that nothing of it is written down.
import { afterEach, expect, test, vi } from 'vitest';
import type { WidgetHost as Host } from '../../src/widget/host.ts';

const address = {
  widgetID: 'w1',
  parentOrigin: 'https://app.example',
  roomID: '!room:hs',
  userID: '@ada:hs',
  deviceID: 'ADAPHONE',
  name: '',
  theme: '',
  language: '',
  guests: false,
};

interface Message {
  api: string;
  requestId: string;
  action: string;
  widgetId: string;
  data: Record<string, unknown>;
  response?: Record<string, unknown>;
}

/** A client that answers what it is asked. */
class FakeClient {
  readonly sent: { message: Message; origin: string }[] = [];
  readonly wishes: string[] = [];
  private listener: (event: { data: unknown }) => void = () => {};
  answers: Record<string, object> = {
    supported_api_versions: { supported_versions: ['org.matrix.msc2762_update_state'] },
  };

  async host(): Promise<Host> {
    vi.stubGlobal('parent', { postMessage: (message: Message, origin: string) => this.posted(message, origin) });
    vi.stubGlobal('addEventListener', (_: string, listener: (event: { data: unknown }) => void) => {
      this.listener = listener;
    });
    const { WidgetHost } = await import('../../src/widget/host.ts');
    const say = (what: string) => (said: string) => void this.wishes.push(`${what} ${said}`);
    return new WidgetHost(address, { wish: say('wish'), theme: say('theme'), language: say('language') });
  }

  /** The client asks something of us. */
  asks(action: string, data: object = {}, widgetId = 'w1'): void {
    this.listener({ data: { api: 'toWidget', requestId: `r${Math.random()}`, action, widgetId, data } });
  }

  reply(action: string): Message['response'] {
    return this.sent.find(({ message }) => message.action === action && message.response)?.message.response;
  }

  private posted(message: Message, origin: string): void {
    this.sent.push({ message, origin });
    if (message.api !== 'fromWidget') return;
    const response = this.answers[message.action] ?? {};
    queueMicrotask(() => this.listener({ data: { ...message, response } }));
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function readied() {
  const client = new FakeClient();
  const host = await client.host();
  const ready = host.ready(() => client.asks('capabilities'));
  await ready;
  return { client, host };
}

test('asks for what a call takes and for nothing else', async () => {
  const { client } = await readied();
  expect(client.reply('capabilities')?.capabilities).toEqual([
    ...['secret_request', 'secret', 'message'].flatMap((type) => [
      `org.matrix.msc3819.send.to_device:io.github.grotto-meet.${type}`,
      `org.matrix.msc3819.receive.to_device:io.github.grotto-meet.${type}`,
    ]),
    'org.matrix.msc2762.receive.state_event:io.github.grotto-meet.call',
    'org.matrix.msc2762.receive.state_event:m.room.member',
    'org.matrix.msc2762.receive.state_event:org.matrix.msc3401.call.member',
    'org.matrix.msc2762.send.state_event:org.matrix.msc3401.call.member#_@ada:hs_ADAPHONE_m.call',
    'org.matrix.msc2762.timeline:!room:hs',
    'm.always_on_screen',
    'org.matrix.msc4157.send.delayed_event',
    'org.matrix.msc4157.update_delayed_event',
    'io.element.requires_client',
  ]);
});

test('M8 speaks to the origin of the client only, and writes nothing to the console', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { client, host } = await readied();
  await host.sendToDevice('io.github.grotto-meet.secret', { '@ben:hs': { BEN: { secret: 'of the meeting' } } });
  const sent = client.sent.find(({ message }) => message.action === 'send_to_device')?.message;
  expect(sent?.data).toMatchObject({ encrypted: true, type: 'io.github.grotto-meet.secret' });
  expect(new Set(client.sent.map(({ origin }) => origin))).toEqual(new Set(['https://app.example']));
  expect(log).not.toHaveBeenCalled();
});

test('hands on to-device messages as they came, and the state of its own room', async () => {
  const { client, host } = await readied();
  const heard: unknown[] = [];
  host.onToDevice((message) => heard.push(message.encrypted));
  host.onState(({ state_key }) => heard.push(state_key));
  client.asks('send_to_device', { type: 't', sender: '@ben:hs', content: {}, encrypted: false });
  client.asks('send_to_device', { type: 't', sender: '@ben:hs', content: {}, encrypted: true }, 'another widget');
  client.asks('update_state', {
    state: [
      { type: 'm.room.member', state_key: 'ours', room_id: '!room:hs' },
      { type: 'm.room.member', state_key: 'theirs', room_id: '!other:hs' },
    ],
  });
  expect(heard).toEqual([false, 'ours']);
});

test('answers what the client wants, and does it', async () => {
  const { client } = await readied();
  client.asks('im.vector.hangup');
  client.asks('io.element.join');
  client.asks('io.element.device_mute', { audio_enabled: false });
  client.asks('theme_change', { name: 'dark' });
  client.asks('language_change', { lang: 'fr' });
  expect(client.wishes).toEqual(['wish hang_up', 'wish join', 'theme dark', 'language fr']);
  for (const action of ['im.vector.hangup', 'io.element.join', 'io.element.device_mute', 'theme_change']) {
    expect(client.reply(action)).toEqual({});
  }
});

test('a state that a client sent at once where it was to wait is an error', async () => {
  const { client, host } = await readied();
  client.answers.send_event = { room_id: '!room:hs', event_id: '$e' };
  await expect(host.sendState('t', 'k', {}, 1000)).rejects.toThrow('at once');
  client.answers.send_event = { room_id: '!room:hs', delay_id: 'd' };
  expect(await host.sendState('t', 'k', {}, 1000)).toBe('d');
});
