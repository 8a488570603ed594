import { beforeEach, expect, test } from 'vitest';
import { Draft, recipients, TEXT_LIMIT } from '../../src/ui/chat/draft.ts';
import { Unread } from '../../src/ui/chat/unread.ts';
import { type FakeMeeting, fakeMeeting, fakeTile } from './fake.ts';

const ben = fakeTile(1);
const toBen = { user: ben.user, device: ben.device, name: ben.name };
let meeting: FakeMeeting;
let draft: Draft;

beforeEach(() => {
  meeting = fakeMeeting('in_call');
  meeting.tiles.value = [fakeTile(0, { self: true }), ben];
  draft = new Draft(meeting);
});

test('what was sent is gone from the field', async () => {
  draft.write(' Hello \n');
  await draft.send();
  expect(meeting.calls).toEqual(['say Hello']);
  expect(draft.text.value).toBe('');
});

test('blank is not sent, nor the same twice while it is under way', async () => {
  draft.write(' \n ');
  await draft.send();
  draft.write('Once');
  await Promise.all([draft.send(), draft.send()]);
  expect(meeting.calls).toEqual(['say Once']);
});

test.each([
  ['offline', 'offline'],
  ['gone', 'gone'],
  ['long', 'long'],
  ['empty', 'failed'],
  [undefined, 'failed'],
] as const)('a failure the call names %j keeps the text', async (code, fault) => {
  meeting.say = () => Promise.reject(Object.assign(new Error('no'), { code }));
  draft.write('Do not lose me');
  await draft.send();
  expect(draft.fault.value).toBe(fault);
  expect(draft.text.value).toBe('Do not lose me');
  draft.write('Do not lose me.');
  expect(draft.fault.value).toBeNull();
});

test('nothing is sent while the connection is lost', async () => {
  meeting.phase.value = 'reconnecting';
  draft.write('Wait');
  await draft.send();
  expect(meeting.calls).toEqual([]);
  expect(draft.fault.value).toBe('offline');
  meeting.phase.value = 'in_call';
  await draft.send();
  expect(meeting.calls).toEqual(['say Wait']);
});

test('a private line whose reader has left goes to nobody, least of all to everybody', async () => {
  draft.address(toBen);
  draft.write('Between us');
  await draft.send();
  meeting.tiles.value = meeting.tiles.value.filter(({ self }) => self);
  draft.write('Still between us');
  await draft.send();
  expect(meeting.calls).toEqual([`say Between us to ${ben.device}`]);
  expect(draft.fault.value).toBe('gone');
  expect(draft.text.value).toBe('Still between us');
});

test('the same when their keys no longer open', async () => {
  draft.address(toBen);
  meeting.tiles.value = [fakeTile(0, { self: true }), { ...ben, state: 'blocked' }];
  draft.write('Between us');
  await draft.send();
  expect(meeting.calls).toEqual([]);
  expect(draft.fault.value).toBe('gone');
});

test('the limit counts characters, not halves of them', async () => {
  draft.write('👍'.repeat(TEXT_LIMIT));
  await draft.send();
  draft.write('x'.repeat(TEXT_LIMIT + 1));
  await draft.send();
  expect(meeting.calls).toHaveLength(1);
  expect(draft.fault.value).toBe('long');
});

test('what is typed on while a line is under way stays', async () => {
  let done = () => {};
  meeting.say = () => new Promise((resolve) => (done = resolve));
  draft.write('First');
  const sending = draft.send();
  draft.write('First and more');
  done();
  await sending;
  expect(draft.text.value).toBe('First and more');
});

test('one writes to others whose keys are right, once each', () => {
  const tiles = [
    fakeTile(0, { self: true }),
    ben,
    fakeTile(1, { kind: 'screen', key: 'screen-1' }),
    fakeTile(2, { state: 'wrong_secret' }),
    fakeTile(3, { state: 'refused' }),
    fakeTile(4, { state: 'waiting_for_key' }),
    fakeTile(5, { state: 'changed_key' }),
  ];
  expect(recipients(tiles).map(({ key }) => key)).toEqual(['person-1', 'person-5']);
});

test('lines of others are unread until they are shown; one’s own are not', () => {
  const unread = new Unread(meeting.chat);
  const line = { name: 'Ben', from: ben, self: false, text: 'x', at: 0, private: false };
  meeting.chat.value = [
    { ...line, id: 1 },
    { ...line, id: 2, self: true },
    { ...line, id: 3 },
  ];
  expect(unread.count).toBe(2);
  unread.read();
  expect(unread.count).toBe(0);
  meeting.chat.value = [...meeting.chat.value.slice(2), { ...line, id: 4 }]; // the oldest are let go
  expect(unread.count).toBe(1);
});
