/** What the sections of the operator's page are made of. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../ui/controls/button.tsx';
import { Confirm } from '../ui/controls/confirm.tsx';
import { Notice } from '../ui/controls/notice.tsx';
import type { Refusal } from './api.ts';

export function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section class="admin-section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

export function Said({ refusal }: { refusal: Refusal | null }) {
  return refusal && <Notice tone="danger" message={sentence(refusal.message)} hint={sentence(refusal.hint)} />;
}

/** The server writes as programs do. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface TableProps {
  caption: string;
  heads: readonly string[];
  empty: string;
  rows: readonly { key: string; cells: readonly ComponentChildren[] }[] | null;
}

/** A table; on narrow screens each row is a list of its own, with the heads beside the cells. */
export function Table({ caption, heads, empty, rows }: TableProps) {
  if (rows === null) return null;
  if (rows.length === 0) return <p class="muted">{empty}</p>;
  return (
    <table class="admin-table">
      <caption class="hidden-visually">{caption}</caption>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, i) => (
              <td key={heads[i]} data-head={heads[i]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface AskedTwiceProps {
  action: string;
  title: string;
  text: string;
  label: string;
  busy: boolean;
  onConfirm: () => void;
}

/** A button for what cannot be undone. */
export function AskedTwice({ action, title, text, label, busy, onConfirm }: AskedTwiceProps) {
  const [asking, setAsking] = useState(false);
  if (!asking)
    return (
      <Button busy={busy} label={label} onClick={() => setAsking(true)}>
        {action}
      </Button>
    );
  const close = () => setAsking(false);
  return (
    <Confirm
      title={title}
      action={action}
      onConfirm={() => {
        close();
        onConfirm();
      }}
      onCancel={close}
    >
      {text}
    </Confirm>
  );
}

/** Something to be copied. What is secret is shown once. */
export function Copied({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(value).then(() => setCopied(true));
  return (
    <div class="admin-copied">
      <span class="muted small">{label}</span>
      <code>{value}</code>
      <Button onClick={() => void copy()}>{copied ? 'Copied' : 'Copy'}</Button>
    </div>
  );
}

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' });

export function Moment({ time }: { time: string }) {
  return <time dateTime={time}>{clock.format(new Date(time))}</time>;
}
