// What can be asked of the server, what it answers to that, and what it says unasked.
import type { ClientMessage, Code, ServerMessage } from '../wire.ts';

type WithoutEnvelope<M> = M extends unknown ? Omit<M, 'id'> : never;
export type Request = WithoutEnvelope<Exclude<ClientMessage, { type: 'hello' | 'resume' | 'ping' }>>;

/** The answer to each request, by its type. */
interface Answers {
  join: 'joined';
  upload_keys: 'ok';
  claim_keys: 'claimed_keys';
  to_device: 'ok';
  send_data: 'ok';
  prove: 'ok';
  publish: 'published';
  subscribe_answer: 'ok';
  show: 'ok';
  restart: 'ok';
  knock: 'ok';
  admit: 'ok';
  set_room: 'ok';
  set_role: 'ok';
  expel: 'ok';
  end_call: 'ok';
  tell_breakout: 'ok';
  leave: 'ok';
}
export type AnswerTo<R extends Request> = Extract<ServerMessage, { type: Answers[R['type']] }>;

/** What the server says unasked. */
export type Notice = Extract<
  ServerMessage,
  {
    type:
      | 'roster'
      | 'key_count'
      | 'device_message'
      | 'data'
      | 'proof'
      | 'subscribe_offer'
      | 'wanted'
      | 'streams'
      | 'speakers'
      | 'room_state'
      | 'knocks'
      | 'role'
      | 'from_main'
      | 'switch_off'
      | 'stopping';
  }
>;

/** A request that the server refused, or that the session's end left unanswered. */
export class SignallingError extends Error {
  override name = 'SignallingError';
  readonly code: Code | 'session_ended';
  readonly hint: string | undefined;

  constructor(code: Code | 'session_ended', message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
