/** A field to paste a meeting link into: says in place what a wrong one lacks, and opens a right one. */
import { useState } from 'preact/hooks';
import { Button } from '../controls/button.tsx';
import { Field } from '../controls/field.tsx';
import { text } from '../strings/text.ts';
import { asTold, type ToldMeeting } from '../words/told.ts';
import { type LinkFault, readLink } from './link.ts';

interface LinkFieldProps {
  origin: string;
  go: (href: string) => void;
  /** Told when words were entered in place of a link. */
  onWords?: (told: ToldMeeting) => void;
}

export function LinkField({ origin, go, onWords }: LinkFieldProps) {
  const [pasted, setPasted] = useState('');
  const [fault, setFault] = useState<{ fault: LinkFault; host: string } | null>(null);
  const here = new URL(origin).host;

  function open(event: Event) {
    event.preventDefault();
    const told = onWords && asTold(pasted);
    if (told) return onWords(told);
    const link = readLink(pasted, origin);
    if (link.ok) go(link.href);
    else setFault({ fault: link.fault, host: link.host ?? here });
  }

  return (
    <form class="link-field" onSubmit={open} noValidate>
      <Field
        label={text('link.label')}
        value={pasted}
        hint={text('link.hint')}
        error={fault && text(`link.error.${fault.fault}`, { host: fault.host, origin: location.origin })}
        placeholder={text('link.placeholder', { origin: location.origin })}
        autoComplete="off"
        onInput={(value) => {
          setPasted(value);
          setFault(null);
        }}
      />
      <Button type="submit" icon="arrow">
        {text('link.open')}
      </Button>
    </form>
  );
}
