// Polls, between pages that are joined by a line: what each counts, and what of a hostile one it does not.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Notes } from '../../src/call/notes.ts';
import { idOf, MOST_OPTIONS, nonceOf, type Question, readQuestion } from '../../src/call/poll.ts';
import { Polls } from '../../src/call/polls.ts';
import { encodeSaid } from '../../src/call/said.ts';
import { Sealed } from '../../src/call/sealed.ts';
import type { Device } from '../../src/wire.ts';
import { FakeTimers } from './fake_socket.ts';
import { FakeStorage } from './fake_storage.ts';

/** Seals nothing. */
const keeper = { keepNote: async (text: string) => text, openNote: async (sealed: string) => sealed, forget: () => {} };

class Page {
  readonly device: Device;
  readonly timers = new FakeTimers();
  readonly sealed: Sealed;
  readonly notes: Notes;
  readonly polls: Polls;

  constructor(
    readonly name: string,
    readonly room: Page[],
    readonly storage = new FakeStorage(),
    times = 1,
  ) {
    this.device = { user: `@${name}:x`, device: name, join_id: `${name}${times}` };
    this.sealed = new Sealed({ ready: () => true, name: () => name, now: () => this.timers.time });
    this.notes = new Notes(storage, 'room', () => keeper);
    this.polls = new Polls(this.sealed, this.timers, this.notes);
    this.sealed.speakThrough({
      self: this.device,
      people: { find: () => null, name: ({ device }) => device, reaches: () => true },
      sayToAll: (kind, body) => {
        for (const page of room) if (page !== this) page.hear(kind, body, this.device);
      },
      sayTo: () => {},
    });
    room.push(this);
  }

  /** The page is loaded anew: another device of the same name, with what the tab kept. */
  async reloaded(): Promise<Page> {
    this.room.splice(this.room.indexOf(this), 1);
    const again = new Page(this.name, this.room, this.storage, 2);
    await again.notes.begin(true);
    again.device.device += ' again';
    for (const page of this.room) {
      if (page === again) continue;
      page.sealed.left(this.device);
      page.sealed.reached(again.device);
      again.sealed.reached(page.device);
    }
    for (const page of this.room) page.timers.pass(1000);
    await settle();
    return again;
  }

  hear(kind: string, body: string, from: Device): void {
    this.sealed.heard({ type: 'heard', from, kind, body });
  }

  /** The counts of the newest poll. */
  counts(): string {
    const poll = this.polls.all.value[0];
    return poll
      ? `${poll.question} ${poll.closed ? 'closed ' : ''}${poll.options.map((o) => `${o.text} ${o.names.toSorted()}`).join(', ')}`
      : '';
  }
}

/** Until the hashes are made. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1)); // takes its turn, however busy the machine is
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function room(): Promise<Page[]> {
  const pages: Page[] = [];
  for (const name of ['Ada', 'Ben', 'Cleo']) new Page(name, pages);
  return pages;
}

test('everybody counts the same, whoever answers and however often', async () => {
  const [ada, ben, cleo] = (await room()) as [Page, Page, Page];
  await ada.polls.ask(' Tea or coffee? ', ['Tea', 'Coffee', ' '], false);
  await settle();
  const id = ben.polls.all.value[0]?.id ?? '';
  ben.polls.answer(id, [0]);
  cleo.polls.answer(id, [1]);
  cleo.polls.answer(id, [0]);
  ada.polls.answer(id, [1, 0]); // but one may be chosen
  for (const page of [ada, ben, cleo]) expect(page.counts()).toBe('Tea or coffee? Tea Ada,Ben,Cleo, Coffee ');
  ben.polls.answer(id, []);
  for (const page of [ada, ben, cleo]) expect(page.counts()).toBe('Tea or coffee? Tea Ada,Cleo, Coffee ');
  expect(ada.polls.all.value[0]).toMatchObject({ self: true, answered: true, voters: 2 });
  expect(ben.polls.all.value[0]).toMatchObject({ self: false, name: 'Ada', answered: false });
});

test('a newcomer hears of polls from who asked and of answers from who gave them; who leaves counts no more', async () => {
  const pages = await room();
  const [ada, ben] = pages as [Page, Page];
  await ada.polls.ask('When?', ['Now', 'Later'], true);
  await settle();
  ben.polls.answer(ada.polls.all.value[0]?.id ?? '', [0, 1]);
  const dora = new Page('Dora', pages);
  for (const page of [ben, ada]) {
    page.sealed.reached(dora.device);
    page.sealed.reached(dora.device);
    page.timers.pass(1000);
  }
  await settle();
  expect(dora.counts()).toBe('When? Now Ben, Later Ben');
  expect(dora.polls.all.value.length).toBe(1);
  dora.sealed.left(ben.device);
  expect(dora.counts()).toBe('When? Now , Later ');
  dora.sealed.end();
  expect(dora.polls.all.value).toEqual([]);
});

test('whoever asked closes: nobody answers any more, who leaves stays counted, and a newcomer hears the result', async () => {
  const pages = await room();
  const [ada, ben, cleo] = pages as [Page, Page, Page];
  await ada.polls.ask('Tea?', ['Yes', 'No'], false);
  await settle();
  const id = ben.polls.all.value[0]?.id ?? '';
  ben.polls.answer(id, [0]);
  cleo.polls.answer(id, [1]);
  ben.polls.close(id); // not his
  expect(ben.counts()).toBe('Tea? Yes Ben, No Cleo');
  ada.polls.close(id);
  await settle();
  ben.polls.answer(id, [1]);
  cleo.hear('grotto.vote', encodeSaid({ votes: { [id]: [1] } }), ben.device);
  for (const page of [ada, cleo]) page.sealed.left(ben.device);
  for (const page of [ada, ben, cleo]) expect(page.counts()).toBe('Tea? closed Yes Ben, No Cleo');

  const dora = new Page('Dora', pages);
  for (const page of [ada, cleo]) {
    page.sealed.reached(dora.device);
    page.timers.pass(1000);
  }
  await settle();
  expect(dora.polls.all.value[0]).toMatchObject({ closed: true, voters: 2, options: [{ votes: 1 }, { votes: 1 }] });
});

test('a poll and an answer outlive a reload, and the poll can be closed then', async () => {
  const pages = await room();
  const [ada, ben, cleo] = pages as [Page, Page, Page];
  await ada.polls.ask('One?', ['Yes', 'No'], false);
  await ada.polls.ask('Two?', ['Yes', 'No'], true);
  await settle();
  const id = ada.polls.all.value[0]?.id ?? '';
  for (const page of [ada, ben]) page.polls.answer(id, [0]);
  await settle();
  const again = await ada.reloaded();
  expect(again.polls.all.value.map(({ question, self }) => [question, self])).toEqual([
    ['Two?', true],
    ['One?', true],
  ]);
  for (const page of [again, ben, cleo])
    expect(page.counts()).toBe('Two? Yes Ada,Ben, No '.replaceAll('Ada', nameAt(page)));
  expect(cleo.polls.all.value.length).toBe(2);
  again.polls.close(id);
  await settle();
  expect([ben, cleo].map((page) => page.polls.all.value[0]?.closed)).toEqual([true, true]);
  const third = await again.reloaded();
  expect(third.polls.all.value[0]).toMatchObject({ closed: true, self: true, voters: 2 });

  /** Others know the one who came back by the device. */
  function nameAt(page: Page): string {
    return page === again ? 'Ada' : 'Ada again';
  }
});

test('nobody else closes a poll, and nobody with figures that are none', async () => {
  const [ada, ben] = (await room()) as [Page, Page];
  await ada.polls.ask('Tea?', ['Yes', 'No'], false);
  await settle();
  const kept = JSON.parse(ada.storage.getItem('grotto.notes.room') ?? '{}') as {
    polls: { asked: (Question & { key: string })[] };
  };
  const { key, nonce, question, options, many } = kept.polls.asked[0] as Question & { key: string };
  const good = { key, counts: [1, 0], voters: 1 };
  for (const end of [
    ...[null, 'now', {}, { ...good, key: nonce }, { ...good, key: 7 }, { ...good, counts: [1] }],
    ...[
      { ...good, counts: [2, 0] },
      { ...good, counts: [-1, 0] },
      { ...good, voters: 1e9 },
      { ...good, voters: '1' },
    ],
  ]) {
    ben.hear('grotto.poll', encodeSaid({ nonce, question, options, many, end }), ada.device);
    ben.timers.pass(500);
  }
  await settle();
  expect(ben.polls.all.value[0]?.closed).toBe(false);
  ben.hear('grotto.poll', encodeSaid({ nonce, question, options, many, end: good }), ada.device);
  await settle();
  expect(ben.polls.all.value[0]).toMatchObject({ closed: true, voters: 0 }); // what it has counted itself
});

test('the same words under another nonce are another poll, and an answer is one to exactly what was asked', async () => {
  const [ada, ben] = (await room()) as [Page, Page];
  await ada.polls.ask('Again?', ['Yes', 'No'], false);
  await ada.polls.ask('Again?', ['Yes', 'No'], false);
  await settle();
  expect(new Set(ben.polls.all.value.map(({ id }) => id)).size).toBe(2);
});

test('one who floods asks ten, and answers nothing that there is not', async () => {
  const [ada, ben] = (await room()) as [Page, Page];
  for (let i = 0; i < 100; i++) {
    const nonce = `${i}`.padEnd(22, '0');
    ada.hear('grotto.poll', encodeSaid({ nonce, question: `${i}`, options: ['a', 'b'], many: false }), ben.device);
    ada.timers.pass(500);
  }
  await settle();
  expect(ada.polls.all.value.length).toBe(10);
  const { id } = ada.polls.all.value[0] as { id: string };
  for (const chosen of [[7], [-1], ['a'], 'a', null, [[0]], [0.5], ['0'], { 0: 1 }]) {
    ada.hear('grotto.vote', encodeSaid({ votes: { [id]: chosen } }), ben.device);
    expect(ada.polls.all.value[0]?.voters).toBe(0);
  }
  ada.hear('grotto.vote', encodeSaid({ votes: { [id]: [1, 1, 1] } }), ben.device);
  expect(ada.polls.all.value[0]?.options.map(({ votes }) => votes)).toEqual([0, 1]);
  await expect(ada.polls.ask('x', ['y', ' y '], false)).rejects.toMatchObject({ code: 'empty' });
});

test('a poll goes by the id that the Go client gives it', async () => {
  const file = new URL('../../../internal/call/testdata/poll.json', import.meta.url);
  type Vector = { poll: Question; id: string; key: string; nonce: string };
  const { poll, id, key, nonce } = JSON.parse(readFileSync(file, 'utf8')) as Vector;
  expect(await idOf(poll)).toBe(id);
  expect(await nonceOf(key)).toBe(nonce);
});

describe('what is asked', () => {
  const nonce = '0123456789012345678901';
  const good = { nonce, question: 'Tea?', options: ['Yes', 'No'], many: false };

  test('is cleaned', () => {
    const said = { ...good, question: `a\u202eb\n${'x'.repeat(400)}`, options: ['Y\u0000es', 'No'], more: 1 };
    const read = readQuestion(said);
    expect(read?.question.length).toBe(300);
    expect(read).toEqual({ nonce, question: `ab ${'x'.repeat(297)}`, options: ['Y es', 'No'], many: false });
  });

  test.each([
    [{ ...good, nonce: 'short' }],
    [{ ...good, nonce: 7 }],
    [{ ...good, question: ' ' }],
    [{ ...good, question: ['Tea?'] }],
    [{ ...good, options: ['Yes'] }],
    [{ ...good, options: ['Yes', 'Yes\u200b'] }],
    [{ ...good, options: ['Yes', ''] }],
    [{ ...good, options: ['Yes', {}] }],
    [{ ...good, options: 'Yes' }],
    [{ ...good, options: Array.from({ length: MOST_OPTIONS + 1 }, (_, i) => `${i}`) }],
  ])('or is none: %j', (said) => {
    expect(readQuestion(said)).toBeNull();
  });
});
