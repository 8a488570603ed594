/** German, formal (Sie); people are named without gender where that reads well. */
import type { Catalogue } from '../text.ts';
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

const de: Catalogue = {
  ...home,
  ...lobby,
  ...problem,
  ...stage,
  ...call,
  ...encryption,
  ...chat,
  ...polls,
  ...captions,
  ...notify,
  ...files,
  ...invite,
  ...matrix,
  ...moderation,
  ...people,
  ...security,
  ...verify,
  ...device,
  ...settings,
  ...recording,
  ...emoji,
};

export default de;
