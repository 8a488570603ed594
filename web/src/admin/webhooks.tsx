/** Addresses that are told what happens, and what they have not taken yet. */
import { useState } from 'preact/hooks';
import type { PageDelivery, PageWebhook, Webhook } from '../rest/api.ts';
import { Button } from '../ui/controls/button.tsx';
import { Field } from '../ui/controls/field.tsx';
import { at, type Server } from './api.ts';
import { AskedTwice, Copied, Moment, Said, Section, Table } from './parts.tsx';
import { useAsked, useDeed } from './use.ts';

const SELDOM = 30_000;

export function Webhooks({ server }: { server: Server }) {
  const hooks = useAsked(() => server.get<PageWebhook>('/webhooks'), SELDOM);
  const deed = useDeed();
  const [open, setOpen] = useState('');
  const [url, setURL] = useState('');
  const [secret, setSecret] = useState('');
  const there = hooks.value?.data.some((hook) => hook.id === open);
  async function submit(event: Event) {
    event.preventDefault();
    const made = await deed.run(async () => {
      const hook = await server.post<Webhook>('/webhooks', { url: url.trim() });
      setSecret(hook.secret ?? '');
    });
    if (!made) return;
    setURL('');
    hooks.again();
  }
  return (
    <Section id="webhooks" title="Webhooks">
      <Said refusal={hooks.refusal} />
      <Table
        caption="Webhooks"
        heads={['Address', 'Events', 'State', '']}
        empty="Nobody is told what happens."
        rows={
          hooks.value?.data.map((hook) => ({
            key: hook.id,
            cells: [
              hook.url,
              hook.events.length > 0 ? hook.events.join(', ') : 'All',
              hook.disabled ? 'Off' : 'On',
              <div key="deeds" class="admin-deeds">
                <Button label={`What waits for ${hook.url}`} onClick={() => setOpen(open === hook.id ? '' : hook.id)}>
                  {open === hook.id ? 'Close' : 'What waits'}
                </Button>
                <Button
                  busy={deed.busy}
                  label={`Send a test to ${hook.url}`}
                  onClick={() => void deed.run(() => server.post<void>(`/webhooks/${at(hook.id)}/test`))}
                >
                  Send a test
                </Button>
                <AskedTwice
                  action="Delete"
                  label={`Delete the webhook to ${hook.url}`}
                  title="Delete this webhook?"
                  text="It is told nothing any more, nor what waits for it."
                  busy={deed.busy}
                  onConfirm={() => void deed.run(() => server.remove(`/webhooks/${at(hook.id)}`)).then(hooks.again)}
                />
              </div>,
            ],
          })) ?? null
        }
      />
      {there && <Waiting key={open} server={server} hook={open} />}
      <form class="admin-form admin-inset" onSubmit={submit} noValidate>
        <h3>Make a webhook</h3>
        <Field
          label="Address"
          hint="https://, on the internet. It is told when meetings begin and end, and who comes and goes, without names."
          value={url}
          autoComplete="off"
          onInput={setURL}
        />
        <Said refusal={deed.refusal} />
        <Button type="submit" busy={deed.busy} disabled={url.trim() === ''}>
          Make it
        </Button>
        {secret !== '' && (
          <Copied label="Its secret, which signs what is sent. It is shown this once:" value={secret} />
        )}
      </form>
    </Section>
  );
}

function Waiting({ server, hook }: { server: Server; hook: string }) {
  const waiting = useAsked(() => server.get<PageDelivery>(`/webhooks/${at(hook)}/deliveries`), SELDOM, [hook]);
  return (
    <div class="admin-inset">
      <Said refusal={waiting.refusal} />
      <Table
        caption="What waits to be sent"
        heads={['Event', 'Tries', 'Next', 'What went wrong']}
        empty="Nothing waits: all was taken."
        rows={
          waiting.value?.data.map((delivery) => ({
            key: delivery.id,
            cells: [
              delivery.event,
              delivery.tries,
              <Moment key="next" time={delivery.next_try} />,
              delivery.problem ?? '–',
            ],
          })) ?? null
        }
      />
    </div>
  );
}
