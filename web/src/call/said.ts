// What people say besides media: small JSON bodies that travel sealed, and are cut to size and cleaned before they are
// shown.

/** Unpadded base64 of the value's JSON, as the engine wants bytes. */
export function encodeSaid(value: object): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(JSON.stringify(value))) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/=+$/, '');
}

/** The fields of what was said; null where it is no JSON object. */
export function decodeSaid(body: string): Record<string, unknown> | null {
  try {
    const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
    const said: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Control characters, and those that turn the direction of what follows: no text may rewrite its surroundings. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line, without the characters above, of at most so many others. */
export function cleanLine(text: string, limit: number): string {
  const printable = text.normalize('NFC').replace(unprintable, ' ').replace(/\s+/g, ' ').trim();
  return [...printable].slice(0, limit).join('').trim();
}

/** Lines as they were broken, each without the characters above; at most so many characters in all. */
export function cleanLines(text: string, limit: number): string {
  const lines = text
    .normalize('NFC')
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.replace(unprintable, ' ').trimEnd());
  return [...lines.join('\n').trim()].slice(0, limit).join('').trimEnd();
}
