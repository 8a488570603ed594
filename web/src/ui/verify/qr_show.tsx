/** Our code for one person, dark on light in both themes: scanners expect it so. */
import { useEffect, useState } from 'preact/hooks';
import { Notice } from '../controls/notice.tsx';
import { text } from '../strings/text.ts';
import type { QRDrawing } from './qr.ts';

export function QRShow({ code, name }: { code: () => Promise<string>; name: string }) {
  const [drawing, setDrawing] = useState<QRDrawing | 'failed' | null>(null);
  useEffect(() => {
    let gone = false;
    Promise.all([import('./qr.ts'), code()]) // few ever need it
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
      <p>{text('qr.show.text', { name })}</p>
      {drawing ? (
        <svg
          class="qr-code"
          viewBox={`0 0 ${drawing.size} ${drawing.size}`}
          role="img"
          aria-label={text('qr.image', { name })}
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
