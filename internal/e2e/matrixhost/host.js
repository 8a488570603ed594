// A Matrix client with Grotto's page for a widget: /?lang=de&theme=dark. What the widget asks for is done by the program behind this page.
const { ClientWidgetApi, Widget, WidgetDriver } = globalThis.mxwidgets();
const { user, device, room, widget } = await (await fetch('/config.json')).json();
const query = new URLSearchParams(location.search);
const client = '/_matrix/client/v3';
const path = encodeURIComponent;

/** What happened, for tests. */
const seen = { actions: [], errors: [], sent: [] };
globalThis.seen = seen;

async function ask(method, url, body) {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) {
    seen.errors.push(`${method} ${url}: ${text}`);
    throw new Error(text);
  }
  return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text;
}

class Driver extends WidgetDriver {
  async validateCapabilities(requested) {
    seen.capabilities = [...requested];
    return requested;
  }

  async sendEvent(type, content, key) {
    seen.sent.push({ type, key, content });
    const { event_id } = await ask('PUT', `${client}/rooms/${path(room)}/state/${path(type)}/${path(key)}`, content);
    return { roomId: room, eventId: event_id };
  }

  async sendDelayedEvent(delay, type, content, key) {
    const url = `${client}/rooms/${path(room)}/state/${path(type)}/${path(key)}?org.matrix.msc4140.delay=${delay}`;
    return { roomId: room, delayId: (await ask('PUT', url, content)).delay_id };
  }

  restartScheduledDelayedEvent = (id) => this.update(id, 'restart');
  cancelScheduledDelayedEvent = (id) => this.update(id, 'cancel');
  sendScheduledDelayedEvent = (id) => this.update(id, 'send');

  async update(id, action) {
    await ask('POST', `/_matrix/client/unstable/org.matrix.msc4140/delayed_events/${path(id)}`, { action });
  }

  async sendToDevice(type, encrypted, messages) {
    const unsent = await ask('POST', '/to-device', { type, encrypted, messages });
    if (unsent) seen.errors.push(`not sent: ${unsent}`);
  }

  async readRoomTimeline() {
    return [];
  }

  async readRoomState(_, type, key) {
    const all = await ask('GET', `${client}/rooms/${path(room)}/state`);
    const wanted = all.filter((event) => event.type === type && (key === undefined || event.state_key === key));
    return wanted.map((event) => ({ ...event, room_id: room, unsigned: {} }));
  }

  askOpenID(observer) {
    ask('POST', `${client}/user/${path(user)}/openid/request_token`, {}).then(
      (token) => observer.update({ state: 'allowed', token }),
      () => observer.update({ state: 'blocked' }),
    );
  }

  getKnownRooms() {
    return [room];
  }
}

const frame = document.createElement('iframe');
frame.allow = 'camera; microphone; autoplay; display-capture';
frame.style = 'width: 100%; height: 100%; border: 0; display: block';
document.body.append(frame);

// As a client fills in the template that the widget was added with; it adds widgetId and parentUrl itself.
const address = new URL(widget);
address.search = new URLSearchParams({
  roomId: room,
  userId: user,
  deviceId: device,
  name: 'Ann',
  lang: query.get('lang') ?? 'en',
  theme: query.get('theme') ?? '',
  widgetId: 'grotto',
  parentUrl: location.href,
});
const described = { id: 'grotto', creatorUserId: user, type: 'm.custom', url: address.href, name: 'Grotto', data: {} };
const api = new ClientWidgetApi(new Widget(described), frame, new Driver());
globalThis.api = api;
api.on('ready', () => seen.actions.push('ready'));
for (const action of ['io.element.join', 'im.vector.hangup', 'set_always_on_screen']) {
  api.on(`action:${action}`, (event) => {
    event.preventDefault();
    seen.actions.push(action === 'set_always_on_screen' ? `${action} ${event.detail.data.value}` : action);
    api.transport.reply(event.detail, { success: true });
  });
}
api.setViewedRoomId(room);

const events = new EventSource('/events');
events.onmessage = ({ data }) => {
  const { kind, event } = JSON.parse(data);
  const fed = kind === 'state' ? api.feedStateUpdate(event) : api.feedToDevice(event, true);
  fed.catch((error) => seen.errors.push(String(error)));
};
await new Promise((resolve) => {
  events.onopen = resolve;
});
frame.src = address.href; // not before: what comes meanwhile would be missed
