/**
 * Grotto in a frame of your page: <script src="https://meet.example/external_api.js"> makes `GrottoExternalAPI`, with the
 * names that embedders know from Jitsi. Its types are in external_api.d.ts, its manual in docs/embedding.md.
 *
 * Your page's origin must be named by the server (--embed-origin). Secrets and keys go to the frame over a port that only
 * the two of you hold: they stand in no address.
 */
(() => {
  const VERSION = 1;
  const SLUG = /^[a-z0-9-]{3,64}$/;
  const ALLOWED = [
    'camera',
    'microphone',
    'display-capture',
    'autoplay',
    'clipboard-write',
    'fullscreen',
    'picture-in-picture',
    'screen-wake-lock',
    'speaker-selection',
  ].join('; ');

  /** The origin of the server: `domain` is a host, or an origin where that is not plain https. */
  function originOf(domain, noSSL) {
    const url = new URL(/^https?:\/\//.test(domain) ? domain : `${noSSL ? 'http' : 'https'}://${domain}`);
    if (url.pathname !== '/' || url.search || url.hash) throw new Error(`GrottoExternalAPI: ${domain} is not a host`);
    return url.origin;
  }

  function sizeOf(value, fallback) {
    if (value === undefined) return fallback;
    return typeof value === 'number' ? `${value}px` : String(value);
  }

  /** Read here; of the others the room says why it has them not. */
  const READ = [
    'roomName',
    'parentNode',
    'width',
    'height',
    'title',
    'onload',
    'noSSL',
    'secret',
    'keys',
    'jwt',
    'lang',
    'userInfo',
    'configOverwrite',
  ];

  /** The names of what is wished and not read here, but for what is empty. */
  function othersOf(options) {
    const wished = (from, read) =>
      Object.keys(from ?? {}).filter((name) => !read.includes(name) && !isEmpty(from[name]));
    const ofUser = wished(options.userInfo, ['displayName']).map((name) => `userInfo.${name}`);
    return [...wished(options, READ), ...ofUser];
  }

  function isEmpty(value) {
    return value == null || (typeof value === 'object' && Object.keys(value).length === 0);
  }

  /** What the frame is told at the beginning, out of options as Jitsi has them. */
  function wishesOf(options) {
    const { roomName, userInfo, secret, keys, jwt, lang } = options;
    const configOverwrite = options.configOverwrite ?? {};
    const {
      prejoinConfig,
      prejoinPageEnabled,
      startWithAudioMuted = true,
      startWithVideoMuted = true,
    } = configOverwrite;
    const lobby = prejoinConfig?.enabled ?? prejoinPageEnabled ?? true;
    return {
      room: roomName,
      token: jwt ?? '',
      lang: lang ?? '',
      config: JSON.parse(JSON.stringify(configOverwrite)), // a function in it could not be sent
      others: othersOf(options),
      name: userInfo?.displayName ?? '',
      secret: secret ?? '',
      keys: keys ?? (configOverwrite.e2ee?.externallyManagedKey ? 'shared' : null),
      join: lobby ? null : { mic: !startWithAudioMuted, camera: !startWithVideoMuted },
    };
  }

  /** A secret as it stands in a link; eight words may come as they were said. */
  function fragmentOf(secret) {
    const words = secret.trim().split(/[\s,.-]+/);
    return words.length === 8 && secret.length > 22 ? words.join('-').toLowerCase() : secret.trim();
  }

  /** Bytes of a key: a view, a buffer, or a CryptoKey that may be exported. */
  async function bytesOf(key) {
    if (typeof CryptoKey !== 'undefined' && key instanceof CryptoKey) {
      return new Uint8Array(await crypto.subtle.exportKey('raw', key));
    }
    return key instanceof ArrayBuffer ? new Uint8Array(key) : key;
  }

  const NOTHING_YET = {
    phase: 'lobby',
    encryption: 'ok',
    participants: [],
    breakouts: [],
    audioMuted: true,
    videoMuted: true,
  };

  class GrottoExternalAPI {
    #origin;
    #frame;
    #port = null;
    #ready = false;
    #wishes;
    #listeners = new Map();
    #waiting = new Map();
    #unsent = [];
    #lastId = 0;
    #refused = new Set(); // options, said once and not with every load
    #kept = {}; // for the room that is loaded next, where the browser keeps nothing for it
    #joined = null; // the room that one is in: a breakout room, too
    #mirror = NOTHING_YET;

    /** 16 random bytes, as the part of a link behind the #. Whoever has the same secret is in the same meeting. */
    static newSecret() {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      return btoa(String.fromCharCode(...bytes))
        .replace(/\+/g, '-')
        .replace(/\//g, '_')
        .replace(/=+$/, '');
    }

    constructor(domain, options = {}) {
      const { roomName, parentNode = document.body, width, height, onload, noSSL } = options;
      if (!SLUG.test(roomName ?? '')) {
        throw new Error('GrottoExternalAPI: roomName has 3 to 64 of a-z, 0-9 and -');
      }
      this.#origin = originOf(domain, noSSL);
      this.#wishes = wishesOf(options);
      const frame = document.createElement('iframe');
      frame.allow = ALLOWED;
      frame.title = options.title ?? 'Grotto';
      frame.referrerPolicy = 'no-referrer';
      frame.style.border = '0';
      frame.style.width = sizeOf(width, '100%');
      frame.style.height = sizeOf(height, '100%');
      frame.addEventListener('load', () => this.#connect());
      if (onload) frame.addEventListener('load', onload);
      frame.src = `${this.#origin}/r/${roomName}?embedded`;
      this.#frame = frame;
      parentNode.append(frame);
    }

    /** Resolves once it was done, rejects with the reason why not. An error nobody waits for is told by errorOccurred. */
    executeCommand(name, ...args) {
      const done = new Promise((resolve, reject) => {
        const id = ++this.#lastId;
        this.#waiting.set(id, { resolve, reject });
        this.#send({ type: 'command', id, name, args });
      });
      // The frame may be loaded anew, and the room in it asks again.
      if (name === 'password')
        done.then(
          () => (this.#wishes.secret = fragmentOf(args[0])),
          () => {},
        );
      done.catch((error) =>
        this.#emit('errorOccurred', { error: { name: 'command_refused', message: error.message } }),
      );
      return done;
    }

    /** Several at once: {name: [arguments]}. */
    executeCommands(commands) {
      for (const [name, args] of Object.entries(commands)) this.executeCommand(name, ...args);
    }

    /** For a room opened with `keys: 'shared'`. */
    async setSharedKey({ generation, key }) {
      await this.executeCommand('setSharedKey', { generation, key: await bytesOf(key) });
    }

    /** As setSharedKey, by Jitsi's name; `index` is the generation, and only rises. */
    async setMediaEncryptionKey({ encryptionKey, index }) {
      await this.setSharedKey({ generation: index, key: encryptionKey });
    }

    /** For a room opened with `keys: 'per_participant'`; oneself too. */
    async setParticipantKey(participantId, { generation, key }) {
      await this.executeCommand('setParticipantKey', participantId, { generation, key: await bytesOf(key) });
    }

    on(name, listener) {
      const all = this.#listeners.get(name) ?? new Set();
      this.#listeners.set(name, all.add(listener));
      return this;
    }

    once(name, listener) {
      const first = (data) => {
        this.off(name, first);
        listener(data);
      };
      return this.on(name, first);
    }

    off(name, listener) {
      if (listener === undefined) this.#listeners.delete(name);
      else this.#listeners.get(name)?.delete(listener);
      return this;
    }

    addListener(name, listener) {
      return this.on(name, listener);
    }

    addEventListener(name, listener) {
      return this.on(name, listener);
    }

    addEventListeners(listeners) {
      for (const [name, listener] of Object.entries(listeners)) this.on(name, listener);
    }

    removeListener(name, listener) {
      return this.off(name, listener);
    }

    removeEventListener(name) {
      return this.off(name);
    }

    /** Everybody who is here, oneself too: {participantId, displayName, local, audioMuted, videoMuted, handRaised, state}. */
    getParticipantsInfo() {
      return this.#mirror.participants.map((participant) => ({ ...participant }));
    }

    getNumberOfParticipants() {
      return this.#mirror.participants.length;
    }

    getDisplayName(participantId) {
      return this.#mirror.participants.find((p) => p.participantId === participantId)?.displayName;
    }

    /** The breakout rooms that were opened here, by id: {id, name, participants: [{id, displayName}]}. */
    async listBreakoutRooms() {
      return Object.fromEntries(this.#mirror.breakouts.map((room) => [room.id, { ...room }]));
    }

    async isAudioMuted() {
      return this.#mirror.audioMuted;
    }

    async isVideoMuted() {
      return this.#mirror.videoMuted;
    }

    /** ok, attention or broken. */
    getE2EEState() {
      return this.#mirror.encryption;
    }

    getIFrame() {
      return this.#frame;
    }

    /** Takes the room out of the page; whoever was in the call has left it. */
    dispose() {
      this.#port?.close();
      this.#port = null;
      this.#frame.remove();
      this.#listeners.clear();
      this.#unsent = [];
      this.#giveUp('the room was disposed of');
    }

    /** Nobody answers any more. What was not sent yet still will be. */
    #giveUp(why) {
      const unsent = new Set(this.#unsent.map(({ id }) => id));
      for (const [id, { reject }] of this.#waiting) {
        if (unsent.has(id)) continue;
        this.#waiting.delete(id);
        reject(new Error(why));
      }
    }

    /**
     * After each load of the frame, a reload and the way into a breakout room too: there is another page in it then, which
     * knows nothing yet.
     */
    #connect() {
      this.#giveUp('the room was loaded anew before it was done');
      if (this.#joined !== null) this.#emit('videoConferenceLeft', { roomName: this.#joined });
      this.#mirror = NOTHING_YET;
      this.#port?.close();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => this.#heard(data);
      this.#port = port1;
      this.#ready = false;
      const connect = { grotto: 'connect', version: VERSION, wishes: { ...this.#wishes, kept: this.#kept } };
      // Only to the server's own page: whatever else the frame may show gets nothing.
      this.#frame.contentWindow?.postMessage(connect, this.#origin, [port2]);
    }

    #send(message) {
      if (this.#ready) this.#port?.postMessage(message);
      else this.#unsent.push(message);
    }

    #heard(message) {
      switch (message.type) {
        case 'connected':
          this.#ready = true;
          for (const unsent of this.#unsent.splice(0)) this.#send(unsent);
          return;
        case 'mirror':
          this.#mirror = message.mirror;
          return;
        case 'kept':
          this.#kept = message.kept;
          return;
        case 'event':
          return this.#emit(message.name, message.data);
        case 'done':
          this.#waiting.get(message.id)?.resolve();
          this.#waiting.delete(message.id);
          return;
        case 'refused':
          this.#waiting.get(message.id)?.reject(new Error(message.error));
          this.#waiting.delete(message.id);
      }
    }

    #emit(name, data) {
      if (name === 'videoConferenceJoined') this.#joined = data.roomName;
      if (name === 'videoConferenceLeft') this.#joined = null;
      if (data.error?.name === 'option_refused') {
        if (this.#refused.has(data.error.message)) return;
        this.#refused.add(data.error.message);
      }
      if (name === 'errorOccurred' && this.#port && !this.#listeners.get(name)?.size)
        console.warn(`GrottoExternalAPI: ${data.error.message}`);
      for (const listener of [...(this.#listeners.get(name) ?? [])]) {
        try {
          listener(data);
        } catch (error) {
          console.error(error); // of one listener; the others hear of it all the same
        }
      }
    }
  }

  globalThis.GrottoExternalAPI = GrottoExternalAPI;
})();
