// The oracle: vodozemac, inside the Matrix SDK, with a homeserver of forty lines around it. It is driven by a Go test
// (olmkeys/vodozemac_test.go) that writes one JSON request a line and reads one JSON answer a line.
import { createInterface } from 'node:readline';
import * as sdk from '@matrix-org/matrix-sdk-crypto-wasm';

await sdk.initAsync();

const me = { user: '@vodo:call.example', device: 'VODOZEMAC0' };
const machine = await sdk.OlmMachine.initialize(new sdk.UserId(me.user), new sdk.DeviceId(me.device));
const uploaded = { device_keys: null, one_time_keys: {}, fallback_keys: {} };
const peers = new Map(); // user -> { device, device_keys, one_time_keys }

/** What a homeserver answers to a request of the machine. */
function homeserver(type, body) {
  switch (type) {
    case sdk.RequestType.KeysUpload:
      if (body.device_keys) uploaded.device_keys = body.device_keys;
      Object.assign(uploaded.one_time_keys, body.one_time_keys);
      Object.assign(uploaded.fallback_keys, body.fallback_keys);
      return { one_time_key_counts: { signed_curve25519: Object.keys(uploaded.one_time_keys).length } };
    case sdk.RequestType.KeysQuery: {
      const device_keys = {};
      for (const user of Object.keys(body.device_keys)) {
        const peer = peers.get(user);
        device_keys[user] = peer
          ? { [peer.device]: peer.device_keys }
          : user === me.user
            ? { [me.device]: uploaded.device_keys }
            : {};
      }
      return { device_keys, failures: {}, master_keys: {}, self_signing_keys: {}, user_signing_keys: {} };
    }
    case sdk.RequestType.KeysClaim: {
      const one_time_keys = {};
      for (const [user, devices] of Object.entries(body.one_time_keys)) {
        const peer = peers.get(user);
        const [id, key] = Object.entries(peer?.one_time_keys ?? {})[0] ?? [];
        if (!id) continue;
        delete peer.one_time_keys[id];
        one_time_keys[user] = { [Object.keys(devices)[0]]: { [id]: key } };
      }
      return { one_time_keys, failures: {} };
    }
    default:
      throw new Error(`the oracle's homeserver does not know request ${type}`);
  }
}

async function send(request) {
  const answer = homeserver(request.type, JSON.parse(request.body));
  if (request.id !== undefined) await machine.markRequestAsSent(request.id, request.type, JSON.stringify(answer));
}

const decryption = new sdk.DecryptionSettings(sdk.TrustRequirement.Untrusted);

// Verification by emoji. The messages go to and fro as what they are inside Olm: {type, content}.
let verification; // the VerificationRequest
const sas = () => verification.getVerification();

/** The contents of requests that send to-device messages, as a homeserver would pass them on. */
async function toDevice(...requests) {
  const messages = [];
  for (const request of requests) {
    if (!request) continue;
    const [devices] = Object.values(JSON.parse(request.body).messages);
    messages.push({ type: request.event_type, content: Object.values(devices)[0] });
    await machine.markRequestAsSent(request.id, request.type, '{}');
  }
  return messages;
}

async function outgoing() {
  const requests = await machine.outgoingRequests();
  return toDevice(...requests.filter(({ type }) => type === sdk.RequestType.ToDevice));
}

const device = (user, id) => machine.getDevice(new sdk.UserId(user), new sdk.DeviceId(id));

const commands = {
  /** Our keys, as the server would hand them out. */
  async keys() {
    for (const request of await machine.outgoingRequests()) await send(request);
    return uploaded;
  },
  /** A peer's device_keys and one-time keys arrive; the SDK says whether it believes them. */
  async introduce({ user, device, device_keys, one_time_keys }) {
    peers.set(user, { device, device_keys, one_time_keys });
    await machine.updateTrackedUsers([new sdk.UserId(user)]);
    await send(machine.queryKeysForUsers([new sdk.UserId(user)]));
    return { believed: (await machine.getDevice(new sdk.UserId(user), new sdk.DeviceId(device))) !== undefined };
  },
  async encrypt({ user, device, type, content }) {
    const claim = await machine.getMissingSessions([new sdk.UserId(user)]);
    if (claim) await send(claim);
    const peer = await machine.getDevice(new sdk.UserId(user), new sdk.DeviceId(device));
    return JSON.parse(await peer.encryptToDeviceEvent(type, content));
  },
  /** A to-device event arrives. */
  async decrypt({ sender, content }) {
    const event = { sender, type: 'm.room.encrypted', content };
    const [got] = await machine.receiveSyncChanges(
      JSON.stringify([event]),
      new sdk.DeviceLists([], []),
      new Map([['signed_curve25519', 50]]),
      new Set(['signed_curve25519']),
      decryption,
    );
    if (got?.type !== sdk.ProcessedToDeviceEventType.Decrypted) return { decrypted: false };
    const { type, content: inner } = JSON.parse(got.rawEvent);
    return { decrypted: true, type, content: inner };
  },
  async sign({ message }) {
    const signatures = await machine.sign(message);
    const mine = signatures.getSignature(new sdk.UserId(me.user), new sdk.DeviceKeyId(`ed25519:${me.device}`));
    return { signature: mine.toBase64() };
  },
  /** We ask the peer to compare emoji. */
  async request({ user, device: id }) {
    const [request, message] = (await device(user, id)).requestVerification([sdk.VerificationMethod.SasV1]);
    verification = request;
    return toDevice(message);
  },
  /** A verification message arrives; the answers that need no person. */
  async deliver({ user, type, content }) {
    await machine.receiveSyncChanges(
      JSON.stringify([{ sender: user, type, content }]),
      new sdk.DeviceLists([], []),
      new Map([['signed_curve25519', 50]]),
      new Set(['signed_curve25519']),
      decryption,
    );
    verification = machine.getVerificationRequests(new sdk.UserId(user))[0] ?? verification;
    return outgoing();
  },
  /** Our person agrees to the peer's request. */
  async ready() {
    return toDevice(verification.acceptWithMethods([sdk.VerificationMethod.SasV1]));
  },
  /** Our side sends the start. */
  async start() {
    const [, message] = await verification.startSas();
    return toDevice(message);
  },
  /** Our person agrees, and our side starts although the peer will, too. */
  async readyAndStart() {
    return [...(await commands.ready()), ...(await commands.start())];
  },
  /** Our side accepts the peer's start. */
  async accept() {
    return toDevice(sas().accept());
  },
  async emoji() {
    const names = sas()
      .emoji()
      .map(({ symbol, description }) => ({ symbol, description }));
    return { index: [...sas().emojiIndex()], decimal: [...sas().decimals()], names };
  },
  async confirm() {
    return toDevice(...(await sas().confirm()));
  },
  async mismatch() {
    return toDevice(sas().cancelWithCode('m.mismatched_sas'));
  },
  /** What the SDK thinks of the peer's device now, and of the run. */
  async trust({ user, device: id }) {
    const peer = await device(user, id);
    const run = {
      done: verification?.isDone(),
      cancelled: verification?.isCancelled(),
      code: verification?.cancelInfo?.cancelCode(),
    };
    return { verified: peer.isVerified(), locally: peer.isLocallyTrusted(), ...run };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...argument } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ ok: await commands[command](argument) }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
process.exit(0);
