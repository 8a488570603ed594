// A file in transit: cut into chunks, each sealed with AES-256-GCM under a key that is drawn for this file and goes only
// into its offer. So chunks can go to everybody in data frames, and open for those alone whom the offer was made to.

export const CHUNK = 24_000; // bytes of the file: in base64 twice they stay below a data frame's 32 KiB of content
export const FILE_LIMIT = 8 << 20; // bytes: at what the server relays of one client, four minutes
const KEY_SIZE = 32;
const ID_SIZE = 16;
const TAG_SIZE = 16;
const LABEL = new TextEncoder().encode('grotto v1 file');

/** The id and key of a new file. */
export function newFile(): { id: Uint8Array; key: Uint8Array } {
  return { id: random(ID_SIZE), key: random(KEY_SIZE) };
}

export function chunksOf(size: number): number {
  return Math.ceil(size / CHUNK);
}

/** How many bytes of the file chunk n has. */
export function chunkSize(size: number, n: number): number {
  return Math.min(CHUNK, size - n * CHUNK);
}

/** Seals and opens the chunks of one file of so many bytes. */
export class ChunkSeal {
  private readonly id: Uint8Array;
  private readonly size: number;
  private readonly key: Promise<CryptoKey>;

  constructor(id: Uint8Array, key: Uint8Array, size: number) {
    this.id = id;
    this.size = size;
    this.key = crypto.subtle.importKey('raw', own(key), 'AES-GCM', false, ['encrypt', 'decrypt']);
    this.key.catch(() => {}); // told to whoever seals or opens
  }

  async seal(n: number, chunk: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.encrypt(this.parameters(n), await this.key, own(chunk)));
  }

  /** Rejects what was not sealed as this chunk of this file. */
  async open(n: number, sealed: Uint8Array): Promise<Uint8Array> {
    if (sealed.length !== chunkSize(this.size, n) + TAG_SIZE) throw new Error('a chunk of another length');
    return new Uint8Array(await crypto.subtle.decrypt(this.parameters(n), await this.key, own(sealed)));
  }

  /** A chunk's number is its nonce: one key seals one file, and the same number always the same bytes. */
  private parameters(n: number): AesGcmParams {
    const iv = new Uint8Array(12);
    new DataView(iv.buffer).setUint32(8, n);
    const bound = new Uint8Array(LABEL.length + this.id.length + 8);
    bound.set(LABEL);
    bound.set(this.id, LABEL.length);
    new DataView(bound.buffer).setBigUint64(LABEL.length + this.id.length, BigInt(this.size));
    return { name: 'AES-GCM', iv, additionalData: bound };
  }
}

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', own(bytes)));
}

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/=+$/, '');
}

/** Null where it is no base64, or not of so many bytes. */
export function fromBase64(text: unknown, size?: number): Uint8Array | null {
  if (typeof text !== 'string') return null;
  try {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return size === undefined || bytes.length === size ? bytes : null;
  } catch {
    return null;
  }
}

function random(size: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(size));
}

/** As the types of WebCrypto want it: on a buffer that nobody shares. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
