/** A QR code, dark on light in both themes: scanners expect it so. */
import { useEffect, useState } from 'preact/hooks';
import { Notice } from '../controls/notice.tsx';
import { text } from '../strings/text.ts';
import type { QRDrawing } from './draw.ts';
import './qr.css';

interface QRCodeProps {
  /** What is in it; asked once. */
  code: () => Promise<string>;
  /** What it is, for whoever does not see it. */
  label: string;
  /** What to do with it. */
  said: string;
}

export function QRCode({ code, label, said }: QRCodeProps) {
  const [drawing, setDrawing] = useState<QRDrawing | 'failed' | null>(null);
  useEffect(() => {
    let gone = false;
    Promise.all([import('./draw.ts'), code()]) // few ever need it
      .then(([{ drawQR }, words]) => drawQR(words))
      .catch(() => 'failed' as const)
      .then((drawn) => {
        if (!gone) setDrawing(drawn);
      });
    return () => {
      gone = true;
    };
  }, []);

  if (drawing === 'failed') return <Notice tone="warn" message={text('qr.failed')} />;
  return (
    <>
      <p>{said}</p>
      {drawing ? (
        <svg
          class="qr-code"
          viewBox={`0 0 ${drawing.size} ${drawing.size}`}
          role="img"
          aria-label={label}
          shape-rendering="crispEdges"
        >
          <path d={drawing.path} />
        </svg>
      ) : (
        <p class="muted" role="status">
          {text('qr.busy')}
        </p>
      )}
    </>
  );
}
