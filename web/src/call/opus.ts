// What is agreed on about Opus (RFC 7587 §6.1) is in no API of the browser, only in descriptions. Screens sound in two
// channels; microphones send next to nothing while nobody speaks (DTX).
import type { Source } from '../wire.ts';

/** Said to the server of what we send. */
export const offered: Partial<Record<Source, string>> = { screen_audio: 'sprop-stereo=1' };

/** What our encoder is told to do, as if the server had asked for it. */
export const encoded: Partial<Record<Source, string>> = { mic: 'usedtx=1', screen_audio: 'stereo=1' };

/** What our decoder is told to expect. */
export const decoded: Partial<Record<Source, string>> = { screen_audio: 'stereo=1' };

/** Adds to the Opus of each m-line what its source has. */
export function withOpus(
  sdp: string,
  tracks: readonly { mid: string; source: Source }[],
  parameters: Partial<Record<Source, string>>,
): string {
  const byMid = new Map(tracks.map(({ mid, source }) => [mid, parameters[source]]));
  return sdp
    .split(/^(?=m=)/m)
    .map((section) => {
      const parameter = byMid.get(/^a=mid:(\S+)/m.exec(section)?.[1] ?? '');
      return parameter ? add(section, parameter) : section;
    })
    .join('');
}

/**
 * Lets our decoder ask once more for sound that was lost: browsers do where their own answer says so. What we send ourselves may
 * not be asked for: they would send it again under the same number, which is SRTP's nonce, with another header.
 */
export function askingAgain(answer: string): string {
  return answer
    .split(/^(?=m=)/m)
    .map((section) => {
      const [line, number] = opus.exec(section) ?? [];
      if (!line || new RegExp(`^a=rtcp-fb:${number} nack$`, 'm').test(section)) return section;
      return section.replace(line, `${line}\r\na=rtcp-fb:${number} nack`);
    })
    .join('');
}

const opus = /^a=rtpmap:(\d+) opus\/.*$/im;

function add(section: string, parameter: string): string {
  const [line, number] = opus.exec(section) ?? [];
  if (!line) return section;
  const format = new RegExp(`^a=fmtp:${number} `, 'm');
  if (format.test(section)) return section.replace(format, (begun) => `${begun}${parameter};`);
  return section.replace(line, `${line}\r\na=fmtp:${number} ${parameter}`);
}
