/** Before the operator's page: a password for once, or the provider. */
import { useState } from 'preact/hooks';
import { Button } from '../ui/controls/button.tsx';
import { Field } from '../ui/controls/field.tsx';
import type { LoginState, Server } from './api.ts';
import { Said } from './parts.tsx';
import { useDeed } from './use.ts';

export function SignIn({ server, state, onDone }: { server: Server; state: LoginState; onDone: () => void }) {
  const [password, setPassword] = useState('');
  const deed = useDeed();
  async function submit(event: Event) {
    event.preventDefault();
    if (await deed.run(() => server.signIn(password.trim()))) onDone();
  }
  return (
    <main class="admin admin-door">
      <h1>Grotto, for operators</h1>
      {state.signed_in && <p>You are signed in, but not as one of those who run this server.</p>}
      {state.password && (
        <form class="admin-form" onSubmit={submit} noValidate>
          <Field
            label="One-time password"
            hint="grotto-server admin password, on the server, prints one: for one use within an hour."
            value={password}
            autoComplete="off"
            onInput={setPassword}
          />
          <Said refusal={deed.refusal} />
          <Button type="submit" weight="primary" wide busy={deed.busy} disabled={password.trim() === ''}>
            Sign in
          </Button>
        </form>
      )}
      {state.provider && (
        <Button wide onClick={() => location.assign('/login/start?to=/admin')}>
          Sign in with your account
        </Button>
      )}
      {!state.password && !state.provider && (
        <p>Nobody can sign in: this server keeps nothing between runs, and has no OpenID provider.</p>
      )}
    </main>
  );
}
