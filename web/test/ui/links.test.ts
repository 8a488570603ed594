import { expect, test } from 'vitest';
import { linkParts } from '../../src/ui/chat/links.ts';

const hrefs = (text: string) => linkParts(text).flatMap((part) => (typeof part === 'string' ? [] : [part.href]));
const whole = (text: string) =>
  linkParts(text)
    .map((part) => (typeof part === 'string' ? part : part.shown))
    .join('');

test.each([
  ['see https://example.org/a?b=c#d now', ['https://example.org/a?b=c#d']],
  ['http://example.org', ['http://example.org/']],
  ['HTTPS://EXAMPLE.ORG/A', ['https://example.org/A']],
  ['(https://example.org/a).', ['https://example.org/a']],
  ['https://en.example.org/wiki/Cave_(disambiguation)', ['https://en.example.org/wiki/Cave_(disambiguation)']],
  ['two: https://a.example, https://b.example!', ['https://a.example/', 'https://b.example/']],
  ['https://example.org/ünï', ['https://example.org/%C3%BCn%C3%AF']],
])('%j has its links', (text, links) => {
  expect(hrefs(text)).toEqual(links);
});

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt://https://x', // what follows is one, but only what follows
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x file:///etc/passwd blob:https://a/b',
  'https:// http://',
  'https://example.org@evil.example/',
  'https://user:word@evil.example/',
  'ftp://example.org',
  'example.org',
])('nothing in %j is followed elsewhere', (text) => {
  for (const href of hrefs(text)) {
    const url = new URL(href);
    expect(['http:', 'https:']).toContain(url.protocol);
    expect(url.username + url.password).toBe('');
  }
  expect(hrefs(text).join()).not.toMatch(/evil|alert/);
});

test('no letter of what was written is lost or added', () => {
  const pieces = [
    'https://a.example/x',
    '<b>',
    ' ',
    '(',
    ')',
    '.',
    '"',
    'https://',
    '\n',
    'javascript:',
    '👍',
    '&amp;',
  ];
  let state = 7;
  const draw = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return pieces[state % pieces.length] ?? '';
  };
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: 6 }, draw).join('');
    expect(whole(text)).toBe(text);
  }
});
