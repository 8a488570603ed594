/** A new meeting to be told aloud: its name and its words, large, in the order in which one says them. */
import { useState } from 'preact/hooks';
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';
import { ToBeSaid } from './to_be_said.tsx';

interface AloudProps {
  href: string;
  origin: string;
  go: (href: string) => void;
  onBack: () => void;
}

export function Aloud({ href, origin, go, onBack }: AloudProps) {
  const [copied, setCopied] = useState<'words.copied' | 'copy.failed' | null>(null);
  const copy = () => {
    navigator.clipboard.writeText(href).then(
      () => setCopied('words.copied'),
      () => setCopied('copy.failed'),
    );
  };
  return (
    <>
      <div class="home-lead">
        <h1>{text('words.title')}</h1>
        <p class="muted">{text('words.text', { origin: new URL(origin).host })}</p>
      </div>
      <ToBeSaid href={href} />
      <div class="aloud-actions">
        <Button weight="primary" icon="camera" wide onClick={() => go(href)}>
          {text('words.open')}
        </Button>
        <Button icon="link" onClick={copy}>
          {text('words.copy')}
        </Button>
        <Button icon="back" weight="plain" onClick={onBack}>
          {text('words.back')}
        </Button>
      </div>
      <p role="status" class="muted small">
        {copied && text(copied)}
      </p>
    </>
  );
}
