// Whether a call could be carried from here, tried before one joins: the server answers, its WebSocket opens, and the
// browser gives calls a network. That media gets through shows only in a call, where the server names its relays.
import { dial, signalURL } from './browser.ts';

export interface NetworkCheck {
  /** The server's answer took so long, in ms; null where none came. */
  answerMs: number | null;
  signalling: boolean;
  media: boolean;
}

const PATIENCE_MS = 5000;

export async function checkNetwork(origin: string): Promise<NetworkCheck> {
  const [answerMs, signalling, media] = await Promise.all([answer(origin), opens(origin), gathers()]);
  return { answerMs, signalling, media };
}

async function answer(origin: string): Promise<number | null> {
  const begun = performance.now();
  try {
    const { ok } = await fetch(`${origin}/healthz`, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    return ok ? Math.round(performance.now() - begun) : null;
  } catch {
    return null;
  }
}

function opens(origin: string): Promise<boolean> {
  return within<boolean>(false, (done) => {
    const socket = dial(signalURL(origin));
    socket.onopen = () => {
      socket.close();
      done(true);
    };
    socket.onerror = () => done(false);
  });
}

/** Some privacy settings and VPN extensions leave a page without any address to be called at. */
async function gathers(): Promise<boolean> {
  const connection = new RTCPeerConnection();
  try {
    return await within<boolean>(false, (done) => {
      connection.onicecandidate = ({ candidate }) => done(candidate !== null && candidate.candidate !== '');
      connection.createDataChannel('');
      connection.setLocalDescription().catch(() => done(false));
    });
  } finally {
    connection.close();
  }
}

function within<T>(otherwise: T, act: (done: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(otherwise), PATIENCE_MS);
    act((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
