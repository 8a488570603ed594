/** Reads a meeting link that somebody pasted, before anything is opened: says what is wrong with it in place. */

export type LinkFault = 'empty' | 'not_a_link' | 'other_host' | 'no_room' | 'no_secret' | 'bad_secret';

export type PastedLink = { ok: true; href: string } | { ok: false; fault: LinkFault; host?: string };

/** 16 bytes of base64url, or eight words of a list that has a few hyphens of its own. The engine judges finally. */
const SECRET = /^(?:[A-Za-z0-9_-]{22}|[a-z]+(?:-[a-z]+){7,11})$/;
const ROOM_PATH = /^\/r\/([^/]+)\/?$/;

/** `here` is this page's origin: a link of another server is not followed, only named. */
export function readLink(pasted: string, here: string): PastedLink {
  const trimmed = pasted.trim();
  if (trimmed === '') return { ok: false, fault: 'empty' };
  const url = asURL(trimmed, here);
  if (url === null) return { ok: false, fault: 'not_a_link' };
  if (url.host !== new URL(here).host) return { ok: false, fault: 'other_host', host: url.host };
  if (url.pathname === '/') return { ok: false, fault: 'no_room' };
  if (!ROOM_PATH.test(url.pathname)) return { ok: false, fault: 'not_a_link' };
  const secret = url.hash.slice(1);
  if (secret === '') return { ok: false, fault: 'no_secret' };
  if (!SECRET.test(secret)) return { ok: false, fault: 'bad_secret' };
  return { ok: true, href: new URL(`${url.pathname}${url.search}${url.hash}`, here).href };
}

/** People paste `host/r/name#…` and `/r/name#…` as well; a bare word is no link. */
function asURL(link: string, here: string): URL | null {
  if (/\s/.test(link)) return null;
  const base = new URL(here);
  const candidate = link.startsWith('/')
    ? `${base.origin}${link}`
    : /^https?:\/\//i.test(link)
      ? link
      : `${base.protocol}//${link}`;
  try {
    const url = new URL(candidate);
    const looksLikeHost = url.hostname.includes('.') || url.hostname === base.hostname || url.hostname.startsWith('[');
    return looksLikeHost ? url : null;
  } catch {
    return null;
  }
}
