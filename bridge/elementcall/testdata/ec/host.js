// A Matrix client with Element Call as its widget. The test behind this page does what the widget asks for; to-device
// messages are encrypted there.
const { ClientWidgetApi, Widget, WidgetDriver } = globalThis.mxwidgets();
const { user, device, room, focus } = await (await fetch('/config.json')).json();
const client = '/_matrix/client/v3';
const path = encodeURIComponent;

/** What went wrong, for the test. */
globalThis.errors = [];

async function ask(method, url, body) {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) {
    errors.push(`${method} ${url}: ${text}`);
    throw new Error(text);
  }
  return /^[{[]/.test(text) ? JSON.parse(text) : text;
}

class Driver extends WidgetDriver {
  count = 0;

  async validateCapabilities(requested) {
    return requested;
  }

  async sendEvent(type, content, key = null) {
    const state = `${client}/rooms/${path(room)}/state/${path(type)}/${path(key ?? '')}`;
    const message = `${client}/rooms/${path(room)}/send/${path(type)}/${Date.now()}-${this.count++}`;
    const { event_id } = await ask('PUT', key === null ? message : state, content);
    return { roomId: room, eventId: event_id };
  }

  async sendDelayedEvent() {
    throw new Error('not supported');
  }

  async sendToDevice(type, encrypted, messages) {
    const unsent = await ask('POST', '/to-device', { type, encrypted, messages });
    if (unsent) errors.push(`not sent: ${unsent}`);
  }

  async readRoomTimeline() {
    return [];
  }

  async readRoomState(_, type, key) {
    const all = await ask('GET', `${client}/rooms/${path(room)}/state`);
    const wanted = all.filter((event) => event.type === type && (key === undefined || event.state_key === key));
    return wanted.map((event) => ({ ...event, room_id: room, unsigned: {} }));
  }

  async readStickyEvents() {
    return [];
  }

  askOpenID(observer) {
    ask('POST', `${client}/user/${path(user)}/openid/request_token`, {}).then((token) => observer.update({ state: 'allowed', token }));
  }

  async getRtcTransports() {
    return { rtc_transports: [{ type: 'livekit', livekit_service_url: focus }] };
  }

  getKnownRooms() {
    return [room];
  }

  async *getTurnServers() {}
}

const frame = document.createElement('iframe');
frame.allow = 'camera; microphone; autoplay';
frame.style = 'width: 100%; height: 100%; border: 0; display: block';
document.body.append(frame);
const parent = `${location.origin}/`;
const query = new URLSearchParams({
  widgetId: 'call',
  parentUrl: parent,
  roomId: room,
  userId: user,
  deviceId: device,
  baseUrl: location.origin,
  perParticipantE2EE: 'true',
  intent: 'join_existing',
  skipLobby: 'true',
  lang: 'en',
  confineToRoom: 'true',
});
const url = `${location.origin}/ec/index.html?widgetId=call&parentUrl=${path(parent)}#?${query}`;
const described = { id: 'call', creatorUserId: user, type: 'm.custom', url, name: 'Element Call', waitForIframeLoad: false, data: {} };
const api = new ClientWidgetApi(new Widget(described), frame, new Driver());
for (const action of ['io.element.join', 'io.element.device_mute', 'im.vector.hangup', 'io.element.close', 'set_always_on_screen']) {
  api.on(`action:${action}`, (event) => {
    event.preventDefault();
    api.transport.reply(event.detail, {});
  });
}
api.setViewedRoomId(room);

const events = new EventSource('/events');
events.onmessage = ({ data }) => {
  const { kind, event } = JSON.parse(data);
  const fed = kind === 'state' ? api.feedStateUpdate(event) : api.feedToDevice(event, true);
  fed.catch((error) => errors.push(String(error)));
};
await new Promise((resolve) => {
  events.onopen = resolve;
});
frame.src = url; // not before: what comes meanwhile would be missed
