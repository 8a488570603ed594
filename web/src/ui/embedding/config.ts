/** What of Jitsi's config there is here, at the beginning and with overwriteConfig. The rest is refused by name. */
import type { Meeting, Resolution } from '../../call/view.ts';
import { speakHere } from '../strings/languages.ts';
import { fieldsOf } from './protocol.ts';
import * as refusals from './refusals.ts';

type Apply = (meeting: Pick<Meeting, 'devices' | 'stage'>, value: unknown) => void | Promise<void>;

const settings: Readonly<Record<string, Apply>> = {
  resolution: ({ devices }, value) => devices.setResolution(resolutionFor(value)),
  startAudioOnly: ({ stage }, value) => stage.setSoundOnly(value === true),
  defaultLanguage: (_, value) => speakHere(value),
};

/** external_api.js reads these, before there is a room. */
const onlyAtTheBeginning = [
  'prejoinConfig',
  'prejoinPageEnabled',
  'startWithAudioMuted',
  'startWithVideoMuted',
  'e2ee',
];

export const configNames: readonly string[] = [...Object.keys(settings), ...onlyAtTheBeginning];

/** Does what can be done, and answers why the rest cannot. */
export async function configure(
  meeting: Pick<Meeting, 'devices' | 'stage'>,
  config: Record<string, unknown>,
  beginning: boolean,
): Promise<string[]> {
  const refused: string[] = [];
  for (const [name, value] of Object.entries(config)) {
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    try {
      if (setting) await setting(meeting, value);
      else if (!onlyAtTheBeginning.includes(name)) throw new Error(reasonOf(name));
      else if (!beginning) throw new Error('this counts when the room is opened, and not later');
      else for (const part of refusedParts(name, value)) refused.push(part);
    } catch (error) {
      refused.push(`${name.slice(0, 64)}: ${(error as Error).message}`);
    }
  }
  return refused;
}

function reasonOf(name: string): string {
  return Object.hasOwn(refusals.config, name) ? (refusals.config[name] ?? '') : 'there is no such setting here';
}

/** `disabled: false` asks for nothing. */
function refusedParts(name: string, value: unknown): string[] {
  const parts = Object.entries(fieldsOf(value)).filter(([, wanted]) => wanted !== false);
  return parts
    .map(([part]) => `${name}.${part}`)
    .flatMap((whole) => {
      const reason = Object.hasOwn(refusals.config, whole) ? refusals.config[whole] : undefined;
      return reason ? [`${whole}: ${reason}`] : [];
    });
}

export function resolutionFor(height: unknown): Resolution {
  const steps = [1080, 720, 360, 180] as const;
  if (typeof height !== 'number') throw new Error('a height in pixels is missing');
  return steps.find((step) => step <= height) ?? 180;
}
