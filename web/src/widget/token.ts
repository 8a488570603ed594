// The homeserver's word on who we are, shown to Grotto's server for a join token.
import { RefusedError } from './link.ts';
import type { OpenIDToken } from './matrix.ts';
import type { MatrixDevice, Whereabouts } from './parcels.ts';

export interface JoinToken {
  token: string;
  /** The server's own account in the room, which is never sent the secret; '' where it has none. */
  bot: string;
}

/** Refusals are worded as Matrix words them. */
interface Answer {
  token?: unknown;
  user?: unknown;
  bot?: unknown;
  errcode?: unknown;
  error?: unknown;
}

export async function joinToken(
  fetcher: typeof fetch,
  here: Whereabouts,
  own: MatrixDevice,
  openID: OpenIDToken,
): Promise<JoinToken> {
  const { access_token, token_type, matrix_server_name, expires_in } = openID;
  const asked = {
    room_id: here.roomID,
    slug: here.slug,
    device_id: own.device,
    openid_token: { access_token, token_type, matrix_server_name, expires_in },
  };
  const response = await fetcher('/matrix/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(asked),
  });
  const { token, user, bot, errcode, error } = (await response.json().catch(() => ({}))) as Answer;
  if (response.ok && typeof token === 'string') {
    // Messages would go to the devices of one person, and the call would be another's.
    if (user !== own.user)
      throw new RefusedError('matrix_failed', 'the client and the homeserver name different users');
    return { token, bot: typeof bot === 'string' ? bot : '' };
  }
  const said = typeof error === 'string' ? error : `the server answered ${response.status}`;
  const code =
    errcode === undefined ? 'matrix_not_here' : errcode === 'M_NOT_FOUND' ? 'matrix_unlinked' : 'matrix_refused';
  const [message = said, hint = ''] = said.split('; hint: ');
  throw new RefusedError(code, message, hint);
}
