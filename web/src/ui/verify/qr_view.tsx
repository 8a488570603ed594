/** Verifying somebody in the same place by QR code: either shows, the other scans. */
import { useState } from 'preact/hooks';
import type { Meeting, PersonRef } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { QRCode } from '../qr/qr_code.tsx';
import { text } from '../strings/text.ts';
import { QRScan } from './qr_scan.tsx';
import './verify.css';

interface QRViewProps {
  meeting: Meeting;
  person: PersonRef;
  name: string;
  onBack: () => void;
}

export function QRView({ meeting, person, name, onBack }: QRViewProps) {
  const [shown, show] = useState<'code' | 'camera' | 'scanned'>('code');
  const { user, device } = person;
  const cameras = navigator.mediaDevices !== undefined;
  return (
    <>
      {shown === 'code' && (
        <QRCode
          code={() => meeting.qr({ user, device })}
          label={text('qr.image', { name })}
          said={text('qr.show.text', { name })}
        />
      )}
      {shown === 'camera' && (
        <QRScan
          media={navigator.mediaDevices}
          name={name}
          onFound={(found) => {
            show('scanned');
            meeting.scanned({ user, device }, found);
          }}
        />
      )}
      {shown === 'scanned' && <p role="status">{text('qr.scanned', { name })}</p>}
      <div class="verify-actions">
        {shown === 'code' && cameras && (
          <Button icon="camera" onClick={() => show('camera')}>
            {text('qr.scan')}
          </Button>
        )}
        {shown !== 'code' && (
          <Button icon="qr" onClick={() => show('code')}>
            {text('qr.show')}
          </Button>
        )}
        <Button icon="back" weight="plain" onClick={onBack}>
          {text('verify.people')}
        </Button>
      </div>
    </>
  );
}
