/** How others get in: the link to send, a code to scan, words to say where the meeting has some. */
import { useEffect, useState } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Notice } from '../controls/notice.tsx';
import { QRCode } from '../qr/qr_code.tsx';
import { Panel } from '../stage/panel.tsx';
import { text } from '../strings/text.ts';
import { canBeSaid, ToBeSaid } from '../words/to_be_said.tsx';
import './invite.css';

interface InvitePanelProps {
  meeting: Meeting;
  onCopyLink: () => void;
  onClose: () => void;
}

export function InvitePanel({ meeting, onCopyLink, onClose }: InvitePanelProps) {
  const changes = meeting.linkChanged.value.times;
  const link = useLink(meeting, changes);
  return (
    <Panel id="invite" title={text('invite.title')} onClose={onClose}>
      {link === '' ? (
        <p>{text('copy.manual')}</p>
      ) : (
        link && (
          <>
            <p>{text(link.includes('#') ? 'invite.text' : 'invite.text.keyless')}</p>
            <div class="invite-actions">
              <Button icon="link" onClick={onCopyLink}>
                {text('call.copy_link')}
              </Button>
              {'share' in navigator && (
                <Button icon="send" onClick={() => void share(meeting.slug, link)}>
                  {text('invite.share')}
                </Button>
              )}
            </div>
            {meeting.screen.value && <Notice tone="warn" message={text('invite.shown')} />}
            <QRCode key={link} code={async () => link} label={text('invite.code')} said={text('invite.scan')} />
            {canBeSaid(link) && <ToBeSaid href={link} />}
          </>
        )
      )}
    </Panel>
  );
}

/** Null until it is known, '' where it cannot be had. It is renewed when it was changed. */
function useLink(meeting: Meeting, changes: number): string | null {
  const [link, set] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    Promise.resolve(meeting.link?.() ?? '')
      .catch(() => '')
      .then((found) => {
        if (!gone) set(found);
      });
    return () => {
      gone = true;
    };
  }, [meeting, changes]);
  return link;
}

/** By the system's own dialog; that one changes one's mind there is no fault. */
async function share(title: string, url: string): Promise<void> {
  await navigator.share({ title, url }).catch(() => {});
}
