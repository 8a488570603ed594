// The homeserver's word on who we are, shown to Grotto's server for a join token.
import { RefusedError } from './link.ts';
import type { OpenIDToken } from './matrix.ts';
import type { MatrixDevice, Whereabouts } from './parcels.ts';

interface Answer {
  token?: unknown;
  code?: unknown;
  message?: unknown;
  error?: unknown;
  hint?: unknown;
}

export async function joinToken(
  fetcher: typeof fetch,
  here: Whereabouts,
  own: MatrixDevice,
  openID: OpenIDToken,
): Promise<string> {
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
  const answer = (await response.json().catch(() => ({}))) as Answer;
  if (response.ok && typeof answer.token === 'string') return answer.token;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  throw new RefusedError(
    response.status === 404 ? 'matrix_not_here' : 'matrix_refused',
    text(answer.message) || text(answer.error) || `the server answered ${response.status}`,
    text(answer.hint),
  );
}
