/** How the server does at the moment. */
import type { Load } from '../rest/api.ts';
import type { Server } from './api.ts';
import { Said, Section } from './parts.tsx';
import { useAsked } from './use.ts';

const OFTEN = 5000;
const SHOWN = 16; // letters of the bundle's hash, as the page's own panel on security shows them

export function Now({ server }: { server: Server }) {
  const load = useAsked(() => server.get<Load>('/load'), OFTEN);
  const health = useAsked(() => server.health(), OFTEN);
  return (
    <Section id="now" title="Now">
      <Said refusal={load.refusal ?? health.refusal} />
      {load.value && health.value && (
        <dl class="admin-figures">
          <Figure what="Rooms in use" value={load.value.rooms} />
          <Figure what="Participants" value={load.value.participants} />
          <Figure what="Connections" value={load.value.connections} />
          <Figure what="Health" value={health.value.status} />
          <Figure what="Version" value={health.value.version} />
          <Figure what="The page's hash" value={health.value.bundle.slice(0, SHOWN)} />
        </dl>
      )}
    </Section>
  );
}

function Figure({ what, value }: { what: string; value: string | number }) {
  return (
    <div>
      <dt class="muted small">{what}</dt>
      <dd>{value}</dd>
    </div>
  );
}
