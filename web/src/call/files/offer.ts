// What is said of files: the offer, what of it somebody wants, and that it is offered no more.
import { cleanLine } from '../said.ts';
import { chunksOf, FILE_LIMIT, fromBase64, toBase64 } from './seal.ts';

export const OFFER_KIND = 'grotto.file';
export const WANT_KIND = 'grotto.file.want';
export const CHUNK_KIND = 'grotto.file.chunk';
export const GONE_KIND = 'grotto.file.gone';

const NAME_LIMIT = 120; // characters
const ENDING_LIMIT = 16;
const MOST_RANGES = 64;

export interface Offer {
  id: string; // base64 of 16 bytes
  name: string;
  size: number;
  key: Uint8Array;
  hash: Uint8Array;
}

export interface Range {
  first: number;
  last: number;
}

export function offerBody({ id, name, size, key, hash }: Offer): object {
  return { id, name, size, key: toBase64(key), hash: toBase64(hash) };
}

export function readOffer({ id, name, size, key, hash }: Record<string, unknown>): Offer | null {
  const read = { key: fromBase64(key, 32), hash: fromBase64(hash, 32) };
  if (!isID(id) || typeof name !== 'string' || !isSize(size) || !read.key || !read.hash) return null;
  return { id, name: fileName(name), size, key: read.key, hash: read.hash };
}

export function isID(id: unknown): id is string {
  return typeof id === 'string' && id.length === 22 && fromBase64(id, 16) !== null;
}

function isSize(size: unknown): size is number {
  return typeof size === 'number' && Number.isSafeInteger(size) && size > 0 && size <= FILE_LIMIT;
}

/**
 * A name to save a file under: one line, no part of a path, nothing that a file system refuses or that hides the ending.
 * What is too long is cut before its ending.
 */
export function fileName(name: string): string {
  const clean = cleanLine(name, Number.POSITIVE_INFINITY)
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const characters = [...clean];
  if (cleanLine(clean, 1) === '') return 'file'; // nothing of it would be seen
  if (characters.length <= NAME_LIMIT) return clean;
  const dot = characters.lastIndexOf('.');
  const ending = dot > 0 && characters.length - dot <= ENDING_LIMIT ? characters.slice(dot) : [];
  return (
    characters
      .slice(0, NAME_LIMIT - ending.length)
      .join('')
      .trimEnd() + ending.join('')
  );
}

/** What of a file is missing, as ranges; the rest of it where these would be too many. */
export function missing(parts: readonly (Uint8Array | undefined)[], count: number): Range[] {
  const ranges: Range[] = [];
  for (let n = 0; n < count; n++) {
    if (parts[n]) continue;
    const open = ranges.at(-1);
    if (open && open.last === n - 1) open.last = n;
    else if (open && ranges.length === MOST_RANGES) open.last = n;
    else ranges.push({ first: n, last: n });
  }
  return ranges;
}

/** Wanting nothing means to have it all. */
export function wantBody(id: string, ranges: Range[]): object {
  return { id, want: ranges.map(({ first, last }) => [first, last]) };
}

export function readWant({ id, want }: Record<string, unknown>, size: number): Range[] | null {
  if (!isID(id) || !Array.isArray(want) || want.length > MOST_RANGES) return null;
  const count = chunksOf(size);
  const ranges: Range[] = [];
  for (const range of want) {
    const [first, last] = Array.isArray(range) ? (range as unknown[]) : [];
    if (!isPlace(first, count) || !isPlace(last, count) || first > last) return null;
    ranges.push({ first, last });
  }
  return ranges;
}

function isPlace(n: unknown, count: number): n is number {
  return typeof n === 'number' && Number.isInteger(n) && n >= 0 && n < count;
}

export function readChunk({
  id,
  n,
  data,
}: Record<string, unknown>): { id: string; n: number; data: Uint8Array } | null {
  const bytes = fromBase64(data);
  if (!isID(id) || typeof n !== 'number' || !Number.isInteger(n) || n < 0 || !bytes) return null;
  return { id, n, data: bytes };
}
