// The meeting of a Matrix room: its secret stands in no address. On the way in the homeserver says who we are, the room is told
// that we come, and the others give us the secret; or we make it.
import type { EngineClient } from '../call/engine_client.ts';
import { namesNoRoom, type WholeLink } from '../call/link.ts';
import type { Problem } from '../call/view.ts';
import { NoSecretError } from './secret.ts';

export interface Entry {
  /** A join token of Grotto's server, for what the homeserver says of us. */
  token(): Promise<string>;
  /** Says in the Matrix room that we are here. */
  appear(): Promise<void>;
  disappear(): void;
  /** The secret of those who are here; null where we are the first. */
  secret(): Promise<string | null>;
  /** We have it, and can give it to others. */
  opened(): void;
}

/** The server does not let us in. */
export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint = '') {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

export class MatrixLink implements WholeLink {
  readonly slug: string;
  token = '';
  private readonly origin: string;
  private readonly guests: boolean;
  private readonly entry: Entry;
  private engine: EngineClient | null = null;
  private holds = false;

  /** `guests` may come by a link with the secret. */
  constructor(slug: string, origin: string, guests: boolean, entry: Entry) {
    this.slug = slug;
    this.origin = origin;
    this.guests = guests;
    this.entry = entry;
  }

  incomplete(): Problem | null {
    return namesNoRoom(this.slug);
  }

  async handOver(engine: EngineClient): Promise<Problem | null> {
    this.engine = engine;
    await engine.ready;
    return engine.trouble;
  }

  /** On the way into the call. */
  async enter(engine: EngineClient): Promise<Problem | null> {
    const { entry } = this;
    try {
      this.token = await entry.token();
      await entry.appear();
      const secret = (await entry.secret()) ?? (await engine.newSecret());
      await engine.setSecret(secret);
      this.holds = true;
      entry.opened();
      return null;
    } catch (error) {
      entry.disappear();
      return problemOf(error);
    }
  }

  /** For those who ask; '' while there is none to give. */
  async held(): Promise<string> {
    return this.holds && this.engine ? this.engine.readSecret().catch(() => '') : '';
  }

  async keep(): Promise<void> {}

  change(): void {}

  forget(): void {
    this.holds = false;
    this.entry.disappear();
  }

  async url(engine: EngineClient): Promise<string> {
    const link = `${this.origin}/r/${this.slug}`;
    return this.guests ? `${link}#${await engine.readSecret()}` : link; // who has the secret and no Matrix gets no keys
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof RefusedError) return { code: error.code, message: error.message, hint: error.hint };
  if (error instanceof NoSecretError) {
    const hint = 'Ask somebody in the call to look at it, or try again when they have left.';
    return { code: 'matrix_no_secret', message: error.message, hint };
  }
  const code = errcodeOf(error) === 'M_FORBIDDEN' ? 'matrix_power' : 'matrix_failed';
  return { code, message: (error as Error).message };
}

/** What the homeserver said, as clients hand it on where they do. */
function errcodeOf(error: unknown): unknown {
  const { data } = error as { data?: { matrix_api_error?: { response?: { errcode?: unknown } } } };
  return data?.matrix_api_error?.response?.errcode;
}
