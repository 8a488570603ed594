/** Scans somebody's code with a camera of its own, which is off again as soon as this is gone. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Notice } from '../controls/notice.tsx';
import { text } from '../strings/text.ts';
import { Scanner } from './scanner.ts';

interface QRScanProps {
  media: Pick<MediaDevices, 'getUserMedia'>;
  name: string;
  onFound: (found: string) => void;
}

export function QRScan({ media, name, onFound }: QRScanProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<'starting' | 'looking' | 'failed'>('starting');

  useEffect(() => {
    const scanner = new Scanner(media, onFound);
    scanner.open().then(
      async (stream) => {
        const element = video.current;
        if (!element) return scanner.close();
        setState('looking');
        element.srcObject = stream;
        await element.play().catch(() => {}); // muted: refused only when it left the page
        await scanner.watch(element).catch(() => setState('failed'));
      },
      () => setState('failed'),
    );
    return () => scanner.close();
  }, []);

  if (state === 'failed') return <Notice tone="warn" message={text('qr.scan.denied')} />;
  return (
    <>
      <p>{text('qr.scan.text', { name })}</p>
      {state === 'starting' && (
        <p class="muted" role="status">
          {text('qr.scan.starting')}
        </p>
      )}
      <video ref={video} class="qr-picture" playsInline muted aria-label={text('qr.scan.picture')} />
    </>
  );
}
