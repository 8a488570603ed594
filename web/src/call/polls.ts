// Polls: a question to everybody, and what each device answers. There is nobody who counts: every page hears the signed
// answers of all others and counts them itself, so all who are here see the same.
//
// A poll goes by the hash of what it asks, so that an answer is one to exactly that question. A device's newest word is
// its whole ballot: one answer a device, which can be changed, and counts while the device is here. Whoever asked and
// whoever answered says it again to newcomers. Answers are not secret: who is here sees who chose what.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Device } from '../wire.ts';
import { cleanLine, SayError } from './said.ts';
import type { Sealed } from './sealed.ts';

export const POLL_KIND = 'grotto.poll';
export const VOTE_KIND = 'grotto.vote';

export const QUESTION_LIMIT = 300; // characters
export const OPTION_LIMIT = 100; // characters
export const MOST_OPTIONS = 10;
const LEAST_OPTIONS = 2;
const POLLS_OF_ONE = 10;
const POLLS = 50;
const AGAIN_MS = 1000; // those who come together are told together

export interface OptionView {
  text: string;
  votes: number;
  /** Who chose it. */
  names: string[];
  mine: boolean;
}

export interface PollView {
  id: string;
  /** Whose question it is. */
  name: string;
  self: boolean;
  question: string;
  options: OptionView[];
  /** One may choose several. */
  many: boolean;
  /** How many devices answered. */
  voters: number;
  answered: boolean;
}

/** What ui/ sees of polls. */
export interface PollsView {
  /** The newest first. */
  readonly all: ReadonlySignal<PollView[]>;
  /** Asks everybody; throws a SayError where it cannot go out now. */
  ask(question: string, options: string[], many: boolean): Promise<void>;
  /** Answers with these options, by their places; with none the answer is taken back. */
  answer(id: string, choices: number[]): void;
}

/** What is asked. */
export interface Question {
  nonce: string;
  question: string;
  options: string[];
  many: boolean;
}

interface Poll extends Question {
  id: string;
  author: string; // the device; '' for ours
  name: string;
  self: boolean;
}

interface Ballot {
  name: string;
  choices: Map<string, number[]>; // by poll
}

interface Timers {
  setTimeout(act: () => void, ms: number): unknown;
}

export class Polls implements PollsView {
  private readonly sealed: Sealed;
  private readonly timers: Timers;
  private readonly polls = signal<Poll[]>([]);
  private readonly ballots = signal<ReadonlyMap<string, Ballot>>(new Map()); // of others, by device
  private readonly own = signal<ReadonlyMap<string, number[]>>(new Map());
  private again: unknown = null;
  readonly all = computed(() => this.polls.value.map((poll) => this.view(poll)));

  constructor(sealed: Sealed, timers: Timers) {
    this.sealed = sealed;
    this.timers = timers;
    sealed.hear(POLL_KIND, { way: 'all' }, ({ from, name, body }) => void this.heardPoll(from, name, body));
    sealed.hear(VOTE_KIND, { way: 'all' }, ({ from, name, body }) => this.heardBallot(from, name, body));
    sealed.onReached(() => this.sayAgain());
    sealed.onLeft((device) => this.ballots.value.has(keyOf(device)) && this.setBallot(keyOf(device), null));
    sealed.onEnd(() => {
      this.polls.value = [];
      this.ballots.value = new Map();
      this.own.value = new Map();
    });
  }

  async ask(question: string, options: string[], many: boolean): Promise<void> {
    const asked = readQuestion({ nonce: nonce(), question, options: options.filter((o) => o.trim() !== ''), many });
    if (!asked) throw new SayError('empty', `A poll has a question and ${LEAST_OPTIONS} answers at least.`);
    if (this.polls.value.filter(({ self }) => self).length >= POLLS_OF_ONE) {
      throw new SayError('many', `There are ${POLLS_OF_ONE} polls of yours already.`);
    }
    const id = await idOf(asked);
    this.sealed.toAll(POLL_KIND, asked);
    this.add({ ...asked, id, author: '', name: this.sealed.ownName, self: true });
  }

  answer(id: string, choices: number[]): void {
    const poll = this.polls.value.find((p) => p.id === id);
    if (!poll) return;
    const own = new Map(this.own.value);
    const chosen = readChoices(choices, poll);
    if (chosen.length > 0) own.set(id, chosen);
    else own.delete(id);
    this.sealed.toAll(VOTE_KIND, { votes: Object.fromEntries(own) });
    this.own.value = own;
  }

  private async heardPoll(from: Device, name: string, body: Record<string, unknown>): Promise<void> {
    const asked = readQuestion(body);
    if (asked) this.add({ ...asked, id: await idOf(asked), author: keyOf(from), name, self: false });
  }

  /** The same question again is a poll that one has: its author says it to newcomers. */
  private add(poll: Poll): void {
    const { value } = this.polls;
    if (value.length >= POLLS || value.some(({ id }) => id === poll.id)) return;
    if (value.filter(({ author }) => author === poll.author).length < POLLS_OF_ONE) this.polls.value = [poll, ...value];
  }

  /** Answers to polls that have not come yet wait in the ballot. */
  private heardBallot(from: Device, name: string, { votes }: Record<string, unknown>): void {
    if (typeof votes !== 'object' || votes === null) return;
    const choices = new Map<string, number[]>();
    for (const [id, chosen] of Object.entries(votes).slice(0, POLLS)) {
      if (Array.isArray(chosen)) choices.set(id, chosen.slice(0, MOST_OPTIONS));
    }
    this.setBallot(keyOf(from), { name, choices });
  }

  private setBallot(device: string, ballot: Ballot | null): void {
    const ballots = new Map(this.ballots.value);
    if (ballot) ballots.set(device, ballot);
    else ballots.delete(device);
    this.ballots.value = ballots;
  }

  private sayAgain(): void {
    this.again ??= this.timers.setTimeout(() => {
      this.again = null;
      try {
        const own = this.polls.value.filter(({ self }) => self);
        for (const { nonce, question, options, many } of own.reverse()) {
          this.sealed.toAll(POLL_KIND, { nonce, question, options, many });
        }
        if (this.own.value.size > 0) this.sealed.toAll(VOTE_KIND, { votes: Object.fromEntries(this.own.value) });
      } catch (error) {
        if (!(error instanceof SayError)) throw error; // between two sessions: those of the next are reached anew
      }
    }, AGAIN_MS);
  }

  private view(poll: Poll): PollView {
    const { id, name, self, question, many } = poll;
    const own = this.own.value.get(id) ?? [];
    const votes = [...this.ballots.value.values()].map((ballot) => ({
      name: ballot.name,
      chosen: readChoices(ballot.choices.get(id) ?? [], poll),
    }));
    const ownVote = own.length > 0 ? [{ name: this.sealed.ownName, chosen: own }] : [];
    const all = [...ownVote, ...votes.filter(({ chosen }) => chosen.length > 0)];
    const options = poll.options.map((text, place) => {
      const names = all.filter(({ chosen }) => chosen.includes(place)).map((vote) => vote.name);
      return { text, votes: names.length, names, mine: own.includes(place) };
    });
    return { id, name, self, question, options, many, voters: all.length, answered: own.length > 0 };
  }
}

/** Null where it is none: a question, two to ten different answers, each of some length. */
export function readQuestion({ nonce, question, options, many }: Record<string, unknown>): Question | null {
  if (typeof nonce !== 'string' || !/^[\w-]{22}$/.test(nonce) || typeof question !== 'string') return null;
  if (!Array.isArray(options) || options.length > MOST_OPTIONS) return null;
  const asked = cleanLine(question, QUESTION_LIMIT);
  const answers = options.map((option: unknown) => (typeof option === 'string' ? cleanLine(option, OPTION_LIMIT) : ''));
  const fit = answers.length >= LEAST_OPTIONS && !answers.includes('') && new Set(answers).size === answers.length;
  return asked !== '' && fit ? { nonce, question: asked, options: answers, many: many === true } : null;
}

/** Places that there are, each once; where one may choose but one, the first. */
function readChoices(choices: unknown[], { options, many }: Question): number[] {
  const places = options.map((_, place) => place).filter((place) => choices.includes(place));
  return many ? places : places.slice(0, 1);
}

/** The first half of SHA-256 over the poll's JSON, base64url. */
export async function idOf({ nonce, question, options, many }: Question): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([nonce, question, options, many]));
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).subarray(0, 16));
}

function nonce(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(16)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');
}

function keyOf({ user, device }: Device): string {
  return `${user}|${device}`;
}
