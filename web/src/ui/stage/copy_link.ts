/** Puts the meeting's link where one can paste it. The page no longer has it, for its secret went to the worker: the call is asked. */
import type { Meeting } from '../../call/view.ts';
import { text } from '../strings/text.ts';
import type { Toasts } from './toasts.ts';

export async function copyLink(meeting: Meeting, toasts: Toasts): Promise<void> {
  if (!meeting.link) return toasts.say(text('copy.manual'));
  try {
    await navigator.clipboard.writeText(await meeting.link());
    toasts.say(text('copy.done'));
  } catch {
    toasts.say(text('invite.copy.failed'));
  }
}
