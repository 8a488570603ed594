/** Which panel is at the side: at most one. */
import { useMemo } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { CaptionsPanel } from '../captions/captions_panel.tsx';
import { ChatPanel } from '../chat/chat_panel.tsx';
import type { Draft } from '../chat/draft.ts';
import type { Unread } from '../chat/unread.ts';
import { DevicePanel } from '../device/device_panel.tsx';
import { InvitePanel } from '../invite/invite_panel.tsx';
import { NotifyPanel } from '../notify/notify_panel.tsx';
import { PeoplePanel } from '../people/people_panel.tsx';
import { PollDraft } from '../polls/poll_draft.ts';
import { PollsPanel } from '../polls/polls_panel.tsx';
import type { Recorder } from '../recording/recorder.ts';
import { RecordingPanel } from '../recording/recording_panel.tsx';
import { SecurityPanel } from '../security/security_panel.tsx';
import { SettingsPanel } from '../settings/settings_panel.tsx';
import { SpokenPanel } from '../view/spoken_panel.tsx';
import { TilePanel } from '../view/tile_panel.tsx';
import { ViewPanel } from '../view/view_panel.tsx';
import { MorePanel } from './more_panel.tsx';
import { Shortcuts } from './shortcuts.tsx';

export type PanelName =
  | 'encryption'
  | 'chat'
  | 'people'
  | 'more'
  | 'invite'
  | 'polls'
  | 'device'
  | 'settings'
  | 'recording'
  | 'shortcuts'
  | 'view'
  | 'tile'
  | 'spoken'
  | 'captions'
  | 'notify';

interface PanelsProps {
  open: PanelName | null;
  meeting: Meeting;
  draft: Draft;
  unread: Unread;
  recorder: Recorder;
  /** The key of the tile that `tile` is about. */
  looked: string | null;
  onCopyLink: () => void;
  onOpen: (panel: PanelName) => void;
  onClose: () => void;
}

export function Panels({ open, meeting, draft, unread, recorder, looked, onCopyLink, onOpen, onClose }: PanelsProps) {
  const poll = useMemo(() => new PollDraft(meeting.polls), [meeting]);
  switch (open) {
    case 'encryption':
      return (
        <SecurityPanel
          meeting={meeting}
          onCopyLink={onCopyLink}
          onPeople={() => onOpen('people')}
          onDevice={() => onOpen('device')}
          onClose={onClose}
        />
      );
    case 'chat':
      return <ChatPanel meeting={meeting} draft={draft} unread={unread} onClose={onClose} />;
    case 'people':
      return <PeoplePanel meeting={meeting} onCopyLink={onCopyLink} onClose={onClose} />;
    case 'more':
      return <MorePanel terms={meeting.terms} onOpen={onOpen} onClose={onClose} />;
    case 'invite':
      return <InvitePanel meeting={meeting} onCopyLink={onCopyLink} onClose={onClose} />;
    case 'polls':
      return <PollsPanel polls={meeting.polls} draft={poll} onClose={onClose} />;
    case 'captions':
      return <CaptionsPanel captions={meeting.captions} onClose={onClose} />;
    case 'notify':
      return <NotifyPanel onClose={onClose} />;
    case 'device':
      return <DevicePanel meeting={meeting} onClose={onClose} />;
    case 'settings':
      return <SettingsPanel devices={meeting.devices} terms={meeting.terms} onClose={onClose} />;
    case 'recording':
      return <RecordingPanel recorder={recorder} onClose={onClose} />;
    case 'shortcuts':
      return <Shortcuts onClose={onClose} />;
    case 'view':
      return <ViewPanel meeting={meeting} onSpoken={() => onOpen('spoken')} onClose={onClose} />;
    case 'tile':
      return <TilePanel meeting={meeting} looked={looked} onClose={onClose} />;
    case 'spoken':
      return <SpokenPanel meeting={meeting} onClose={onClose} />;
    case null:
      return null;
  }
}
