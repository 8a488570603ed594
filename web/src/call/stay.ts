// A stay in the meeting, from joining to leaving: one session after another, through lost connections and a server that
// starts anew. It says how that goes; what a session is made of, and what else begins and ends with it, is its owner's.
import { signal } from '@preact/signals';
import { Attempts } from './attempts.ts';
import type { WholeLink } from './link.ts';
import { SignallingError } from './requests.ts';
import type { Session } from './session.ts';
import type { SessionEvents } from './session_parts.ts';
import type { Phase, Problem } from './view.ts';

const UNREACHABLE_AFTER = 3; // attempts, until it is said
const REFUSED_AT_THE_DOOR: readonly string[] = ['locked', 'not_admitted', 'room_full'];
const GIVE_UP_AFTER = 5; // attempts to join, some 8 s; who was in a call already is tried for without end

/** What a session tells its stay. */
export type Turns = Pick<SessionEvents, 'lost' | 'resumed' | 'ended'>;

interface Owner {
  /** A new session; null where there is no engine for one. */
  session(turns: Turns): Session | null;
  /** The engine is lost, and has said so itself. */
  broken(): boolean;
  /** Before the session has entered the room. */
  begun(session: Session): void;
  /** In the call: with a session that has just joined, or, with null, again after its socket was lost. */
  entered(joined: Session | null): void;
  /** There is no session now. True where one goes to another room for that, and not back into this one. */
  ended(problem: Problem): boolean;
  /** The stay is over. */
  over(): void;
}

export class Stay {
  readonly phase = signal<Phase>('lobby');
  readonly problem = signal<Problem | null>(null);
  session: Session | null = null;
  /** Names the session before, of this page or of the one that was reloaded, to the next one. */
  replaces: string | null = null;
  /** Resolves when the last session has said goodbye. */
  gone: Promise<void> = Promise.resolve();
  /** The page was reloaded in the call, which is not entered again yet. */
  returning = false;
  private readonly place: Pick<WholeLink, 'slug' | 'token'>;
  private readonly owner: Owner;
  private readonly attempts = new Attempts();

  constructor(place: Pick<WholeLink, 'slug' | 'token'>, owner: Owner) {
    this.place = place;
    this.owner = owner;
  }

  /** In the call, or on the way into it. */
  get present(): boolean {
    return this.phase.value === 'connecting' || this.phase.value === 'in_call' || this.phase.value === 'reconnecting';
  }

  /** The page was reloaded: this takes the place of the session there was. */
  resume(replaces: string | null): void {
    this.replaces = replaces;
    this.returning = true;
  }

  /** One wants in; false where one is, or is on the way. */
  setOut(): boolean {
    if (this.phase.value !== 'lobby' && this.phase.value !== 'left') return false;
    this.problem.value = null;
    this.phase.value = 'connecting';
    return true;
  }

  /** Everything is ready, unless one has turned round meanwhile. */
  enter(): void {
    if (this.phase.value === 'connecting') this.begin();
  }

  tell(problem: Problem): void {
    this.problem.value = problem;
  }

  fail(problem: Problem): void {
    this.stop();
    this.tell(problem);
    this.phase.value = 'failed';
  }

  stop(): void {
    this.attempts.stop();
    const { session } = this;
    this.session = null;
    if (session) this.gone = session.leave();
    this.owner.over();
  }

  /** Begins a session, the first one or one in the place of another. */
  private begin(): void {
    const session = this.owner.session({
      lost: (attempts) => this.lost(attempts),
      resumed: () => this.entered(null),
      ended: (problem, again, afterMs) => this.ended(problem, again, afterMs),
    });
    if (!session) return;
    this.session = session;
    this.owner.begun(session);
    const { slug, token } = this.place;
    session.enter(slug, this.replaces, token).then(
      () => this.joined(session),
      (error: unknown) => this.notJoined(session, error),
    );
  }

  private joined(session: Session): void {
    if (session !== this.session) return;
    this.replaces = session.resumeToken;
    this.attempts.joined();
    this.entered(session);
  }

  /** What ended the session is told by its `ended`; what is left are refusals of join and of the engine. */
  private notJoined(session: Session, error: unknown): void {
    if (session !== this.session || this.owner.broken()) return;
    const hint = error instanceof SignallingError ? error.hint : undefined;
    const refused = error instanceof SignallingError && REFUSED_AT_THE_DOOR.includes(error.code);
    this.fail({
      code: refused ? error.code : 'join_failed',
      message: (error as Error).message,
      ...(hint ? { hint } : {}),
    });
  }

  private entered(joined: Session | null): void {
    this.phase.value = 'in_call';
    this.returning = false;
    if (this.problem.value?.code === 'unreachable') this.problem.value = null;
    this.owner.entered(joined);
  }

  private lost(attempts: number): void {
    if (this.phase.value === 'in_call') this.phase.value = 'reconnecting';
    const problem = { code: 'unreachable', message: 'The server cannot be reached.', hint: 'Look at your connection.' };
    if (this.phase.value === 'connecting' && !this.returning && attempts >= GIVE_UP_AFTER) return this.fail(problem);
    if (attempts >= UNREACHABLE_AFTER && this.problem.value === null) this.tell(problem);
  }

  private ended(problem: Problem, again: boolean, afterMs: number): void {
    this.session = null;
    this.attempts.stop();
    if (this.owner.ended(problem)) return;
    if (!again) return this.fail(problem);
    if (this.phase.value === 'in_call') this.phase.value = 'reconnecting';
    if (this.attempts.again(() => this.begin(), afterMs) > UNREACHABLE_AFTER) this.tell(problem);
  }
}
