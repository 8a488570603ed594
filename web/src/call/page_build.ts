// Which build of the page this is. The server says it, and what it says is held against what this page consists of. It
// is no proof: who delivers another page can deliver one that says something else here.

export interface PageBuild {
  /** Of the server's program. */
  version: string;
  /** SHA-256 of /bundle.txt, which lists the files of the page the server has now. */
  bundle: string;
  /** `older`: the server has another page by now. `differs`: the server says two things. */
  state: 'current' | 'older' | 'differs';
}

const MOST = 64 * 1024; // of an answer; a list has some forty lines of a hundred bytes

/** The script this was built into: its name has the hash of it and of what it imports. */
const ownPath = new URL(import.meta.url).pathname;

export async function pageBuild(get: typeof fetch = fetch, own = ownPath): Promise<PageBuild> {
  const [health, list] = await Promise.all(['/healthz', '/bundle.txt'].map((path) => read(path, get)));
  const { version, bundle } = JSON.parse(health ?? '') as Partial<PageBuild>;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(list));
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const paths = new Set(list?.split('\n').map((line) => `/${line.slice(66)}`)); // 64 digits, two spaces
  const state = bundle !== hash ? 'differs' : paths.has(own) ? 'current' : 'older';
  return { version: String(version ?? '').slice(0, 64), bundle: hash, state };
}

async function read(path: string, get: typeof fetch): Promise<string> {
  const answer = await get(path, { cache: 'no-store' });
  const text = answer.ok ? await answer.text() : '';
  if (text === '' || text.length > MOST) throw new Error(`page build: ${path}: ${answer.status}`);
  return text;
}
