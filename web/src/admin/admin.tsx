/** The operator's page: rooms, who is there now, tokens, webhooks, health. There are no names in it: the server has none. */
import { useMemo } from 'preact/hooks';
import { Button } from '../ui/controls/button.tsx';
import { Server } from './api.ts';
import { Live } from './live.tsx';
import { Now } from './now.tsx';
import { Said } from './parts.tsx';
import { Rooms } from './rooms.tsx';
import { SignIn } from './sign_in.tsx';
import { Tokens } from './tokens.tsx';
import { useAsked, useDeed } from './use.ts';
import { Webhooks } from './webhooks.tsx';
import './admin.css';

const MINUTE = 60_000;

export function Admin() {
  const server = useMemo(() => new Server(), []);
  const login = useAsked(() => server.login(), MINUTE);
  const out = useDeed();
  if (!login.value) return <Said refusal={login.refusal} />;
  if (!login.value.operator) return <SignIn server={server} state={login.value} onDone={login.again} />;
  return (
    <>
      <header class="admin-head">
        <h1>Grotto, for operators</h1>
        <Button busy={out.busy} onClick={() => void out.run(() => server.signOut()).then(login.again)}>
          Sign out
        </Button>
      </header>
      <main class="admin">
        <Said refusal={out.refusal} />
        <Now server={server} />
        <Live server={server} />
        <Rooms server={server} />
        <Tokens server={server} />
        <Webhooks server={server} />
        <p class="muted small">
          Names, pictures, sound and text are not here: the server does not have them. What else the API does is in{' '}
          <a href="/api/docs">its description</a>.
        </p>
      </main>
    </>
  );
}
