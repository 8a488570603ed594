// What the operator's page asks of the server: the REST API, with the cookie of whoever is signed in, and the login.

export interface LoginState {
  provider?: boolean;
  password?: boolean;
  signed_in?: boolean;
  operator?: boolean;
}

export interface Health {
  status: string;
  version: string;
  bundle: string;
}

/** What went wrong, for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly hint: string;
  constructor(status: number, message: string, hint = '') {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** As much of fetch as is used. */
export type Fetch = (
  path: string,
  init?: { method: string; headers?: Record<string, string>; body?: string },
) => Promise<Pick<Response, 'ok' | 'status' | 'text'>>;

const PREFIX = '/api/v1';

export class Server {
  private readonly fetch: Fetch;

  constructor(fetch: Fetch = (path, init) => globalThis.fetch(path, init)) {
    this.fetch = fetch;
  }

  get<T>(path: string): Promise<T> {
    return this.ask('GET', PREFIX + path);
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.ask('POST', PREFIX + path, body);
  }

  remove(path: string): Promise<void> {
    return this.ask('DELETE', PREFIX + path);
  }

  login(): Promise<LoginState> {
    return this.ask('GET', '/login/state');
  }

  signIn(password: string): Promise<void> {
    return this.ask('POST', '/login/password', { password });
  }

  signOut(): Promise<void> {
    return this.ask('POST', '/login/out');
  }

  health(): Promise<Health> {
    return this.ask('GET', '/healthz');
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const sent = body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await this.fetch(path, { method, ...sent }).catch(() => {
      throw new Refusal(0, 'The server does not answer.', 'Look at your connection, or at the server’s log.');
    });
    const text = await answer.text();
    const said = parse(text);
    if (!answer.ok) throw refusal(answer.status, said);
    return said as T;
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** Of the API (RFC 9457) or of the login, which writes a message and a hint. */
function refusal(status: number, said: unknown): Refusal {
  const { detail, title, message, hint, errors } = (said ?? {}) as Record<string, unknown>;
  const reasons = (Array.isArray(errors) ? errors : []) as { message?: string; location?: string }[];
  const told = reasons.map(({ message: why = '', location = '' }) => `${location.replace(/^body\.?/, '')}: ${why}`);
  const first = [detail, message, title].find((part): part is string => typeof part === 'string' && part !== '');
  return new Refusal(
    status,
    first ?? `The server answered ${status}.`,
    told.join('; ') || (hint as string | undefined),
  );
}

/** In a path. */
export const at = encodeURIComponent;
