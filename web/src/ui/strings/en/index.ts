/**
 * Every string of the page in English, a file for each part of it. Another language has the same files with the same
 * keys (type `In`), and is loaded when it is chosen.
 *
 * Sentence case, no exclamation marks; say what happened, then what to do. `{name}` stands for a value; a key ending in
 * `.one` or `.other` is one plural form, chosen by `textCount`.
 */
import { call } from './call.ts';
import { captions } from './captions.ts';
import { chat } from './chat.ts';
import { device } from './device.ts';
import { emoji } from './emoji.ts';
import { encryption } from './encryption.ts';
import { files } from './files.ts';
import { home } from './home.ts';
import { invite } from './invite.ts';
import { lobby } from './lobby.ts';
import { matrix } from './matrix.ts';
import { moderation } from './moderation.ts';
import { notify } from './notify.ts';
import { people } from './people.ts';
import { polls } from './polls.ts';
import { problem } from './problem.ts';
import { recording } from './recording.ts';
import { security } from './security.ts';
import { settings } from './settings.ts';
import { stage } from './stage.ts';
import { verify } from './verify.ts';

export const en = {
  ...home,
  ...lobby,
  ...problem,
  ...stage,
  ...call,
  ...encryption,
  ...chat,
  ...captions,
  ...notify,
  ...files,
  ...invite,
  ...matrix,
  ...moderation,
  ...people,
  ...security,
  ...polls,
  ...verify,
  ...device,
  ...settings,
  ...recording,
  ...emoji,
} as const;
