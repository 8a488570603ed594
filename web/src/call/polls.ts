// Polls: a question to everybody, and what each device answers. There is nobody who counts: every page hears the signed
// answers of all others and counts them itself, so all who are here see the same.
//
// A device's newest word is its whole ballot: one answer a device, which can be changed, and counts while the device is
// here. Whoever asked and whoever answered says it again to newcomers. Whoever asked can close the poll: each page keeps
// what it has counted then, and who comes later has the author's word for it. Answers are not secret: who is here sees who
// chose what. Over a reload one's own polls and answers are kept, sealed.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Device } from '../wire.ts';
import type { Notebook } from './notes.ts';
import {
  type End,
  idOf,
  LEAST_OPTIONS,
  MOST_OPTIONS,
  newKey,
  nonceOf,
  type Question,
  readChoices,
  readEnd,
  readQuestion,
} from './poll.ts';
import { SayError } from './said.ts';
import type { Sealed } from './sealed.ts';

export const POLL_KIND = 'grotto.poll';
export const VOTE_KIND = 'grotto.vote';

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
  /** Nobody answers any more. */
  closed: boolean;
}

/** What ui/ sees of polls. */
export interface PollsView {
  /** The newest first. */
  readonly all: ReadonlySignal<PollView[]>;
  /** Asks everybody; throws a SayError where it cannot go out now. */
  ask(question: string, options: string[], many: boolean): Promise<void>;
  /** Answers with these options, by their places; with none the answer is taken back. */
  answer(id: string, choices: number[]): void;
  /** Ends one's own poll; throws a SayError where that cannot go out now. */
  close(id: string): void;
}

interface Vote {
  name: string;
  chosen: number[];
}

interface Poll extends Question {
  id: string;
  author: string; // the device; '' for ours
  name: string;
  /** Of ours, what closes it. */
  key: string | null;
  end: End | null;
  /** What we had counted at the end; null for one that had ended before we came. */
  counted: Vote[] | null;
}

interface Ballot {
  name: string;
  choices: Map<string, number[]>; // by poll
}

/** Of ours, over a reload. */
interface Kept {
  asked: (Question & { key: string; end: End | null })[];
  votes: Record<string, number[]>;
}

interface Timers {
  setTimeout(act: () => void, ms: number): unknown;
}

export class Polls implements PollsView {
  private readonly sealed: Sealed;
  private readonly timers: Timers;
  private readonly keep: (kept: Kept | null) => void;
  private readonly polls = signal<Poll[]>([]);
  private readonly ballots = signal<ReadonlyMap<string, Ballot>>(new Map()); // of others, by device
  private readonly own = signal<ReadonlyMap<string, number[]>>(new Map());
  private turn: Promise<void> = Promise.resolve(); // what is heard of polls is taken in in its order
  private again: unknown = null;
  readonly all = computed(() => this.polls.value.map((poll) => this.view(poll)));

  constructor(sealed: Sealed, timers: Timers, notes: Notebook) {
    this.sealed = sealed;
    this.timers = timers;
    this.keep = notes.entry('polls', (kept) => this.restore(kept as Kept));
    sealed.hear(POLL_KIND, { way: 'all' }, ({ from, name, body }) => {
      this.turn = this.turn.then(() => this.heardPoll(from, name, body));
    });
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
    const key = newKey();
    const nonce = await nonceOf(key);
    const asked = readQuestion({ nonce, question, options: options.filter((o) => o.trim() !== ''), many });
    if (!asked) throw new SayError('empty', `A poll has a question and ${LEAST_OPTIONS} answers at least.`);
    if (this.polls.value.filter(isOurs).length >= POLLS_OF_ONE) {
      throw new SayError('many', `There are ${POLLS_OF_ONE} polls of yours already.`);
    }
    const id = await idOf(asked);
    this.sealed.toAll(POLL_KIND, asked);
    this.add({ ...asked, id, author: '', name: this.sealed.ownName, key, end: null, counted: null });
    this.note();
  }

  answer(id: string, choices: number[]): void {
    const poll = this.polls.value.find((p) => p.id === id);
    if (!poll || poll.end) return;
    const own = new Map(this.own.value);
    const chosen = readChoices(choices, poll);
    if (chosen.length > 0) own.set(id, chosen);
    else own.delete(id);
    this.sealed.toAll(VOTE_KIND, { votes: Object.fromEntries(own) });
    this.own.value = own;
    this.note();
  }

  close(id: string): void {
    const poll = this.polls.value.find((p) => p.id === id);
    if (!poll?.key || poll.end) return;
    const votes = this.votes(poll);
    const counts = poll.options.map((_, place) => votes.filter(({ chosen }) => chosen.includes(place)).length);
    const end = { key: poll.key, counts, voters: votes.length };
    this.sealed.toAll(POLL_KIND, said(poll, end));
    this.finish(poll, end);
    this.note();
  }

  private async heardPoll(from: Device, name: string, body: Record<string, unknown>): Promise<void> {
    const asked = readQuestion(body);
    if (!asked) return;
    const id = await idOf(asked);
    const end = body.end === undefined ? null : await readEnd(body.end, asked);
    const known = this.polls.value.find((poll) => poll.id === id);
    if (!known) this.add({ ...asked, id, author: keyOf(from), name, key: null, end, counted: null });
    else if (end && !known.end) this.finish(known, end);
  }

  private add(poll: Poll): void {
    const { value } = this.polls;
    if (value.length >= POLLS || value.some(({ id }) => id === poll.id)) return;
    if (value.filter(({ author }) => author === poll.author).length < POLLS_OF_ONE) this.polls.value = [poll, ...value];
  }

  private finish(poll: Poll, end: End): void {
    const counted = this.votes(poll);
    this.polls.value = this.polls.value.map((other) => (other === poll ? { ...poll, end, counted } : other));
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
        for (const poll of this.polls.value.filter(isOurs).reverse()) {
          this.sealed.toAll(POLL_KIND, said(poll, poll.end));
        }
        if (this.own.value.size > 0) this.sealed.toAll(VOTE_KIND, { votes: Object.fromEntries(this.own.value) });
      } catch (error) {
        if (!(error instanceof SayError)) throw error; // between two sessions: those of the next are reached anew
      }
    }, AGAIN_MS);
  }

  private note(): void {
    const asked = this.polls.value.flatMap(({ nonce, question, options, many, key, end }) =>
      key ? [{ nonce, question, options, many, key, end }] : [],
    );
    const votes = Object.fromEntries(this.own.value);
    this.keep(asked.length > 0 || this.own.value.size > 0 ? { asked, votes } : null);
  }

  private async restore({ asked, votes }: Kept): Promise<void> {
    for (const { key, end, ...poll } of asked.toReversed()) {
      const id = await idOf(poll);
      this.add({ ...poll, id, author: '', name: this.sealed.ownName, key, end, counted: null });
    }
    this.own.value = new Map(Object.entries(votes));
  }

  /** As of now: our own first. */
  private votes(poll: Poll): Vote[] {
    const own = { name: this.sealed.ownName, chosen: this.own.value.get(poll.id) ?? [] };
    const others = [...this.ballots.value.values()].map(({ name, choices }) => ({
      name,
      chosen: readChoices(choices.get(poll.id) ?? [], poll),
    }));
    return [own, ...others].filter(({ chosen }) => chosen.length > 0);
  }

  private view(poll: Poll): PollView {
    const { id, name, question, many, end } = poll;
    const own = this.own.value.get(id) ?? [];
    const votes = end ? poll.counted : this.votes(poll);
    const options = poll.options.map((text, place) => {
      const names = (votes ?? []).filter(({ chosen }) => chosen.includes(place)).map((vote) => vote.name);
      return { text, votes: votes ? names.length : (end?.counts[place] ?? 0), names, mine: own.includes(place) };
    });
    const voters = votes ? votes.length : (end?.voters ?? 0);
    const [self, answered, closed] = [isOurs(poll), own.length > 0, end !== null];
    return { id, name, self, question, options, many, voters, answered, closed };
  }
}

function isOurs({ author }: Poll): boolean {
  return author === '';
}

/** The same question again is a poll that everybody has: its author says it to newcomers, and with its end to all. */
function said({ nonce, question, options, many }: Question, end: End | null): object {
  return { nonce, question, options, many, ...(end ? { end } : {}) };
}

function keyOf({ user, device }: Device): string {
  return `${user}|${device}`;
}
