// One poll: what is asked, how it is named, and how it is closed by whoever asked and by nobody else.
//
// A poll goes by the hash of what it asks, so that an answer is one to exactly that question. Its nonce is the hash of a key
// that its author alone has: who tells that key closes the poll, and needs not be the device any more that asked.
import { cleanLine } from './said.ts';

export const QUESTION_LIMIT = 300; // characters
export const OPTION_LIMIT = 100; // characters
export const MOST_OPTIONS = 10;
export const LEAST_OPTIONS = 2;
const MOST_VOTERS = 10_000;
const LABEL = 'grotto v1 poll';

/** What is asked. */
export interface Question {
  nonce: string;
  question: string;
  options: string[];
  many: boolean;
}

/** The end of a poll, told by its author: the key, and the result for those who come later. */
export interface End {
  key: string;
  /** By the options' places. */
  counts: number[];
  voters: number;
}

/** Null where it is none: a question, two to ten different answers, each of some length. */
export function readQuestion({ nonce, question, options, many }: Record<string, unknown>): Question | null {
  if (!isRandom(nonce) || typeof question !== 'string') return null;
  if (!Array.isArray(options) || options.length > MOST_OPTIONS) return null;
  const asked = cleanLine(question, QUESTION_LIMIT);
  const answers = options.map((option: unknown) => (typeof option === 'string' ? cleanLine(option, OPTION_LIMIT) : ''));
  const fit = answers.length >= LEAST_OPTIONS && !answers.includes('') && new Set(answers).size === answers.length;
  return asked !== '' && fit ? { nonce, question: asked, options: answers, many: many === true } : null;
}

/** Null where it does not end this poll. */
export async function readEnd(end: unknown, { nonce, options }: Question): Promise<End | null> {
  const { key, counts, voters } = (end ?? {}) as Partial<Record<keyof End, unknown>>;
  if (!isRandom(key) || !isCount(voters) || !Array.isArray(counts) || counts.length !== options.length) return null;
  if (!counts.every((count) => isCount(count) && count <= voters)) return null;
  return (await nonceOf(key)) === nonce ? { key, counts, voters } : null;
}

/** Places that there are, each once; where one may choose but one, the first. */
export function readChoices(choices: unknown[], { options, many }: Question): number[] {
  const places = options.map((_, place) => place).filter((place) => choices.includes(place));
  return many ? places : places.slice(0, 1);
}

/** The first half of SHA-256 over the poll's JSON, base64url. */
export function idOf({ nonce, question, options, many }: Question): Promise<string> {
  return half(JSON.stringify([nonce, question, options, many]));
}

export function newKey(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(16)));
}

export function nonceOf(key: string): Promise<string> {
  return half(LABEL + key);
}

async function half(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).subarray(0, 16));
}

function isRandom(text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]{22}$/.test(text);
}

function isCount(count: unknown): count is number {
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= MOST_VOTERS;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');
}
