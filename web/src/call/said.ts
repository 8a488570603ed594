// What people say besides media: small JSON bodies that travel sealed, and are cut to size and cleaned before they are
// shown.

/** What cannot be said, with a code the catalogue may have words for. */
export class SayError extends Error {
  override name = 'SayError';
  readonly code: 'empty' | 'long' | 'many' | 'offline' | 'gone' | 'off';

  constructor(code: SayError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Unpadded base64 of the value's JSON, as the engine wants bytes. */
export function encodeSaid(value: object): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(JSON.stringify(value))) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/=+$/, '');
}

/** How many bytes a body in unpadded base64 has. */
export function bytesOfSaid(body: string): number {
  return Math.floor((body.length * 3) / 4);
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

/** Control characters, and ends of lines. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
/** What is not seen, or turns the direction of what follows: no text may rewrite its surroundings. Joiners stay, which scripts and emoji need. */
const formats = /(?![\u200c\u200d])[\p{Cf}\p{Cs}\ufffd]/gu;
const invisible = /^[\s\u200c\u200d]*$/u;

/** Normalized last, when nothing stands between a letter and its marks any more. Go does all of this too: text.json. */
function printable(text: string): string {
  return text.replace(controls, ' ').replace(formats, '').normalize('NFC');
}

/** One line, without the characters above, of at most so many others. */
export function cleanLine(text: string, limit: number): string {
  return cut(printable(text).replace(/\s+/g, ' ').trim(), limit);
}

/** Lines as they were broken, each without the characters above; at most so many characters in all. */
export function cleanLines(text: string, limit: number): string {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => printable(line).trimEnd());
  return cut(lines.join('\n').trim(), limit);
}

function cut(text: string, limit: number): string {
  const short = [...text].slice(0, limit).join('').trim();
  return invisible.test(short) ? '' : short;
}
