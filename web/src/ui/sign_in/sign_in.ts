// Signing in at the server's provider, to moderate. One goes away for it and comes back: what is kept of the meeting's link is in the
// tab by then.
import { useEffect, useState } from 'preact/hooks';

/** As much of a page as this needs. */
export interface Surroundings {
  fetch(path: string): Promise<Pick<Response, 'ok' | 'json'>>;
  framed: boolean;
}

/** Where to go to sign in; null where there is nowhere, one is signed in already, or the answer does not come. */
export async function signInHref(slug: string, page: Surroundings): Promise<string | null> {
  if (page.framed) return null; // a frame of another site has no cookies, and the page around it brings a token
  try {
    const answer = await page.fetch('/login/state');
    const state = answer.ok ? await answer.json() : null;
    return state?.provider === true && state.signed_in !== true ? `/login/start?to=/r/${slug}` : null;
  } catch {
    return null;
  }
}

const here: Surroundings = {
  fetch: (path) => fetch(path),
  get framed() {
    return window.parent !== window;
  },
};

/** The same, once it is known. */
export function useSignIn(slug: string): string | null {
  const [href, setHref] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    void signInHref(slug, here).then((found) => {
      if (!gone) setHref(found);
    });
    return () => {
      gone = true;
    };
  }, [slug]);
  return href;
}
