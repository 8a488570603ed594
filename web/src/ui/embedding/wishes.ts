/** Does what the page wished of a room that is being opened, but for its link, and says what is not to be had. */
import type { Meeting } from '../../call/view.ts';
import { speakHere } from '../strings/languages.ts';
import { configure } from './config.ts';
import type { Wishes } from './protocol.ts';
import * as refusals from './refusals.ts';

export async function refused(
  meeting: Pick<Meeting, 'devices' | 'stage'>,
  { lang, config, others }: Wishes,
): Promise<string[]> {
  const told = others.map((name) => {
    const why = Object.hasOwn(refusals.options, name) ? refusals.options[name] : 'there is no such option';
    return `${name}: ${why}`;
  });
  if (lang) await speakHere(lang).catch((error: Error) => told.push(`lang: ${error.message}`));
  return [...told, ...(await configure(meeting, config, true))];
}
